"""MySQL functions in Python, and their registration in SQLite."""
