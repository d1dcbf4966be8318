"""PREPARE, EXECUTE and DEALLOCATE: a statement's text is kept, and its marks become the values of user variables."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from sqlglot import exp

from ...session import Result, SQLError, Unsupported
from ..compiler import new_unit, parse_statement
from ..database import Database
from ..parsing.lexer import STRING, VARIABLE, tokenize
from ..parsing.parse import Statement
from ..queries.select import compile_query
from .words import Words

_OK = Result((), [])
_KINDS = frozenset("SELECT WITH INSERT REPLACE UPDATE DELETE".split())  # noqa: SIM905
_NEVER = frozenset({"PREPARE", "EXECUTE", "DEALLOCATE"})
_MOST = 1000
"""statements that a session may keep"""


def prepare(database: Database, words: Words) -> Result:
    """PREPARE name FROM 'text' or @variable."""
    name = words.name()
    words.expect("FROM")
    text = _text(database, words)
    words.end()
    database.prepared.pop(name.lower(), None)
    _check(database, text)
    if len(database.prepared) >= _MOST:
        raise Unsupported("so many prepared statements", "DEALLOCATE PREPARE")
    database.prepared[name.lower()] = text
    return _OK


def _text(database: Database, words: Words) -> str:
    if words.kinds[words.at] == STRING:
        return words.literal()
    if words.kinds[words.at] != VARIABLE:
        raise words.error()
    words.at += 1
    value = database.variables.get(words.texts[words.at - 1].lower())
    return "NULL" if value is None else str(value)


def _check(database: Database, text: str) -> None:
    """Raise what MySQL says of the statement when it is prepared."""
    first = tokenize(text).keys[0]
    if first in _NEVER:
        raise SQLError(1295, "HY000", "This command is not supported in the prepared statement protocol yet")
    if first not in _KINDS:
        parse_statement(text, database.bounds)
        raise Unsupported(f"PREPARE of {first or 'this statement'}", "the statement itself")
    marks = len(_marks(text))
    statements = [parse_statement(_filled(text, [value] * marks), database.bounds) for value in ("1", "2")]
    trees = [s.tree for s in statements if isinstance(s, Statement)]
    if isinstance(trees[0], exp.Query):
        names = [compile_query(new_unit(database, Statement(t, text)), t, None).names for t in trees]
        if names[0] != names[1]:
            raise Unsupported("a mark in a column without a name", "AS")
    elif marks or trees[0].find(exp.Query):
        # Their columns would have to be looked up here.
        _require_tables(database, trees[0])


def _require_tables(database: Database, tree: exp.Expression) -> None:
    for table in tree.find_all(exp.Table):
        if database.find_view(table.name) is None:
            database.base_table(table.name)


def _marks(text: str) -> list[int]:
    """Where the marks stand."""
    tokens = tokenize(text)
    return [start for key, start in zip(tokens.keys, tokens.starts, strict=False) if key == "?"]


def _filled(text: str, values: Sequence[str]) -> str:
    parts, last = [], 0
    for at, value in zip(_marks(text), values, strict=True):
        parts += [text[last:at], value]
        last = at + 1
    return "".join([*parts, text[last:]])


def execute(database: Database, words: Words, run: Callable[[str], Result]) -> Result:
    """EXECUTE name [USING @a, …]. Raises 1210 and 1243."""
    name = words.name()
    given: list[str] = []
    if words.take("USING"):
        given = words.list_of(lambda: _variable(database, words))
    words.end()
    text = database.prepared.get(name.lower())
    if text is None:
        raise _unknown(name, "EXECUTE")
    if len(_marks(text)) != len(given):
        raise SQLError(1210, "HY000", "Incorrect arguments to EXECUTE")
    return run(_filled(text, given))


def _variable(database: Database, words: Words) -> str:
    """The value of a variable as a literal."""
    if words.kinds[words.at] != VARIABLE:
        raise Unsupported("a value in USING that is no variable", "SET @name = value")
    words.at += 1
    value = database.variables.get(words.texts[words.at - 1].lower())
    if value is None:
        return "NULL"
    if isinstance(value, float):
        if not math.isfinite(value):
            raise Unsupported("this value in USING")
        return f"({value!r}{'' if 'e' in repr(value) else 'e0'})"
    if isinstance(value, int):
        return str(value) if value >= 0 else f"({value})"
    return "'" + str(value).replace("\\", "\\\\").replace("'", "''").replace("\0", "\\0") + "'"


def deallocate(database: Database, words: Words) -> Result:
    """{DEALLOCATE | DROP} PREPARE name. Raises 1243."""
    words.expect("PREPARE")
    name = words.name()
    words.end()
    if database.prepared.pop(name.lower(), None) is None:
        raise _unknown(name, "DEALLOCATE PREPARE")
    return _OK


def _unknown(name: str, command: str) -> SQLError:
    return SQLError(1243, "HY000", f"Unknown prepared statement handler ({name}) given to {command}")
