"""The declared columns behind a view or a CREATE TABLE … SELECT: those that a query copies from one stored table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from ..catalog.catalog import Catalog, Column, View
from ..parsing.parse import parse_query

_PLAIN = frozenset({"expressions", "from_", "where", "order", "limit", "offset", "distinct"})


def copied_columns(catalog: Catalog, source: exp.Expression, width: int) -> list[Column | None]:
    """The stored column that each column of a query shows; None where it shows something else."""
    nothing: list[Column | None] = [None] * width
    tables = source.args["from_"].expressions if source.args.get("from_") is not None else []
    if not isinstance(source, exp.Select) or len(tables) != 1 or not isinstance(tables[0], exp.Table):
        return nothing
    table = catalog.tables.get(tables[0].name)
    items = source.expressions
    if table is None:
        return nothing
    if len(items) == 1 and isinstance(items[0], exp.Star):
        return list(table.columns)
    if len(items) != width or any(isinstance(i, exp.Star) for i in items):
        return nothing
    bare = [item.this if isinstance(item, exp.Alias) else item for item in items]
    return [table.by_name.get(item.name.lower()) if isinstance(item, exp.Column) else None for item in bare]


def view_columns(catalog: Catalog, view: View) -> Sequence[Column] | None:
    """The columns of a view over one table, as SHOW COLUMNS describes them; None where one is computed."""
    tree = parse_query(view.sql, frozenset())
    if any(value for part, value in tree.args.items() if part not in _PLAIN):
        return None
    columns = copied_columns(catalog, tree, len(view.columns))
    shown = []
    for name, column in zip(view.columns, columns, strict=True):
        if column is None:
            return None
        default = "0" if column.auto_increment else column.default
        shown.append(replace(column, name=name, default=default, auto_increment=False, on_update=False))
    return shown
