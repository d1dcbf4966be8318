"""simenv: grounded synthetic environments for agent-tuning data. Importing it does no work."""

__version__ = "0.1.0"
