"""Reads and compares predicted outputs and states of a machine."""
