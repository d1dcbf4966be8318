"""How a claimed page is read and compared."""
