"""What the comparison with a simulated house is made from: a reader of sentences."""
