"""Compiled expressions and queries: SQLite text with what is known of its value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ..values.types import Type

Constant = str | int | float | bytes
# How long the SQLite text of one statement may get, in characters: some constructs repeat their operands.
MAX_SQL = 2_000_000


class ColumnRef(NamedTuple):
    """A column of a table in FROM: the table's SQLite alias and the column's place."""

    source: str
    place: int


class Expr:
    """A compiled expression: SQLite text and MySQL type.

    `const` is set for literals only (decimals: the scaled integer); `column` names the column of a bare one. `origin` is
    the column whose value this is, also where a group has one value of it. `checked` is the text of a conversion that
    refuses what `sql` makes NULL of.
    """

    __slots__ = ("checked", "column", "const", "origin", "sql", "type")

    def __init__(
        self,
        sql: str,
        type_: Type,
        const: Constant | None = None,
        column: str | None = None,
        origin: ColumnRef | None = None,
        checked: str = "",
    ) -> None:
        self.sql = sql
        self.type = type_
        self.const = const
        self.column = column
        self.origin = origin
        self.checked = checked


@dataclass(frozen=True, slots=True)
class Query:
    """A compiled SELECT: SQLite text whose output columns are called o0, o1, …, with their MySQL names and types."""

    sql: str
    names: tuple[str, ...]
    types: tuple[Type, ...]
    # Whether MySQL merges it into the query around it; else its rows go through a temporary table.
    merged: bool = False


def text_literal(value: str) -> str:
    """A SQLite string literal; NUL would end one early."""
    if "\0" in value:
        return f"CAST(x'{value.encode().hex()}' AS TEXT)"
    return "'" + value.replace("'", "''") + "'"


def group_value(column: Expr, name: str) -> Expr:
    """The one value a column has in its whole group. Where it has several, MySQL would pick any: refused at run time."""
    c = column.sql
    sql = (
        f"(CASE WHEN count({c})=0 THEN NULL WHEN count({c})=count(*) AND min({c} COLLATE BINARY)=max({c} COLLATE BINARY)"
        f" THEN min({c} COLLATE BINARY) ELSE m_undetermined({text_literal(name)}) END)"
    )
    return Expr(sql, column.type, None, column.column, column.origin)
