"""FROM: tables, views, derived tables, CTEs and how they are joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..catalog.catalog import View
from ..expressions import comparisons
from ..expressions.clauses import Clause
from ..expressions.coercion import round_to_scale, truth
from ..expressions.expr import Expr, Query
from ..expressions.names import Names, Row, TableSource
from ..expressions.scope import Scope, Unit
from ..parsing.parse import Statement, parse_query
from ..values import errors
from ..values.types import Type
from . import information_schema


@dataclass(frozen=True, slots=True)
class Joined:
    """A table, or some joined to one another: SQLite's text, the tables in it, and the columns that it shows."""

    text: str
    names: Names
    compound: bool = False

    @property
    def grouped(self) -> str:
        """The text as one operand of a join."""
        return f"({self.text})" if self.compound else self.text


def compile_from(unit: Unit, parent: Scope | None, node: exp.Expression | None) -> Joined:
    """FROM: its tables and joins. Without tables the text is empty."""
    members = [join_tree(unit, parent, member) for member in (node.expressions if node is not None else ())]
    if not members:
        return Joined("", Names())
    if len(members) == 1:
        return members[0]
    text = " CROSS JOIN ".join(member.grouped for member in members)
    return Joined(text, _together(members), True)


def _together(members: Sequence[Joined]) -> Names:
    """The names of tables side by side. Raises 1066 where two tables have one name."""
    sources: list[TableSource] = []
    for member in members:
        for source in member.names.sources:
            if any(s.name == source.name for s in sources):
                raise errors.not_unique_table(source.name)
            sources.append(source)
    if all(member.names.row is None for member in members):
        return Names(sources)
    return Names(sources, [pair for member in members for pair in member.names.shown()])


def join_tree(unit: Unit, parent: Scope | None, node: exp.Expression) -> Joined:
    """One member of FROM, with all that is joined to it."""
    if isinstance(node, exp.Join):
        return _join(unit, parent, node)
    if isinstance(node, exp.Table):
        return _table(unit, node)
    if isinstance(node, exp.Subquery):
        query = unit.select(unit, node.this, None)
        return derived(unit, node.args["alias"].name, query)
    if isinstance(node, exp.Paren):
        return compile_from(unit, parent, node.this)
    raise Unsupported(f"{type(node).__name__} in FROM")


def _join(unit: Unit, parent: Scope | None, node: exp.Join) -> Joined:
    left, right = join_tree(unit, parent, node.args["left"]), join_tree(unit, parent, node.this)
    names = _together((left, right))
    kind = node.args["kind"]
    if kind == "CROSS":
        return Joined(f"{left.text} CROSS JOIN {right.grouped}", names, True)
    using = node.args.get("using")
    if node.args.get("natural") or using:
        if kind == "RIGHT":
            # Such a join is a LEFT JOIN the other way round, and so are its columns.
            left, right = right, left
            names = _together((left, right))
        condition, names = _merge(unit, left, right, names, [n.name for n in using] if using else None)
    else:
        condition = _on(unit, parent, names, node.args.get("on"))
        if kind == "RIGHT":
            left, right = right, left
    first = left.grouped if kind == "RIGHT" else left.text
    return Joined(f"{first} {'JOIN' if kind == 'INNER' else 'LEFT JOIN'} {right.grouped} ON {condition}", names, True)


def _on(unit: Unit, parent: Scope | None, names: Names, node: exp.Expression | None) -> str:
    """The condition of a join, which sees the tables of the join alone."""
    if node is None:
        return "1"
    scope = Scope(unit, parent, names)
    with scope.at(Clause.ON):
        return truth(scope, scope.compile(node))


def _merge(unit: Unit, left: Joined, right: Joined, names: Names, common: Sequence[str] | None) -> tuple[str, Names]:
    """USING and NATURAL: equality on the common columns, which are shown once and first. `common` None: all shared."""
    ours, theirs = left.names.shown(), right.names.shown()
    if common is None:
        shared = {_name(pair) for pair in theirs}
        common = [name for pair in ours if (name := _name(pair)) in shared]
    pairs = [(_one(ours, name), _one(theirs, name)) for name in common]
    pairs.sort(key=lambda pair: ours.index(pair[0]))
    scope = Scope(unit, None, names)
    with scope.at(Clause.ON):
        tests = [comparisons.binary(scope, "=", a[0].column(a[1]), b[0].column(b[1])).sql for a, b in pairs]
    merged = {pair for both in pairs for pair in both}
    row = [a for a, _ in pairs] + [pair for pair in (*ours, *theirs) if pair not in merged]
    return " AND ".join(tests) or "1", Names(names.sources, row)


def _name(pair: tuple[TableSource, int]) -> str:
    return pair[0].columns[pair[1]][0].lower()


def _one(row: Row, name: str) -> tuple[TableSource, int]:
    matches = [pair for pair in row if _name(pair) == name.lower()]
    if not matches:
        raise errors.unknown_column(name, Clause.FROM.words)
    if len(matches) > 1:
        raise errors.ambiguous(name, Clause.FROM.words)
    return matches[0]


def require_distinct(names: Sequence[str]) -> None:
    """Raise 1060 where two columns have one name."""
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise errors.duplicate_column(name)
        seen.add(name.lower())


def derived(unit: Unit, name: str, query: Query) -> Joined:
    """A derived table under a name. Raises 1060 where two of its columns have one name."""
    require_distinct(query.names)
    alias = unit.alias()
    source = TableSource(name, alias, named_columns(query, alias))
    return Joined(f"({query.sql}) AS {alias}", Names((source,)))


def named_columns(query: Query, alias: str) -> list[tuple[str, str, Type]]:
    """A derived table's columns; quotients are rounded where MySQL would have put them into a temporary table."""
    columns = []
    for i, (name, kind) in enumerate(zip(query.names, query.types, strict=True)):
        e = Expr(f"{alias}.o{i}", kind)
        if not query.merged:
            e = round_to_scale(e)
        columns.append((name, e.sql, e.type))
    return columns


def _table(unit: Unit, node: exp.Table) -> Joined:
    name = node.name
    alias_node = node.args.get("alias")
    alias = alias_node.name if alias_node is not None else name
    schema = node.args.get("db")
    if schema is None:
        for level in reversed(unit.ctes):
            if name.lower() in level:
                source = level[name.lower()]()
                return Joined(source.table or "", Names((TableSource(alias, source.alias, source.columns),)))
    elif schema.name.lower() == "information_schema":
        unit.describes = True
        return derived(unit, alias, information_schema.table(unit.catalog, unit.database, name, fold=unit.fold_names))
    elif schema.name != unit.database:
        raise SQLError(
            1142, "42000", f"SELECT command denied to user 'root'@'localhost' for table `{schema.name}`.`{name}`"
        )
    joined = base(unit, name, alias)
    _require_indexes(unit, joined, node)
    return joined


def _require_indexes(unit: Unit, joined: Joined, node: exp.Table) -> None:
    """Index hints change nothing, but name keys that exist. Raises 1176."""
    source = joined.names.sources[0]
    for hint in node.args.get("hints") or ():
        table = unit.catalog.tables.get(source.table or "")
        keys = {key.name.lower() for key in table.keys} if table is not None else set()
        if hint.name.lower() not in keys:
            raise SQLError(1176, "42000", f"Key '{hint.name}' doesn't exist in table '{source.name}'")


def lookup(unit: Unit, name: str) -> str:
    """A table's or view's name as it was created. Raises 1146."""
    if name in unit.catalog.tables or name in unit.catalog.views:
        return name
    if unit.fold_names:
        for existing in (*unit.catalog.tables, *unit.catalog.views):
            if existing.lower() == name.lower():
                return existing
    if name.lower() in unit.awaited:
        raise Unsupported("this recursion in WITH", "WITH RECURSIVE of one table at a time")
    raise errors.no_table(unit.database, name)


def base(unit: Unit, name: str, alias: str) -> Joined:
    """A table or view of the schema under an alias. Raises 1146."""
    name = lookup(unit, name)
    view = unit.catalog.views.get(name)
    if view is not None:
        return derived(unit, alias, _view(unit, view))
    table = unit.catalog.tables[name]
    sqlite = unit.alias()
    columns: list[tuple[str, str, Type]] = [(c.name, f"{sqlite}.{c.phys}", c.type) for c in table.columns]
    return Joined(f"{table.phys} AS {sqlite}", Names((TableSource(alias, sqlite, columns, name),)))


_BROKEN = frozenset({1052, 1054, 1060, 1109, 1142, 1146, 1222, 1305, 1356, 4002})


def _view(unit: Unit, view: View) -> Query:
    """The query behind a view. Raises 1356 where its tables are no longer those it was made over."""
    try:
        return view_query(unit, view.sql, view.columns)
    except SQLError as e:
        if e.code in _BROKEN:
            raise errors.broken_view(unit.database, view.name) from e
        raise


def view_query(unit: Unit, sql: str, columns: Sequence[str]) -> Query:
    """The query behind a view, compiled anew; its own names do not see the statement's CTEs."""
    unit.depth += 1
    if unit.depth > 20:
        raise errors.too_deep()
    outer, ctes = unit.statement, unit.ctes
    unit.statement, unit.ctes = Statement(parse_query(sql, unit.calls), sql), []
    try:
        query = unit.select(unit, unit.statement.tree, None)
    finally:
        unit.statement, unit.ctes = outer, ctes
        unit.depth -= 1
    if columns and len(columns) != len(query.names):
        raise Unsupported("a view whose table has changed", "DROP VIEW and CREATE VIEW")
    return Query(query.sql, tuple(columns) or query.names, query.types, query.merged)
