"""What tasks are built from."""
