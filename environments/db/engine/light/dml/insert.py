"""INSERT and REPLACE, with IGNORE and ON DUPLICATE KEY UPDATE."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..catalog.catalog import Column, Key, Table
from ..catalog.strict_mode import Stored
from ..database import Database
from ..expressions.clauses import Clause
from ..expressions.scope import Expr, Unit
from ..parsing.node_parts import refuse_other_parts
from ..queries import from_clause
from ..values import errors
from ..values import types as ty
from .assignments import AssignmentScope, compile_assignments, new_values
from .insert_rows import DEFAULT, Cell, new_rows
from .numbering import Numbering
from .table_writer import Row, TableWriter
from .targets import Count, target_table


def insert(database: Database, unit: Unit) -> Count:
    """INSERT and REPLACE."""
    node = unit.statement.tree
    refuse_other_parts(node, frozenset({"this", "expression", "conflict", "ignore"}))
    into = node.this
    table = target_table(unit, into.this if isinstance(into, exp.Schema) else into)
    columns = _columns(table, into)
    writer = TableWriter(database, table)
    conflict = node.args.get("conflict")
    ignoring = unit.statement.ignoring or bool(node.args.get("ignore"))
    if conflict is not None and (unit.statement.replacing or ignoring):
        raise Unsupported("ON DUPLICATE KEY UPDATE together with IGNORE or REPLACE")
    source = node.args.get("expression")
    if conflict is not None:
        _require_own_columns(unit, table, conflict.expressions, source)
    upsert = _Upsert(unit, writer, conflict.expressions) if conflict is not None else None
    numbering = Numbering(writer, len(source.expressions) if isinstance(source, exp.Values) else None)
    affected = 0
    for n, cells in enumerate(new_rows(unit, writer, source, columns), 1):
        database.bounds.check()
        row = _row(writer, columns, cells, n, ignoring=ignoring)
        numbered = _Numbered(row, numbering, n)
        affected += _put(writer, numbered, upsert, replacing=unit.statement.replacing, ignoring=ignoring)
        numbering.tried()
    if numbering.first_generated is not None:
        database.info.last_id = numbering.first_generated
        return Count(affected, numbering.first_generated)
    return Count(affected, None if numbering.latest is None else numbering.latest % 2**64)


def _require_own_columns(unit: Unit, table: Table, nodes: Sequence[exp.Expression], source: object) -> None:
    """Behind a SELECT the names of ON DUPLICATE KEY UPDATE may mean its columns, too. Raises 1052."""
    start = source.args.get("from_") if isinstance(source, exp.Select) else None
    if start is None:
        return
    names = from_clause.compile_from(unit, None, start).names
    for column in (c for node in nodes for c in node.expression.find_all(exp.Column)):
        owner = column.args.get("table")
        if isinstance(column.parent, exp.Anonymous) and column.parent.this == "VALUES":
            continue
        theirs = names.column(column.name, Clause.ON_DUPLICATE) if owner is None else None
        if theirs is not None and column.name.lower() in table.by_name:
            raise errors.ambiguous(column.name, "UPDATE")
        if theirs is not None or (owner is not None and owner.name != table.name):
            raise Unsupported("a column of the SELECT in ON DUPLICATE KEY UPDATE", "VALUES(column)")


class _Numbered:
    """A row with its AUTO_INCREMENT value, which is the statement's until the row is stored."""

    def __init__(self, row: Row, numbering: Numbering, n: int) -> None:
        self.row, self.numbering = row, numbering
        self.number, self.generated = 0, False
        self.column = numbering.writer.table.counter
        if self.column is not None:
            self.number, self.generated = numbering.value(row[self.column.phys], n)
            row[self.column.phys] = self.number

    def stored(self) -> None:
        """The row is in the table."""
        if self.column is not None:
            self.numbering.keep(self.number, generated=self.generated)

    def updated(self, number: Stored) -> None:
        """In its place a row with this value was changed."""
        if isinstance(number, int):
            self.numbering.latest = number


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


def _row(writer: TableWriter, columns: Sequence[Column], cells: Sequence[Cell], n: int, *, ignoring: bool) -> Row:
    """A whole row from its cells, with the AUTO_INCREMENT value that it names, or None."""
    by_phys = {c.phys: cell for c, cell in zip(columns, cells, strict=True)}
    row: Row = {}
    # In the statement's order: of two bad values the first is the one that is told.
    for column in (*columns, *(c for c in writer.table.columns if c.phys not in by_phys)):
        value, kind = by_phys.get(column.phys, (DEFAULT, ty.NULL_TYPE))
        if column.auto_increment:
            row[column.phys] = None if value is DEFAULT or value is None else writer.stored(value, kind, column, n)
            continue
        try:
            row[column.phys] = writer.default(column) if value is DEFAULT else writer.stored(value, kind, column, n)
        except SQLError as e:
            if ignoring and not isinstance(e, Unsupported):
                raise Unsupported(f"INSERT IGNORE of a bad value ({e.message})", "a value that fits") from e
            raise
    return row


def _put(writer: TableWriter, numbered: _Numbered, upsert: _Upsert | None, *, replacing: bool, ignoring: bool) -> int:
    """Store one row; how many rows MySQL counts for it."""
    row = numbered.row
    conflicts = writer.conflicts(row) if upsert or replacing or ignoring else []
    if conflicts and upsert:
        count, number = upsert.apply(conflicts[0][1], row)
        if count:
            numbered.updated(number)
        return count
    if ignoring and (conflicts or writer.missing_parent(row)):
        return 0
    count = 1
    if replacing and conflicts:
        count += _remove(writer, conflicts, row)
    writer.insert(row)
    numbered.stored()
    return count


def _remove(writer: TableWriter, conflicts: Sequence[tuple[Key, int]], row: Row) -> int:
    """Delete the rows in the way of a REPLACE. One equal to the new row does not count where the last key finds it."""
    last = None if writer.is_referenced() else writer.unique_keys()[-1]
    count, removed = 0, set()
    for key, rowid in conflicts:
        if rowid not in removed:
            removed.add(rowid)
            count += key != last or writer.fetch(rowid) != row
    for rowid in removed:
        writer.delete(rowid)
    return count


class _Upsert:
    """ON DUPLICATE KEY UPDATE, compiled once for all rows; VALUES(c) is the parameter :c."""

    def __init__(self, unit: Unit, writer: TableWriter, nodes: Sequence[exp.Expression]) -> None:
        joined = from_clause.base(unit, writer.table.name, writer.table.name)
        self.start = joined.text
        self.alias = joined.names.sources[0].alias
        scope = AssignmentScope(unit, joined.names)
        scope.inserting = {c.name.lower(): Expr(f":{c.phys}", c.type) for c in writer.table.columns}
        self.writer = writer
        with scope.at(Clause.ON_DUPLICATE):
            self.assignments = compile_assignments(scope, writer.table, nodes)

    def apply(self, rowid: int, row: Row) -> tuple[int, Stored]:
        """Change the row in the way of a new one; how many rows MySQL counts for it, and its AUTO_INCREMENT value."""
        texts = ",".join(e.sql if e else "NULL" for _, e in self.assignments)
        sql = f"SELECT {texts} FROM {self.start} WHERE {self.alias}.rowid=:_rowid"
        values = self.writer.connection.execute(sql, {**row, "_rowid": rowid}).fetchone()
        before = self.writer.fetch(rowid)
        changes = new_values(self.writer, self.assignments, values, 1)
        count = 2 if self.writer.change(rowid, before, changes) else 0
        counter = self.writer.table.counter
        return count, None if counter is None else changes.get(counter.phys, before[counter.phys])
