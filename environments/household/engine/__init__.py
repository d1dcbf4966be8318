"""The house: what is where, what each command does, and the goals."""
