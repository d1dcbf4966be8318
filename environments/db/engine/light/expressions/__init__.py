"""Expressions: each operator and function, compiled to SQLite text."""
