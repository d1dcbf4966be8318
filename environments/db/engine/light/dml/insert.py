"""INSERT and REPLACE, with IGNORE and ON DUPLICATE KEY UPDATE."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..catalog.catalog import Column, Table
from ..queries import query, sources
from ..queries.ordering import only
from ..reading.scope import Expr, Scope, Unit
from ..values import errors
from ..values import types as ty
from ..values.types import Type
from .assign import Count, compiled_sets, is_default, target_table, wanted_values
from .rows import Row, Rows

if TYPE_CHECKING:
    from ..session import LightSession


DEFAULT = object()


# A value to store: SQLite's, with its static type, or DEFAULT.
Given = tuple[object, Type]


def insert(session: LightSession, unit: Unit) -> Count:
    """INSERT and REPLACE."""
    node = unit.parsed.tree
    only(node, frozenset({"this", "expression", "conflict", "ignore"}))
    into = node.this
    table = target_table(unit, into.this if isinstance(into, exp.Schema) else into)
    columns = _columns(table, into)
    rows = Rows(session, table)
    conflict = node.args.get("conflict")
    ignoring = unit.parsed.ignoring or bool(node.args.get("ignore"))
    if conflict is not None and (unit.parsed.replacing or ignoring):
        raise Unsupported("ON DUPLICATE KEY UPDATE together with IGNORE or REPLACE")
    upsert = _Upsert(unit, rows, conflict.expressions) if conflict is not None else None
    affected, last = 0, None
    for n, given in enumerate(_given(session, unit, node.args.get("expression"), columns), 1):
        row, made, auto = _row(rows, columns, given, n, ignoring=ignoring)
        count = _put(rows, row, upsert, replacing=unit.parsed.replacing, ignoring=ignoring)
        affected += count
        if count and made and (last is None or not last[1]):
            last = (auto, True)
        elif count and auto is not None and (last is None or not last[1]):
            last = (auto, False)
    if last is None:
        return Count(affected)
    if last[1] and last[0] is not None:
        session.live.last_id = last[0]
    return Count(affected, last[0])


def _columns(table: Table, into: exp.Expression) -> list[Column]:
    if not isinstance(into, exp.Schema) or not into.expressions:
        return list(table.columns)
    columns: list[Column] = []
    for name in into.expressions:
        column = table.by_name.get(name.name.lower())
        if column is None:
            raise errors.unknown_column(name.name, "field list")
        if column in columns:
            raise errors.column_twice(name.name)
        columns.append(column)
    return columns


def _given(
    session: LightSession, unit: Unit, source: exp.Expression | None, columns: Sequence[Column]
) -> Iterator[list[Given]]:
    if isinstance(source, exp.Values):
        if source.args.get("alias"):
            raise errors.syntax("AS", 1)
        widths = [len(t.expressions) for t in source.expressions]
        empty = not any(widths)
        for n, width in enumerate(widths, 1):
            if width != len(columns) and not empty:
                raise errors.column_count(n)
        for row in source.expressions:
            yield [(DEFAULT, ty.NULL_TYPE)] * len(columns) if empty else _evaluated(session, unit, row.expressions)
        return
    if source is None:
        raise errors.syntax("", 1)
    found = query.select(unit, source, None)
    if len(found.names) != len(columns):
        raise errors.column_count(1)
    for raw in session.fetch(found):
        yield list(zip(raw, found.types, strict=True))


def _evaluated(session: LightSession, unit: Unit, cells: Sequence[exp.Expression]) -> list[Given]:
    """The values of one VALUES row; literals need no visit to SQLite."""
    scope = Scope(unit)
    given: list[Given] = []
    computed: list[tuple[int, Expr]] = []
    for i, cell in enumerate(cells):
        if is_default(cell):
            given.append((DEFAULT, ty.NULL_TYPE))
            continue
        e = scope.compile(cell)
        given.append((e.const, e.type))
        if e.const is None and e.type.kind != ty.NULL:
            computed.append((i, e))
    if computed:
        values = session.connection.execute("SELECT " + ",".join(e.sql for _, e in computed)).fetchone()
        for (i, e), value in zip(computed, values, strict=True):
            given[i] = (value, e.type)
    return given


def _row(
    rows: Rows, columns: Sequence[Column], given: Sequence[Given], n: int, *, ignoring: bool
) -> tuple[Row, bool, int | None]:
    """A whole row from the given cells, whether its AUTO_INCREMENT value was made, and that value."""
    by_phys = {c.phys: g for c, g in zip(columns, given, strict=True)}
    row: Row = {}
    made, auto = False, None
    # In the statement's order: of two bad values the first is the one that is told.
    for column in (*columns, *(c for c in rows.table.columns if c.phys not in by_phys)):
        value, kind = by_phys.get(column.phys, (DEFAULT, ty.NULL_TYPE))
        if column.auto_increment:
            wanted = None if value is DEFAULT or value is None else rows.stored(value, kind, column, n)
            auto, made = rows.number(wanted)
            row[column.phys] = auto
            continue
        try:
            row[column.phys] = rows.default(column) if value is DEFAULT else rows.stored(value, kind, column, n)
        except SQLError as e:
            if ignoring and not isinstance(e, Unsupported):
                raise Unsupported(f"INSERT IGNORE of a bad value ({e.message})", "a value that fits") from e
            raise
    return row, made, auto


def _put(rows: Rows, row: Row, upsert: _Upsert | None, *, replacing: bool, ignoring: bool) -> int:
    """Store one row; how many rows MySQL counts for it."""
    clashes = rows.conflicts(row) if upsert or replacing or ignoring else []
    if clashes and upsert:
        return upsert.apply(clashes[0][1], row)
    if ignoring and (clashes or rows.orphaned(row)):
        return 0
    gone = {rowid for _, rowid in clashes} if replacing else set()
    for rowid in gone:
        rows.delete(rowid)
    rows.insert(row)
    return 1 + len(gone)


class _Upsert:
    """ON DUPLICATE KEY UPDATE, compiled once for all rows; VALUES(c) is the parameter :c."""

    def __init__(self, unit: Unit, rows: Rows, assignments: Sequence[exp.Expression]) -> None:
        scope = Scope(unit)
        self.start = sources.base(scope, rows.table.name, rows.table.name)
        self.alias = scope.sources[0].alias
        scope.inserting = {c.name.lower(): Expr(f":{c.phys}", c.type) for c in rows.table.columns}
        self.rows = rows
        self.sets = compiled_sets(scope, rows.table, assignments)

    def apply(self, rowid: int, row: Row) -> int:
        texts = ",".join(e.sql if e else "NULL" for _, e in self.sets)
        sql = f"SELECT {texts} FROM {self.start} WHERE {self.alias}.rowid=:_rowid"
        values = self.rows.connection.execute(sql, {**row, "_rowid": rowid}).fetchone()
        before = self.rows.fetch(rowid)
        wanted = wanted_values(self.rows, self.sets, values, 1)
        return 2 if self.rows.change(rowid, before, wanted) else 0
