"""Expressions: each operator, function and aggregate, compiled to SQLite text in a scope of names."""
