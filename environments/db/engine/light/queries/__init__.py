"""SELECT, set operations, CTEs and FROM, compiled to one SQLite SELECT."""
