"""DROP TABLE, DROP VIEW, DROP INDEX and TRUNCATE."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ...session import Result, SQLError, Unsupported
from ..catalog.catalog import Table
from ..database import Database
from ..dml.table_writer import TableWriter
from ..parsing.node_parts import schema_name
from ..parsing.parse import Statement
from ..values import errors
from . import keys
from .rebuild import rebuild_table

_OK = Result((), [])


def drop(database: Database, statement: Statement) -> Result:
    """Run DROP TABLE, VIEW or INDEX. Raises 1044 for a database."""
    node = statement.tree
    kind = str(node.args.get("kind")).upper()
    targets = node.args.get("tables") or []
    if kind == "INDEX":
        return _drop_index(database, node, targets[0].name)
    if kind in ("DATABASE", "SCHEMA"):
        raise errors.database_denied("'root'@'localhost'", targets[0].name)
    if kind not in ("TABLE", "VIEW"):
        raise Unsupported(f"DROP {kind}")
    candidates = database.catalog.tables if kind == "TABLE" else database.catalog.views
    names = []
    for target in targets:
        database.require_own(schema_name(target))
        name = target.name
        if database.fold_names:
            name = next((n for n in candidates if n.lower() == name.lower()), name)
        names.append(name)
    missing = [n for n in names if n not in candidates]
    if missing and not node.args.get("exists"):
        if len(names) > 1:
            raise Unsupported("DROP of several of which one is missing", "one DROP each")
        if kind == "VIEW":
            raise SQLError(4092, "42S02", f"Unknown VIEW: '{database.name}.{missing[0]}'")
        raise errors.SQLError(1051, "42S02", f"Unknown table '{database.name}.{missing[0]}'")
    for name in names:
        if name in database.catalog.tables and kind == "TABLE":
            _drop_table(database, database.catalog.tables[name], names)
        database.catalog = database.catalog.without(name)
    return _OK


def _drop_table(database: Database, table: Table, tables: Sequence[str]) -> None:
    for other in database.catalog.tables.values():
        for f in other.foreign:
            if f.table == table.name and other.name not in tables:
                raise errors.child_present(TableWriter(database, other).constraint(other, f))
    database.connection.execute(f"DELETE FROM {table.phys}")
    database.connection.execute(f"DROP TABLE {table.phys}")
    database.counters.pop(table.phys, None)


def _drop_index(database: Database, node: exp.Expression, name: str) -> Result:
    on = node.args.get("cluster")
    if on is None:
        raise errors.syntax("", 1)
    table = database.base_table(on.this.name)
    rebuild_table(database, table, keys.drop_key(table, name))
    return _OK


def truncate(database: Database, statement: Statement) -> Result:
    """Run TRUNCATE. Raises 1701 where another table refers to this one."""
    for target in statement.tree.expressions:
        database.require_own(schema_name(target))
        table = database.base_table(target.name)
        for other in database.catalog.tables.values():
            for f in other.foreign:
                if f.table == table.name and other.name != table.name:
                    text = TableWriter(database, other).constraint(other, f)
                    raise SQLError(
                        1701, "42000", f"Cannot truncate a table referenced in a foreign key constraint ({text})"
                    )
        database.connection.execute(f"DELETE FROM {table.phys}")
        database.counters[table.phys] = 1
    return _OK
