"""SELECT, FROM, set operations and CTEs, compiled to one SQLite SELECT."""
