"""How the sentences of a house are read."""
