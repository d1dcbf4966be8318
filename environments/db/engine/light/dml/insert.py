"""INSERT and REPLACE, with IGNORE and ON DUPLICATE KEY UPDATE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..catalog.catalog import Column, Key, Table
from ..catalog.strict_mode import Stored
from ..database import Database
from ..expressions.scope import Unit
from ..parsing.node_parts import refuse_other_parts
from ..queries.select import compile_query
from ..values import errors
from ..values import types as ty
from .numbering import Numbering
from .row_values import DEFAULT, Cell, RowValues
from .table_writer import Row, TableWriter
from .targets import Count, target_table
from .upsert import SourceColumns, Upsert, require_values, source_columns


def insert(database: Database, unit: Unit) -> Count:
    """INSERT and REPLACE."""
    node = unit.statement.tree
    refuse_other_parts(node, frozenset({"this", "expression", "conflict", "ignore"}))
    into = node.this
    table = target_table(unit, into.this if isinstance(into, exp.Schema) else into)
    columns = _columns(table, into)
    writer = TableWriter(database, table)
    if table.ruled and (unit.statement.ignoring or node.args.get("ignore")):
        raise Unsupported("INSERT IGNORE into a table with a CHECK or a generated column", "INSERT")
    conflict = node.args.get("conflict")
    ignoring = unit.statement.ignoring or bool(node.args.get("ignore"))
    if conflict is not None and (unit.statement.replacing or ignoring):
        raise Unsupported("ON DUPLICATE KEY UPDATE together with IGNORE or REPLACE")
    source = node.expression
    updates = conflict.expressions if conflict is not None else ()
    require_values(table, columns, updates)
    borrowed = source_columns(unit, table, source, updates)
    rows = _rows(database, unit, source, writer, columns, borrowed)
    upsert = Upsert(unit, writer, updates, borrowed.expressions) if conflict is not None else None
    numbering = Numbering(writer, len(source.expressions) if isinstance(source, exp.Values) else None)
    affected = 0
    for n, cells in enumerate(rows, 1):
        database.bounds.check()
        row = _row(writer, columns, cells[: len(columns)], n, ignoring=ignoring)
        if writer.rules is not None:  # before the row takes a number
            writer.rules.require(writer.connection, writer.rules.complete(writer.connection, row, writer.stored))
        numbered = _Numbered(row, numbering, n)
        sources = borrowed.values([value for value, _ in cells[len(columns) :]])
        affected += _put(writer, numbered, upsert, sources, replacing=unit.statement.replacing, ignoring=ignoring)
        numbering.tried()
    if numbering.first_generated is not None:
        database.info.last_id = numbering.first_generated
        return Count(affected, numbering.first_generated)
    return Count(affected, None if numbering.latest is None else numbering.latest % 2**64)


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


def _rows(
    database: Database, unit: Unit, source: exp.Expression, writer: TableWriter, columns: Sequence[Column],
    borrowed: SourceColumns,
) -> Iterator[list[Cell]]:  # fmt: skip
    """The rows of VALUES or of a SELECT, those of a SELECT with the cells that the update borrows behind them."""
    if isinstance(source, exp.Values):
        return _value_rows(source, RowValues(unit, writer, columns), len(columns))
    query = compile_query(unit, borrowed.select(source) if borrowed.names else source, None)
    if borrowed.take(query) != len(columns):
        raise errors.column_count(1)
    return (list(zip(values, query.types, strict=True)) for values in database.fetch(query))


def _value_rows(source: exp.Values, values: RowValues, expected: int) -> Iterator[list[Cell]]:
    widths = [len(t.expressions) for t in source.expressions]
    empty = not any(widths)
    for n, width in enumerate(widths, 1):
        if width != expected and not empty:
            raise errors.column_count(n)
    for n, row in enumerate(source.expressions, 1):
        yield [(DEFAULT, ty.NULL_TYPE)] * expected if empty else values.cells(row.expressions, n)


def _row(writer: TableWriter, columns: Sequence[Column], cells: Sequence[Cell], n: int, *, ignoring: bool) -> Row:
    """A whole row from its cells, with the AUTO_INCREMENT value that it names, or None."""
    by_phys = {c.phys: cell for c, cell in zip(columns, cells, strict=True)}
    row: Row = {}
    # In the statement's order: of two bad values the first is the one that is told.
    for column in (*columns, *(c for c in writer.table.columns if c.phys not in by_phys)):
        value, kind = by_phys.get(column.phys, (DEFAULT, ty.NULL_TYPE))
        if column.generated and value is not DEFAULT:
            raise errors.generated_value(column.name, writer.table.name)
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


def _put(
    writer: TableWriter, numbered: _Numbered, upsert: Upsert | None, sources: Mapping[str, object], *, replacing: bool,
    ignoring: bool,
) -> int:  # fmt: skip
    """Store one row; how many rows MySQL counts for it."""
    row = numbered.row
    conflicts = writer.conflicts(row) if upsert or replacing or ignoring else []
    if conflicts and upsert:
        count, number = upsert.apply(conflicts[0][1], row, sources)
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
