"""Model clients by name: each file holds one Model."""
