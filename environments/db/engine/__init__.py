"""SQL engines, grading, and the checks of a spec."""
