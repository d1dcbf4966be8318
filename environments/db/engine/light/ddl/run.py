"""DDL: CREATE, ALTER, DROP and TRUNCATE. Each puts a new catalog in place; ALTER may rebuild the table's rows.

As in MySQL, DDL ends an open transaction.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from ...session import Result, Unsupported
from ..database import Database
from ..parsing.parse import Statement
from .alter_table import alter_table
from .create import create
from .drop import drop, truncate

_STATEMENTS: dict[type[exp.Expression], Callable[[Database, Statement], Result]] = {
    exp.Create: create,
    exp.Drop: drop,
    exp.TruncateTable: truncate,
    exp.Alter: alter_table,
}


def run_definition(database: Database, statement: Statement) -> Result:
    """Run a DDL statement whole or not at all; any other statement is refused."""
    run = _STATEMENTS.get(type(statement.tree))
    if run is None:
        raise Unsupported(type(statement.tree).__name__.upper())
    connection = database.connection
    catalog, counters = database.catalog, dict(database.counters)
    connection.execute("BEGIN")
    try:
        result = run(database, statement)
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        database.catalog, database.counters = catalog, counters
        raise
    connection.execute("COMMIT")
    database.transaction = []
    database.info.row_count = result.affected
    return result
