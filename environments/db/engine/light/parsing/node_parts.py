"""Parts of sqlglot's nodes: a part that no compiler reads must be refused, not ignored."""

from __future__ import annotations

from sqlglot import exp

from ...session import Unsupported


def refuse_other_parts(node: exp.Expression, parts: frozenset[str]) -> None:
    """Refuse a node that has any part but these, named as sqlglot names its arguments."""
    for name, value in node.args.items():
        if value and name not in parts:
            raise Unsupported(f"{name.strip('_').upper()} in {type(node).__name__.upper()}")


def schema_name(node: exp.Expression) -> str | None:
    """The schema in front of a table's name, None where there is none."""
    schema = node.args.get("db")
    return schema.name if schema is not None else None
