"""Graphs, the expressions over them, and the grader."""
