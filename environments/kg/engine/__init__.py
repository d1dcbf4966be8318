"""What the world runs on: graphs, logical forms over them, tool calls, and the grader."""
