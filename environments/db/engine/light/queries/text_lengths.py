"""How long the texts of a SELECT's columns may get by their declarations, as WITH RECURSIVE takes them from its first rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sqlglot import exp

from ..catalog.catalog import Catalog, Column, Table

_SIZED = ("char", "varchar", "tinytext", "text", "mediumtext", "longtext")
_WIDTH = re.compile(r"\w+\((\d+)\)")


def text_lengths(catalog: Catalog, node: exp.Expression, width: int) -> list[int | None]:
    """The greatest number of characters of each column; None where nothing here tells it."""
    if isinstance(node, exp.SetOperation):
        pairs = zip(text_lengths(catalog, node.this, width), text_lengths(catalog, node.expression, width), strict=True)
        return [None if a is None or b is None else max(a, b) for a, b in pairs]
    if not isinstance(node, exp.Select):
        return [None] * width
    tables = dict(_tables(catalog, node))
    lengths: list[int | None] = []
    for item in node.expressions:
        lengths += _star(tables, item) if item.is_star else [_length(tables, item.unalias())]
    return lengths if len(lengths) == width else [None] * width


def _tables(catalog: Catalog, node: exp.Expression) -> Iterator[tuple[str, Table | None]]:
    """The tables of FROM by their names there; None for what is no stored table."""
    start = node.args.get("from_")
    if start is None:
        return
    for part in start.walk(prune=lambda n: isinstance(n, exp.Subquery)):
        if isinstance(part, exp.Table):
            yield part.alias_or_name.lower(), catalog.tables.get(part.name)
        elif isinstance(part, exp.Subquery) and part.alias:
            yield part.alias.lower(), None


def _star(tables: Mapping[str, Table | None], item: exp.Expression) -> list[int | None]:
    chosen = [tables.get(item.text("table").lower())] if item.text("table") else list(tables.values())
    return [_stored(c) for table in chosen if table is not None for c in table.columns]


def _length(tables: Mapping[str, Table | None], node: exp.Expression) -> int | None:
    if isinstance(node, exp.Paren):
        return _length(tables, node.this)
    if isinstance(node, exp.Literal):
        return len(str(node.this))
    if isinstance(node, exp.Null):
        return 0
    if isinstance(node, exp.Column):
        column = _column(tables, node)
        return None if column is None else _stored(column)
    if isinstance(node, exp.Cast) and node.to.this == exp.DType.CHAR:
        sizes = node.to.expressions
        return int(sizes[0].name) if sizes else _length(tables, node.this)
    if isinstance(node, exp.Anonymous) and str(node.this).upper() == "CONCAT":
        parts = [_length(tables, part) for part in node.expressions]
        return None if None in parts else sum(part for part in parts if part is not None)
    return None


def _column(tables: Mapping[str, Table | None], node: exp.Column) -> Column | None:
    """The stored column that a name means, where it can mean no other."""
    owner, name = node.text("table").lower(), node.name.lower()
    candidates = [tables.get(owner)] if owner else list(tables.values())
    found = [table.by_name[name] for table in candidates if table is not None and name in table.by_name]
    return found[0] if len(found) == 1 and None not in candidates else None


def _stored(column: Column) -> int | None:
    domain = column.domain
    if domain.base in _SIZED:
        return domain.size
    if domain.base == "enum":
        return max(map(len, domain.type.members))
    width = _WIDTH.match(domain.decl) if domain.base.endswith("int") else None
    return int(width[1]) if width else 10 if domain.base == "date" else None
