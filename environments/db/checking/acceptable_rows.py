"""Which rows a statement allows as its answer: more than one list, where ties, a LIMIT or a cut leave something open."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..engine.session import plain
from .guarantees import Promise, whole
from .requery import replay
from .row_comparison import Row, keyed, same, shaped, unmatched

_WIDTH = re.compile(r"\b(tinyint|smallint|mediumint|int|bigint)\(\d+\)")
_OPTIONS = re.compile(r"\)\s*(?:engine|auto_increment|default charset|collate).*\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement, what it promises, and the tables that it was asked of."""

    query: str
    promised: Promise
    spec: Mapping[str, Any]
    state: Mapping[str, Any]


def fits(claimed: list[Row], claim_cut: bool, true: list[Row], true_cut: bool, asked: Asked) -> bool | None:
    """Whether the claimed rows are an answer; None where that cannot be told."""
    if true_cut:
        return _cut_fits(claimed, claim_cut, true, asked)
    if same(true, claimed):
        return not claim_cut
    if claim_cut or len(true) != len(claimed):
        return False
    if not asked.promised.limited:
        if any(unmatched(true, claimed)):
            return False
        if not asked.promised.ordered:
            return True
    return _permitted(claimed, true, asked)


def normal(rows: Sequence[Row], promised: Promise) -> list[Row]:
    """What SHOW and DESCRIBE write in different ways on different servers, in one way."""
    if promised.verb in ("SELECT", "WITH"):
        return list(rows)
    return [tuple(_word(c) if isinstance(c, str) else c for c in row) for row in rows]


def _word(cell: str) -> str:
    text = " ".join(_WIDTH.sub(r"\1", cell.lower()).split())
    return _OPTIONS.sub(")", text) if text.startswith("create table") else text


def _cut_fits(claimed: list[Row], claim_cut: bool, true: list[Row], asked: Asked) -> bool | None:
    """Against all rows, asked again, where the engine's text does not hold them all."""
    if claim_cut and claimed and same(true[: len(claimed)], claimed[: len(true)]) and len(claimed) <= len(true):
        return True
    result = replay(asked.spec, asked.state, asked.query)
    if result is None:
        return None
    full = normal(_plain(result.rows), asked.promised)
    rows = shaped(claimed, full)
    if not claim_cut and len(rows) != len(full):
        return False
    if claim_cut and not rows:
        return None
    if same(full[: len(rows)], rows):
        return True
    if not asked.promised.ordered and not asked.promised.limited:
        return not unmatched(full, rows)[1]
    return False if claim_cut else _permitted(rows, full, asked)


def _permitted(claimed: list[Row], true: list[Row], asked: Asked) -> bool | None:
    """Whether rows are among those that ties and a LIMIT leave open, asked of all rows with what orders them."""
    if asked.promised.verb not in ("SELECT", "WITH"):
        return False
    plan = whole(asked.query)
    result = replay(asked.spec, asked.state, plan.sql) if plan else None
    if plan is None or result is None:
        return None
    full = _plain(result.rows)
    order = [tuple(_folded(row[i]) for i in plan.keys) for row in full]
    rows = [row[: len(row) - plan.added] for row in full]
    places = order[plan.offset : plan.offset + min(plan.count, len(true))]
    if not _among(true, places, rows, order):
        return None
    return _among(claimed, places, rows, order)


def _among(chosen: Sequence[Row], places: Sequence[Row], rows: Sequence[Row], order: Sequence[Row]) -> bool:
    """Whether each chosen row is one of those with the key of its place, none of them chosen twice."""
    if len(places) != len(chosen):
        return False
    left: Counter[tuple[Row, Row]] = Counter(zip(order, keyed(rows), strict=True))
    for spot in zip(places, keyed(shaped(chosen, rows)), strict=True):
        left[spot] -= 1
        if left[spot] < 0:
            return False
    return True


def _folded(key: Any) -> Any:
    """A key as far as MySQL's usual collation tells values apart."""
    return key.casefold() if isinstance(key, str) else key


def _plain(rows: Sequence[Row]) -> list[Row]:
    """Cells as they are read from an observation: times as text."""
    return [
        tuple(c if isinstance(c, Decimal) else _text(c) if isinstance(c, bytes) else plain(c) for c in row)
        for row in rows
    ]


def _text(cell: bytes) -> str:
    return cell.decode("utf-8", "replace")
