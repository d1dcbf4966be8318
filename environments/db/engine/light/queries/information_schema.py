"""information_schema: the tables agents ask, as constant rows made from the catalog."""

from __future__ import annotations

from collections.abc import Sequence

from ...session import Unsupported
from ..catalog.catalog import Catalog, Column, Table
from ..reading.scope import Query, text_literal
from ..values import types as ty
from ..values.types import Type

_COUNT = Type(ty.INT, 18, unsigned=True)
_TABLES = (
    ("TABLE_CATALOG", ty.TEXT), ("TABLE_SCHEMA", ty.TEXT), ("TABLE_NAME", ty.TEXT), ("TABLE_TYPE", ty.TEXT),
    ("ENGINE", ty.TEXT),
)  # fmt: skip
_COLUMNS = (
    ("TABLE_CATALOG", ty.TEXT), ("TABLE_SCHEMA", ty.TEXT), ("TABLE_NAME", ty.TEXT), ("COLUMN_NAME", ty.TEXT),
    ("ORDINAL_POSITION", _COUNT), ("COLUMN_DEFAULT", ty.TEXT), ("IS_NULLABLE", ty.TEXT), ("DATA_TYPE", ty.TEXT),
    ("CHARACTER_MAXIMUM_LENGTH", _COUNT), ("COLUMN_TYPE", ty.TEXT), ("COLUMN_KEY", ty.TEXT), ("EXTRA", ty.TEXT),
)  # fmt: skip
_SCHEMATA = (("CATALOG_NAME", ty.TEXT), ("SCHEMA_NAME", ty.TEXT))
Cell = str | int | None


def table(catalog: Catalog, database: str, name: str) -> Query:
    """One of its tables. Only the columns listed here exist; `SELECT *` over them is refused by the caller's names."""
    low = name.lower()
    if low == "tables":
        return _constant(_TABLES, _tables(catalog, database))
    if low == "columns":
        rows = [_column(t, n, c, database) for t in catalog.tables.values() for n, c in enumerate(t.columns, 1)]
        return _constant(_COLUMNS, rows)
    if low == "schemata":
        return _constant(_SCHEMATA, [("def", "information_schema"), ("def", database)])
    raise Unsupported(f"information_schema.{name}", "information_schema.tables or columns, or SHOW")


def _tables(catalog: Catalog, database: str) -> list[tuple[Cell, ...]]:
    found: list[tuple[Cell, ...]] = [("def", database, name, "BASE TABLE", "InnoDB") for name in catalog.tables]
    return found + [("def", database, name, "VIEW", None) for name in catalog.views]


def _column(owner: Table, place: int, column: Column, database: str) -> tuple[Cell, ...]:
    domain = column.domain
    length = domain.size if domain.type.kind in (ty.STR, ty.BIN) else None
    return (
        "def", database, owner.name, column.name, place, default_shown(column), "YES" if column.nullable else "NO",
        domain.base, length, domain.decl, key_mark(owner, column), extra(column),
    )  # fmt: skip


def default_shown(column: Column) -> str | None:
    """COLUMN_DEFAULT as MariaDB writes it: an expression, so texts are quoted and a NULL default is the word NULL."""
    if column.default is None:
        return "NULL" if column.nullable else None
    if column.default == "CURRENT_TIMESTAMP":
        return "current_timestamp()"
    return column.default if column.type.kind in ty.NUMERIC else "'" + column.default.replace("'", "''") + "'"


def key_mark(owner: Table, column: Column) -> str:
    """PRI, UNI or MUL."""
    name = column.name.lower()
    best = ""
    if owner.primary is None:
        # The first unique key without NULLs stands in for a primary key.
        plain = (k for k in owner.keys if k.unique and not any(owner.by_name[c.lower()].nullable for c in k.columns))
        stand_in = next(plain, None)
        if stand_in is not None and name in (c.lower() for c in stand_in.columns):
            return "PRI"
    for key in owner.keys:
        members = [c.lower() for c in key.columns]
        if key.name == "PRIMARY" and name in members:
            return "PRI"
        if members[0] == name:
            if key.unique and len(members) == 1:
                best = "UNI"
            best = best or "MUL"
    return best


def extra(column: Column) -> str:
    if column.auto_increment:
        return "auto_increment"
    return "on update current_timestamp()" if column.on_update else ""


def _constant(columns: Sequence[tuple[str, Type]], rows: Sequence[tuple[Cell, ...]]) -> Query:
    texts = ["SELECT " + ",".join(f"{_cell(v)} AS o{i}" for i, v in enumerate(row)) for row in rows]
    if not texts:
        texts = ["SELECT " + ",".join(f"NULL AS o{i}" for i in range(len(columns))) + " WHERE 0"]
    body = " UNION ALL ".join(texts)
    return Query(f"SELECT * FROM ({body})", tuple(n for n, _ in columns), tuple(t for _, t in columns))


def _cell(value: Cell) -> str:
    if value is None:
        return "NULL"
    return text_literal(value) if isinstance(value, str) else str(value)
