"""Completes commands, flags and options in a shell."""
