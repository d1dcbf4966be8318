"""The light SQL engine: MySQL's dialect on SQLite in memory. What it cannot answer as MySQL would, it refuses."""

from .session import LightSession

__all__ = ["LightSession"]
