"""How good an agent is: a rollout over tasks it was not trained on, measured as AgentBench does and finer."""
