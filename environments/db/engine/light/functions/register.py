"""Our functions, collations and aggregates inside one SQLite connection, and the guard around it."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ...session import SQLError, Unsupported
from ..values import collate, errors
from . import dates, numbers, strings, strptime

_Function = Callable[..., Any]
# What SQLite itself may be asked to do by compiled statements; everything else, ATTACH and PRAGMA included, is refused.
_ALLOWED = frozenset({
    sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE, sqlite3.SQLITE_INSERT,
    sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE, sqlite3.SQLITE_SAVEPOINT, sqlite3.SQLITE_TRANSACTION,
    sqlite3.SQLITE_CREATE_TABLE, sqlite3.SQLITE_CREATE_INDEX, sqlite3.SQLITE_DROP_TABLE, sqlite3.SQLITE_DROP_INDEX,
    sqlite3.SQLITE_ALTER_TABLE, sqlite3.SQLITE_REINDEX,
})  # fmt: skip
_FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"})


@dataclass(slots=True)
class Live:
    """What functions need to know of the session, and the error one of them left: SQLite passes on only that it failed."""

    now: Callable[[], str] = str
    last_id: int = 0
    row_count: int = 0
    found_rows: int = 0
    fault: SQLError | None = field(default=None)
    # Set while SQLite copies the whole database, which it does with an ATTACH and a PRAGMA of its own.
    copying: bool = False

    def fail(self, error: SQLError) -> SQLError:
        self.fault = error
        return error


def install(connection: sqlite3.Connection, live: Live) -> None:
    """Register everything; after it the connection runs only what compiled statements need."""
    for module in (strings, numbers, dates, strptime):
        for name, function in module.STRICT_NULL.items():
            connection.create_function(name, -1, _null_for_null(function, live), deterministic=True)
    for module in (strings, numbers):
        for name, function in module.NULL_AWARE.items():
            connection.create_function(name, -1, _guarded(function, live), deterministic=True)
    for name, function in _session_functions(live).items():
        connection.create_function(name, -1, function)
    connection.create_collation(collate.NAME, collate.compare)
    connection.create_collation(collate.BINARY, collate.compare_binary)
    connection.create_aggregate("m_group_concat", -1, _concat_class(live))
    # typeshed knows aggregates of one argument only.
    spread: Any = _Spread
    connection.create_aggregate("m_spread", 2, spread)
    connection.create_aggregate("m_bit_agg", 2, _bits_class(live))
    connection.set_authorizer(_authorizer(live))


def _authorizer(live: Live) -> Callable[[int, str | None, str | None, str | None, str | None], int]:
    def authorize(action: int, first: str | None, second: str | None, schema: str | None, trigger: str | None) -> int:
        if live.copying or action in _ALLOWED:
            forbidden = action == sqlite3.SQLITE_FUNCTION and second in _FORBIDDEN_FUNCTIONS
            return sqlite3.SQLITE_DENY if forbidden else sqlite3.SQLITE_OK
        return sqlite3.SQLITE_DENY

    return authorize


def _null_for_null(function: _Function, live: Live) -> _Function:
    def call(*arguments: Any) -> Any:
        if None in arguments:
            return None
        try:
            return function(*arguments)
        except SQLError as e:
            live.fault = e
            raise

    return call


def _guarded(function: _Function, live: Live) -> _Function:
    def call(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except SQLError as e:
            live.fault = e
            raise

    return call


def _session_functions(live: Live) -> dict[str, _Function]:
    def undetermined(name: str) -> None:
        raise live.fail(
            Unsupported(f"'{name}', which has several values in one group", f"GROUP BY {name}, or MIN or MAX of it")
        )

    def many_rows() -> None:
        raise live.fail(errors.more_than_one_row())

    def refuse(what: str) -> None:
        raise live.fail(Unsupported(what))

    def now(digits: int) -> str:
        text = live.now()
        return text[: 20 + digits] if digits else text[:19]

    def whole_seconds(text: str | None) -> str | None:
        if text is not None and "." in text:
            raise live.fail(Unsupported("a computed fraction of seconds in INTERVAL"))
        return text

    return {
        "m_undetermined": undetermined, "m_many_rows": many_rows, "m_refuse": refuse, "m_now": now,
        "m_last_id": lambda: live.last_id, "m_row_count": lambda: live.row_count,
        "m_found_rows": lambda: live.found_rows, "m_whole_seconds": whole_seconds,
    }  # fmt: skip


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


def _bits_class(live: Live) -> type:
    class Bits:
        def __init__(self) -> None:
            self.op = "|"
            self.value: int | None = None

        def step(self, op: str, value: int | None) -> None:
            self.op = op
            if value is None:
                return
            try:
                self.value = value if self.value is None else numbers.bits(op, self.value, value)
            except SQLError as e:
                live.fault = e
                raise

        def finalize(self) -> int | None:
            if self.value is None and self.op == "&":
                raise live.fail(Unsupported("BIT_AND of no values"))
            return self.value or 0

    return Bits


def _concat_class(live: Live) -> type:
    class Concat:
        def __init__(self) -> None:
            self.rows: list[tuple[tuple[Any, ...], str]] = []
            self.size, self.mark, self.distinct, self.codes = 0, ",", False, ""

        def step(self, distinct: int, mark: str, codes: str, text: str | None, *keys: Any) -> None:
            self.distinct, self.mark, self.codes = bool(distinct), mark, codes
            if text is None:
                return
            self.size += len(text) + len(mark)
            if self.size > 1_000_000:
                raise live.fail(Unsupported("GROUP_CONCAT beyond group_concat_max_len"))
            self.rows.append((keys, text))

        def finalize(self) -> str | None:
            if not self.rows:
                return None
            # Stable sorts from the last key to the first keep ties in the order of arrival.
            for place in range(len(self.codes) - 1, -1, -1):
                code = self.codes[place]
                self.rows.sort(key=lambda row: _sortable(row[0][place], code), reverse=code in "CR")
            texts = [text for _, text in self.rows]
            if self.distinct:
                first: dict[str, str] = {}
                for text in texts:
                    first.setdefault(collate.key(text), text)
                texts = list(first.values())
            return self.mark.join(texts)

    return Concat


def _sortable(value: Any, code: str) -> tuple[bool, Any]:
    if value is None:
        return (False, 0)
    return (True, collate.key(value) if code in "cC" else value)
