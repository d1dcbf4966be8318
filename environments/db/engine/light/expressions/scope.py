"""The state of one compilation: which tables and columns a name may mean, and in which clause it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..catalog.catalog import Catalog
from ..parsing.parse import Statement
from ..values import errors
from ..values.types import Type
from .clauses import Clause
from .expr import MAX_SQL, Constant, Expr, Query, group_value, text_literal
from .names import Names, TableSource

__all__ = [
    "MAX_SQL", "Clause", "Constant", "Expr", "Names", "Query", "Scope", "TableSource", "Type", "Unit", "group_value",
    "text_literal",
]  # fmt: skip


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
    autocommit: bool = True
    awaited: frozenset[str] = frozenset()
    """the tables of the WITH RECURSIVE that is compiled now, in lower case"""
    describes: bool = False
    """whether it reads information_schema"""
    serial: int = 0
    depth: int = 0
    # Above zero inside IN, CASE, OR and the like, of which MySQL may leave parts unevaluated.
    lazy_depth: int = 0

    def alias(self) -> str:
        """A SQLite alias that nothing else in the statement has."""
        self.serial += 1
        return f"s{self.serial}"

    @contextmanager
    def lazily(self) -> Iterator[None]:
        """Compile what MySQL may leave unevaluated."""
        self.lazy_depth += 1
        try:
            yield
        finally:
            self.lazy_depth -= 1


class _Place:
    """The time during which a scope compiles one clause."""

    __slots__ = ("before", "clause", "scope")

    def __init__(self, scope: Scope, clause: Clause) -> None:
        self.scope, self.clause, self.before = scope, clause, scope.clause

    def __enter__(self) -> None:
        self.scope._clause = self.clause

    def __exit__(self, *_: object) -> None:
        self.scope._clause = self.before


class Scope:
    """What names mean while one SELECT or one write is compiled, before it is known how its rows are grouped.

    The phases of a SELECT have scopes of their own, each made from the one before: see `select_scopes`.
    """

    def __init__(self, unit: Unit, parent: Scope | None = None, names: Names | None = None) -> None:
        self.unit = unit
        self.parent = parent
        self.names = names if names is not None else Names()
        self.windows: Mapping[str, exp.Expression] = {}
        self.inserting: dict[str, Expr] | None = None
        self.in_aggregate = False
        self._clause = Clause.SELECT

    @property
    def clause(self) -> Clause:
        """The clause that is compiled now."""
        return self._clause

    def at(self, clause: Clause) -> _Place:
        """Compile one clause: `with scope.at(Clause.WHERE): …`."""
        return _Place(self, clause)

    @contextmanager
    def aggregating(self) -> Iterator[None]:
        """Compile the arguments of an aggregate."""
        before, self.in_aggregate = self.in_aggregate, True
        try:
            yield
        finally:
            self.in_aggregate = before

    @property
    def by_groups(self) -> bool:
        """Whether there is a GROUP BY, as against one group for all."""
        return False

    @property
    def grouped(self) -> bool:
        """Whether rows are put together into groups, or into one group."""
        return False

    @property
    def bad_values(self) -> int:
        """The effect of a bad number or a zero divisor: 0 a warning, 1 MySQL's error, 2 either, which is refused."""
        if not self.unit.strict:
            return 0
        return 1 if self._clause.certain and not self.unit.lazy_depth else 2

    def compile(self, node: exp.Expression) -> Expr:
        """Compile a node in this scope."""
        return self.unit.expression(self, node)

    def column(self, name: str, table: str | None) -> Expr:
        """The column that a name means, here or in an enclosing SELECT. Raises 1052 and 1054."""
        full_name = f"{table}.{name}" if table else name
        own = self.find(name, table, self._clause)
        if own is not None:
            return self.seen(own, full_name)
        scope = self.parent
        while scope is not None:
            column = scope.seen_from_inside(name, table, full_name, self._clause)
            if column is not None:
                return column
            scope = scope.parent
        if name.lower() == "_rowid":
            raise Unsupported("_rowid", "the primary key")
        raise errors.unknown_column(full_name, self._clause.words)

    def find(self, name: str, table: str | None, clause: Clause) -> Expr | None:
        """The column of this scope's tables that a name means, as it is in a row."""
        if table is None:
            return self.names.column(name, clause)
        source = self.names.table(table, fold=self.unit.fold_names)
        place = source.place(name.lower(), clause) if source is not None else None
        return source.column(place) if source is not None and place is not None else None

    def knows(self, name: str, table: str | None) -> bool:
        """Whether a name means something of this very scope, if only two things."""
        try:
            return self.find(name, table, self._clause) is not None
        except SQLError:
            return True

    def is_key(self, column: Expr) -> bool:
        """Whether an expression is a stored column that a key has."""
        scope: Scope | None = self
        while scope is not None and column.origin is not None:
            for source in scope.names.sources:
                table = self.unit.catalog.tables.get(source.table or "")
                if source.alias == column.origin.source and table is not None:
                    return any(column.column in key.columns for key in table.keys)
            scope = scope.parent
        return False

    def seen(self, column: Expr, full_name: str) -> Expr:
        """A column of this scope's tables as the present clause has it."""
        return column

    def seen_from_inside(self, name: str, table: str | None, full_name: str, clause: Clause) -> Expr | None:
        """A column or alias of this scope as a subquery in it has it."""
        return self.find(name, table, clause)

    def group_key(self, node: exp.Expression) -> Expr | None:
        """The value of a node that is a key of GROUP BY."""
        return None


def refuse_ungrouped(full_name: str) -> Unsupported:
    """A subquery cannot look at a column that has several values in the group around it."""
    return Unsupported(f"a subquery that looks at the ungrouped column {full_name}")
