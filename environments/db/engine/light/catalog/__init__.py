"""The catalog: tables, columns and keys, what a column may store, and how it is described."""
