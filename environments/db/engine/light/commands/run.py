"""Statements made of a few words: SHOW, DESCRIBE, USE, SET, transactions, and those that are denied.

They are read from sqlglot's tokens; the grammar is small enough to be exact.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp
from sqlglot.dialects.mysql import MySQL
from sqlglot.errors import TokenError
from sqlglot.tokens import TokenType

from ...session import Result, SQLError, Unsupported
from ..database import Database
from ..expressions import function_calls
from ..expressions.aggregates import contains
from ..parsing.parse import parse_expression
from ..values import errors
from . import show, transactions
from .words import Words

_FIRST = re.compile(r"(?:\s|/\*.*?\*/|--[ \t][^\n]*\n|#[^\n]*\n)*([A-Za-z]+)", re.DOTALL)
_COMPILED = frozenset(
    """SELECT WITH INSERT REPLACE UPDATE DELETE CREATE ALTER DROP TRUNCATE RENAME""".split()  # noqa: SIM905
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


def run_command(database: Database, sql: str, execute: Callable[[str], Result]) -> Result | None:
    """Run the statement if it is one of these, else None. `execute` answers the SELECT behind a SET @name."""
    first = _FIRST.match(sql)
    word = first.group(1).upper() if first else ""
    if word in _COMPILED or not word:
        return None
    try:
        tokens = _DIALECT.tokenize(sql)
    except TokenError as e:
        raise errors.syntax(sql[-60:], 1) from e
    while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
        tokens.pop()
    # SHOW, among others, swallows the rest of its line into one token.
    if len(tokens) == 2 and tokens[1].token_type == TokenType.STRING and tokens[0].text.upper() == "SHOW":
        try:
            inner = _DIALECT.tokenize(sql[tokens[0].end + 1 :])
        except TokenError as e:
            raise errors.syntax(sql[-60:], 1) from e
        while inner and inner[-1].token_type == TokenType.SEMICOLON:
            inner.pop()
        tokens = [tokens[0], *inner]
    return _run(database, word, Words(tokens, sql), execute)


def _run(database: Database, word: str, words: Words, execute: Callable[[str], Result]) -> Result:
    if word == "SHOW":
        words.take("SHOW")
        return show.show(database, words)
    if word in ("DESCRIBE", "DESC", "EXPLAIN"):
        words.take(word)
        return show.describe(database, words)
    if word in _DENIED:
        raise errors.access_denied(_DENIED[word])
    if word in _REFUSED:
        raise Unsupported(word)
    if word == "CALL":
        procedure = re.search(r"call\s+([\w`.]+)", words.sql, re.IGNORECASE)
        name = procedure[1] if procedure else ""
        raise SQLError(1305, "42000", f"PROCEDURE {database.name}.{name} does not exist")
    if word == "USE":
        return _use(database, words)
    if word == "SET":
        return _set(database, words, execute)
    statement = transactions.STATEMENTS.get(word)
    if statement is None:
        raise errors.syntax(words.sql, 1)
    words.at = 1
    statement(database, words)
    database.info.row_count = 0
    return _OK


def _use(database: Database, words: Words) -> Result:
    words.take("USE")
    name = words.name()
    words.end()
    database.require_own(name)
    return _OK


def _set(database: Database, words: Words, execute: Callable[[str], Result]) -> Result:
    """SET @name = expression, SET NAMES, and settings that already hold."""
    rest = words.sql[words.tokens[0].end + 1 :].strip().rstrip(";").strip()
    if re.fullmatch(r"names\s+'?utf8(mb4|mb3)?'?(\s+collate\s+'?utf8mb4_general_ci'?)?", rest, re.IGNORECASE):
        return _OK
    if re.fullmatch(r"(session\s+|@@)?autocommit\s*=\s*(1|on)", rest, re.IGNORECASE):
        database.transaction = []
        return _OK
    assignment = re.fullmatch(r"@(\w+)\s*:?=\s*(.+)", rest, re.DOTALL)
    if assignment is None or re.search(r",\s*@\w+\s*:?=", assignment.group(2)):
        if rest.upper().startswith(("GLOBAL", "@@GLOBAL", "PERSIST", "PASSWORD", "ROLE", "DEFAULT ROLE")):
            raise errors.access_denied("SUPER")
        if rest:
            raise Unsupported("this SET", "SET @name = value, one at a time")
        raise errors.syntax("", 1)
    node = parse_expression(assignment.group(2), function_calls.NAMES)
    if contains(node):
        raise errors.group_misuse()
    if any(window.parent_select is None for window in node.find_all(exp.Window)):
        raise errors.window_misuse()
    rows = execute(f"SELECT {assignment.group(2)}").rows
    if len(rows) != 1 or len(rows[0]) != 1:
        raise errors.operand_columns(1) if rows and len(rows[0]) != 1 else errors.syntax(assignment.group(2), 1)
    value = rows[0][0]
    if value is not None and not isinstance(value, int | float | str):
        raise Unsupported("a user variable of this type", "CAST(... AS CHAR) or AS SIGNED")
    database.variables[assignment.group(1).lower()] = value
    return _OK
