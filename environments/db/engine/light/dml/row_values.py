"""The rows of VALUES. A value may name columns of the table: they have what the same row gave them so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from ...session import Unsupported
from ..catalog.catalog import Column
from ..catalog.strict_mode import Stored
from ..expressions.clauses import Clause
from ..expressions.scope import Expr, Scope, Unit
from ..values import types as ty
from ..values.types import Type
from .assignments import is_default
from .table_writer import TableWriter

DEFAULT = object()
Cell = tuple[object, Type]
"""A value to store: SQLite's, with its static type, or DEFAULT."""


class _RowScope(Scope):
    """VALUES: a name means a column of the row in the making, whose value is a parameter of SQLite's."""

    def __init__(self, unit: Unit, writer: TableWriter) -> None:
        super().__init__(unit)
        self.table = writer.table
        self.named: set[str] = set()
        """the columns, by their `phys` names, that the present value names"""

    def find(self, name: str, table: str | None, clause: Clause) -> Expr | None:
        """See Scope.find."""
        column = self.table.by_name.get(name.lower())
        if column is None or (table is not None and table != self.table.name):
            return None
        self.named.add(column.phys)
        return Expr(f":{column.phys}", column.type)


class RowValues:
    """Computes the rows of VALUES, whose values go to `columns`."""

    def __init__(self, unit: Unit, writer: TableWriter, columns: Sequence[Column]) -> None:
        self.unit, self.writer, self.columns = unit, writer, columns

    def cells(self, nodes: Sequence[exp.Expression], row: int) -> list[Cell]:
        """One row; literals need no visit to SQLite. `row` counts from 1."""
        scope = _RowScope(self.unit, self.writer)
        values, named = [], []
        with scope.at(Clause.VALUES):
            for node in nodes:
                scope.named = set()
                values.append(None if is_default(node) else scope.compile(node))
                named.append(scope.named)
        return self._in_turn(values, named, row) if any(named) else self._at_once(values)

    def _at_once(self, values: Sequence[Expr | None]) -> list[Cell]:
        cells: list[Cell] = [(DEFAULT, ty.NULL_TYPE) if e is None else (e.const, e.type) for e in values]
        computed = [(i, e) for i, e in enumerate(values) if e is not None and _is_computed(e)]
        if computed:
            found = self.writer.connection.execute("SELECT " + ",".join(e.sql for _, e in computed)).fetchone()
            for (i, e), value in zip(computed, found, strict=True):
                cells[i] = (value, e.type)
        return cells

    def _in_turn(self, values: Sequence[Expr | None], named: Sequence[set[str]], row: int) -> list[Cell]:
        """Values that name columns: each sees those that are stored before it, and the defaults of the others."""
        known = {c.phys: self.writer.default(c) for c in self.writer.table.columns if _has_default(c)}
        cells: list[Cell] = []
        for column, e, names in zip(self.columns, values, named, strict=True):
            self._require(names - known.keys())
            if e is None:
                cells.append((DEFAULT, ty.NULL_TYPE))
                known[column.phys] = self.writer.default(column)
                continue
            value = self._fetch(e.sql, known) if _is_computed(e) else e.const
            cells.append((value, e.type))
            if column.auto_increment and value in (None, 0):
                known.pop(column.phys, None)
            else:
                known[column.phys] = self.writer.stored(value, e.type, column, row)
        return cells

    def _require(self, missing: set[str]) -> None:
        for column in self.writer.table.columns:
            if column.phys in missing:
                raise Unsupported(f"naming '{column.name}', which has no value yet,", "a value before it in the row")

    def _fetch(self, sql: str, known: Mapping[str, Stored]) -> object:
        return self.writer.connection.execute(f"SELECT {sql}", dict(known)).fetchone()[0]


def _is_computed(e: Expr) -> bool:
    return e.const is None and e.type.kind != ty.NULL


def _has_default(column: Column) -> bool:
    return not column.auto_increment and (column.default is not None or column.nullable)
