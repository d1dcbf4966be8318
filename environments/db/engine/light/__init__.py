"""The light SQL engine: MySQL's dialect on SQLite in memory. It refuses whatever it cannot answer as MySQL would.

Packages and modules from the lowest, each importing only those before it: values, parsing, catalog, functions, expressions,
queries, database, compiler, dml, ddl, commands, serialization, session.
"""

from .session import LightSession

__all__ = ["LightSession"]
