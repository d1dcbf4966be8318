"""Training data: samples, the formats they are read from, tokens, and the loss mask."""
