"""ORDER BY over a query's output columns, and LIMIT."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ...session import Unsupported
from ..expressions import aggregates
from ..expressions.expr import ColumnRef, Expr
from ..values import errors


def is_position(node: exp.Expression) -> bool:
    """Whether a key of GROUP BY or ORDER BY is a column's number."""
    return isinstance(node, exp.Literal) and not node.args["is_string"] and str(node.this).isdigit()


def position(text: str, width: int) -> int:
    """ORDER BY 2: the column's index from 0. Raises 1054."""
    if not 1 <= int(text) <= width:
        raise errors.unknown_column(text, "order clause")
    return int(text) - 1


def output_term(columns: Sequence[tuple[str, Expr]], place: int) -> str:
    """An ORDER BY term for an output column, without its direction."""
    return aggregates.order_text(Expr(f"o{place}", columns[place][1].type, None, None, ColumnRef("", place)))


def limit(node: exp.Expression) -> str:
    """LIMIT and OFFSET, literal counts only."""
    limit_node, offset = node.args.get("limit"), node.args.get("offset")
    if limit_node is None:
        return ""
    count = limit_node.args.get("expression")
    if not isinstance(limit_node, exp.Limit):
        raise Unsupported("this LIMIT", "LIMIT offset, count")
    text = f" LIMIT {_count(count)}"
    return text + (f" OFFSET {_count(offset.expression)}" if offset is not None else "")


def _count(node: exp.Expression) -> int:
    text = str(node.this)
    return int(text) if len(text) < 19 else 2**62
