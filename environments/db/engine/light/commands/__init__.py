"""Statements of a few words: SHOW, DESCRIBE, USE, SET, transactions."""
