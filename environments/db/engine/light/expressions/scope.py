"""The state of one compilation: which tables and columns a name may mean, and in which clause it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from sqlglot import exp

from ...session import Unsupported
from ..catalog.catalog import Catalog
from ..parsing.parse import Statement
from ..values import errors
from ..values import types as ty
from ..values.types import Type

Constant = str | int | float | bytes
# How long the SQLite text of one statement may get, in characters: some constructs repeat their operands.
MAX_SQL = 2_000_000


class Expr:
    """A compiled expression: SQLite text and MySQL type. `const` is set for literals only (decimals: the scaled
    integer); `column` marks a bare column."""

    __slots__ = ("column", "const", "sql", "type")

    def __init__(self, sql: str, type_: Type, const: Constant | None = None, column: str | None = None) -> None:
        self.sql = sql
        self.type = type_
        self.const = const
        self.column = column


@dataclass(frozen=True, slots=True)
class Query:
    """A compiled SELECT: SQLite text whose output columns are called o0, o1, …, with their MySQL names and types."""

    sql: str
    names: tuple[str, ...]
    types: tuple[Type, ...]
    # Whether MySQL merges it into the query around it; else its rows go through a temporary table.
    merged: bool = False


@dataclass(slots=True)
class TableSource:
    """A table, view, derived table or CTE in FROM. `columns` are (name, SQLite text, type) in order."""

    name: str
    alias: str
    columns: list[tuple[str, str, Type]]
    table: str | None = None
    # Columns that USING or NATURAL have merged into the join's common ones: hidden from a bare name and from *.
    hidden: set[str] = field(default_factory=set)

    def find(self, name: str) -> Expr | None:
        """The column of this name, if there is one. Raises 1052 where there are two."""
        low = name.lower()
        matches = [c for c in self.columns if c[0].lower() == low]
        if not matches:
            return None
        if len(matches) > 1:
            raise errors.ambiguous(name, "field list")
        return Expr(matches[0][1], matches[0][2], None, matches[0][0])


class Selects(Protocol):
    """The compiler of queries: `queries.select.compile_query`."""

    def __call__(self, unit: Unit, node: exp.Expression, parent: Scope | None) -> Query: ...


@dataclass(slots=True)
class Unit:
    """The compilation of one statement. `strict` holds where bad values are errors: in statements that write."""

    catalog: Catalog
    database: str
    statement: Statement
    select: Selects
    expression: Callable[[Scope, exp.Expression], Expr]
    calls: frozenset[str] = frozenset()
    strict: bool = False
    fold_names: bool = False
    volatile: bool = False
    variables: dict[str, object] = field(default_factory=dict)
    check_time: Callable[[], None] = field(default=lambda: None)
    ctes: list[dict[str, Callable[[], TableSource]]] = field(default_factory=list)
    serial: int = 0
    depth: int = 0
    # Above zero inside IN, CASE, OR and the like, of which MySQL may leave parts unevaluated.
    lazy_depth: int = 0

    def alias(self) -> str:
        """A SQLite alias that nothing else in the statement has."""
        self.serial += 1
        return f"s{self.serial}"


@dataclass(slots=True)
class Scope:
    """One SELECT's names. `clause` is the part now compiled, in MySQL's words, for its error messages."""

    unit: Unit
    parent: Scope | None = None
    sources: list[TableSource] = field(default_factory=list)
    merged: dict[str, Expr] = field(default_factory=dict)
    clause: str = "field list"
    grouped: bool = False
    # Whether there is a GROUP BY, as against one group for all.
    by_groups: bool = False
    in_aggregate: bool = False
    keys: set[str] = field(default_factory=set)
    key_nodes: dict[exp.Expression, Expr] = field(default_factory=dict)
    aliases: dict[str, Expr] = field(default_factory=dict)
    windows: dict[str, exp.Expression] = field(default_factory=dict)
    # In UPDATE … SET: what a column has become so far, by its SQLite text; None where that cannot be said in SQL.
    assigned: dict[str, Expr | None] = field(default_factory=dict)
    joining: bool = False
    inserting: dict[str, Expr] | None = None
    # Which columns HAVING may name outside of aggregates: selected ones and group keys.
    having: set[str] = field(default_factory=set)

    @property
    def bad_values(self) -> int:
        """The effect of a bad number or a zero divisor: 0 a warning, 1 MySQL's error, 2 either, which is refused."""
        if not self.unit.strict:
            return 0
        return 1 if self.clause == "field list" and not self.unit.lazy_depth else 2

    def compile(self, node: exp.Expression) -> Expr:
        """Compile a node in this scope."""
        return self.unit.expression(self, node)

    def column(self, name: str, table: str | None) -> Expr:
        """The column that a name means, here or in an enclosing SELECT. Raises 1052 and 1054."""
        full_name = f"{table}.{name}" if table else name
        scope: Scope | None = self
        while scope is not None:
            column = scope._find(name, table, self.clause)
            if column is not None:
                return scope._in_group(column, full_name, direct=scope is self)
            scope = scope.parent
        raise errors.unknown_column(full_name, self.clause)

    def _find(self, name: str, table: str | None, clause: str) -> Expr | None:
        if table is not None:
            for source in self.sources:
                if source.name == table or (self.unit.fold_names and source.name.lower() == table.lower()):
                    column = source.find(name)
                    return self._present(column) if column else None
            return None
        low = name.lower()
        if low in self.merged:
            return self.merged[low]
        hits = [column for s in self.sources if low not in s.hidden and (column := s.find(name))]
        if len(hits) > 1:
            raise errors.ambiguous(name, clause)
        return self._present(hits[0]) if hits else None

    def target(self, name: str, table: str | None) -> Expr:
        """The column that an assignment names, ignoring earlier assignments to it."""
        assigned, self.assigned = self.assigned, {}
        try:
            return self.column(name, table)
        finally:
            self.assigned = assigned

    def _present(self, column: Expr) -> Expr:
        """A column's value at this point of an UPDATE's assignments."""
        if column.sql not in self.assigned:
            return column
        now = self.assigned[column.sql]
        if now is None:
            raise Unsupported(f"using '{column.column}' again after assigning to it", "two statements")
        return now

    def assign(self, target: Expr, value: Expr | None) -> None:
        """Note an assignment, from left to right; None where the stored value cannot be said in SQL."""
        self.assigned[target.sql] = None if self.joining else value

    def _in_group(self, column: Expr, full_name: str, *, direct: bool) -> Expr:
        if not self.grouped or self.in_aggregate:
            return column
        if not direct:
            if column.sql in self.keys:
                return column
            raise Unsupported(f"a subquery that looks at the ungrouped column {full_name}")
        if column.sql in self.keys and column.type.kind not in ty.TEXTUAL:
            return column
        return group_value(column, full_name)


def group_value(column: Expr, name: str) -> Expr:
    """The one value a column has in its whole group. Where it has several, MySQL would pick any: refused at run time."""
    c = column.sql
    sql = (
        f"(CASE WHEN count({c})=0 THEN NULL WHEN count({c})=count(*) AND min({c} COLLATE BINARY)=max({c} COLLATE BINARY)"
        f" THEN min({c} COLLATE BINARY) ELSE m_undetermined({text_literal(name)}) END)"
    )
    return Expr(sql, column.type, None, column.column)


def text_literal(value: str) -> str:
    """A SQLite string literal; NUL would end one early."""
    if "\0" in value:
        return f"CAST(x'{value.encode().hex()}' AS TEXT)"
    return "'" + value.replace("'", "''") + "'"
