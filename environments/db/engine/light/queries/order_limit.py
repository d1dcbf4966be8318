"""ORDER BY over a query's output columns, and LIMIT."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ...session import Unsupported
from ..expressions import aggregates
from ..expressions.clauses import Clause
from ..expressions.expr import ColumnRef, Expr
from ..values import errors

# MySQL counts positions in 32 bits.
_WRAPS = 2**32


def is_position(node: exp.Expression) -> bool:
    """Whether a key of GROUP BY or ORDER BY is a column's number. A negative one is refused."""
    bare = _bare(node)
    if isinstance(bare, exp.Neg) and is_position(bare.this):
        # MariaDB looks for a column of that number, MySQL 8 takes it for a constant.
        raise Unsupported("a negative number as a key of ORDER BY or GROUP BY", "a column")
    return isinstance(bare, exp.Literal) and not bare.args["is_string"] and str(bare.this).isdigit()


def _bare(node: exp.Expression) -> exp.Expression:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def position(node: exp.Expression, width: int, clause: Clause = Clause.ORDER_BY) -> int:
    """ORDER BY 2: the column's index from 0. Raises 1054."""
    number = str(_bare(node).this)
    if int(number) >= _WRAPS:
        raise Unsupported("so large a position in ORDER BY or GROUP BY", "a column")
    if not 1 <= int(number) <= width:
        raise errors.unknown_column(number, clause.words)
    return int(number) - 1


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
    # SQLite puts a subquery with LIMIT, but not with OFFSET, into the query around it, even where that sorts the rows first.
    return f" LIMIT {_count(count)} OFFSET {_count(offset.expression) if offset is not None else 0}"


def _count(node: exp.Expression) -> int:
    text = str(node.this)
    return int(text) if len(text) < 19 else 2**62
