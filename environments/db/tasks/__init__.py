"""What tasks and gold solutions are built from."""
