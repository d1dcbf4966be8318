"""Checks that a plugin does what simenv expects of it: environments thoroughly, agents, filters and hooks in an episode."""
