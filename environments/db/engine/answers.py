"""Compares the answer of an agent, who can only write strings, with the typed cells of a goal. Nothing is evaluated."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

Compare = Literal["multiset", "set", "ordered"]
Cell = str | int | float | bool | None

TOLERANCE = 0.01
"""Largest absolute difference of two equal numbers, unless the goal says otherwise; AgentBench's own (dbbench, FC)."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?")
_NULLS = ("null", "none")


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many rows of an answer match one of the gold rows each."""

    matched: int
    given: int
    wanted: int

    @property
    def share(self) -> float:
        """Matched rows of all rows on either side (Jaccard): like F1, but never above precision or recall."""
        union = self.given + self.wanted - self.matched
        return self.matched / union if union else 1.0

    @property
    def precision(self) -> float:
        return self.matched / self.given if self.given else float(not self.wanted)

    @property
    def recall(self) -> float:
        return self.matched / self.wanted if self.wanted else float(not self.given)


def listed(answer: Any) -> list[str] | None:
    """An answer as strings; None where none was given. A bare string is one value."""
    if isinstance(answer, str):
        return [answer]
    if isinstance(answer, list | tuple):
        return [str(item) for item in answer]
    return None


def number(text: str) -> Decimal | None:
    """The number that a text is, written plainly: no separators, units, infinities."""
    text = text.strip()
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def fits(gold: Cell, text: str, tolerance: float = TOLERANCE) -> bool:
    """Whether a written value is the gold one: null is neither 0 nor '', and strings must be equal but for outer space."""
    if gold is None:
        return text.strip().casefold() in _NULLS
    if isinstance(gold, str):
        return text.strip() == gold.strip()
    value = number(text)
    return value is not None and abs(value - _exact(gold)) <= _exact(tolerance)


def overlap(gold: Sequence[Cell], answer: Sequence[str], compare: Compare, width: int, tolerance: float) -> Overlap:
    """Match the rows of an answer with the gold rows, each at most once; both are flat lists, `width` cells a row."""
    wanted, given = _rows(gold, width), _rows(answer, width)
    if compare == "ordered":
        matched = sum(_fit(w, g, tolerance) for w, g in zip(wanted, given, strict=False))
        return Overlap(matched, len(given), len(wanted))
    if compare == "set":
        wanted = list({tuple(map(_typed, row)): row for row in wanted}.values())
        given = list({_key(row): row for row in given}.values())
    return Overlap(_pairs(wanted, given, tolerance), len(given), len(wanted))


def _exact(value: float) -> Decimal:
    return Decimal(repr(value + 0))


def _rows(cells: Sequence[Any], width: int) -> list[tuple[Any, ...]]:
    return [tuple(cells[i : i + width]) for i in range(0, len(cells), width)]


def _fit(gold: tuple[Cell, ...], row: tuple[str, ...], tolerance: float) -> bool:
    return len(gold) == len(row) and all(fits(g, r, tolerance) for g, r in zip(gold, row, strict=True))


def _text(cell: Cell) -> str:
    return "null" if cell is None else cell if isinstance(cell, str) else repr(cell + 0)


def _typed(cell: Cell) -> tuple[str, Cell]:
    return ("text", cell.strip()) if isinstance(cell, str) else ("null", None) if cell is None else ("number", cell)


def _key(row: Iterable[str]) -> tuple[str, ...]:
    """Equal for rows that are written differently but surely mean the same."""
    return tuple(str(n.normalize()) if (n := number(cell)) is not None else cell.strip() for cell in row)


def _pairs(wanted: list[tuple[Cell, ...]], given: list[tuple[str, ...]], tolerance: float) -> int:
    """Equal rows are paired first, so that a tolerated difference never takes the place of an equal value."""
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, row in enumerate(wanted):
        places[_key(map(_text, row))].append(i)
    left, rest = dict.fromkeys(range(len(wanted))), []
    for row in given:
        at = next((i for i in places.get(_key(row), ()) if i in left and _fit(wanted[i], row, tolerance)), None)
        if at is None:
            rest.append(row)
        else:
            del left[at]
    # An answer much longer than the gold one is wrong whatever its end holds.
    for row in rest[: 4 * len(wanted) + 100]:
        at = next((i for i in left if _fit(wanted[i], row, tolerance)), None)
        if at is not None:
            del left[at]
    return len(wanted) - len(left)
