"""The house the world runs on: layout, state, commands, goals and grading."""
