"""SET of what already holds, and SHOW VARIABLES of the settings that the engine has."""

from __future__ import annotations

from ...session import Result, SQLError, Unsupported
from ..database import Database
from ..expressions.function_calls import SETTINGS
from ..parsing.lexer import STRING
from .words import Words

_OK = Result((), [])
_LEVELS = (("READ", "UNCOMMITTED"), ("READ", "COMMITTED"), ("REPEATABLE", "READ"), ("SERIALIZABLE",))
_ON, _OFF = ("1", "on", "true"), ("0", "off", "false")
_ONE_SESSION = frozenset({"threads_connected", "threads_running"})
_HOLDS = {
    "foreign_key_checks": _ON, "unique_checks": _ON, "sql_notes": _ON, "autocommit": _ON, "sql_safe_updates": _OFF,
    "sql_big_selects": _ON, "sql_mode": (str(SETTINGS["sql_mode"]).lower(),),
}  # fmt: skip
"""Settings with the values that they have here, in lower case."""


def set_transaction(database: Database, words: Words, *, session: bool) -> Result:
    """SET TRANSACTION ISOLATION LEVEL …: nobody else looks on, so that all levels are one. Raises 1568."""
    words.expect("ISOLATION", "LEVEL")
    if not any(words.take_all(*level) for level in _LEVELS):
        raise words.error()
    words.end()
    if database.transaction and not session:
        text = "Transaction characteristics can't be changed while a transaction is in progress"
        raise SQLError(1568, "25001", text)
    return _OK


def set_held(database: Database, text: str) -> Result | None:
    """SET name = value, where that is the value already; None for all else."""
    name, sign, value = text.lower().partition("=")
    name = name.strip().removeprefix("session").removeprefix("@@session.").removeprefix("@@").strip()
    wanted = value.strip().strip("'\"").strip()
    if sign and name == "autocommit" and wanted in _OFF:
        database.autocommit = False
        return _OK
    if not sign or wanted not in _HOLDS.get(name, ()):
        return None
    if name == "autocommit":
        if not database.autocommit:
            database.transaction = []
        database.autocommit = True
    return _OK


def show_status(words: Words) -> Result:
    """SHOW STATUS LIKE the name of a count that a server with this one session has."""
    words.expect("LIKE")
    name = words.literal().lower().replace("\\_", "_")
    words.end()
    if name not in _ONE_SESSION:
        raise Unsupported("SHOW STATUS of these counts", "SHOW PROCESSLIST")
    return Result(("Variable_name", "Value"), [(name.capitalize(), "1")])


def show_variables(database: Database, words: Words) -> Result:
    """SHOW VARIABLES LIKE the name of a setting; a server has hundreds of others."""
    words.expect("LIKE")
    if words.kinds[words.at] != STRING:
        raise words.error()
    pattern = words.literal()
    words.end()
    name = pattern.lower().replace("\\_", "_")
    if name not in SETTINGS and name not in _HOLDS:
        raise Unsupported("SHOW VARIABLES of these settings", "SELECT @@name")
    if name == "autocommit":
        return Result(("Variable_name", "Value"), [(name, "ON" if database.autocommit else "OFF")])
    if name in SETTINGS:
        return Result(("Variable_name", "Value"), [(name, str(SETTINGS[name]))])
    return Result(("Variable_name", "Value"), [(name, "ON" if _HOLDS[name] is _ON else "OFF")])
