"""A model writes worlds and tasks; engine and grader decide which of them enter a task file."""
