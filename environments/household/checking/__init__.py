"""What the comparison with a simulated house is made from: readers of sentences and of refusals."""
