"""A rollout: agents play tasks, and each episode is written to a run folder."""
