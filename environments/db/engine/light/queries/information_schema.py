"""information_schema: the tables agents ask, as constant rows made from the catalog."""

from __future__ import annotations

from collections.abc import Sequence

from ...session import Unsupported
from ..catalog.catalog import Catalog, Column, Table
from ..catalog.descriptions import default_text, extra, key_mark
from ..expressions.scope import Query, text_literal
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
_Cell = str | int | None


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


def _tables(catalog: Catalog, database: str) -> list[tuple[_Cell, ...]]:
    rows: list[tuple[_Cell, ...]] = [("def", database, name, "BASE TABLE", "InnoDB") for name in catalog.tables]
    return rows + [("def", database, name, "VIEW", None) for name in catalog.views]


def _column(owner: Table, place: int, column: Column, database: str) -> tuple[_Cell, ...]:
    domain = column.domain
    length = domain.size if domain.type.kind in (ty.STR, ty.BIN) else None
    return (
        "def", database, owner.name, column.name, place, default_text(column), "YES" if column.nullable else "NO",
        domain.base, length, domain.decl, key_mark(owner, column), extra(column),
    )  # fmt: skip


def _constant(columns: Sequence[tuple[str, Type]], rows: Sequence[tuple[_Cell, ...]]) -> Query:
    texts = ["SELECT " + ",".join(f"{_cell(v)} AS o{i}" for i, v in enumerate(row)) for row in rows]
    if not texts:
        texts = ["SELECT " + ",".join(f"NULL AS o{i}" for i in range(len(columns))) + " WHERE 0"]
    body = " UNION ALL ".join(texts)
    return Query(f"SELECT * FROM ({body})", tuple(n for n, _ in columns), tuple(t for _, t in columns))


def _cell(value: _Cell) -> str:
    if value is None:
        return "NULL"
    return text_literal(value) if isinstance(value, str) else str(value)
