"""How long the texts of a SELECT's columns may get by their declarations, as WITH RECURSIVE takes them from its first rows."""

from __future__ import annotations

import re

from sqlglot import exp

from ..catalog.catalog import Catalog, Column
from .stored_columns import StoredColumns

_SIZED = ("char", "varchar", "tinytext", "text", "mediumtext", "longtext")
_WIDTH = re.compile(r"\w+\((\d+)\)")


def text_lengths(catalog: Catalog, node: exp.Expression, width: int) -> list[int | None]:
    """The greatest number of characters of each column; None where nothing here tells it."""
    if isinstance(node, exp.SetOperation):
        pairs = zip(text_lengths(catalog, node.this, width), text_lengths(catalog, node.expression, width), strict=True)
        return [None if a is None or b is None else max(a, b) for a, b in pairs]
    if not isinstance(node, exp.Select):
        return [None] * width
    columns = StoredColumns(catalog, node)
    lengths: list[int | None] = []
    for item in node.expressions:
        lengths += map(_stored, columns.star(item)) if item.is_star else [_length(columns, item.unalias())]
    return lengths if len(lengths) == width else [None] * width


def _length(columns: StoredColumns, node: exp.Expression) -> int | None:
    if isinstance(node, exp.Paren):
        return _length(columns, node.this)
    if isinstance(node, exp.Literal):
        return len(str(node.this))
    if isinstance(node, exp.Null):
        return 0
    if isinstance(node, exp.Column):
        column = columns.find(node)
        return None if column is None else _stored(column)
    if isinstance(node, exp.Cast) and node.to.this == exp.DType.CHAR:
        sizes = node.to.expressions
        return int(sizes[0].name) if sizes else _length(columns, node.this)
    if isinstance(node, exp.Anonymous) and str(node.this).upper() == "CONCAT":
        parts = [_length(columns, part) for part in node.expressions]
        return None if None in parts else sum(part for part in parts if part is not None)
    return None


def _stored(column: Column) -> int | None:
    domain = column.domain
    if domain.base in _SIZED:
        return domain.size
    if domain.base == "enum":
        return max(map(len, domain.type.members))
    width = _WIDTH.match(domain.decl) if domain.base.endswith("int") else None
    return int(width[1]) if width else 10 if domain.base == "date" else None
