"""What writes share: the target table, SET from left to right, and the count of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..catalog.catalog import Column, Table
from ..queries import sources
from ..reading.scope import Expr, Scope, Unit
from ..values import errors
from ..values import types as ty
from ..values.store import Stored
from .rows import Rows


@dataclass(frozen=True, slots=True)
class Count:
    """What a write did: rows as MySQL counts them, and the id PyMySQL would show."""

    affected: int
    last_id: int | None = None


# The longest SQLite text, in characters, that an assignment hands on to the next.
_CARRIED = 10_000


def target_table(unit: Unit, node: exp.Expression) -> Table:
    schema = node.args.get("db")
    if schema is not None and schema.name != unit.database:
        raise SQLError(
            1142, "42000", f"command denied to user 'root'@'localhost' for table `{schema.name}`.`{node.name}`"
        )
    name = sources.lookup(unit, node.name)
    if name in unit.catalog.views:
        raise Unsupported("writing through a view", "the table itself")
    return unit.catalog.tables[name]


def is_default(node: exp.Expression) -> bool:
    if isinstance(node, exp.Var | exp.Column):
        return node.name.upper() == "DEFAULT" and not node.args.get("table")
    return False


Sets = list[tuple[Column, Expr | None]]


def compiled_sets(scope: Scope, table: Table, nodes: Sequence[exp.Expression]) -> Sets:
    """SET a = …, b = …: from left to right, a later one sees what an earlier one assigned. None stands for DEFAULT."""
    sets: Sets = []
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
        sets.append((column, value))
        scope.assign(target, _carried(value, column))
    return sets


def _carried(value: Expr | None, column: Column) -> Expr | None:
    """What the column holds after the assignment, where storing the value would not convert it; else None."""
    kind = column.type
    if value is not None and len(value.sql) > _CARRIED:
        return None
    if value is None or value.type.kind != kind.kind or column.domain.base in ("char", "year", "timestamp"):
        return None
    if kind.kind in (ty.INT, ty.STR, ty.DATE) or (kind.kind == ty.DBL and not (kind.single or value.type.scale)):
        return Expr(value.sql, kind, value.const)
    return value if (value.type.frac, value.type.scale) == (kind.frac, kind.scale) and not value.type.cut else None


def wanted_values(rows: Rows, sets: Sets, values: Sequence[object], n: int) -> dict[str, Stored]:
    wanted: dict[str, Stored] = {}
    for (column, e), value in zip(sets, values, strict=True):
        wanted[column.phys] = rows.default(column) if e is None else rows.stored(value, e.type, column, n)
    return wanted
