"""What the comparison with a simulated search is made from: a reader of observations."""
