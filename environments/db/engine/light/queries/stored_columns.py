"""The stored columns that the names of a SELECT mean, told from its FROM and the catalog alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from ..catalog.catalog import Catalog, Column, Table


@dataclass(frozen=True, slots=True)
class Source:
    """A table of FROM by its name there; `table` is None for what is no stored table. `outer`: a join may leave it out."""

    name: str
    table: Table | None
    outer: bool


class StoredColumns:
    """The columns of a SELECT's tables."""

    def __init__(self, catalog: Catalog, select: exp.Expression) -> None:
        start = select.args.get("from_")
        members = start.expressions if start is not None else ()
        self.sources = [source for member in members for source in _sources(catalog, member, outer=False)]
        merged = start is not None and any(
            j.args.get("using") or j.args.get("natural") for j in start.find_all(exp.Join)
        )
        self.complete = not merged and all(source.table is not None for source in self.sources)

    def find(self, node: exp.Expression) -> Column | None:
        """The column that a name means, where it can mean no other."""
        owner, name = node.text("table").lower(), node.name.lower()
        candidates = [s for s in self.sources if s.name == owner] if owner else self.sources
        if not (owner or self.complete) or any(s.table is None for s in candidates):
            return None
        columns = [column for s in candidates if (column := _column(s, name)) is not None]
        return columns[0] if len(columns) == 1 else None

    def star(self, item: exp.Expression) -> Sequence[Column]:
        """The columns of a star; none where they are not known."""
        owner = item.text("table").lower()
        if not owner and not self.complete:
            return []
        chosen = [s for s in self.sources if not owner or s.name == owner]
        seen = [_seen(c, s) for s in chosen if s.table is not None for c in s.table.columns]
        return [c for c in seen if c is not None] if None not in seen else []


def _column(source: Source, name: str) -> Column | None:
    column = source.table.by_name.get(name) if source.table is not None else None
    return _seen(column, source) if column is not None else None


def _seen(column: Column, source: Source) -> Column | None:
    """A column as the join shows it; None where it would be nullable and yet without a default, which is nothing here."""
    if source.outer and not column.nullable and column.default is None and not column.auto_increment:
        return None
    return replace(column, nullable=True) if source.outer else column


def _sources(catalog: Catalog, node: exp.Expression, *, outer: bool) -> Iterator[Source]:
    if isinstance(node, exp.Join):
        kind = node.args["kind"]
        yield from _sources(catalog, node.args["left"], outer=outer or kind == "RIGHT")
        yield from _sources(catalog, node.this, outer=outer or kind == "LEFT")
    elif isinstance(node, exp.Paren):
        for member in node.this.expressions:
            yield from _sources(catalog, member, outer=outer)
    elif isinstance(node, exp.Table) and not node.args.get("db"):
        yield Source(node.alias_or_name.lower(), catalog.tables.get(node.name), outer)
    else:
        yield Source(node.alias_or_name.lower(), None, outer)
