"""The protocol of the DB world's SQL engines: one MySQL statement in, one Result or one SQLError out.

The engines are `light` (SQLite in memory) and `server` (MySQL or MariaDB).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple, Protocol


class Result(NamedTuple):
    """One statement's outcome, with the Python values and counts PyMySQL would report.

    `columns` is empty for statements without a result set. `affected` counts as MySQL does: changed rows for UPDATE,
    two for a row replaced by ON DUPLICATE KEY UPDATE. `truncated` says that the row cap cut `rows`.
    """

    columns: tuple[str, ...]
    rows: list[tuple]
    affected: int = 0
    last_id: int | None = None
    truncated: bool = False


class SQLError(Exception):
    """The statement's fault, in MySQL's words. `str()` gives PyMySQL's text, `(code, 'message')`."""

    def __init__(self, code: int, sqlstate: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.sqlstate = sqlstate
        self.message = message


class Unsupported(SQLError):
    """A refusal, code 1235: this engine cannot answer as MySQL would. `instead` is a way around it, if there is one."""

    def __init__(self, feature: str, instead: str = "") -> None:
        hint = f"; try {instead}" if instead else ""
        super().__init__(1235, "42000", f"This version of MySQL doesn't yet support '{feature}'{hint}")


class Session(Protocol):
    """One private database. Engines bound their own time, rows and bytes."""

    def execute(self, sql: str, *, seconds: float = 10.0, max_rows: int = 10_000) -> Result:
        """Run exactly one statement; two are a syntax error (1064). Raises SQLError, nothing else."""
        ...

    def tables(self) -> dict[str, dict[str, Any]]:
        """The logical state: {table: {"columns", "types", "rows"}}, JSON-able, rows in canonical order."""
        ...

    def save(self) -> bytes:
        """The database as bytes."""
        ...

    def load(self, blob: bytes) -> None:
        """Restore what `save` of the same engine wrote."""
        ...

    def close(self) -> None:
        """Release everything. Safe to call again."""
        ...


def to_json(value: object) -> str | int | float | None:
    """A cell as JSON: decimals and times as their MySQL text, bytes as hex with an 0x in front."""
    match value:
        case None | str() | int() | float():
            return value
        case Decimal():
            return f"{value:f}"
        case bytes():
            return "0x" + value.hex()
        case dt.datetime():
            return value.isoformat(sep=" ")
        case dt.date():
            return value.isoformat()
        case dt.timedelta():
            return clock_text(value)
    raise TypeError(f"no JSON form for {type(value).__name__}")


def clock_text(value: dt.timedelta) -> str:
    """A TIME as MySQL prints it: [-]HHH:MM:SS[.ffffff]."""
    micros = round(value / dt.timedelta(microseconds=1))
    sign, micros = ("-", -micros) if micros < 0 else ("", micros)
    seconds, fraction = divmod(micros, 1_000_000)
    tail = f".{fraction:06d}" if fraction else ""
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{tail}"


# Cells that are JSON already.
_PLAIN = frozenset({str, int, float, type(None)})


def canonical_rows(rows: Iterable[Iterable[object]]) -> list[list[object]]:
    """Rows as JSON-able lists in an order that depends on their values alone."""
    return _by_cells([[cell if type(cell) in _PLAIN else to_json(cell) for cell in row] for row in rows], 0)


def _by_cells(rows: list[list[Any]], place: int) -> list[list[object]]:
    """Rows by their cells from this place on: NULL first, then by type and text; later cells only for those alike."""
    if len(rows) < 2 or place == len(rows[0]):
        return rows
    keys = [(cell is not None, str(type(cell)), str(cell)) for cell in (row[place] for row in rows)]
    order = sorted(range(len(rows)), key=keys.__getitem__)
    result: list[list[object]] = []
    for _, group in groupby(order, key=keys.__getitem__):
        result += _by_cells([rows[n] for n in group], place + 1)
    return result
