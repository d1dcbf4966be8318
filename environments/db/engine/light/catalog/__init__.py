"""The catalogue: tables, columns, keys, and how they are shown."""
