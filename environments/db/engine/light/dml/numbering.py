"""The AUTO_INCREMENT values of one statement, as InnoDB hands them out (innodb_autoinc_lock_mode=1).

A statement reserves a range when it needs a value: first as many as it has rows where that is known, later as many as
are left of them, else 1, 2, 4 …
A row that is not stored gives its value back to the statement, never to the table.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...session import Unsupported
from ..catalog.strict_mode import Stored
from ..values import errors
from .table_writer import TableWriter

_MOST_RESERVED = 65_535
_AFTER_FIRST = 2


@dataclass(slots=True)
class Numbering:
    """The values for a statement that inserts `rows` rows, None where only its SELECT will tell."""

    writer: TableWriter
    rows: int | None
    first_generated: int | None = None
    """the first generated value that was stored: LAST_INSERT_ID()"""
    latest: int | None = None
    """the value of the row that was stored last"""
    _next: int = 0
    _end: int = 0
    _left: int = 0
    _ranges: int = 0

    def value(self, stored: Stored, row: int) -> tuple[int, bool]:
        """A row's value, generated where it is NULL or 0, and whether it was. Raises 167."""
        if stored is not None and stored != 0:
            assert isinstance(stored, int)
            if stored < 0 and self.writer.following == _AFTER_FIRST:
                # MariaDB passes over 2 then, MySQL does not.
                raise Unsupported("a negative AUTO_INCREMENT value beside the number 1", "a positive one")
            return stored, False
        if self._next >= self._end:
            self._reserve()
        counter = self.writer.table.counter
        assert counter is not None
        if self._next > counter.largest:
            raise errors.counter_range(counter.name, row)
        return self._next, True

    def _reserve(self) -> None:
        if not self._left:
            known = self.rows is not None and not self._ranges
            self._left = self.rows if known and self.rows else min(_MOST_RESERVED, 2**self._ranges)
        self._ranges += 1
        self._next = self.writer.following
        self._end = self._next + self._left
        self.writer.following = self._end

    def tried(self) -> None:
        """A row was stored, or was not."""
        self._left = max(0, self._left - 1)

    def keep(self, number: int, *, generated: bool) -> None:
        """The row with this value was stored."""
        self.latest = number
        if generated and self.first_generated is None:
            self.first_generated = number
        self._next = max(self._next, number + 1) if self._end else 0
        self.writer.count_past(number)
