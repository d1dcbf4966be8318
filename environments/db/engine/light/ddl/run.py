"""DDL: CREATE, ALTER, DROP, TRUNCATE and RENAME. Each puts a new catalog in place; ALTER may rebuild the table's rows.

As in MySQL, DDL ends an open transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from ...session import Result, SQLError
from ..database import Database
from ..parsing.definitions import (
    AlterTable,
    CreateIndex,
    CreateTable,
    CreateView,
    Definition,
    DeniedDatabase,
    DropIndex,
    DropTables,
    RenameTables,
    Truncate,
)
from ..values import errors
from .alter_table import alter_table
from .create import create_index, create_table, create_view
from .drop import drop_index, drop_tables, truncate
from .rename import rename_tables


def _deny(database: Database, definition: DeniedDatabase) -> Result:
    raise errors.database_denied("'root'@'localhost'", definition.name)


_STATEMENTS: dict[type[Definition], Callable[[Database, Any], Result | SQLError]] = {
    CreateTable: create_table,
    CreateView: create_view,
    CreateIndex: create_index,
    DropTables: drop_tables,
    DropIndex: drop_index,
    Truncate: truncate,
    RenameTables: rename_tables,
    AlterTable: alter_table,
    DeniedDatabase: _deny,
}


# These put another table of SQLite in the place of one, whose references stay as they are meanwhile.
_REBUILDS = (AlterTable, CreateIndex, DropIndex)


def run_definition(database: Database, definition: Definition) -> Result:
    """Run a DDL statement whole or not at all; an error that it returns is told of what it could not do as well."""
    connection = database.connection
    catalog, counters = database.catalog, dict(database.counters)
    database.read_only = False  # what it ends may have been a transaction that only reads
    with database.unchecked_references() if isinstance(definition, _REBUILDS) else nullcontext():
        connection.execute("BEGIN")
        try:
            result = _STATEMENTS[type(definition)](database, definition)
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            database.catalog, database.counters = catalog, counters
            raise
        connection.execute("COMMIT")
    database.transaction = []
    if isinstance(result, SQLError):
        raise result
    database.info.row_count = result.affected
    return result
