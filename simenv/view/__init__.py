"""The command that starts the viewer."""
