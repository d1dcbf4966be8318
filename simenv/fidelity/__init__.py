"""How true to its environment a simulator is: every simulator gets the same questions, and every answer is compared with what a
real engine did. No model judges. Questions are asked one step at a time from the true state, and free-running, where errors
compound."""
