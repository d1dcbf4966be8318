"""The scopes of the later phases of a SELECT: the keys of GROUP BY, the select list, then HAVING and ORDER BY.

Each needs what the phase before it found, so that a rule cannot be asked before its answer is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from ...session import Unsupported
from ..values import errors
from ..values import types as ty
from .clauses import Clause
from .expr import ColumnRef, Expr, group_value
from .scope import Scope, refuse_ungrouped


@dataclass(slots=True)
class Grouping:
    """How a SELECT puts rows together: by keys, which are columns or other expressions, or all into one group."""

    by_groups: bool = False
    columns: set[ColumnRef] = field(default_factory=set)
    nodes: dict[exp.Expression, Expr] = field(default_factory=dict)
    keys: list[tuple[Expr, ColumnRef | exp.Expression | None]] = field(default_factory=list)
    """each key, and what it is known by: a column, or the node of another expression"""
    rolled: frozenset[ColumnRef | exp.Expression] = frozenset()
    """the keys that a row of WITH ROLLUP leaves out and shows as NULL"""

    def add(self, key: Expr, node: exp.Expression | None) -> None:
        """Note a key of GROUP BY."""
        mark = key.origin if key.origin is not None and key.column else node
        self.keys.append((key, mark))
        if isinstance(mark, ColumnRef):
            self.columns.add(mark)
        elif mark is not None:
            textual = key.type.kind in ty.TEXTUAL
            self.nodes[mark] = group_value(key, "GROUP BY expression") if textual else key

    def upto(self, count: int) -> Grouping:
        """The grouping of WITH ROLLUP's rows over the first keys alone."""
        rolled = frozenset(mark for _, mark in self.keys[count:] if mark is not None)
        return replace(self, rolled=rolled - {mark for _, mark in self.keys[:count]})


@dataclass(frozen=True, slots=True)
class Output:
    """A column of the result: its name, its value, its node (None: a star's column), and whether an alias names it."""

    name: str
    value: Expr
    node: exp.Expression | None
    aliased: bool


class KeyScope(Scope):
    """GROUP BY: columns, then aliases of the select list."""

    def __init__(self, scope: Scope, aliases: Sequence[tuple[str, exp.Expression]]) -> None:
        super().__init__(scope.unit, scope.parent, scope.names)
        self.windows = scope.windows
        self.aliases = aliases

    def column(self, name: str, table: str | None) -> Expr:
        """The column or the alias of this name. Raises 1052, 1054 and 1056."""
        nodes = self.named(name) if table is None else []
        try:
            return super().column(name, table)
        except errors.SQLError as e:
            if not nodes or e.code not in (1052, 1054):
                raise
        with self.at(Clause.SELECT):
            return self.compile(nodes[0])

    def named(self, name: str) -> list[exp.Expression]:
        """The select items of this name, each once. Raises 1052 where there are several."""
        low = name.lower()
        nodes: list[exp.Expression] = []
        for alias, node in self.aliases:
            if alias == low and node not in nodes:
                nodes.append(node)
        if len(nodes) > 1:
            raise errors.ambiguous(name, Clause.GROUP_BY.words)
        return nodes


class GroupedScope(Scope):
    """The select list: it is known how rows are grouped. `grouping` is None where they are not."""

    def __init__(self, scope: Scope, grouping: Grouping | None, aliases: frozenset[str]) -> None:
        super().__init__(scope.unit, scope.parent, scope.names)
        self.windows = scope.windows
        self.grouping = grouping
        self.aliases = aliases
        self.selected: dict[str, Expr] = {}
        """the aliases of the select list so far, for subqueries in it"""

    @property
    def by_groups(self) -> bool:
        """See Scope.by_groups."""
        return self.grouping is not None and self.grouping.by_groups

    @property
    def grouped(self) -> bool:
        """See Scope.grouped."""
        return self.grouping is not None

    def seen(self, column: Expr, full_name: str) -> Expr:
        """See Scope.seen: in a group a column has one value, or none that could be told."""
        if self.grouping is None or self.in_aggregate:
            return column
        if column.origin in self.grouping.rolled:
            return Expr("NULL", column.type, None, column.column, column.origin)
        if column.origin in self.grouping.columns and column.type.kind not in ty.TEXTUAL:
            return column
        return group_value(column, full_name)

    def column(self, name: str, table: str | None) -> Expr:
        """See Scope.column. MariaDB alone takes aliases in a window."""
        try:
            return super().column(name, table)
        except errors.SQLError as e:
            if e.code == 1054 and self.clause is Clause.WINDOW and table is None and name.lower() in self.aliases:
                raise Unsupported("an alias in a window", "what it stands for") from e
            raise

    def seen_from_inside(self, name: str, table: str | None, full_name: str, clause: Clause) -> Expr | None:
        """See Scope.seen_from_inside."""
        column = self.find(name, table, clause)
        if column is None:
            return self._alias(name) if table is None else None
        if self.grouping is not None and column.origin in self.grouping.rolled and not self.in_aggregate:
            raise refuse_ungrouped(full_name)
        if self.grouping is None or self.in_aggregate or column.origin in self.grouping.columns:
            return column
        raise refuse_ungrouped(full_name)

    def _alias(self, name: str) -> Expr | None:
        """What an alias of the select list stands for. Raises 1247 where it comes later."""
        value = self.selected.get(name.lower())
        if value is None and name.lower() in self.aliases:
            raise errors.forward_reference(name)
        return value

    def group_key(self, node: exp.Expression) -> Expr | None:
        """See Scope.group_key."""
        if self.grouping is None or self.in_aggregate or not self.grouping.nodes:
            return None
        key = self.grouping.nodes.get(node)
        return Expr("NULL", key.type) if key is not None and node in self.grouping.rolled else key


class ResultScope(GroupedScope):
    """HAVING and ORDER BY: the columns of the result are known."""

    def __init__(self, scope: GroupedScope, outputs: Sequence[Output]) -> None:
        super().__init__(scope, scope.grouping, scope.aliases)
        self.selected = scope.selected
        self.outputs = outputs

    def column(self, name: str, table: str | None) -> Expr:
        """The column of the result or of the tables of this name. Raises 1052 and 1054."""
        if self.clause is Clause.HAVING:
            return self._in_having(name, table)
        return self._in_order(name, table)

    def group_key(self, node: exp.Expression) -> Expr | None:
        """See Scope.group_key: HAVING names selected columns, and no expression again."""
        return None if self.clause is Clause.HAVING else super().group_key(node)

    def knows(self, name: str, table: str | None) -> bool:
        """See Scope.knows."""
        return super().knows(name, table) or (table is None and bool(self.places(name)))

    def places(self, name: str) -> list[int]:
        """The result's columns of this name, those of one value once; a computed one goes before columns of tables."""
        low = name.lower()
        places: list[int] = []
        for place, output in enumerate(self.outputs):
            if output.name.lower() == low and not any(self._same(place, other) for other in places):
                places.append(place)
        computed = [p for p in places if self.outputs[p].aliased and self.outputs[p].value.origin is None]
        return computed if len(computed) == 1 else places

    def place(self, name: str) -> int | None:
        """The one column of the result of this name. Raises 1052 where there are several."""
        places = self.places(name)
        if len(places) > 1:
            raise errors.ambiguous(name, self.clause.words)
        return places[0] if places else None

    def _same(self, a: int, b: int) -> bool:
        first, second = self.outputs[a], self.outputs[b]
        if first.value.origin is not None and first.value.origin == second.value.origin:
            return True
        return first.node is not None and first.node == second.node

    def _inside_aggregate(self, name: str, table: str | None) -> Expr:
        """A name in an aggregate's arguments: a column, else what an alias stands for."""
        try:
            return super().column(name, table)
        except errors.SQLError as e:
            place = self.place(name) if table is None and e.code in (1052, 1054) else None
            node = self.outputs[place].node if place is not None else None
            if node is None:
                raise
            return self.compile(node)

    def _in_having(self, name: str, table: str | None) -> Expr:
        if self.in_aggregate:
            return self._inside_aggregate(name, table)
        own = self._own(name, table)
        if own is not None and self.grouping is not None and own.origin in self.grouping.columns:
            return self.seen(own, name)
        if table is None:
            place = self.place(name)
            if place is not None:
                return self.outputs[place].value
        if own is not None and any(o.value.origin == own.origin for o in self.outputs):
            return self.seen(own, f"{table}.{name}" if table else name)
        outer = self._outside(name, table)
        if outer is not None:
            return outer
        raise errors.unknown_column(f"{table}.{name}" if table else name, self.clause.words)

    def _in_order(self, name: str, table: str | None) -> Expr:
        if self.in_aggregate:
            return self._inside_aggregate(name, table)
        try:
            return super().column(name, table)
        except errors.SQLError as e:
            place = self.place(name) if table is None and e.code in (1052, 1054) else None
            if place is None:
                raise
            return self.outputs[place].value

    def _own(self, name: str, table: str | None) -> Expr | None:
        try:
            return self.find(name, table, self.clause)
        except errors.SQLError as e:
            if e.code != 1052 or not self.places(name):
                raise
            return None

    def _outside(self, name: str, table: str | None) -> Expr | None:
        scope = self.parent
        full_name = f"{table}.{name}" if table else name
        while scope is not None:
            column = scope.seen_from_inside(name, table, full_name, self.clause)
            if column is not None:
                return column
            scope = scope.parent
        return None
