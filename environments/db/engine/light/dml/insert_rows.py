"""The rows that an INSERT gives: those of VALUES, or of its SELECT."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..catalog.catalog import Column
from ..expressions.clauses import Clause
from ..expressions.names import Names, TableSource
from ..expressions.scope import Expr, Scope, Unit
from ..queries.select import compile_query
from ..values import errors
from ..values import types as ty
from ..values.types import Type
from .assignments import is_default
from .table_writer import Row, TableWriter

DEFAULT = object()
Cell = tuple[object, Type]
"""A value to store: SQLite's, with its static type, or DEFAULT."""


def new_rows(
    unit: Unit, writer: TableWriter, source: exp.Expression | None, columns: Sequence[Column]
) -> Iterator[list[Cell]]:
    """The rows of VALUES or of a SELECT, with a cell for each of the columns. Raises 1064 and 1136."""
    if isinstance(source, exp.Values):
        yield from _rows_of_values(unit, writer, source, columns)
        return
    if source is None:
        raise errors.syntax("", 1)
    query = compile_query(unit, source, None)
    if len(query.names) != len(columns):
        raise errors.column_count(1)
    for values in writer.database.fetch(query):
        yield list(zip(values, query.types, strict=True))


def _rows_of_values(
    unit: Unit, writer: TableWriter, source: exp.Values, columns: Sequence[Column]
) -> Iterator[list[Cell]]:
    if source.args.get("alias"):
        raise errors.syntax("AS", 1)
    widths = [len(t.expressions) for t in source.expressions]
    empty = not any(widths)
    for n, width in enumerate(widths, 1):
        if width != len(columns) and not empty:
            raise errors.column_count(n)
    for n, row in enumerate(source.expressions, 1):
        if empty:
            yield [(DEFAULT, ty.NULL_TYPE)] * len(columns)
        elif any(node.find(exp.Column) for node in row.expressions):
            yield _in_turn(unit, writer, row.expressions, columns, n)
        else:
            yield _at_once(unit, writer, row.expressions)


def _at_once(unit: Unit, writer: TableWriter, nodes: Sequence[exp.Expression]) -> list[Cell]:
    """The values of one VALUES row; literals need no visit to SQLite."""
    scope = Scope(unit)
    cells: list[Cell] = []
    computed: list[tuple[int, Expr]] = []
    for i, node in enumerate(nodes):
        if is_default(node):
            cells.append((DEFAULT, ty.NULL_TYPE))
            continue
        with scope.at(Clause.VALUES):
            e = scope.compile(node)
        cells.append((e.const, e.type))
        if e.const is None and e.type.kind != ty.NULL:
            computed.append((i, e))
    if computed:
        values = writer.connection.execute("SELECT " + ",".join(e.sql for _, e in computed)).fetchone()
        for (i, e), value in zip(computed, values, strict=True):
            cells[i] = (value, e.type)
    return cells


def _in_turn(
    unit: Unit, writer: TableWriter, nodes: Sequence[exp.Expression], columns: Sequence[Column], n: int
) -> list[Cell]:
    """A VALUES row that names columns: each is what the row has got so far, or else the column's default."""
    table = writer.table
    source = TableSource(table.name, unit.alias(), [(c.name, f":{c.phys}", c.type) for c in table.columns], table.name)
    scope = Scope(unit, None, Names((source,)))
    so_far = _defaults(writer, nodes)
    cells: list[Cell] = []
    for column, node in zip(columns, nodes, strict=True):
        if is_default(node):
            cells.append((DEFAULT, ty.NULL_TYPE))
            continue
        with scope.at(Clause.VALUES):
            e = scope.compile(node)
        (value,) = writer.connection.execute(f"SELECT {e.sql}", so_far).fetchone()
        cells.append((value, e.type))
        so_far[column.phys] = writer.stored(value, e.type, column, n)
    return cells


def _defaults(writer: TableWriter, nodes: Sequence[exp.Expression]) -> Row:
    """What the columns are before anything is assigned. A column that is named must have a default."""
    names = {column.name.lower() for node in nodes for column in node.find_all(exp.Column)}
    row: Row = {}
    for column in writer.table.columns:
        try:
            row[column.phys] = writer.default(column)
        except SQLError as e:
            if column.name.lower() in names:
                raise Unsupported(f"the value of {column.name} before it has one", "its value") from e
            row[column.phys] = None
    return row
