"""Aggregates that SQLite lacks: GROUP_CONCAT, STDDEV and VARIANCE, BIT_AND and its kin.

`expressions.aggregates` compiles MySQL's calls to these.
"""

from __future__ import annotations

import math
import sqlite3
from sys import getsizeof
from typing import Any

from ...session import SQLError, Unsupported
from ..values import collation
from . import numbers
from .session_info import SessionInfo

_ROW = 150
"""bytes of a value's place in a GROUP_CONCAT"""


def install(connection: sqlite3.Connection, info: SessionInfo) -> None:
    """Register the aggregates as `m_group_concat`, `m_spread` and `m_bit_agg`."""
    connection.create_aggregate("m_group_concat", -1, _group_concat(info))
    # typeshed knows aggregates of one argument only.
    spread: Any = _Spread
    connection.create_aggregate("m_spread", 2, spread)
    connection.create_aggregate("m_bit_agg", 2, _bit_aggregate(info))


class _Spread:
    """STDDEV and VARIANCE in one pass (Welford), as MariaDB computes them."""

    def __init__(self) -> None:
        self.mode, self.count, self.mean, self.sum = "vp", 0, 0.0, 0.0

    def step(self, mode: str, value: float | None, /) -> None:
        self.mode = mode
        if value is None:
            return
        self.count += 1
        delta = value - self.mean
        self.mean += delta / self.count
        self.sum += delta * (value - self.mean)

    def finalize(self) -> float | None:
        divisor = self.count - (self.mode[1] == "s")
        if divisor <= 0:
            return None
        variance = self.sum / divisor
        return math.sqrt(variance) if self.mode[0] == "s" else variance


def _bit_aggregate(info: SessionInfo) -> type:
    """BIT_AND, BIT_OR and BIT_XOR."""

    class BitAggregate:
        def __init__(self) -> None:
            self.op = "|"
            self.value: int | None = None

        def step(self, op: str, value: int | None) -> None:
            self.op = op
            if value is None:
                return
            try:
                before = value if self.value is None and op == "&" else self.value or 0
                self.value = numbers.bits(op, before, value)
            except SQLError as e:
                info.fault = e
                raise

        def finalize(self) -> int | None:
            return self.value if self.op == "&" else self.value or 0

    return BitAggregate


def _group_concat(info: SessionInfo) -> type:
    """GROUP_CONCAT: `codes` has a letter for each ORDER BY key, c or C for text, r or R for the rest, capital for DESC."""

    class GroupConcat:
        def __init__(self) -> None:
            self.rows: list[tuple[tuple[Any, ...], str]] = []
            self.size, self.mark, self.distinct, self.codes = 0, ",", False, ""
            self.held = 0

        def step(self, distinct: int, mark: str, codes: str, text: str | None, *keys: Any) -> None:
            self.distinct, self.mark, self.codes = bool(distinct), mark, codes
            if text is None:
                return
            self.size += len(text) + len(mark)
            if self.size > 1_000_000:
                raise info.fail(Unsupported("GROUP_CONCAT beyond group_concat_max_len"))
            held = _ROW + sum(getsizeof(v) for v in (text, *keys) if isinstance(v, str))
            self.held += held
            try:
                info.bounds.hold(held)
            except SQLError as e:
                raise info.fail(Unsupported("GROUP_CONCAT of so many values", "fewer rows")) from e
            self.rows.append((keys, text))

        def finalize(self) -> str | None:
            info.bounds.release(self.held)
            text, self.rows = self._text(), []
            return text

        def _text(self) -> str | None:
            if not self.rows:
                return None
            # Stable sorts from the last key to the first keep ties in the order of arrival.
            for place in range(len(self.codes) - 1, -1, -1):
                code = self.codes[place]
                self._require_order([row[0][place] for row in self.rows])
                self.rows.sort(key=lambda row: _sortable(row[0][place], code), reverse=code in "CR")
            texts = [text for _, text in self.rows]
            if self.distinct:
                first: dict[str, str] = {}
                for text in texts:
                    first.setdefault(collation.key(text), text)
                texts = list(first.values())
            return self.mark.join(texts)

        @staticmethod
        def _require_order(keys: list[Any]) -> None:
            """Refuse keys that come before NULL or with it in MariaDB, which takes it for zero or an empty text."""
            if None in keys and any(key is not None and key <= type(key)() for key in keys):
                raise info.fail(Unsupported("GROUP_CONCAT ordered by NULL and numbers below one", "COALESCE"))

    return GroupConcat


def _sortable(value: Any, code: str) -> tuple[bool, Any]:
    if value is None:
        return (False, 0)
    return (True, collation.key(value) if code in "cC" else value)
