"""The model as a teacher: it writes worlds and tasks, engine and grader decide what enters a task file."""
