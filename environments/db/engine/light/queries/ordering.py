"""ORDER BY positions, LIMIT, and the check that a node holds no part that is not known."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ...session import Unsupported
from ..expressions import aggregates
from ..reading.scope import Expr
from ..values import errors


def only(node: exp.Expression, known: frozenset[str]) -> None:
    for name, value in node.args.items():
        if value and name not in known:
            raise Unsupported(f"{name.strip('_').upper()} in {type(node).__name__.upper()}")


def position(text: str, width: int) -> int:
    if not 1 <= int(text) <= width:
        raise errors.unknown_column(text, "order clause")
    return int(text) - 1


def output(columns: Sequence[tuple[str, Expr]], place: int) -> str:
    return aggregates.order_text(Expr(f"o{place}", columns[place][1].type))


def limit(node: exp.Expression) -> str:
    """LIMIT and OFFSET, literal counts only."""
    bound, offset = node.args.get("limit"), node.args.get("offset")
    if bound is None:
        return ""
    count = bound.args.get("expression")
    if not isinstance(bound, exp.Limit) or bound.args.get("offset") is not None:
        raise Unsupported("this LIMIT", "LIMIT offset, count")
    text = f" LIMIT {_count(count)}"
    return text + (f" OFFSET {_count(offset.expression)}" if offset is not None else "")


def _count(node: exp.Expression | None) -> int:
    if not isinstance(node, exp.Literal) or not str(node.this).isdigit() or node.args["is_string"]:
        raise errors.syntax(node.sql() if node is not None else "", 1)
    return int(str(node.this)) if len(str(node.this)) < 19 else 2**62
