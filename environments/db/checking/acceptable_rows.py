"""Whether rows are an acceptable answer: ties, a LIMIT or a cut allow more than one list of rows."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..engine.session import to_json
from .guarantees import Guarantees, without_limit
from .requery import replay
from .row_comparison import Row, equal_in_order, read_like, unmatched_rows, value_keys
from .row_scanner import Moment

_WIDTH = re.compile(r"\b(tinyint|smallint|mediumint|int|bigint)\(\d+\)")
_QUOTED = re.compile(r"(`[^`]*`|'[^']*')")
_OPTIONS = re.compile(r"\)\s*(?:engine|auto_increment|default charset|collate).*\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class StatementContext:
    """A statement, its guarantees, and the tables that it ran on, as spec and state."""

    query: str
    guarantees: Guarantees
    spec: Mapping[str, Any]
    state: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What a cut leaves of a row: its whole cells, and the text that the next one begins with."""

    cells: Row = ()
    begun: str = ""

    def begins(self, row: Row) -> bool:
        """Whether a row goes on so."""
        width = len(self.cells)
        following = row[width] if width < len(row) else None
        return equal_in_order([row[:width]], read_like([self.cells], [row])) and (
            not self.begun or (isinstance(following, str) and following.startswith(self.begun))
        )


def is_acceptable(
    claimed: list[Row], unfinished: Unfinished | None, true: list[Row], true_cut: bool, context: StatementContext
) -> bool | None:
    """Whether the claimed rows are an acceptable answer; None where that cannot be decided. `unfinished`: what a claim that is
    cut has of one more row."""
    claim_cut = unfinished is not None
    if true_cut:
        return _is_acceptable_cut(claimed, unfinished, true, context)
    if equal_in_order(true, claimed):
        return not claim_cut
    if claim_cut or len(true) != len(claimed):
        return False
    if not context.guarantees.limited:
        if any(unmatched_rows(true, claimed)):
            return False
        if not context.guarantees.ordered:
            return True
    return _is_permitted(claimed, true, context)


def normalize_rows(rows: Sequence[Row], guarantees: Guarantees) -> list[Row]:
    """Types and definitions in SHOW and DESCRIBE in one spelling, since servers differ in theirs; other cells as they are."""
    if guarantees.verb in ("SELECT", "WITH"):
        return list(rows)
    return [(*row[:1], _word(row[1]), *row[2:]) if len(row) > 1 and isinstance(row[1], str) else row for row in rows]


def _word(cell: str) -> str:
    """A type or definition in lower case, but for quoted names and values."""
    parts = _QUOTED.split(cell)
    text = "".join(part if n % 2 else part.lower() for n, part in enumerate(parts))
    text = " ".join(_WIDTH.sub(r"\1", text).split())
    return _OPTIONS.sub(")", text) if text.startswith("create table") else text


def _is_acceptable_cut(
    claimed: list[Row], unfinished: Unfinished | None, true: list[Row], context: StatementContext
) -> bool | None:
    """The same where the engine's text was cut: the statement is run again for all rows."""
    result = replay(context.spec, context.state, context.query)
    if result is None:
        return True if unfinished and claimed and _is_beginning(claimed, true) and not unfinished.cells else None
    full = normalize_rows(_plain(result.rows), context.guarantees)
    rows = read_like(claimed, full)
    if unfinished is None and len(rows) != len(full):
        return False
    if unfinished and not rows:
        return None
    if _is_beginning(rows, full):
        return unfinished is None or len(rows) == len(full) or _goes_on(unfinished, full[len(rows) :], context)
    if not context.guarantees.ordered and not context.guarantees.limited:
        missing, extra = unmatched_rows(full, rows)
        return not extra and (unfinished is None or _goes_on(unfinished, missing, context))
    return False if unfinished else _is_permitted(rows, full, context)


def _is_beginning(rows: list[Row], full: list[Row]) -> bool:
    return len(rows) <= len(full) and equal_in_order(full[: len(rows)], rows)


def _goes_on(unfinished: Unfinished, rest: list[Row], context: StatementContext) -> bool:
    """Whether the next row goes on so; some row, where there is no order."""
    return any(map(unfinished.begins, rest[:1] if context.guarantees.ordered else rest)) or not rest


def _is_permitted(claimed: list[Row], true: list[Row], context: StatementContext) -> bool | None:
    """Whether ties and a LIMIT permit the rows, by a query for all rows with their sort keys."""
    if context.guarantees.verb not in ("SELECT", "WITH"):
        return False
    plan = without_limit(context.query)
    result = replay(context.spec, context.state, plan.sql) if plan else None
    if plan is None or result is None:
        return None
    full = _plain(result.rows)
    order = [tuple(_casefold(row[i]) for i in plan.keys) for row in full]
    rows = [row[: len(row) - plan.added] for row in full]
    places = order[plan.offset : plan.offset + min(plan.count, len(true))]
    if not _among(true, places, rows, order):
        return None
    return _among(claimed, places, rows, order)


def _among(chosen: Sequence[Row], places: Sequence[Row], rows: Sequence[Row], order: Sequence[Row]) -> bool:
    """Whether each chosen row has the sort key of its place, and no row is chosen twice."""
    if len(places) != len(chosen):
        return False
    remaining: Counter[tuple[Row, Row]] = Counter(zip(order, value_keys(rows), strict=True))
    for spot in zip(places, value_keys(read_like(chosen, rows)), strict=True):
        remaining[spot] -= 1
        if remaining[spot] < 0:
            return False
    return True


def _casefold(key: Any) -> Any:
    """A key in which texts that differ in case are equal."""
    return key.casefold() if isinstance(key, str) else key


def _plain(rows: Sequence[Row]) -> list[Row]:
    """Cells as they are read from an observation."""
    return [tuple(map(_plain_cell, row)) for row in rows]


def _plain_cell(cell: Any) -> Any:
    if isinstance(cell, Decimal | bytes):
        return cell
    return Moment(to_json(cell)) if isinstance(cell, dt.date | dt.timedelta) else to_json(cell)
