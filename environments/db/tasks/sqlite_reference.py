"""A gold query asked of the SQLite file that it was written for; MySQL must give the same answer, or there is no task."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..engine.answers import TOLERANCE, overlap

_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, 33}
"""What a query may do; 33 is SQLITE_RECURSIVE, for which this Python has no name."""
_MOST_ROWS, _MOST_BYTES, _LONGEST = 20_000, 50_000_000, 1_000_000
"""Rows and bytes of an answer, and bytes of one value."""
_MOST_STEPS = 50_000_000
"""Instructions of SQLite's machine, a few seconds."""
_STEPS_AT_ONCE = 100_000
_MIDNIGHT = re.compile(r"[ T]00:00:00(?:\.0+)?\Z")


class SqliteReference:
    """A SQLite file that answers one SELECT at a time, reads only, and gives up on long ones."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        self._connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        self._connection.set_authorizer(
            lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY
        )
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        self._connection.set_progress_handler(self._count, _STEPS_AT_ONCE)
        self._steps = 0

    def _count(self) -> bool:
        self._steps += _STEPS_AT_ONCE
        return self._steps > _MOST_STEPS

    def rows(self, sql: str) -> list[tuple[Any, ...]] | None:
        """The rows of a query; None where SQLite has no answer, or too long a one."""
        self._steps = 0
        try:
            return _bounded(self._connection.execute(sql))
        except (sqlite3.Error, sqlite3.Warning):
            return None

    def close(self) -> None:
        self._connection.close()


def _bounded(cursor: sqlite3.Cursor) -> list[tuple[Any, ...]] | None:
    """All rows of a cursor; None where they are too many or too large."""
    rows, size = [], 0
    for row in cursor:
        rows.append(row)
        size += sum(len(cell) for cell in row if isinstance(cell, str | bytes))
        if len(rows) > _MOST_ROWS or size > _MOST_BYTES:
            return None
    return rows


def same_rows(answer: Sequence[Any], rows: Sequence[Sequence[Any]], width: int) -> bool:
    """Whether the cells of MySQL's answer are SQLite's rows, in any order; a date may be written as its midnight."""
    cells = [_MIDNIGHT.sub("", cell) if isinstance(cell, str) else cell for cell in answer]
    texts = ["null" if cell is None else _MIDNIGHT.sub("", str(cell)) for row in rows for cell in row]
    return overlap(cells, texts, "multiset", width, TOLERANCE).share == 1
