"""What tasks and plans are built from: houses, beliefs, plans, thoughts, and ALFWorld's games."""
