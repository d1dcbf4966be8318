"""User variables: what they hold, and SELECT … INTO @name."""

from __future__ import annotations

from collections.abc import Sequence

from ...session import Result, SQLError, Unsupported
from ..database import Database
from ..values import errors


def kept(value: object) -> int | float | str | None:
    """A value as a variable keeps it. Refuses the types whose digits or bytes it would lose."""
    if value is not None and not isinstance(value, int | float | str):
        raise Unsupported("a user variable of this type", "CAST(... AS CHAR) or AS SIGNED")
    return value


def assign(database: Database, names: Sequence[str], answer: Result) -> Result:
    """SELECT … INTO @name, …, of a query's first rows; without a row nothing changes. Raises 1172 and 1222."""
    if len(names) != len(answer.columns):
        raise errors.select_counts()
    if answer.truncated or len(answer.rows) > 1:
        raise SQLError(1172, "42000", "Result consisted of more than one row")
    for row in answer.rows:
        database.variables.update({name.lower(): kept(value) for name, value in zip(names, row, strict=True)})
    database.info.row_count, database.info.found_rows = len(answer.rows), len(answer.rows)
    return Result((), [], len(answer.rows))
