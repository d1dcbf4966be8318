"""A table's rows stored again under a changed definition."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from ...session import SQLError, Unsupported
from ..catalog.catalog import Column, ForeignKey, Table
from ..catalog.strict_mode import Stored
from ..database import Database
from ..dml.table_writer import TableWriter
from ..values import errors
from ..values import types as ty

_PIECE = 100


def rebuild_table(database: Database, old: Table, new: Table) -> int:
    """Replace `old` by `new`, with every row stored again under the new columns; returns how many there are."""
    serial = database.catalog.serial
    table = replace(new, phys=f"t{serial}")
    shared = [c for c in table.columns if any(c.phys == o.phys for o in old.columns)]
    before = {o.phys: o for o in old.columns}
    names = ",".join(c.phys for c in shared)
    database.catalog = database.catalog.put(table, instead_of=old.name)
    database.create(table)
    writer = TableWriter(database, table)
    counter = database.counters.pop(old.phys, 1)
    kept = table.counter is not None and old.counter is not None and table.counter.phys == old.counter.phys
    database.counters[table.phys] = counter if kept else 1
    additions = [c for c in table.columns if c not in shared]
    count = 0
    for count, row in enumerate(_rows(database, old, names or "NULL"), 1):
        values = {
            c.phys: writer.following if _counts(before[c.phys], c, v) else _convert(writer, v, before[c.phys], c, count)
            for c, v in zip(shared, row, strict=False)
        }
        for c in additions:
            values[c.phys] = count if c.auto_increment else _fill_value(writer, c)
        writer.insert(values)
        if table.counter is not None and isinstance(number := values[table.counter.phys], int):
            writer.count_past(number)
    database.connection.execute(f"DROP TABLE {old.phys}")
    if any(f.table == new.name for t in database.catalog.tables.values() for f in t.foreign):
        _take_place(database, table, old)
    _require_parents(database, new, set(new.foreign) - set(old.foreign))
    return count


def _take_place(database: Database, table: Table, old: Table) -> None:
    """The table that others refer to keeps its name in SQLite."""
    database.connection.execute(f"ALTER TABLE {table.phys} RENAME TO {old.phys}")
    database.catalog = database.catalog.put(replace(table, phys=old.phys))
    database.counters[old.phys] = database.counters.pop(table.phys)


def _require_parents(database: Database, table: Table, added: Collection[ForeignKey]) -> None:
    """Raise 1452 where a row has no parent under a foreign key that is new."""
    for key in added:
        parent = database.base_table(key.table)
        ours = [table.by_name[c.lower()].phys for c in key.columns]
        theirs = [parent.by_name[c.lower()].phys for c in key.references]
        match = " AND ".join(f"p.{b}=c.{a}" for a, b in zip(ours, theirs, strict=True))
        known = " AND ".join(f"c.{a} IS NOT NULL" for a in ours)
        child = database.base_table(table.name)
        found = f"EXISTS (SELECT 1 FROM {parent.phys} AS p WHERE {match})"
        orphans = f"SELECT 1 FROM {child.phys} AS c WHERE {known} AND NOT {found} LIMIT 1"
        if database.connection.execute(orphans).fetchone() is not None:
            raise errors.parent_missing(TableWriter(database, child).constraint(child, key))


def _counts(old: Column, new: Column, value: object) -> bool:
    """Whether a column that becomes AUTO_INCREMENT numbers the row, as it does where it finds 0 or NULL."""
    return new.auto_increment and not old.auto_increment and not value


def _rows(database: Database, table: Table, names: str) -> Iterator[tuple]:
    """The rows of a table in their order, few at a time."""
    last = -(2**63)
    while True:
        piece = database.connection.execute(
            f"SELECT rowid,{names} FROM {table.phys} WHERE rowid>=? ORDER BY rowid LIMIT {_PIECE}", (last,)
        ).fetchall()
        yield from (row for _, *row in piece)
        if len(piece) < _PIECE or piece[-1][0] == 2**63 - 1:
            return
        last = piece[-1][0] + 1


def _convert(writer: TableWriter, value: object, old: Column, new: Column, n: int) -> Stored:
    """Store a value under a changed definition, with ALTER's own errors."""
    try:
        if old.type == ty.YEAR and new.type.kind in ty.TEXTUAL and value is not None:
            return writer.stored(f"{value:04}", ty.TEXT, new, n)
        return writer.stored(value, old.type, new, n)
    except SQLError as e:
        if value is None and new.domain.base == "timestamp":
            raise Unsupported("NULL in a TIMESTAMP that becomes NOT NULL", "an UPDATE before") from e
        if e.code in (1048, 1406):
            raise errors.data_truncated(new.name, n) from e
        if e.code == 1366:
            raise errors.truncated_incorrect(new.domain.base.upper().replace("INT", "INTEGER"), str(value)) from e
        raise


def _fill_value(writer: TableWriter, c: Column) -> Stored:
    """A new column's value in existing rows: its default, else NULL, else zero or the empty text."""
    if c.default is not None or c.nullable:
        return writer.default(c)
    match c.type.kind:
        case "int" | "decimal":
            return 0
        case "double":
            return 0.0
        case "string":
            return ""
        case "enum":
            return c.type.members[0]
    raise Unsupported("a new NOT NULL date column without a DEFAULT", "a DEFAULT")
