"""GROUP BY … WITH ROLLUP: a query for each count of keys, put together in the order of the keys."""

from __future__ import annotations

from collections.abc import Container, Sequence

from sqlglot import exp

from ...session import Unsupported
from ..expressions import aggregates
from ..expressions.expr import Expr
from ..expressions.scope import Unit
from ..values import types as ty
from ..values.types import Type


def require_plain(node: exp.Expression, keys: Container[exp.Expression]) -> None:
    """Refuse what MariaDB and MySQL 8 answer differently beside WITH ROLLUP. `keys` are those that are no columns."""
    for part, name in (("order", "ORDER BY"), ("distinct", "DISTINCT")):
        if node.args.get(part):
            raise Unsupported(f"{name} beside WITH ROLLUP", "a derived table around it")
    if any(node.find_all(exp.Window)):
        raise Unsupported("a window beside WITH ROLLUP", "a derived table inside")
    if node.args["group"].args.get("cube"):
        raise Unsupported("WITH CUBE", "WITH ROLLUP")
    for item in node.expressions:
        value = item.unalias()
        if any(part in keys for part in value.walk() if part is not value):
            # MariaDB shows the last group's value there, and MySQL 8 none.
            raise Unsupported("a computed key inside another expression beside WITH ROLLUP", "a derived table inside")


def union(unit: Unit, levels: Sequence[tuple[Sequence[str], str]], keys: Sequence[Expr]) -> str:
    """The rows of all levels, each behind the groups that it sums up.

    A level is its select list and the rest of its SELECT, from all keys to none. Keys are what GROUP BY names.
    """
    alias, width = unit.alias(), len(levels[0][0])
    arms = []
    for level, (columns, rest) in enumerate(levels):
        kept = len(keys) - level
        places = [f"{aggregates.order_key(k) if n < kept else 'NULL'} AS k{n}" for n, k in enumerate(keys)]
        marks = [f"{int(n >= kept)} AS r{n}" for n in range(len(keys))]
        arms.append(f"SELECT {','.join([*columns, *places, *marks])}{rest}")
    order = ",".join(f"r{n},{aggregates.order_text(Expr(f'k{n}', _ranked(key.type)))}" for n, key in enumerate(keys))
    outputs = ",".join(f"o{i}" for i in range(width))
    return f"SELECT {outputs} FROM ({' UNION ALL '.join(arms)}) AS {alias} ORDER BY {order}"


def _ranked(kind: Type) -> Type:
    """The type of a sort key: an ENUM is sorted by its place among the members."""
    return ty.BIGINT if kind.kind == ty.ENUM else kind
