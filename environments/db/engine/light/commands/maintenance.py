"""ANALYZE, CHECK and OPTIMIZE TABLE: what InnoDB says of tables that are in order."""

from __future__ import annotations

from ...session import Result, Unsupported
from ..database import Database
from .words import Words

_COLUMNS = ("Table", "Op", "Msg_type", "Msg_text")
_NOTES = {
    "OPTIMIZE": ("note", "Table does not support optimize, doing recreate + analyze instead"),
    "REPAIR": ("note", "The storage engine for the table doesn't support repair"),
}


def maintain(database: Database, words: Words, verb: str) -> Result:
    """`verb` [NO_WRITE_TO_BINLOG | LOCAL] TABLE t, …: all of them are sound. Raises 1064."""
    words.take_any("NO_WRITE_TO_BINLOG", "LOCAL")
    if not words.take_any("TABLE", "TABLES"):
        raise Unsupported(f"this {verb}")
    names = words.list_of(lambda: _name(database, words))
    if words.more():
        raise Unsupported(f"options of {verb} TABLE", f"{verb} TABLE alone")
    if database.transaction:
        raise Unsupported(f"{verb} TABLE inside of a transaction, which it ends", "COMMIT before")
    return Result(_COLUMNS, [row for name in names for row in _rows(database, name, verb)])


def _name(database: Database, words: Words) -> str:
    name = words.name()
    if words.take("."):
        database.require_own(name)
        name = words.name()
    return name


def _rows(database: Database, name: str, verb: str) -> list[tuple[str, str, str, str]]:
    if database.find_view(name) is not None:
        raise Unsupported(f"{verb} of a view", "tables")
    if name not in database.catalog.lasting.tables:
        place, op = f"{database.name}.{name}", verb.lower()
        missing = f"Table '{place}' doesn't exist"
        return [(place, op, "Error", missing), (place, op, "status", "Operation failed")]
    place, op = f"{database.name}.{database.base_table(name).name}", verb.lower()
    rows = [(place, op, *_NOTES[verb])] if verb in _NOTES else []
    return rows if verb == "REPAIR" else [*rows, (place, op, "status", "OK")]
