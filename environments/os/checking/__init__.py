"""How the output of a shell is compared."""
