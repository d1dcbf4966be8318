"""Export formats by name: each file holds one Format."""
