"""SET a = …, b = …: compiled from left to right, and the values that it gives to a row."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ..catalog.catalog import Column, Table
from ..catalog.strict_mode import Stored
from ..expressions.scope import Expr, Scope
from ..values import errors
from ..values import types as ty
from .table_writer import TableWriter

# The longest SQLite text, in characters, that an assignment hands on to the next.
_CARRIED = 10_000


def is_default(node: exp.Expression) -> bool:
    """Whether a value is the word DEFAULT."""
    if isinstance(node, exp.Var | exp.Column):
        return node.name.upper() == "DEFAULT" and not node.args.get("table")
    return False


Assignments = list[tuple[Column, Expr | None]]
"""Columns with their new values, in the order of the statement; None stands for DEFAULT."""


def compile_assignments(scope: Scope, table: Table, nodes: Sequence[exp.Expression]) -> Assignments:
    """Compile SET from left to right: a later assignment sees what an earlier one assigned. Raises 1054."""
    assignments: Assignments = []
    scope.clause = "field list"
    for node in nodes:
        if not isinstance(node, exp.EQ) or not isinstance(node.this, exp.Column):
            raise errors.syntax("", 1)
        owner = node.this.args.get("table")
        name = node.this.name
        target = scope.target(name, owner.name if owner is not None else None)
        column = table.by_name.get(name.lower())
        if column is None:
            raise errors.unknown_column(name, "field list")
        value = None if is_default(node.expression) else scope.compile(node.expression)
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
