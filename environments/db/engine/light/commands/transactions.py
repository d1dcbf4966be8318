"""START TRANSACTION, COMMIT, ROLLBACK and savepoints: snapshots of the database, put back on request."""

from __future__ import annotations

from collections.abc import Callable

from ...session import Unsupported
from ..database import Database
from ..values import errors
from .words import Words


def _start(database: Database, words: Words) -> None:
    words.take("TRANSACTION") or words.take("WORK")
    if words.at < len(words.tokens):
        raise Unsupported("options of START TRANSACTION")
    database.transaction = []
    database.transaction = [(None, database.keep_snapshot())]


def _commit(database: Database, words: Words) -> None:
    words.take("WORK")
    words.end()
    database.transaction = []


def _rollback(database: Database, words: Words) -> None:
    words.take("WORK")
    if words.take("TO"):
        words.take("SAVEPOINT")
        place = _find_savepoint(database, words.name())
        words.end()
        _restore(database, place)
        del database.transaction[place + 1 :]
        return
    words.end()
    if database.transaction:
        _restore(database, 0)
    database.transaction = []


def _restore(database: Database, place: int) -> None:
    # AUTO_INCREMENT counters are not rolled back.
    counters = dict(database.counters)
    database.restore(database.transaction[place][1])
    database.counters = counters


def _find_savepoint(database: Database, name: str) -> int:
    for place in range(len(database.transaction) - 1, 0, -1):
        if str(database.transaction[place][0]).lower() == name.lower():
            return place
    raise errors.no_savepoint(name)


def _set_savepoint(database: Database, words: Words) -> None:
    name = words.name()
    words.end()
    if not database.transaction:
        return  # outside of a transaction a savepoint is gone as soon as it is set
    others = [(n, s) for n, s in database.transaction if n is None or n.lower() != name.lower()]
    database.transaction = others
    database.transaction = [*others, (name, database.keep_snapshot())]


def _release(database: Database, words: Words) -> None:
    if not words.take("SAVEPOINT"):
        raise words.error()
    place = _find_savepoint(database, words.name())
    words.end()
    del database.transaction[place:]


STATEMENTS: dict[str, Callable[[Database, Words], None]] = {
    "START": _start, "BEGIN": _start, "COMMIT": _commit, "ROLLBACK": _rollback, "SAVEPOINT": _set_savepoint,
    "RELEASE": _release,
}  # fmt: skip
"""By the first word, which is taken already when one of them runs."""
