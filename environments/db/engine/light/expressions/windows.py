"""Window functions (RANK, LAG, SUM OVER …) and their windows, as SQLite computes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..parsing.node_parts import count
from ..values import errors
from ..values import types as ty
from ..values.types import Type
from .aggregates import compile_aggregate, order_term, order_text
from .clauses import Clause
from .coercion import integer
from .scope import Expr, Scope

NAMES = frozenset(
    {"ROW_NUMBER", "RANK", "DENSE_RANK", "PERCENT_RANK", "CUME_DIST", "NTILE", "LAG", "LEAD", "FIRST_VALUE", "LAST_VALUE",
     "NTH_VALUE"}
)  # fmt: skip


def window(scope: Scope, node: exp.Expression) -> Expr:
    """`f(…) OVER (…)`, for the functions that SQLite computes as MariaDB does."""
    if not scope.clause.windows:
        raise errors.window_misuse()
    if scope.in_aggregate:
        raise SQLError(4074, "HY000", "Window functions can not be used as arguments to group functions.")
    call = node.this
    if not isinstance(call, exp.Anonymous):
        raise Unsupported("this window function", "SUM, AVG, COUNT, MIN, MAX, RANK, ROW_NUMBER, LAG or LEAD")
    name = str(call.this)
    frame = _frame(scope, node)
    if name in NAMES:
        return _ranking(scope, name, [scope.compile(n) for n in call.expressions], frame)
    if name not in ("SUM", "AVG", "COUNT", "MIN", "MAX"):
        raise Unsupported(f"{name} OVER")
    if any(isinstance(n, exp.Distinct) for n in call.expressions):
        raise Unsupported("DISTINCT in a window function")
    return compile_aggregate(scope, name, call.expressions, lambda text: f"{text} OVER ({frame})")


_OF_A_ROW = ("FIRST_VALUE", "LAST_VALUE", "NTH_VALUE")


def _ranking(scope: Scope, name: str, arguments: list[Expr], frame: str) -> Expr:
    counts = {
        "NTILE": (1, 1),
        "LAG": (1, 2),
        "LEAD": (1, 2),
        "FIRST_VALUE": (1, 1),
        "LAST_VALUE": (1, 1),
        "NTH_VALUE": (2, 2),
    }
    low, high = counts.get(name, (0, 0))
    if len(arguments) > 2 and name in ("LAG", "LEAD"):
        raise Unsupported(f"{name} with a default", f"COALESCE({name}(...), default)")
    if not low <= len(arguments) <= high:
        raise errors.syntax(")", 1)
    if name in ("LAG", "LEAD"):
        name, arguments = _forwards(name, arguments)
    if name not in _OF_A_ROW and ("ROWS" in frame or "RANGE" in frame):
        raise Unsupported(f"a frame for {name}")
    if "ORDER BY" not in frame and name not in ("ROW_NUMBER", *_OF_A_ROW):
        raise SQLError(4018, "HY000", f"No order list in window specification for '{name.lower()}'")
    if arguments and arguments[0].type.kind == ty.DBL and arguments[0].type.cut:
        # MariaDB keeps no more than 17 digits of one there.
        raise Unsupported(f"{name} of a rounded double", f"ROUND({name}(...))")
    if name in ("PERCENT_RANK", "CUME_DIST"):
        result = Type(ty.DBL, scale=10)
    elif arguments and name != "NTILE":
        value = arguments[0]
        result = value.type if value.column is not None or not value.type.single else ty.without_size(value.type)
    else:
        result = Type(ty.INT, 18)
    texts = (e.checked or e.sql for e in arguments)
    return Expr(f"{name.lower()}({','.join(texts)}) OVER ({frame})", result)


def _forwards(name: str, arguments: list[Expr]) -> tuple[str, list[Expr]]:
    """LAG and LEAD by a number of rows that is not negative."""
    if len(arguments) < 2:
        return name, arguments
    steps = arguments[1].const
    if not isinstance(steps, int) or arguments[1].type.kind != ty.INT:
        raise Unsupported(f"{name} by a computed number of rows", "a literal")
    if steps >= 0:
        return name, arguments
    return {"LAG": "LEAD", "LEAD": "LAG"}[name], [arguments[0], integer(-steps)]


def _frame(scope: Scope, node: exp.Expression) -> str:
    """What stands behind OVER. A named window may be extended: by an order where it has none, and by a frame."""
    base = _named(scope, node.args.get("alias"))
    split, order, spec = (node.args.get(part) for part in ("partition_by", "order", "spec"))
    if base is not None:
        if split:
            raise SQLError(
                4011,
                "HY000",
                f"Window specification referencing another one '{base.name}' cannot contain partition list",
            )
        if order is not None and base.order is not None:
            raise SQLError(4012, "HY000", f"Referenced window specification '{base.name}' already contains order list")
        if base.spec is not None and node.args.get("bracketed"):
            raise SQLError(4013, "HY000", f"Referenced window specification '{base.name}' cannot contain window frame")
        split, order, spec = base.split, order or base.order, spec or base.spec
    parts = []
    with scope.at(Clause.WINDOW):
        if split:
            parts.append("PARTITION BY " + ",".join(order_text(scope.compile(n)) for n in split))
        if order is not None:
            parts.append("ORDER BY " + ",".join(order_term(scope, term) for term in order.expressions))
    if spec is not None:
        parts.append(_bounds(spec))
    return " ".join(parts)


@dataclass(frozen=True, slots=True)
class _Window:
    """A window of the WINDOW clause, with what it takes over from others."""

    name: str
    split: Sequence[exp.Expression]
    order: exp.Expression | None
    spec: exp.Expression | None


def _named(scope: Scope, alias: exp.Expression | None, seen: tuple[str, ...] = ()) -> _Window | None:
    if alias is None:
        return None
    name = alias.name
    node = scope.windows.get(name.lower())
    if node is None or name.lower() in seen:
        raise SQLError(4009, "HY000", f"Window specification with name '{name}' is not defined")
    base = _named(scope, node.args.get("alias"), (*seen, name.lower()))
    split, order = node.args.get("partition_by") or (), node.args.get("order")
    if base is not None:
        split, order = split or base.split, order or base.order
    return _Window(name, split, order, node.args.get("spec"))


def _bounds(spec: exp.Expression) -> str:
    kind = str(spec.args.get("kind"))
    sides = []
    for at in ("start", "end"):
        value, side = spec.args.get(at), spec.args.get(f"{at}_side")
        if value is None:
            sides.append("CURRENT ROW")
        elif isinstance(value, exp.Literal):
            if kind != "ROWS":
                raise Unsupported("a RANGE frame with an offset", "ROWS")
            sides.append(f"{count(str(value.this))} {side}")
        elif str(value) in ("UNBOUNDED", "CURRENT ROW"):
            sides.append(f"{value} {side or ''}".strip())
        else:
            raise Unsupported("a computed frame bound")
    if spec.args.get("exclude") or kind not in ("ROWS", "RANGE"):
        raise Unsupported("this window frame", "ROWS or RANGE")
    return f"{kind} BETWEEN {sides[0]} AND {sides[1]}"
