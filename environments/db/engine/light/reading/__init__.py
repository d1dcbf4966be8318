"""Reading a statement: text, tokens, tree, and the names in scope."""
