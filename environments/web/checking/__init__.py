"""Reads and compares predicted pages."""
