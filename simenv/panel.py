"""How a state is shown to a person: tables, trees, graphs, pages. An environment's panels.py makes them from its facts.

    def panels(spec: dict[str, Any], facts: Any) -> tuple[Panel, ...]

Where there is none the facts are shown as JSON. What is in a panel is data; who draws it takes care that it stays so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from simenv.types import Data

MOST = 2_000
"""Rows, entries or edges of one panel; what is beyond is counted in `left_out`."""


class Table(Data):
    """Rows of cells. `key`: columns that name a row, so that a changed cell can be told from another row."""

    shape: Literal["table"] = "table"
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    key: int = 1
    left_out: int = 0


class Tree(Data):
    """Paths of parts (`("srv", "a.txt")`) with a note each."""

    shape: Literal["tree"] = "tree"
    title: str
    entries: dict[tuple[str, ...], str]
    left_out: int = 0


class Graph(Data):
    """Nodes by id with a label, and edges (from, relation, to)."""

    shape: Literal["graph"] = "graph"
    title: str
    nodes: dict[str, str]
    edges: tuple[tuple[str, str, str], ...]
    left_out: int = 0


class Page(Data):
    """A page's HTML as the world holds it: hostile, to be shown inert."""

    shape: Literal["page"] = "page"
    title: str
    html: str


class Note(Data):
    """Anything else, as JSON."""

    shape: Literal["note"] = "note"
    title: str
    value: Any


Panel = Table | Tree | Graph | Page | Note
Panels = Callable[[dict[str, Any], Any], tuple[Panel, ...]]


def plain(spec: dict[str, Any], facts: Any) -> tuple[Panel, ...]:
    """The panel of an environment that has none of its own."""
    return (Note(title="state", value=facts),)


class Change(Data):
    """What a table shows that it did not before: cells by row and column, and rows that are gone."""

    cells: frozenset[tuple[int, int]]
    gone: tuple[tuple[Any, ...], ...]


def changes(before: Table | None, after: Table) -> Change:
    """Cells of `after` that are new or different, and rows of `before` whose key is no longer there."""
    if before is None or before.columns != after.columns:
        return Change(cells=frozenset(), gone=())
    old_rows = {_key(before, row): row for row in before.rows}
    cells = set()
    for number, row in enumerate(after.rows):
        old = old_rows.pop(_key(after, row), None)
        cells |= {
            (number, c) for c, cell in enumerate(row) if old is None or old[c] != cell or type(old[c]) is not type(cell)
        }
    return Change(cells=frozenset(cells), gone=tuple(old_rows.values()))


def _key(table: Table, row: tuple[Any, ...]) -> str:
    return repr(row[: table.key] if 0 < table.key <= len(row) else row)
