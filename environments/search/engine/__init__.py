"""What the world runs on: passages and their sentences, the searcher and its index, the grader."""
