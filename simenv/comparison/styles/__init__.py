"""Styles of generation: each makes one training example of a record. One module a style, its prompt beside it."""
