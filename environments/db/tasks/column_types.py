"""Types that a SQLite column declares and SQLite does not have: DECIMAL, DATE and DATETIME, where all cells are such."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

_DECIMAL = re.compile(r"\s*(?:NUMERIC|DECIMAL|DEC)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*\Z", re.IGNORECASE)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?\Z", re.ASCII)
_DIGITS = 18
"""The light engine's bound for the digits of a decimal."""
Typed = tuple[str, Callable[[Any], Any]]
"""A MySQL type, and how a cell is written in it."""


def declared_type(values: Sequence[Any], declaration: str) -> Typed | None:
    """The declared type where it is one of these and holds every value (none is None) as it is."""
    word = re.match(r"\s*(\w*)", declaration)
    name = word[1].upper() if word else ""
    if name in ("DATE", "DATETIME", "TIMESTAMP"):
        return _moment(values, name)
    match = _DECIMAL.match(declaration)
    return _decimal(values, match[1], match[2]) if match else None


def _decimal(values: Sequence[Any], precision: str | None, scale: str | None) -> Typed | None:
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        return None
    numbers = [Decimal(repr(v)) for v in values]
    if not all(n.is_finite() for n in numbers):
        return None
    if precision is None and all(isinstance(v, int) for v in values):
        return None
    shown = max(max(0, -int(n.normalize().as_tuple().exponent)) for n in numbers)
    whole = max(max(0, n.adjusted() + 1) for n in numbers)
    digits = int(scale or 0) if precision is not None else shown
    width = max(int(precision or 0), whole + digits, 1)
    if shown > digits or width > _DIGITS:
        return None
    return f"DECIMAL({width},{digits})", lambda cell: f"{Decimal(repr(cell)):.{digits}f}"


def _moment(values: Sequence[Any], name: str) -> Typed | None:
    if not all(isinstance(v, str) and _MOMENT.match(v) for v in values):
        return None
    try:
        moments = [dt.datetime.fromisoformat(v) for v in values]
    except ValueError:
        return None
    if name == "DATE" and all(len(v) == 10 for v in values):
        return "DATE", str
    if name == "DATE":
        return None
    kind = "DATETIME(6)" if any(m.microsecond for m in moments) else "DATETIME"
    return kind, lambda cell: dt.datetime.fromisoformat(cell).isoformat(sep=" ")
