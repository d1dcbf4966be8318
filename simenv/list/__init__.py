"""Lists what there is of a kind: environments, agents, filters, hooks, dialects, models, sources."""
