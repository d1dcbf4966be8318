"""TEMPORARY tables: those of one session, which others do not see, and which last as long as it does.

A snapshot of a transaction holds them like any table, so that they are made and dropped outside of transactions alone.
"""

from __future__ import annotations

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..catalog.catalog import Catalog
from ..database import Database
from ..parsing.definitions import CreateTable, ForeignKeyDefinition


def require_outside(database: Database) -> None:
    """Refuse to make or drop a TEMPORARY table in a transaction, which goes on as if nothing had been."""
    if database.transaction:
        raise Unsupported("making or dropping a TEMPORARY table in a transaction", "COMMIT before")


def require_possible(database: Database, definition: CreateTable) -> None:
    """Raise 1005 for a foreign key of a TEMPORARY table."""
    require_outside(database)
    if any(isinstance(e, ForeignKeyDefinition) for e in definition.elements):
        name = f"`{database.name}`.`{definition.table.name}`"
        raise SQLError(
            1005, "HY000", f'Can\'t create table {name} (errno: 150 "Foreign key constraint is incorrectly formed")'
        )


def require_none(catalog: Catalog, query: exp.Expression) -> None:
    """Raise 1352 where the query of a view reads a TEMPORARY table."""
    for table in query.find_all(exp.Table):
        stored = catalog.tables.get(table.name)
        if stored is not None and stored.temporary:
            raise SQLError(1352, "HY000", f"View's SELECT refers to a temporary table '{table.name}'")
