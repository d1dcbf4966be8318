"""LOCK TABLES and UNLOCK TABLES: nobody else waits here, but a session with locks may use no other tables."""

from __future__ import annotations

from ...session import Result, SQLError, Unsupported
from ..database import Database
from ..parsing.lexer import tokenize
from .words import Words

_OK = Result((), [])
_READS = frozenset(
    """SELECT SHOW DESCRIBE DESC EXPLAIN SET UNLOCK LOCK COMMIT ROLLBACK SAVEPOINT START BEGIN DO""".split()  # noqa: SIM905
)
_WRITES = frozenset({"INSERT", "REPLACE", "UPDATE", "DELETE"})


def lock(database: Database, words: Words) -> Result:
    """LOCK TABLES t {READ | WRITE}, …, which ends an open transaction. Raises 1146."""
    words.take("LOCK")
    if not words.take_any("TABLES", "TABLE"):
        raise words.error()
    locks: dict[str, str] = dict(words.list_of(lambda: _one(database, words)))
    words.end()
    database.transaction = []
    database.locks = locks
    return _OK


def _one(database: Database, words: Words) -> tuple[str, str]:
    name = words.name()
    if database.find_view(name) is not None or words.keys[words.at] == "." or words.names_next():
        raise Unsupported("LOCK TABLES of a view, an alias or another database", "the table's name")
    table = database.base_table(name)
    words.take("LOW_PRIORITY")
    kind = words.take_any("READ", "WRITE")
    if not kind:
        raise words.error()
    words.take("LOCAL")
    return table.name.lower(), kind


def unlock(database: Database, words: Words) -> Result:
    """UNLOCK TABLES, which ends an open transaction where tables were locked."""
    words.take("UNLOCK")
    if not words.take_any("TABLES", "TABLE"):
        raise words.error()
    words.end()
    if database.locks:
        database.transaction = []
    database.locks = {}
    return _OK


def require_locked(database: Database, sql: str) -> None:
    """Raise 1099 for a write to a table that is locked for reading; a statement with other tables is refused."""
    tokens = tokenize(sql)
    keys = tokens.keys
    tables = {name.lower() for name in (*database.catalog.tables, *database.catalog.views)}
    named = [text.lower() for text in tokens.texts if text.lower() in tables]
    other = next((name for name in named if name not in database.locks), None)
    if other is not None or keys[0] not in _READS | _WRITES:
        raise Unsupported("this statement under LOCK TABLES", "UNLOCK TABLES")
    if keys[0] in _WRITES and any(database.locks[name] == "READ" for name in named):
        if len(named) > 1:
            raise Unsupported("this write under LOCK TABLES", "UNLOCK TABLES")
        raise SQLError(1099, "HY000", f"Table '{named[0]}' was locked with a READ lock and can't be updated")
    if keys[0] in ("START", "BEGIN"):
        database.locks = {}
