"""MySQL types, conversions of values, collation and error codes."""
