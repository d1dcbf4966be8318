"""The state of a MySQL session between statements, as its functions in SQLite need it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ...session import SQLError, Unsupported
from ..values import errors
from ..values.bounds import Bounds


@dataclass(slots=True)
class SessionInfo:
    """The answers of NOW(), LAST_INSERT_ID(), ROW_COUNT() and FOUND_ROWS(), and the error that a function raised.

    SQLite passes on only that a function failed, so its error is left in `fault`. `now` gives text with microseconds.
    """

    now: Callable[[], str] = str
    last_id: int = 0
    # What LAST_INSERT_ID(n) made of it in this statement.
    told_id: int | None = None
    row_count: int = 0
    found_rows: int | None = 0
    """the rows of the SELECT before; None where MariaDB counts others than those it gave"""
    fault: SQLError | None = field(default=None)
    # What a function raised that nobody foresaw.
    surprise: Exception | None = field(default=None)
    bounds: Bounds = field(default_factory=Bounds)
    # Set while SQLite copies the whole database, which it does with an ATTACH and a PRAGMA of its own.
    copying: bool = False

    def fail(self, error: SQLError) -> SQLError:
        """Leave the error in `fault`, and return it to be raised."""
        self.fault = error
        return error

    def note(self, error: Exception) -> None:
        """Leave whatever a function raised in `fault`, as an SQLError."""
        if isinstance(error, SQLError):
            self.fault = error
        elif isinstance(error, MemoryError):
            self.fault = errors.out_of_memory()
        else:
            self.fault, self.surprise = Unsupported("this call of a function"), error
