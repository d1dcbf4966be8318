"""SET a = …, b = …: compiled from left to right, and the values that it gives to a row."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ...session import Unsupported
from ..catalog.catalog import Column, Table
from ..catalog.strict_mode import Stored
from ..expressions.clauses import Clause
from ..expressions.expr import ColumnRef, Expr
from ..expressions.names import Names
from ..expressions.scope import Scope, Unit
from ..values import errors
from ..values import types as ty
from .table_writer import TableWriter

# The longest SQLite text, in characters, that an assignment hands on to the next.
_CARRIED = 10_000


def is_default(node: exp.Expression) -> bool:
    """Whether a value is the word DEFAULT."""
    return isinstance(node, exp.Var)


class AssignmentScope(Scope):
    """SET: what is assigned to a column is its value from then on. `joining` where several tables are updated."""

    def __init__(self, unit: Unit, names: Names, *, joining: bool = False) -> None:
        super().__init__(unit, None, names)
        self.joining = joining
        self._assigned: dict[ColumnRef, Expr | None] = {}

    def assign(self, target: Expr, value: Expr | None) -> None:
        """Note an assignment, from left to right; None where the stored value cannot be said in SQL."""
        if target.origin is not None:
            self._assigned[target.origin] = None if self.joining else value

    def seen(self, column: Expr, full_name: str) -> Expr:
        """See Scope.seen."""
        if column.origin not in self._assigned:
            return column
        value = self._assigned[column.origin]
        if value is None:
            raise Unsupported(f"using '{column.column}' again after assigning to it", "two statements")
        return value

    def seen_from_inside(self, name: str, table: str | None, full_name: str, clause: Clause) -> Expr | None:
        """See Scope.seen_from_inside."""
        column = self.find(name, table, clause)
        return self.seen(column, full_name) if column is not None else None

    def target(self, name: str, table: str | None) -> Expr:
        """The column that an assignment names. Raises 1052 and 1054."""
        column = self.find(name, table, self.clause)
        if column is None:
            raise errors.unknown_column(f"{table}.{name}" if table else name, self.clause.words)
        return column


Assignments = list[tuple[Column, Expr | None]]
"""Columns with their new values, in the order of the statement; None stands for DEFAULT."""


def compile_assignments(scope: AssignmentScope, table: Table, nodes: Sequence[exp.Expression]) -> Assignments:
    """Compile SET from left to right: a later assignment sees what an earlier one assigned. Raises 1054."""
    assignments: Assignments = []
    for node in nodes:
        owner = node.this.args.get("table")
        name = node.this.name
        target = scope.target(name, owner.name if owner is not None else None)
        column = table.by_name.get(name.lower())
        if column is None:
            raise errors.unknown_column(name, "field list")
        value = None if is_default(node.expression) else scope.compile(node.expression)
        if column.generated and value is not None:
            raise errors.generated_value(column.name, table.name)
        assignments.append((column, value))
        scope.assign(target, _value_after(value, column))
    return assignments


def _value_after(value: Expr | None, column: Column) -> Expr | None:
    """The column's value after the assignment; None where storing would convert it."""
    kind = column.type
    if value is not None and len(value.sql) > _CARRIED:
        return None
    if value is None or value.type.kind != kind.kind or column.domain.base in ("char", "year", "timestamp"):
        return None
    if kind.kind in (ty.INT, ty.STR, ty.DATE) or (kind.kind == ty.DBL and not (kind.single or value.type.scale)):
        return Expr(value.sql, kind, value.const)
    return value if (value.type.frac, value.type.scale) == (kind.frac, kind.scale) and not value.type.cut else None


def new_values(writer: TableWriter, assignments: Assignments, values: Sequence[object], row: int) -> dict[str, Stored]:
    """The assigned columns of one row (by `phys`) as they are stored; `row` counts from 1, for the errors."""
    stored: dict[str, Stored] = {}
    for (column, e), value in zip(assignments, values, strict=True):
        stored[column.phys] = writer.default(column) if e is None else writer.stored(value, e.type, column, row)
    return stored
