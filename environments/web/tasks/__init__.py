"""What tasks and plans are built from."""
