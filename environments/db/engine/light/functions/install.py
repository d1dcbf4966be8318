"""MySQL's functions, collations and aggregates installed in a SQLite connection, and the guard around it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any

from ...session import Unsupported
from ..values import collation, errors
from ..values.bounds import Bounds
from . import aggregates, dates, json_calls, networks, numbers, str_to_date, strings, zones
from .session_info import SessionInfo

_Function = Callable[..., Any]
# What SQLite itself may be asked to do by compiled statements; everything else, ATTACH and PRAGMA included, is refused.
_ALLOWED = frozenset({
    sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE, sqlite3.SQLITE_INSERT,
    sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE, sqlite3.SQLITE_SAVEPOINT, sqlite3.SQLITE_TRANSACTION,
    sqlite3.SQLITE_CREATE_TABLE, sqlite3.SQLITE_CREATE_INDEX, sqlite3.SQLITE_DROP_TABLE, sqlite3.SQLITE_DROP_INDEX,
    sqlite3.SQLITE_ALTER_TABLE, sqlite3.SQLITE_REINDEX,
})  # fmt: skip
_FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"})


def install(connection: sqlite3.Connection, info: SessionInfo) -> None:
    """Register everything; afterwards the connection runs only the actions that compiled statements need."""
    for module in (strings, numbers, dates, str_to_date, json_calls, networks, zones):
        for name, function in module.STRICT_NULL.items():
            connection.create_function(name, -1, _null_if_any_null(function, info), deterministic=True)
    for module in (strings, numbers, networks):
        for name, function in module.NULL_AWARE.items():
            connection.create_function(name, -1, _record_errors(function, info), deterministic=True)
    for name, function in _bounded_functions(info.bounds).items():
        connection.create_function(name, -1, _record_errors(function, info), deterministic=True)
    for name, function in _session_functions(info).items():
        connection.create_function(name, -1, function)
    connection.create_collation(collation.NAME, collation.comparison(info.bounds))
    connection.create_collation(collation.BINARY, collation.binary_comparison(info.bounds))
    aggregates.install(connection, info)
    connection.set_authorizer(_authorizer(info))


def _authorizer(info: SessionInfo) -> Callable[[int, str | None, str | None, str | None, str | None], int]:
    def authorize(action: int, first: str | None, second: str | None, schema: str | None, trigger: str | None) -> int:
        if info.copying or action in _ALLOWED:
            forbidden = action == sqlite3.SQLITE_FUNCTION and second in _FORBIDDEN_FUNCTIONS
            return sqlite3.SQLITE_DENY if forbidden else sqlite3.SQLITE_OK
        return sqlite3.SQLITE_DENY

    return authorize


def _null_if_any_null(function: _Function, info: SessionInfo) -> _Function:
    bounds = info.bounds

    def call(*arguments: Any) -> Any:
        if None in arguments:
            return None
        try:
            if monotonic() > bounds.deadline:
                bounds.check()
            return function(*arguments)
        except Exception as e:
            info.note(e)
            raise

    return call


def _record_errors(function: _Function, info: SessionInfo) -> _Function:
    bounds = info.bounds

    def call(*arguments: Any) -> Any:
        try:
            if monotonic() > bounds.deadline:
                bounds.check()
            return function(*arguments)
        except Exception as e:
            info.note(e)
            raise

    return call


def _bounded_functions(bounds: Bounds) -> dict[str, _Function]:
    """Those whose time or result grows beyond their arguments'; each is given its bound first. NULL gives NULL."""
    sized: dict[str, _Function] = {n: partial(_unless_null, f, bounds.text) for n, f in strings.SIZED.items()}
    others: dict[str, _Function] = {
        "m_concat_ws": lambda *a: strings.concat_ws(bounds.text, *a),
        "m_regexp": lambda *a: collation.search(bounds, *a),
        "m_regexp_replace": lambda *a: collation.replace(bounds, *a),
        "m_regexp_instr": lambda *a: collation.place(bounds, *a),
        "m_regexp_substr": lambda *a: collation.substring(bounds, *a),
    }
    return sized | others


def _unless_null(function: _Function, most: int, *arguments: Any) -> Any:
    return None if None in arguments else function(most, *arguments)


def _session_functions(info: SessionInfo) -> dict[str, _Function]:
    def several_values(name: str) -> None:
        raise info.fail(
            Unsupported(f"'{name}', which has several values in one group", f"GROUP BY {name}, or MIN or MAX of it")
        )

    def many_rows() -> None:
        raise info.fail(errors.more_than_one_row())

    def refuse(feature: str) -> None:
        raise info.fail(Unsupported(feature))

    def now(digits: int) -> str:
        text = info.now()
        return text[: 20 + digits] if digits else text[:19]

    def whole_seconds(text: str | None) -> str | None:
        if text is not None and "." in text:
            raise info.fail(Unsupported("a computed fraction of seconds in INTERVAL"))
        return text

    def found_rows() -> int:
        if info.found_rows is None:
            raise info.fail(Unsupported("FOUND_ROWS() after a write, or a LIMIT with an offset", "COUNT(*)"))
        return info.found_rows

    def last_id(*remembered: int | None) -> int | None:
        for number in remembered:
            info.last_id = info.told_id = number or 0
            return number
        return info.last_id

    return {
        "m_undetermined": several_values, "m_many_rows": many_rows, "m_refuse": refuse, "m_now": now,
        "m_last_id": last_id, "m_row_count": lambda: info.row_count,
        "m_found_rows": found_rows, "m_whole_seconds": whole_seconds,
    }  # fmt: skip
