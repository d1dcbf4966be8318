"""START TRANSACTION, COMMIT, ROLLBACK and savepoints: snapshots of the database, put back on request."""

from __future__ import annotations

from collections.abc import Callable

from ...session import Unsupported
from ..database import Database
from ..values import errors
from .words import Words


def _start(database: Database, words: Words) -> None:
    """START TRANSACTION and BEGIN."""
    read_only = False
    if words.keys[0] == "START":
        words.expect("TRANSACTION")
        read_only = _characteristics(words)
    else:
        words.take("WORK")
    words.end()
    database.transaction, database.read_only = [], read_only
    database.transaction = [(None, database.keep_snapshot())]


def _characteristics(words: Words) -> bool:
    """Whether START TRANSACTION says READ ONLY; what else it says matters only where others look on."""
    read_only = False
    while words.more():
        if words.take_all("READ", "ONLY"):
            read_only = True
        elif not (words.take_all("WITH", "CONSISTENT", "SNAPSHOT") or words.take_all("READ", "WRITE")):
            raise words.error()
        if not words.take(","):
            break
    words.end()
    return read_only


def _completion(words: Words) -> None:
    """[AND [NO] CHAIN] [[NO] RELEASE] at the end of a transaction."""
    chained = words.take_all("AND", "CHAIN")
    chained or words.take_all("AND", "NO", "CHAIN")
    released = not words.take_all("NO", "RELEASE") and words.take("RELEASE")
    words.end()
    if chained or released:
        raise Unsupported("AND CHAIN and RELEASE", "START TRANSACTION afterwards")


def _commit(database: Database, words: Words) -> None:
    words.take("WORK")
    _completion(words)
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
    _completion(words)
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
    database.begin_implied()
    if not database.transaction:
        return  # outside of a transaction a savepoint is gone as soon as it is set
    others = [(n, s) for n, s in database.transaction if n is None or n.lower() != name.lower()]
    database.transaction = others
    database.transaction = [*others, (name, database.keep_snapshot())]


def _release(database: Database, words: Words) -> None:
    words.expect("SAVEPOINT")
    place = _find_savepoint(database, words.name())
    words.end()
    del database.transaction[place:]


STATEMENTS: dict[str, Callable[[Database, Words], None]] = {
    "START": _start, "BEGIN": _start, "COMMIT": _commit, "ROLLBACK": _rollback, "SAVEPOINT": _set_savepoint,
    "RELEASE": _release,
}  # fmt: skip
"""By the first word, which is taken already when one of them runs."""
