"""How true to its environment a simulator is, measured without a judge: the same questions for all, asked one step at a time
from the true state, and free-running, where errors compound; every answer is compared with what a real engine did."""
