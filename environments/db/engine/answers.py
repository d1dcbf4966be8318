"""Compares an agent's answer, which is made of strings, with the typed cells of a goal. Nothing is evaluated."""

from __future__ import annotations

import re
from collections import defaultdict, deque
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
    """The most rows that can be paired. Equal rows and first fits are tried first, which is nearly always enough."""
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, row in enumerate(gold_rows):
        places[_key(map(_text, row))].append(i)
    matching, rest = _Matching(gold_rows, answer_rows, tolerance), []
    for n, row in enumerate(answer_rows):
        at = next((i for i in places.get(_key(row), ()) if i in matching.free and matching.fit(i, n)), None)
        if at is None:
            rest.append(n)
        else:
            matching.pair(at, n)
    # An answer much longer than the gold one is wrong whatever its end holds.
    rest = rest[: 4 * len(gold_rows) + 100]
    for n in rest:
        at = next((i for i in matching.free if matching.fit(i, n)), None)
        if at is not None:
            matching.pair(at, n)
    for n in rest:
        if matching.free and n not in matching.gold_of:
            matching.augment(n)
    return len(gold_rows) - len(matching.free)


class _Matching:
    """A pairing of answer rows with gold rows, by their places, that grows along alternating paths."""

    def __init__(self, gold_rows: list[tuple[Cell, ...]], answer_rows: list[tuple[str, ...]], tolerance: float) -> None:
        self.gold_rows, self.answer_rows, self.tolerance = gold_rows, answer_rows, tolerance
        self.free = dict.fromkeys(range(len(gold_rows)))
        self.answer_of: dict[int, int] = {}
        self.gold_of: dict[int, int] = {}
        self._hopeless: set[int] = set()
        """gold rows from which no path leads to a free one; none ever will"""

    def fit(self, gold: int, answer: int) -> bool:
        return _fit(self.gold_rows[gold], self.answer_rows[answer], self.tolerance)

    def pair(self, gold: int, answer: int) -> None:
        self.free.pop(gold, None)
        self.answer_of[gold], self.gold_of[answer] = answer, gold

    def augment(self, answer: int) -> None:
        """Pair an answer row, if others can be paired anew to make place for it."""
        reached_by: dict[int, int] = {}
        queue = deque((answer,))
        while queue:
            row = queue.popleft()
            for gold in range(len(self.gold_rows)):
                if gold in reached_by or gold in self._hopeless or not self.fit(gold, row):
                    continue
                reached_by[gold] = row
                if gold in self.free:
                    self._flip(gold, reached_by)
                    return
                queue.append(self.answer_of[gold])
        self._hopeless.update(reached_by)

    def _flip(self, gold: int | None, reached_by: dict[int, int]) -> None:
        while gold is not None:
            answer = reached_by[gold]
            before = self.gold_of.get(answer)
            self.pair(gold, answer)
            gold = before
