"""Compares an agent's answer, which is made of strings, with the typed cells of a goal. Nothing is evaluated."""

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
    """Counts of rows: of the answer, of the gold answer, and of matches between them, each row at most once."""

    matches: int
    answer_rows: int
    gold_rows: int

    @property
    def share(self) -> float:
        """Matches as a share of all rows on either side (Jaccard): like F1, but never above precision or recall."""
        union = self.answer_rows + self.gold_rows - self.matches
        return self.matches / union if union else 1.0

    @property
    def precision(self) -> float:
        """Matches as a share of the answer's rows; 1 where both answers are empty."""
        return self.matches / self.answer_rows if self.answer_rows else float(not self.gold_rows)

    @property
    def recall(self) -> float:
        """Matches as a share of the gold rows; 1 where both answers are empty."""
        return self.matches / self.gold_rows if self.gold_rows else float(not self.answer_rows)


def as_strings(answer: Any) -> list[str] | None:
    """An answer as strings; None where there is none. A bare string is one value."""
    if isinstance(answer, str):
        return [answer]
    if isinstance(answer, list | tuple):
        return [str(item) for item in answer]
    return None


def number(text: str) -> Decimal | None:
    """The number that a text is, None for any other text; separators, units and infinities are none."""
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
    gold_rows, answer_rows = _rows(gold, width), _rows(answer, width)
    if compare == "ordered":
        matches = sum(_fit(w, g, tolerance) for w, g in zip(gold_rows, answer_rows, strict=False))
        return Overlap(matches, len(answer_rows), len(gold_rows))
    if compare == "set":
        gold_rows = list({tuple(map(_with_kind, row)): row for row in gold_rows}.values())
        answer_rows = list({_key(row): row for row in answer_rows}.values())
    return Overlap(_pairs(gold_rows, answer_rows, tolerance), len(answer_rows), len(gold_rows))


def _exact(value: float) -> Decimal:
    return Decimal(repr(value + 0))


def _rows(cells: Sequence[Any], width: int) -> list[tuple[Any, ...]]:
    return [tuple(cells[i : i + width]) for i in range(0, len(cells), width)]


def _fit(gold: tuple[Cell, ...], row: tuple[str, ...], tolerance: float) -> bool:
    return len(gold) == len(row) and all(fits(g, r, tolerance) for g, r in zip(gold, row, strict=True))


def _text(cell: Cell) -> str:
    return "null" if cell is None else cell if isinstance(cell, str) else repr(cell + 0)


def _with_kind(cell: Cell) -> tuple[str, Cell]:
    return ("text", cell.strip()) if isinstance(cell, str) else ("null", None) if cell is None else ("number", cell)


def _key(row: Iterable[str]) -> tuple[str, ...]:
    """Equal for rows that are written differently but surely mean the same."""
    return tuple(str(n.normalize()) if (n := number(cell)) is not None else cell.strip() for cell in row)


def _pairs(gold_rows: list[tuple[Cell, ...]], answer_rows: list[tuple[str, ...]], tolerance: float) -> int:
    """Equal rows are paired first, so that a tolerated difference never takes the place of an equal value."""
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, row in enumerate(gold_rows):
        places[_key(map(_text, row))].append(i)
    unmatched, rest = dict.fromkeys(range(len(gold_rows))), []
    for row in answer_rows:
        at = next((i for i in places.get(_key(row), ()) if i in unmatched and _fit(gold_rows[i], row, tolerance)), None)
        if at is None:
            rest.append(row)
        else:
            del unmatched[at]
    # An answer much longer than the gold one is wrong whatever its end holds.
    for row in rest[: 4 * len(gold_rows) + 100]:
        at = next((i for i in unmatched if _fit(gold_rows[i], row, tolerance)), None)
        if at is not None:
            del unmatched[at]
    return len(gold_rows) - len(unmatched)
