"""ORDER BY over a query's output columns, and LIMIT."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ...session import Unsupported
from ..expressions import aggregates
from ..expressions.scope import Expr
from ..values import errors


def position(text: str, width: int) -> int:
    """ORDER BY 2: the column's index from 0. Raises 1054."""
    if not 1 <= int(text) <= width:
        raise errors.unknown_column(text, "order clause")
    return int(text) - 1


def output_term(columns: Sequence[tuple[str, Expr]], place: int) -> str:
    """An ORDER BY term for an output column, without its direction."""
    return aggregates.order_text(Expr(f"o{place}", columns[place][1].type))


def limit(node: exp.Expression) -> str:
    """LIMIT and OFFSET, literal counts only."""
    limit_node, offset = node.args.get("limit"), node.args.get("offset")
    if limit_node is None:
        return ""
    count = limit_node.args.get("expression")
    if not isinstance(limit_node, exp.Limit) or limit_node.args.get("offset") is not None:
        raise Unsupported("this LIMIT", "LIMIT offset, count")
    text = f" LIMIT {_count(count)}"
    return text + (f" OFFSET {_count(offset.expression)}" if offset is not None else "")


def _count(node: exp.Expression | None) -> int:
    if not isinstance(node, exp.Literal) or not str(node.this).isdigit() or node.args["is_string"]:
        raise errors.syntax(node.sql() if node is not None else "", 1)
    return int(str(node.this)) if len(str(node.this)) < 19 else 2**62
