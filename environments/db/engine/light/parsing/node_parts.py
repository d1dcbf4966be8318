"""Parts of sqlglot's nodes: a part that no compiler reads must be refused, not ignored."""

from __future__ import annotations

from sqlglot import exp

from ...session import Unsupported
from ..values import errors


def refuse_other_parts(node: exp.Expression, parts: frozenset[str]) -> None:
    """Refuse a node that has any part but these, named as sqlglot names its arguments."""
    for name, value in node.args.items():
        if value and name not in parts:
            raise Unsupported(f"{name.strip('_').upper()} in {type(node).__name__.upper()}")


def count(text: str) -> int:
    """A number of digits, characters or rows as a statement writes it, cut at 10**18. Raises 1064 for anything else."""
    if not (text.isascii() and text.isdigit()):
        raise errors.syntax(text, 1)
    return int(text) if len(text) <= 18 else 10**18


def schema_name(node: exp.Expression) -> str | None:
    """The schema in front of a table's name, None where there is none."""
    schema = node.args.get("db")
    return schema.name if schema is not None else None


def without_brackets(node: exp.Expression) -> exp.Expression:
    """A query without the parentheses around it that hold nothing together."""
    while isinstance(node, exp.Subquery) and not any(node.args.get(p) for p in ("order", "limit", "with_")):
        node = node.this
    return node
