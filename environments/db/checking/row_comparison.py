"""Compares rows, as multisets or in order; numbers by value, not by spelling."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from .output_parser import UntypedCell
from .row_scanner import Moment

Row = tuple[Any, ...]
_NUMBER = re.compile(r"[+-]?(?:\d{1,60}(?:\.\d{0,60})?|\.\d{1,60})(?:[eE][+-]?\d{1,3})?")
_HUGE = 400
"""Decimal exponents beyond which nothing is compared by difference."""
_FLOAT_DIGITS = 15
"""Digits that a float holds in any case."""
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d*[1-9])?)?(?:\.?0*)")
_MAX_PAIRED = 64
"""Rows compared one by one, after those that are equal are set aside."""


def number(text: str) -> Decimal | None:
    """The number that a text is, if it is one."""
    text = text.strip()
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def read_like(rows: Iterable[Row], like: Sequence[Row]) -> list[Row]:
    """Rows with their cells read as the types of the columns of `like`, which a text table or JSON does not show."""
    kinds = _kinds(like)
    return [tuple(_read(cell, kinds[i] if i < len(kinds) else _ANY) for i, cell in enumerate(row)) for row in rows]


def value_keys(rows: Iterable[Row]) -> list[Row]:
    """Rows in a form that is equal, and hashes alike, exactly where the values are equal."""
    return [tuple(map(_key, row)) for row in rows]


def equal_in_order(one: Sequence[Row], other: Sequence[Row]) -> bool:
    """Whether rows are equal in this order; `other` may round numbers otherwise than `one`."""
    return len(one) == len(other) and all(_near(a, b) for a, b in zip(one, other, strict=True))


def unmatched_rows(true: Sequence[Row], claimed: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The true rows that are not claimed, and the claimed rows that are not true, in whatever order."""
    true_keys, claimed_keys = value_keys(true), value_keys(claimed)
    common = Counter(true_keys) & Counter(claimed_keys)
    missing, extra = _surplus(true, true_keys, common), _surplus(claimed, claimed_keys, common)
    for row in missing[:_MAX_PAIRED] if len(extra) <= _MAX_PAIRED else ():
        at = next((i for i, other in enumerate(extra) if _near(row, other)), None)
        if at is not None:
            missing.remove(row)
            del extra[at]
    return missing, extra


def _surplus(rows: Sequence[Row], keys: Sequence[Row], common: Counter[Row]) -> list[Row]:
    remaining, rest = Counter(common), []
    for row, key in zip(rows, keys, strict=True):
        if remaining[key] > 0:
            remaining[key] -= 1
        else:
            rest.append(row)
    return rest


_ANY = frozenset({"any"})


def _kinds(rows: Sequence[Row]) -> list[frozenset[str]]:
    """The kinds of value in each column."""
    width = max(map(len, rows), default=0)
    kinds_by_column: list[set[str]] = [set() for _ in range(width)]
    for row in rows:
        for i, cell in enumerate(row):
            if cell is not None:
                kinds_by_column[i].add(_kind(cell))
    return [frozenset(kinds) for kinds in kinds_by_column]


def _kind(cell: Any) -> str:
    if isinstance(cell, Moment):
        return "moment"
    return "text" if isinstance(cell, str | bytes) else "exact" if isinstance(cell, int) else "decimal"


def _read(cell: Any, kinds: frozenset[str]) -> Any:
    """A table's cell is a number where the column holds numbers; a quoted one only where it holds decimals."""
    if isinstance(cell, str) and kinds == {"moment"}:
        match = _TIME.fullmatch(cell)
        return f"{match[1]} {match[2]}{match[3] or ':00'}" if match else str(cell)
    if isinstance(cell, UntypedCell):
        value = number(cell) if not kinds & {"text", "moment"} else None
        return str(cell) if value is None else value
    if isinstance(cell, str) and kinds == {"decimal"} and (value := number(cell)) is not None:
        return value
    return cell


def _key(cell: Any) -> Any:
    """Equal, and hashed alike, for equal values: Python does so for whole numbers and decimals."""
    if isinstance(cell, str):
        return cell if cell.isascii() else unicodedata.normalize("NFC", cell)
    if isinstance(cell, float):
        value = _exact(cell)
        return str(value) if value.is_nan() else value
    return cell


def _exact(cell: Any) -> Decimal:
    try:
        return cell if isinstance(cell, Decimal) else Decimal(int(cell) if isinstance(cell, bool | int) else repr(cell))
    except InvalidOperation:
        return Decimal("NaN")


def _near(true: Row, claimed: Row) -> bool:
    return len(true) == len(claimed) and all(_close(a, b) for a, b in zip(true, claimed, strict=True))


def _close(true: Any, claimed: Any) -> bool:
    """Whether a claimed cell is the true one.

    A DOUBLE is the number that its shortest text says; a DECIMAL that went through a float is the float of it.
    """
    if isinstance(true, bytes) and isinstance(claimed, str):
        return true.decode("utf-8", "replace") == claimed
    if isinstance(true, str | bytes) or isinstance(claimed, str | bytes) or true is None or claimed is None:
        return bool(_key(true) == _key(claimed))
    a, b = _exact(true), _exact(claimed)
    if a == b:
        return True
    return (
        isinstance(true, Decimal)
        and isinstance(claimed, float)
        and a.is_finite()
        and abs(a.adjusted()) <= _HUGE
        and len(a.as_tuple().digits) > _FLOAT_DIGITS
        and float(a) == claimed
    )
