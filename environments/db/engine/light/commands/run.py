"""Statements made of a few words: SHOW, DESCRIBE, USE, SET, transactions, and those that are denied.

Their grammar is small enough to be read as they run.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from ...session import Result, SQLError, Unsupported
from ..database import Database
from ..expressions import function_calls
from ..expressions.aggregates import contains
from ..parsing.lexer import VARIABLE, tokenize
from ..values import errors
from . import locks, maintenance, prepared, settings, show, transactions, variables
from .words import Words

_FIRST = re.compile(r"(?:\s|/\*.*?\*/|--[ \t][^\n]*\n|#[^\n]*\n)*([A-Za-z]+)", re.DOTALL)
_DROP_PREPARE = re.compile(r"\s*drop\s+prepare\b", re.IGNORECASE)
_COMPILED = frozenset(
    """SELECT WITH INSERT REPLACE UPDATE DELETE CREATE ALTER DROP TRUNCATE RENAME VALUES TABLE""".split()  # noqa: SIM905
)
_DENIED = {
    "GRANT": "GRANT OPTION", "REVOKE": "GRANT OPTION", "KILL": "CONNECTION ADMIN", "SHUTDOWN": "SHUTDOWN", "FLUSH": "RELOAD",
    "RESET": "RELOAD", "LOAD": "FILE", "INSTALL": "INSERT", "UNINSTALL": "DELETE", "CHANGE": "SUPER", "PURGE": "BINLOG ADMIN",
    "SHUT": "SHUTDOWN", "BACKUP": "RELOAD",
}  # fmt: skip
_REFUSED = frozenset(
    """HANDLER CHECKSUM XA SIGNAL GET RESIGNAL CACHE BINLOG HELP EXPLAIN""".split()  # noqa: SIM905
)
_MAINTENANCE = frozenset({"ANALYZE", "CHECK", "OPTIMIZE", "REPAIR"})
_PREPARED = frozenset({"PREPARE", "EXECUTE", "DEALLOCATE"})
_OK = Result((), [])


def run_command(database: Database, sql: str, execute: Callable[[str], Result]) -> Result | None:
    """Run the statement if it is one of these, else None. `execute` answers the SELECT behind a SET @name."""
    first = _FIRST.match(sql)
    word = first.group(1).upper() if first else ""
    if word == "DROP" and _DROP_PREPARE.match(sql):
        word = "DEALLOCATE"
    if word in _COMPILED or not word:
        return None
    return _run(database, word, Words(tokenize(sql), function_calls.NAMES), execute)


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
    if word in _MAINTENANCE:
        words.at = 1
        return maintenance.maintain(database, words, word)
    if word in _PREPARED:
        return _prepared(database, word, words, execute)
    if word == "CALL":
        procedure = re.search(r"call\s+([\w`.]+)", words.sql, re.IGNORECASE)
        name = procedure[1] if procedure else ""
        raise SQLError(1305, "42000", f"PROCEDURE {database.name}.{name} does not exist")
    if word == "DO":
        return _do(database, words, execute)
    if word == "USE":
        return _use(database, words)
    if word == "SET":
        return _set(database, words, execute)
    if word == "UNLOCK":
        return locks.unlock(database, words)
    if word == "LOCK":
        return locks.lock(database, words)
    statement = transactions.STATEMENTS.get(word)
    if statement is None:
        raise errors.syntax(words.sql, 1)
    words.at = 1
    statement(database, words)
    database.info.row_count = 0
    return _OK


def _prepared(database: Database, word: str, words: Words, execute: Callable[[str], Result]) -> Result:
    words.at = 1
    if word == "EXECUTE":
        if words.keys[1] == "IMMEDIATE":
            raise Unsupported("EXECUTE IMMEDIATE", "PREPARE and EXECUTE")
        return prepared.execute(database, words, execute)
    return (prepared.prepare if word == "PREPARE" else prepared.deallocate)(database, words)


def _do(database: Database, words: Words, execute: Callable[[str], Result]) -> Result:
    """DO expression, …: they are computed, and nothing is shown."""
    words.take("DO")
    start = words.at
    nodes = words.list_of(words.expression)
    words.end()
    if any(node.find(exp.Query) for node in nodes):
        # MariaDB takes the first of several rows.
        raise Unsupported("a subquery in DO", "SELECT")
    execute(f"SELECT {words.text(start)}")
    database.info.row_count = 0
    return _OK


def _use(database: Database, words: Words) -> Result:
    words.take("USE")
    name = words.name()
    words.end()
    database.require_own(name)
    return _OK


def _set(database: Database, words: Words, execute: Callable[[str], Result]) -> Result:
    """SET @name = expression, …: all are computed before the first is assigned."""
    words.take("SET")
    session = words.take("SESSION") or words.take("LOCAL")
    if words.take("TRANSACTION") and words.keys[words.at] == "ISOLATION":
        return settings.set_transaction(database, words, session=session)
    if words.kinds[words.at] != VARIABLE:
        return _set_option(database, words)
    assignments = words.list_of(lambda: _assignment(words))
    words.end()
    values = {name: _variable_value(text, execute) for name, text in assignments}
    database.variables.update(values)
    return _OK


def _assignment(words: Words) -> tuple[str, str]:
    """A variable's name in lower case, and the text of its new value. Raises 1064, 1111 and 4015."""
    if words.kinds[words.at] != VARIABLE:
        words.expression()
        raise Unsupported("settings among variables in SET", "SET @name = value")
    name = words.texts[words.at].lower()
    words.at += 1
    if not words.take("="):
        words.expect(":=")
    start = words.at
    node = words.expression()
    if contains(node):
        raise errors.group_misuse()
    if any(window.parent_select is None for window in node.find_all(exp.Window)):
        raise errors.window_misuse()
    return name, words.text(start)


def _variable_value(text: str, execute: Callable[[str], Result]) -> object:
    rows = execute(f"SELECT {text}").rows
    if len(rows) != 1 or len(rows[0]) != 1:
        raise errors.operand_columns(1) if rows and len(rows[0]) != 1 else errors.syntax(text, 1)
    return variables.kept(rows[0][0])


def _set_option(database: Database, words: Words) -> Result:
    """SET NAMES, and settings that already hold."""
    rest = words.sql[words.tokens.ends[0] :].strip().rstrip(";").strip()
    if re.fullmatch(r"names\s+'?utf8(mb4|mb3)?'?(\s+collate\s+'?utf8mb4_general_ci'?)?", rest, re.IGNORECASE):
        return _OK
    held = settings.set_held(database, rest)
    if held is not None:
        return held
    if rest.upper().startswith(("GLOBAL", "@@GLOBAL", "PERSIST", "PASSWORD", "ROLE", "DEFAULT ROLE")):
        raise errors.access_denied("SUPER")
    if rest:
        raise Unsupported("this SET", "SET @name = value")
    raise errors.syntax("", 1)
