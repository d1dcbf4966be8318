"""MySQL functions and aggregates in Python, and their installation in SQLite."""
