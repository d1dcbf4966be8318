"""The tables that a definition names: in this schema alone."""

from __future__ import annotations

from ...session import SQLError
from ..catalog.catalog import Table
from ..database import Database
from ..parsing.definitions import TableName


def own_name(database: Database, table: TableName, verb: str) -> str:
    """A name in this schema. Raises 1044 for information_schema and 1142 for another one."""
    if table.schema is None or table.schema == database.name:
        return table.name
    if table.schema.lower() == "information_schema":
        database.require_own(table.schema)
    raise SQLError(
        1142, "42000", f"{verb} command denied to user 'root'@'localhost' for table `{table.schema}`.`{table.name}`"
    )


def own_table(database: Database, table: TableName, verb: str) -> Table:
    """A base table of this schema. Raises 1146, and 1347 for a view."""
    name = own_name(database, table, verb)
    if database.find_view(name) is not None:
        raise SQLError(1347, "HY000", f"'{database.name}.{name}' is not of type 'BASE TABLE'")
    return database.base_table(name)
