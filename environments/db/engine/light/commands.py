"""Statements made of a few words: SHOW, DESCRIBE, USE, SET, transactions, and those that are denied.

They are read from sqlglot's tokens; the grammar is small enough to be exact.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot.dialects.mysql import MySQL
from sqlglot.errors import TokenError
from sqlglot.tokens import Token, TokenType

from ..session import Result, SQLError, Unsupported
from .catalog import show
from .ddl import rebuild
from .values import errors

if TYPE_CHECKING:
    from .session import LightSession

_FIRST = re.compile(r"(?:\s|/\*.*?\*/|--[ \t][^\n]*\n|#[^\n]*\n)*([A-Za-z]+)", re.DOTALL)
_COMPILED = frozenset(
    """SELECT WITH INSERT REPLACE UPDATE DELETE CREATE ALTER DROP TRUNCATE""".split()  # noqa: SIM905
)
_DENIED = {
    "GRANT": "GRANT OPTION", "REVOKE": "GRANT OPTION", "KILL": "CONNECTION ADMIN", "SHUTDOWN": "SHUTDOWN", "FLUSH": "RELOAD",
    "RESET": "RELOAD", "LOAD": "FILE", "INSTALL": "INSERT", "UNINSTALL": "DELETE", "CHANGE": "SUPER", "PURGE": "BINLOG ADMIN",
    "SHUT": "SHUTDOWN", "BACKUP": "RELOAD",
}  # fmt: skip
_REFUSED = frozenset(
    """DO PREPARE EXECUTE DEALLOCATE HANDLER LOCK ANALYZE CHECK OPTIMIZE REPAIR CHECKSUM XA SIGNAL GET RESIGNAL
    TABLE VALUES CACHE BINLOG HELP EXPLAIN UNLOCK""".split()  # noqa: SIM905
)
_DIALECT = MySQL()
_OK = Result((), [])


def command(session: LightSession, sql: str) -> Result | None:
    """Run the statement if it is one of these, else None."""
    found = _FIRST.match(sql)
    word = found.group(1).upper() if found else ""
    if word in _COMPILED or not word:
        return None
    try:
        tokens = _DIALECT.tokenize(sql)
    except TokenError as e:
        raise errors.syntax(sql[-60:], 1) from e
    while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
        tokens.pop()
    # SHOW, among others, swallows the rest of its line into one token.
    if len(tokens) == 2 and tokens[1].token_type == TokenType.STRING and tokens[0].text.upper() in ("SHOW", "RENAME"):
        inner = _DIALECT.tokenize(sql[tokens[0].end + 1 :])
        while inner and inner[-1].token_type == TokenType.SEMICOLON:
            inner.pop()
        tokens = [tokens[0], *inner]
    return _run(session, word, Words(tokens, sql))


class Words:
    """A statement's tokens, read from left to right."""

    def __init__(self, tokens: list[Token], sql: str) -> None:
        self.tokens, self.sql, self.at = tokens, sql, 0
        # sqlglot joins some keywords into one token (ORDER BY); here each word counts.
        self.words = [" ".join(t.text.upper().split()) for t in tokens]

    def take(self, *words: str) -> bool:
        """Skip these words if they come next."""
        joined = " ".join(words)
        for end in range(self.at + 1, len(self.words) + 1):
            seen = " ".join(self.words[self.at : end])
            if seen == joined and self.tokens[self.at].token_type not in (TokenType.STRING, TokenType.IDENTIFIER):
                self.at = end
                return True
            if len(seen) >= len(joined):
                return False
        return False

    def name(self) -> str:
        """The next token as a name."""
        if self.at >= len(self.tokens) or self.tokens[self.at].token_type in (TokenType.STRING, TokenType.NUMBER):
            raise self.error()
        self.at += 1
        return self.tokens[self.at - 1].text

    def text(self) -> str:
        """The next token as a string literal."""
        if self.at >= len(self.tokens) or self.tokens[self.at].token_type != TokenType.STRING:
            raise self.error()
        self.at += 1
        return self.tokens[self.at - 1].text

    def end(self) -> None:
        if self.at < len(self.tokens):
            raise self.error()

    def error(self) -> SQLError:
        if self.at >= len(self.tokens):
            return errors.syntax("", 1)
        token = self.tokens[self.at]
        return errors.syntax(self.sql[token.start :], token.line)


def _run(session: LightSession, word: str, words: Words) -> Result:
    if word == "SHOW":
        words.take("SHOW")
        return show.show(session, words)
    if word in ("DESCRIBE", "DESC", "EXPLAIN"):
        words.take(word)
        return show.describe(session, words)
    if word in _DENIED:
        raise errors.denied(_DENIED[word])
    if word in _REFUSED:
        raise Unsupported(word)
    if word == "CALL":
        called = re.search(r"call\s+([\w`.]+)", words.sql, re.IGNORECASE)
        raise SQLError(1305, "42000", f"PROCEDURE {session.database}.{called[1] if called else ''} does not exist")
    if word == "USE":
        return _use(session, words)
    if word == "SET":
        return _set(session, words)
    if word == "RENAME":
        return _rename(session, words)
    known = _TRANSACTIONS.get(word)
    if known is None:
        raise errors.syntax(words.sql, 1)
    words.at = 1
    known(session, words)
    session.live.row_count = 0
    return _OK


def _use(session: LightSession, words: Words) -> Result:
    words.take("USE")
    name = words.name()
    words.end()
    if name != session.database:
        raise errors.database_denied("'root'@'localhost'", name)
    return _OK


def _start(session: LightSession, words: Words) -> None:
    words.take("TRANSACTION") or words.take("WORK")
    if words.at < len(words.tokens):
        raise Unsupported("options of START TRANSACTION")
    session.transaction = [(None, session.snapshot())]


def _commit(session: LightSession, words: Words) -> None:
    words.take("WORK")
    words.end()
    session.transaction = []


def _rollback(session: LightSession, words: Words) -> None:
    words.take("WORK")
    if words.take("TO"):
        words.take("SAVEPOINT")
        place = _savepoint(session, words.name())
        words.end()
        _back(session, place)
        del session.transaction[place + 1 :]
        return
    words.end()
    if session.transaction:
        _back(session, 0)
    session.transaction = []


def _back(session: LightSession, place: int) -> None:
    # AUTO_INCREMENT counters are not rolled back.
    counters = dict(session.counters)
    session.restore(session.transaction[place][1])
    session.counters = counters


def _savepoint(session: LightSession, name: str) -> int:
    for place in range(len(session.transaction) - 1, 0, -1):
        if str(session.transaction[place][0]).lower() == name.lower():
            return place
    raise errors.no_savepoint(name)


def _mark(session: LightSession, words: Words) -> None:
    name = words.name()
    words.end()
    if not session.transaction:
        return  # outside of a transaction a savepoint is gone as soon as it is set
    kept = [(n, s) for n, s in session.transaction if n is None or n.lower() != name.lower()]
    session.transaction = [*kept, (name, session.snapshot())]


def _release(session: LightSession, words: Words) -> None:
    if not words.take("SAVEPOINT"):
        raise words.error()
    place = _savepoint(session, words.name())
    words.end()
    del session.transaction[place:]


_TRANSACTIONS = {
    "START": _start, "BEGIN": _start, "COMMIT": _commit, "ROLLBACK": _rollback, "SAVEPOINT": _mark, "RELEASE": _release,
}  # fmt: skip


def _set(session: LightSession, words: Words) -> Result:
    """SET @name = expression, SET NAMES, and settings that already hold."""
    rest = words.sql[words.tokens[0].end + 1 :].strip().rstrip(";").strip()
    if re.fullmatch(r"names\s+'?utf8(mb4|mb3)?'?(\s+collate\s+'?utf8mb4_general_ci'?)?", rest, re.IGNORECASE):
        return _OK
    if re.fullmatch(r"(session\s+|@@)?autocommit\s*=\s*(1|on)", rest, re.IGNORECASE):
        session.transaction = []
        return _OK
    found = re.fullmatch(r"@(\w+)\s*:?=\s*(.+)", rest, re.DOTALL)
    if found is None or re.search(r",\s*@\w+\s*:?=", found.group(2)):
        if rest.upper().startswith(("GLOBAL", "@@GLOBAL", "PERSIST", "PASSWORD", "ROLE", "DEFAULT ROLE")):
            raise errors.denied("SUPER")
        if rest:
            raise Unsupported("this SET", "SET @name = value, one at a time")
        raise errors.syntax("", 1)
    value = session.execute(f"SELECT {found.group(2)}").rows[0][0]
    if value is not None and not isinstance(value, int | float | str):
        raise Unsupported("a user variable of this type", "CAST(... AS CHAR) or AS SIGNED")
    session.variables[found.group(1).lower()] = value
    return _OK


def _rename(session: LightSession, words: Words) -> Result:
    words.take("RENAME")
    if not (words.take("TABLE") or words.take("TABLES")):
        raise words.error()
    pairs = []
    while True:
        old = words.name()
        if not words.take("TO"):
            raise words.error()
        pairs.append((old, words.name()))
        if not words.take(","):
            break
    words.end()
    for old, new in pairs:
        rebuild.rename(session, old, new)
    return _OK
