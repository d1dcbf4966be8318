"""Comparison: what styles of generation make of the same records, as a judge and people prefer it."""
