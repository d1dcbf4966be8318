"""SHOW and DESCRIBE, in MariaDB's words and columns."""

from __future__ import annotations

from ...session import Result, Unsupported
from ..catalog import create_text
from ..catalog.catalog import NOW, Column, Table
from ..catalog.descriptions import extra, key_mark
from ..database import Database
from ..values import collation
from ..values import types as ty
from .words import Words

_COLUMNS = ("Field", "Type", "Null", "Key", "Default", "Extra")
_FULL = ("Field", "Type", "Collation", "Null", "Key", "Default", "Extra", "Privileges", "Comment")
_INDEX = (
    "Table", "Non_unique", "Key_name", "Seq_in_index", "Column_name", "Collation", "Cardinality", "Sub_part", "Packed",
    "Null", "Index_type", "Comment", "Index_comment", "Ignored",
)  # fmt: skip
_EXPLAINED = frozenset({"SELECT", "UPDATE", "DELETE", "INSERT", "WITH", "EXTENDED", "ANALYZE"})
_PRIVILEGES = "select,insert,update,references"


def show(database: Database, words: Words) -> Result:
    """Run SHOW …; every other form is refused."""
    full = words.take("FULL")
    if words.take("TABLES"):
        return _tables(database, words, full=full)
    if words.take("COLUMNS") or words.take("FIELDS"):
        return _columns(database, words, full=full)
    if full:
        raise Unsupported("this SHOW FULL", "SHOW FULL COLUMNS or SHOW FULL TABLES")
    if words.take("DATABASES") or words.take("SCHEMAS"):
        names = [name for name in sorted(("information_schema", database.name)) if _like(words, name)]
        words.at = len(words.tokens)
        return Result(("Database",), [(n,) for n in names])
    if words.take("CREATE", "TABLE"):
        return _create(database, words)
    if words.take("CREATE", "VIEW"):
        raise Unsupported("SHOW CREATE VIEW", "SHOW COLUMNS")
    for word in ("INDEX", "INDEXES", "KEYS"):
        if words.take(word):
            return _index(database, words)
    raise Unsupported("this SHOW", "SHOW TABLES, COLUMNS, CREATE TABLE, INDEX or DATABASES")


def _like(words: Words, name: str) -> bool:
    at = words.at
    if not words.take("LIKE"):
        if at < len(words.tokens):
            raise Unsupported("WHERE in SHOW", "LIKE") if words.take("WHERE") else words.error()
        return True
    pattern = words.text()
    words.end()
    words.at = at
    return bool(collation.like(name, pattern))


def _from(words: Words) -> str | None:
    return words.name() if words.take("FROM") or words.take("IN") else None


def _tables(database: Database, words: Words, *, full: bool) -> Result:
    database.require_own(_from(words))
    pattern = f" ({words.tokens[-1].text})" if words.at < len(words.tokens) and words.words[words.at] == "LIKE" else ""
    kinds = {**dict.fromkeys(database.catalog.tables, "BASE TABLE"), **dict.fromkeys(database.catalog.views, "VIEW")}
    names = [n for n in sorted(kinds) if _like(words, n)]
    heading = f"Tables_in_{database.name}{pattern}"
    if full:
        return Result((heading, "Table_type"), [(n, kinds[n]) for n in names])
    return Result((heading,), [(n,) for n in names])


def _table(database: Database, words: Words) -> Table:
    name = words.name()
    if words.take("."):
        database.require_own(name)
        name = words.name()
    return database.base_table(name)


def _columns(database: Database, words: Words, *, full: bool) -> Result:
    if not (words.take("FROM") or words.take("IN")):
        raise words.error()
    table = _table(database, words)
    database.require_own(_from(words))
    columns = [c for c in table.columns if _like(words, c.name)]
    if full:
        return Result(_FULL, [_full_row(table, c) for c in columns])
    return Result(_COLUMNS, [_row(table, c) for c in columns])


def _row(table: Table, c: Column) -> tuple[str | None, ...]:
    default = c.clock if c.default == NOW else c.default
    return (c.name, c.decl, "YES" if c.nullable else "NO", key_mark(table, c), default, extra(c))


def _full_row(table: Table, c: Column) -> tuple[str | None, ...]:
    name, kind, null, key, default, more = _row(table, c)
    textual = c.type.kind in ty.TEXTUAL
    collation = ("utf8mb4_bin" if c.binary else "utf8mb4_general_ci") if textual else None
    return (name, kind, collation, null, key, default, more, _PRIVILEGES, c.comment)


def _create(database: Database, words: Words) -> Result:
    table = _table(database, words)
    words.end()
    text = create_text.create_statement(table, database.counters.get(table.phys, 1))
    return Result(("Table", "Create Table"), [(table.name, text)])


def _index(database: Database, words: Words) -> Result:
    if not (words.take("FROM") or words.take("IN")):
        raise words.error()
    table = _table(database, words)
    words.end()
    if table.keys:
        # Cardinality is an estimate that depends on the server's moment.
        raise Unsupported("SHOW INDEX of a table with indexes", "SHOW CREATE TABLE")
    return Result(_INDEX, [])


def describe(database: Database, words: Words) -> Result:
    """DESCRIBE t [column]; EXPLAIN of a query is refused."""
    if words.at < len(words.words) and words.words[words.at] in _EXPLAINED:
        raise Unsupported("EXPLAIN of a statement", "DESCRIBE of a table")
    table = _table(database, words)
    if words.at < len(words.tokens):
        pattern = words.name() if words.tokens[words.at].token_type.name != "STRING" else words.text()
        words.end()
        return Result(_COLUMNS, [_row(table, c) for c in table.columns if collation.like(c.name, pattern)])
    return Result(_COLUMNS, [_row(table, c) for c in table.columns])
