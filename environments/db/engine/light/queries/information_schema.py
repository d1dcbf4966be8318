"""information_schema: the tables that agents ask, as constant rows made from the catalog.

What a server estimates or dates (rows, sizes, times of creation) is a column here that refuses to be read, and so
is the type of a view's column.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...session import Unsupported
from ..catalog.catalog import Catalog, Column, Key, Table
from ..catalog.descriptions import default_text, extra, key_mark
from ..expressions.scope import Query, text_literal
from ..values import types as ty
from ..values.types import Type
from .view_columns import view_columns

_COUNT = Type(ty.INT, 18, unsigned=True)
_NUMBER = Type(ty.INT, 18)
_CHARSET, _COLLATION = "utf8mb4", "utf8mb4_general_ci"
_PRIVILEGES = "select,insert,update,references"
# NUMERIC_PRECISION of MariaDB.
_PRECISION = {"tinyint": 3, "smallint": 5, "mediumint": 7, "int": 10, "bigint": 19, "float": 12, "double": 22}


class _Refused:
    """A cell that the engine does not know."""


class _Computed(str):
    """A cell that SQLite computes: the text of its expression."""

    __slots__ = ()


_UNKNOWN = _Refused()
_Cell = str | int | None | _Refused
Row = tuple[_Cell, ...]
# The columns of each table with the letters of their types; `f` marks a name by which the server looks up a file.
_SCHEMATA = "CATALOG_NAME SCHEMA_NAME:f DEFAULT_CHARACTER_SET_NAME DEFAULT_COLLATION_NAME SQL_PATH SCHEMA_COMMENT"
_TABLES = (
    "TABLE_CATALOG TABLE_SCHEMA:f TABLE_NAME:f TABLE_TYPE ENGINE VERSION:u ROW_FORMAT TABLE_ROWS:u AVG_ROW_LENGTH:u"
    " DATA_LENGTH:u MAX_DATA_LENGTH:u INDEX_LENGTH:u DATA_FREE:u AUTO_INCREMENT:u CREATE_TIME:d UPDATE_TIME:d CHECK_TIME:d"
    " TABLE_COLLATION CHECKSUM:u CREATE_OPTIONS TABLE_COMMENT MAX_INDEX_LENGTH:u TEMPORARY"
)
_COLUMNS = (
    "TABLE_CATALOG TABLE_SCHEMA:f TABLE_NAME:f COLUMN_NAME ORDINAL_POSITION:u COLUMN_DEFAULT IS_NULLABLE DATA_TYPE"
    " CHARACTER_MAXIMUM_LENGTH:u CHARACTER_OCTET_LENGTH:u NUMERIC_PRECISION:u NUMERIC_SCALE:u DATETIME_PRECISION:u"
    " CHARACTER_SET_NAME COLLATION_NAME COLUMN_TYPE COLUMN_KEY EXTRA PRIVILEGES COLUMN_COMMENT IS_GENERATED"
    " GENERATION_EXPRESSION"
)
_STATISTICS = (
    "TABLE_CATALOG TABLE_SCHEMA:f TABLE_NAME:f NON_UNIQUE:i INDEX_SCHEMA INDEX_NAME SEQ_IN_INDEX:u COLUMN_NAME COLLATION"
    " CARDINALITY:i SUB_PART:i PACKED NULLABLE INDEX_TYPE COMMENT INDEX_COMMENT IGNORED"
)
_USAGE = (
    "CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME TABLE_CATALOG TABLE_SCHEMA:f TABLE_NAME:f COLUMN_NAME"
    " ORDINAL_POSITION:i POSITION_IN_UNIQUE_CONSTRAINT:i REFERENCED_TABLE_SCHEMA REFERENCED_TABLE_NAME"
    " REFERENCED_COLUMN_NAME"
)
_CONSTRAINTS = "CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME TABLE_SCHEMA:f TABLE_NAME:f CONSTRAINT_TYPE"
_REFERENCES = (
    "CONSTRAINT_CATALOG CONSTRAINT_SCHEMA:f CONSTRAINT_NAME UNIQUE_CONSTRAINT_CATALOG UNIQUE_CONSTRAINT_SCHEMA"
    " UNIQUE_CONSTRAINT_NAME MATCH_OPTION UPDATE_RULE DELETE_RULE TABLE_NAME:f REFERENCED_TABLE_NAME"
)
_VIEWS = (
    "TABLE_CATALOG TABLE_SCHEMA:f TABLE_NAME:f VIEW_DEFINITION CHECK_OPTION IS_UPDATABLE DEFINER SECURITY_TYPE"
    " CHARACTER_SET_CLIENT COLLATION_CONNECTION ALGORITHM"
)


def table(catalog: Catalog, database: str, name: str, *, fold: bool) -> Query:
    """One of its tables, of this schema's rows alone. Raises Unsupported for a table that is not here.

    `fold`: the case of tables' names does not count, as on Windows and macOS.
    """
    described = _DESCRIBED.get(name.lower())
    if described is None:
        raise Unsupported(f"information_schema.{name}", "information_schema.tables, columns or statistics, or SHOW")
    columns, rows = described
    return constant(name, [_typed(c, fold=fold) for c in columns.split()], rows(catalog.lasting, database))


def _typed(column: str, *, fold: bool) -> tuple[str, Type]:
    name, _, kind = column.partition(":")
    return name, {"": ty.TEXT, "f": ty.TEXT if fold else ty.FILE_NAME, "u": _COUNT, "i": _NUMBER, "d": ty.MOMENT}[kind]


def _schemata(catalog: Catalog, database: str) -> list[Row]:
    return [
        ("def", "information_schema", "utf8mb3", "utf8mb3_general_ci", None, ""),
        ("def", database, _CHARSET, _COLLATION, None, ""),
    ]


def _tables(catalog: Catalog, database: str) -> list[Row]:
    rows: list[Row] = []
    for t in catalog.tables.values():
        counter = _UNKNOWN if t.counter is not None else None
        sizes = (_UNKNOWN, _UNKNOWN, _UNKNOWN, 0, _UNKNOWN, 0, counter)
        collation = _UNKNOWN if t.narrow else _COLLATION
        times, comments = (_UNKNOWN, _UNKNOWN, None), (collation, None, "", t.comment, 0, "N")
        rows.append(("def", database, t.name, "BASE TABLE", "InnoDB", 10, "Dynamic", *sizes, *times, *comments))
    for name in catalog.views:
        rows.append(("def", database, name, "VIEW", *(None,) * 16, "VIEW", None, None))
    return rows


def _columns(catalog: Catalog, database: str) -> list[Row]:
    rows = [_column(t, n, c, database) for t in catalog.tables.values() for n, c in enumerate(t.columns, 1)]
    for view in catalog.views.values():
        stored = view_columns(catalog, view)
        if stored is not None:
            rows += [_column(Table(view.name, "", ()), n, c, database) for n, c in enumerate(stored, 1)]
            continue
        for n, name in enumerate(view.columns, 1):
            unknown = (_UNKNOWN,) * 11
            rows.append(("def", database, view.name, name, n, *unknown, "", "", _PRIVILEGES, "", "NEVER", None))
    return rows


def _column(owner: Table, place: int, column: Column, database: str) -> Row:
    domain = column.domain
    kind = domain.type.kind
    length = (
        max(map(len, domain.type.members)) if kind == ty.ENUM else domain.size if kind in (ty.STR, ty.BIN) else None
    )
    # A TEXT's size is in bytes already, as a binary string's is.
    wide = kind == ty.ENUM or domain.base in ("char", "varchar")
    octets: _Cell = length * 4 if length is not None and wide else length
    precision = domain.type.digits if kind == ty.DEC else _PRECISION.get(domain.base)
    if domain.type.unsigned and domain.base in ("bigint", "mediumint"):
        precision = (precision or 0) + 1
    scale = domain.type.scale if kind == ty.DEC else 0 if kind == ty.INT and domain.base != "year" else None
    moment = domain.type.scale if kind in (ty.DATETIME, ty.TIME) else None
    textual = kind in ty.TEXTUAL
    collation: _Cell = ("utf8mb4_bin" if column.binary else _COLLATION) if textual else None
    charset: _Cell = _CHARSET if textual else None
    if owner.narrow and textual:
        octets = charset = collation = _UNKNOWN
    return (
        "def", database, owner.name, column.name, place, default_text(column), "YES" if column.nullable else "NO",
        domain.base, length, octets, precision, scale, moment, charset, collation, domain.decl,
        key_mark(owner, column), extra(column), _PRIVILEGES, column.comment, "ALWAYS" if column.generated else "NEVER",
        _UNKNOWN if column.generated else None,
    )  # fmt: skip


def _statistics(catalog: Catalog, database: str) -> list[Row]:
    return [
        ("def", database, t.name, int(not key.unique), database, key.name, n, column.name, "A",
         _Computed(distinct_keys(t, key, n)), key.prefix(n - 1), None,
         "YES" if column.nullable else "", "BTREE", "", "", "NO")
        for t in catalog.tables.values() for key in ordered_keys(t) for n, column in enumerate(members(t, key), 1)
    ]  # fmt: skip


def ordered_keys(owner: Table) -> list[Key]:
    """The keys of a table in MariaDB's order: the primary key, then unique ones, those without NULLs first."""
    return sorted(owner.keys, key=lambda k: (k.name != "PRIMARY", not k.unique, k.unique and _has_null(owner, k)))


def _has_null(owner: Table, key: Key) -> bool:
    return any(c.nullable for c in members(owner, key))


def distinct_keys(owner: Table, key: Key, parts: int) -> str:
    """SQLite's count of the values of a key's first columns, which InnoDB estimates."""
    prefixes = [key.prefix(n) for n in range(parts)]
    pairs = zip(members(owner, key), prefixes, strict=False)
    columns = ",".join(f"substr({c.phys},1,{length})" if length else c.phys for c, length in pairs)
    return f"(SELECT count(*) FROM (SELECT DISTINCT {columns} FROM {owner.phys}))"


def members(owner: Table, key: Key) -> list[Column]:
    """The columns of a key."""
    return [owner.by_name[c.lower()] for c in key.columns]


def _usage(catalog: Catalog, database: str) -> list[Row]:
    rows: list[Row] = []
    for t in catalog.tables.values():
        for key in ordered_keys(t):
            for n, column in enumerate(members(t, key) if key.unique else (), 1):
                rows.append(
                    ("def", database, key.name, "def", database, t.name, column.name, n, None, None, None, None)
                )
        for f in t.foreign:
            for n, (ours, theirs) in enumerate(zip(f.columns, f.references, strict=True), 1):
                names = t.by_name[ours.lower()].name, database, f.table, theirs
                rows.append(("def", database, f.name, "def", database, t.name, names[0], n, n, *names[1:]))
    return rows


def _constraints(catalog: Catalog, database: str) -> list[Row]:
    rows: list[Row] = []
    for t in catalog.tables.values():
        for key in ordered_keys(t):
            kind = "PRIMARY KEY" if key.name == "PRIMARY" else "UNIQUE"
            rows += [("def", database, key.name, database, t.name, kind)] if key.unique else []
        rows += [("def", database, f.name, database, t.name, "FOREIGN KEY") for f in t.foreign]
        checks = [*(c.name for c in t.columns if c.check), *(name for name, _ in t.checks)]
        rows += [("def", database, name, database, t.name, "CHECK") for name in checks]
    return rows


def _references(catalog: Catalog, database: str) -> list[Row]:
    rows: list[Row] = []
    for t in catalog.tables.values():
        for f in t.foreign:
            wanted = [c.lower() for c in f.references]
            keys = ordered_keys(catalog.tables[f.table])
            key = next((k.name for k in keys if [c.lower() for c in k.columns[: len(wanted)]] == wanted), None)
            rules = "NONE", f.on_update, f.on_delete
            rows.append(("def", database, f.name, "def", database, key, *rules, t.name, f.table))
    return rows


def _views(catalog: Catalog, database: str) -> list[Row]:
    unknown = (_UNKNOWN, "NONE", _UNKNOWN, _UNKNOWN, "DEFINER", _CHARSET, _COLLATION, "UNDEFINED")
    return [("def", database, view.name, *unknown) for view in catalog.views.values()]


_DESCRIBED: dict[str, tuple[str, Callable[[Catalog, str], list[Row]]]] = {
    "schemata": (_SCHEMATA, _schemata),
    "tables": (_TABLES, _tables),
    "columns": (_COLUMNS, _columns),
    "statistics": (_STATISTICS, _statistics),
    "key_column_usage": (_USAGE, _usage),
    "table_constraints": (_CONSTRAINTS, _constraints),
    "referential_constraints": (_REFERENCES, _references),
    "views": (_VIEWS, _views),
}


def constant(name: str, columns: Sequence[tuple[str, Type]], rows: Sequence[Row]) -> Query:
    """A table of constant rows; a cell that the engine does not know refuses to be read."""
    texts = ["SELECT " + ",".join(f"{_cell(v)} AS o{i}" for i, v in enumerate(row)) for row in rows]
    if not texts:
        texts = ["SELECT " + ",".join(f"NULL AS o{i}" for i in range(len(columns))) + " WHERE 0"]
    unknown = {i for row in rows for i, cell in enumerate(row) if isinstance(cell, _Refused)}
    # SQLite computes these columns of the outer SELECT only where they are read.
    outer = ",".join(
        f"CASE WHEN o{i}=x'00' THEN m_refuse({text_literal(f'information_schema.{name}.{column}')}) ELSE o{i} END AS o{i}"
        if i in unknown else f"o{i}"
        for i, (column, _) in enumerate(columns)
    )  # fmt: skip
    body = " UNION ALL ".join(texts)
    return Query(f"SELECT {outer} FROM ({body})", tuple(n for n, _ in columns), tuple(t for _, t in columns))


def _cell(value: _Cell) -> str:
    if isinstance(value, _Refused):
        return "x'00'"
    if isinstance(value, _Computed):
        return value
    if value is None:
        return "NULL"
    return text_literal(value) if isinstance(value, str) else str(value)
