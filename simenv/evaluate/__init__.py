"""Evaluation of an agent: a rollout over held-out tasks, with AgentBench's metrics and finer ones."""
