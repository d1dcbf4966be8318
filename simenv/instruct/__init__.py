"""General instructions: dialogues of roles about topics, grounded in the passages of a pool."""
