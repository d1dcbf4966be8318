"""DROP TABLE, DROP VIEW, DROP INDEX and TRUNCATE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...session import Result, SQLError, Unsupported
from ..catalog.catalog import Table
from ..database import Database
from ..dml.table_writer import TableWriter
from ..parsing.definitions import DropIndex, DropTables, Truncate
from ..values import errors
from . import keys, references, temporary
from .alter_table import apply
from .names import own_name, own_table

_OK = Result((), [])


def drop_tables(database: Database, definition: DropTables) -> Result | SQLError:
    """Run DROP TABLE and DROP VIEW. 1051 and 4092 tell what is missing, 1965 a view; all else is dropped."""
    views = definition.kind == "VIEW"
    names = [_as_created(database, own_name(database, t, "DROP"), definition.kind) for t in definition.tables]
    if len(set(names)) < len(names):
        repeated = next(n for i, n in enumerate(names) if n in names[:i])
        raise errors.not_unique_table(repeated)
    candidates: Mapping[str, object] = database.catalog.views if views else database.catalog.tables
    if definition.temporary:
        temporary.require_outside(database)
        candidates = {n: t for n, t in database.catalog.tables.items() if t.temporary}
    missing = [n for n in names if n not in candidates]
    if missing and len(names) > 1 and not definition.tolerant and any(map(database.find_view, missing)):
        raise Unsupported("DROP TABLE of several of which one is a view", "one DROP each")
    error = None if definition.tolerant or not missing else _missing(database, missing, views=views)
    for name in names:
        if name in candidates:
            if not views:
                _drop_table(database, database.catalog.tables[name], names)
            database.catalog = database.catalog.without(name)
    return error or _OK


def _as_created(database: Database, name: str, kind: str) -> str:
    candidates = database.catalog.views if kind == "VIEW" else database.catalog.tables
    if not database.fold_names:
        return name
    return next((n for n in candidates if n.lower() == name.lower()), name)


def _missing(database: Database, names: Sequence[str], *, views: bool) -> SQLError:
    listed = ",".join(f"{database.name}.{name}" for name in names)
    if views:
        return SQLError(4092, "42S02", f"Unknown VIEW: '{listed}'")
    if names[0] in database.catalog.views:
        return SQLError(1965, "42S02", f"'{listed}' is a view")
    return SQLError(1051, "42S02", f"Unknown table '{listed}'")


def _drop_table(database: Database, table: Table, tables: Sequence[str]) -> None:
    for other in database.catalog.tables.values():
        for f in other.foreign:
            if f.table == table.name and other.name not in tables:
                raise errors.child_present(TableWriter(database, other).constraint(other, f))
    database.connection.execute(f"DELETE FROM {table.phys}")
    database.connection.execute(f"DROP TABLE {table.phys}")
    database.counters.pop(table.phys, None)


def drop_index(database: Database, definition: DropIndex) -> Result:
    """Run DROP INDEX. Raises 1091."""
    table = own_table(database, definition.table, "INDEX")
    if definition.tolerant and not any(k.name.lower() == definition.name.lower() for k in table.keys):
        return _OK
    new = keys.drop_key(table, definition.name)
    references.follow(database.catalog, database.name, table, new)
    return Result((), [], apply(database, table, new))


def truncate(database: Database, definition: Truncate) -> Result:
    """Run TRUNCATE. Raises 1701 where another table refers to this one."""
    table = database.base_table(own_name(database, definition.table, "DROP"))
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
