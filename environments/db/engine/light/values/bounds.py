"""What one statement may use of time, and of memory outside of SQLite: the bounds, and the account kept against them.

SQLite's own memory is bounded by `heap` and `database`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from sys import getsizeof

from . import errors

PACKET = 16 * 1024 * 1024
"""max_allowed_packet: bytes of one value or one statement."""
_CELL = 64
"""bytes of a number or a short string, with its place in a row"""


@dataclass(slots=True)
class Bounds:
    """`text`: bytes of one value. `held`: bytes of all rows that a statement holds in Python. `tokens`: of a statement."""

    text: int = PACKET
    held: int = 32 * 1024 * 1024
    tokens: int = 131_072
    deadline: float = math.inf
    _spent: int = 0

    @classmethod
    def within(cls, max_bytes: int) -> Bounds:
        """The bounds that go with a database of this size."""
        return cls(
            text=min(PACKET, max(1024 * 1024, max_bytes // 4)),
            held=max(2 * 1024 * 1024, max_bytes // 2),
            tokens=max(4_096, max_bytes // 512),
        )

    def start(self, seconds: float) -> float:
        """A statement begins, which may run for so long. Returns the time on the monotonic clock."""
        now = time.monotonic()
        self.deadline = now + seconds
        self._spent = 0
        return now

    @property
    def passed(self) -> bool:
        """Whether the statement's time is over."""
        return time.monotonic() > self.deadline

    @property
    def remaining(self) -> float:
        """The seconds that are left, never quite none."""
        return max(0.01, self.deadline - time.monotonic())

    def check(self) -> None:
        """Raise 1969 once the statement's time is over."""
        if time.monotonic() > self.deadline:
            raise errors.timeout()

    def hold(self, size: int) -> None:
        """Note so many bytes that the statement keeps. Raises 1301 beyond the bound."""
        self._spent += size
        if self._spent > self.held:
            raise errors.result_too_large()

    def release(self, size: int) -> None:
        """The statement let go of so many bytes."""
        self._spent -= size

    def hold_row(self, row: Sequence[object]) -> None:
        """Note a row that the statement keeps."""
        size = _CELL * (len(row) + 1)
        for value in row:
            kind = type(value)
            if kind is str or kind is bytes:
                size += getsizeof(value)
        self._spent += size
        if self._spent > self.held:
            raise errors.result_too_large()

    def first_rows(self, cursor: Iterator[tuple], width: int, texts: Sequence[int], most: int) -> list[tuple]:
        """At most so many rows of a cursor, held. `width`: of a row; `texts`: its columns of strings, of any length."""
        rows: list[tuple] = []
        row_size, left = _CELL * (width + len(texts) + 1), self.held - self._spent
        size = 0
        for row in islice(cursor, most):
            rows.append(row)
            size += row_size
            for i in texts:
                text = row[i]
                if text is not None and len(text) > _CELL:
                    size += getsizeof(text)
            if size > left:
                raise errors.result_too_large()
        self._spent += size
        return rows
