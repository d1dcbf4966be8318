"""SQL engines and what a database world is graded by."""
