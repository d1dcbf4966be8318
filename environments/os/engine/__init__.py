"""Sandboxes, terminals and the goals of a machine."""
