"""Makes rows that are not the answer: lost, doubled, changed, swapped, from elsewhere, or in a wrong order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from numpy.random import Generator

from simenv.compare import Transition

from ..tasks.sampling import choose
from .row_formats import Rows


@dataclass(frozen=True, slots=True)
class TrueOutput:
    """The engine's result of a step, and what the statement guarantees of it."""

    rows: Rows
    columns: tuple[str, ...]
    affected: int
    reads: bool
    ordered: bool
    limited: bool


def wrong_rows(output: TrueOutput, scene: Transition, rng: Generator) -> Rows | None:
    """Rows that are not the answer: lost, doubled, changed, from elsewhere, or in a wrong order."""
    rows, at = list(output.rows), int(rng.integers(max(1, len(output.rows))))
    kind = int(rng.integers(7))
    if not rows:
        return _made_up_rows(output, scene, rng)
    if scene.truth.truncated and not output.limited and rng.random() < 0.7:
        at = len(rows) - 1  # beyond the cut
        if kind < 3:
            return rows[:-1]
    if kind == 0:
        return []
    if kind == 1 and len(rows) > 1:
        return rows[:at] + rows[at + 1 :]
    if kind == 2:
        return [*rows[: at + 1], rows[at], *rows[at + 1 :]]
    if kind == 3 and output.ordered and not output.limited and _tells_order(rows, scene):
        return rows[::-1]
    if output.limited:
        return rows + rows[-1:]
    if kind == 6 and (swapped := _swapped_columns(rows, rng)):
        return swapped
    column = int(rng.integers(len(rows[at])))
    cell = _other_value(rows[at][column], [row[column] for row in rows] + _texts(scene), rng)
    changed_rows = [*rows[:at], (*rows[at][:column], cell, *rows[at][column + 1 :]), *rows[at + 1 :]]
    return changed_rows if Counter(map(repr, changed_rows)) != Counter(map(repr, rows)) else None


def _swapped_columns(rows: Rows, rng: Generator) -> Rows | None:
    """Rows with two columns in each other's place; None where that changes nothing."""
    width = len(rows[0])
    if width < 2:
        return None
    first = int(rng.integers(width - 1))
    order = [*range(first), first + 1, first, *range(first + 2, width)]
    swapped = [tuple(row[i] for i in order) for row in rows]
    return swapped if Counter(map(_plain_texts, swapped)) != Counter(map(_plain_texts, rows)) else None


def _plain_texts(row: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(map(str, row))


def _tells_order(rows: Rows, scene: Transition) -> bool:
    """Whether rows stand in the one order there is, by a column that the statement orders by and that repeats nothing."""
    query = str(scene.action.arguments["query"])
    if not (match := re.search(r"ORDER BY (\d)\b", query)) or len(rows) < 2:
        return False
    column = int(match[1]) - 1
    return column < len(rows[0]) and len({str(row[column]).casefold() for row in rows}) == len(rows)


def _other_value(cell: Any, column: Sequence[Any], rng: Generator) -> Any:
    """Another value for a cell: one of its column, or one near by."""
    others = [c for c in column if c != cell and type(c) is type(cell)]
    if others and (isinstance(cell, str) or rng.random() < 0.4):
        return choose(rng, others)
    if isinstance(cell, bool | int):
        return int(cell) + int(choose(rng, (-2, -1, 1, 2, 10)))
    if isinstance(cell, Decimal):
        return cell + Decimal(int(choose(rng, (-3, -1, 1, 7)))) / 10
    if isinstance(cell, float):
        return cell + float(choose(rng, (-1.5, 0.1, 3.0))) * float(choose(rng, (1, 1e-3, 1e-6)))
    return 0 if cell is None else None


def _texts(scene: Transition) -> list[str]:
    return [c for t in scene.before.values() for row in t["rows"][:5] for c in row if isinstance(c, str)]


def _made_up_rows(output: TrueOutput, scene: Transition, rng: Generator) -> Rows | None:
    """Rows where there are none: cells that stand somewhere in the tables."""
    cells = [c for t in scene.before.values() for row in t["rows"][:5] for c in row if c is not None]
    if not cells or not output.columns:
        return None
    return [tuple(choose(rng, cells) for _ in output.columns) for _ in range(int(rng.integers(1, 4)))]
