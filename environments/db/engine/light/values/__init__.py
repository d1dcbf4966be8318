"""MySQL types and values, collation, strict storing, error codes."""
