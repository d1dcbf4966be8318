"""Whether rows are an acceptable answer: ties, a LIMIT or a cut allow more than one list of rows."""

from __future__ import annotations

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

_WIDTH = re.compile(r"\b(tinyint|smallint|mediumint|int|bigint)\(\d+\)")
_OPTIONS = re.compile(r"\)\s*(?:engine|auto_increment|default charset|collate).*\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class StatementContext:
    """A statement, its guarantees, and the tables that it ran on, as spec and state."""

    query: str
    guarantees: Guarantees
    spec: Mapping[str, Any]
    state: Mapping[str, Any]


def is_acceptable(
    claimed: list[Row], claim_cut: bool, true: list[Row], true_cut: bool, context: StatementContext
) -> bool | None:
    """Whether the claimed rows are an acceptable answer; None where that cannot be decided."""
    if true_cut:
        return _is_acceptable_cut(claimed, claim_cut, true, context)
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
    """Rows of SHOW and DESCRIBE in one spelling, since servers differ in theirs; other rows as they are."""
    if guarantees.verb in ("SELECT", "WITH"):
        return list(rows)
    return [tuple(_word(c) if isinstance(c, str) else c for c in row) for row in rows]


def _word(cell: str) -> str:
    text = " ".join(_WIDTH.sub(r"\1", cell.lower()).split())
    return _OPTIONS.sub(")", text) if text.startswith("create table") else text


def _is_acceptable_cut(claimed: list[Row], claim_cut: bool, true: list[Row], context: StatementContext) -> bool | None:
    """The same where the engine's text was cut: the statement is run again for all rows."""
    if (
        claim_cut
        and claimed
        and equal_in_order(true[: len(claimed)], claimed[: len(true)])
        and len(claimed) <= len(true)
    ):
        return True
    result = replay(context.spec, context.state, context.query)
    if result is None:
        return None
    full = normalize_rows(_plain(result.rows), context.guarantees)
    rows = read_like(claimed, full)
    if not claim_cut and len(rows) != len(full):
        return False
    if claim_cut and not rows:
        return None
    if equal_in_order(full[: len(rows)], rows):
        return True
    if not context.guarantees.ordered and not context.guarantees.limited:
        return not unmatched_rows(full, rows)[1]
    return False if claim_cut else _is_permitted(rows, full, context)


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
    """Cells as they are read from an observation: times as text."""
    return [
        tuple(c if isinstance(c, Decimal) else _text(c) if isinstance(c, bytes) else to_json(c) for c in row)
        for row in rows
    ]


def _text(cell: bytes) -> str:
    return cell.decode("utf-8", "replace")
