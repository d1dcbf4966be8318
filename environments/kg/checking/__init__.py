"""What the comparison with a simulated graph is made from: a reader of errors."""
