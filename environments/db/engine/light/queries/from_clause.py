"""FROM: tables, views, derived tables, CTEs and how they are joined."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..expressions import comparisons
from ..expressions.coercion import round_to_scale, truth
from ..expressions.scope import Expr, Query, Scope, TableSource, Unit
from ..parsing.parse import parse
from ..parsing.tokens import RESERVED
from ..values import errors
from ..values.types import Type
from . import information_schema


def compile_from(scope: Scope, node: exp.Expression) -> str:
    """The FROM clause of a SELECT, with its leading space; its sources are added to the scope."""
    start = node.args.get("from_")
    if start is None:
        return ""
    if _is_dual(start.this) and not node.args.get("joins"):
        return ""
    return " FROM " + compile_joins(scope, start.this, node.args.get("joins") or [])


def _is_dual(node: exp.Expression) -> bool:
    return isinstance(node, exp.Table) and node.name.lower() == "dual" and not node.args.get("db")


def compile_joins(scope: Scope, first: exp.Expression, joins: Sequence[exp.Join]) -> str:
    """A table and the tables joined to it. A comma binds weaker than JOIN: ON sees only tables since the last comma."""
    since = len(scope.sources)
    done: list[str] = []
    text = factor(scope, first)
    for join in [*(first.args.get("joins") or []), *joins]:
        _require_known_join(join)
        bare = not (join.side or join.kind or join.method or join.args.get("on") or join.args.get("using"))
        if bare or join.kind == "CROSS":
            if join.args.get("on") is not None:
                raise Unsupported("CROSS JOIN with ON", "INNER JOIN")
            if bare:
                done.append(text)
                since = len(scope.sources)
                text = factor(scope, join.this)
            else:
                text = f"{text} CROSS JOIN {factor(scope, join.this)}"
            continue
        text = _compile_join(scope, text, since, join)
    return " CROSS JOIN ".join([*(_group(t) for t in done), _group(text) if done else text])


def _group(text: str) -> str:
    return f"({text})" if " JOIN " in text and not text.startswith("(SELECT") else text


def _require_known_join(join: exp.Join) -> None:
    if (
        join.side == "FULL"
        or join.kind not in ("", "INNER", "CROSS", "OUTER", "STRAIGHT", "STRAIGHT_JOIN")
        or join.method not in ("", "NATURAL")
    ):
        raise Unsupported(f"{join.side or join.kind or join.method} JOIN", "LEFT JOIN ... UNION ... RIGHT JOIN")
    for name, value in join.args.items():
        if value and name not in ("this", "side", "kind", "method", "on", "using", "pivots"):
            raise Unsupported(f"JOIN {name}")


def _compile_join(scope: Scope, left: str, since: int, join: exp.Join) -> str:
    before = scope.sources[since:]
    at = len(scope.sources)
    right = factor(scope, join.this)
    after = scope.sources[at:]
    using = join.args.get("using")
    if join.method == "NATURAL":
        names = _shared_columns(before, after)
        condition = _merge(scope, before, after, names, right_first=join.side == "RIGHT")
    elif using:
        names = [n.name for n in using]
        condition = _merge(scope, before, after, names, right_first=join.side == "RIGHT")
    else:
        condition = _on(scope, join, since)
    if join.side == "RIGHT":
        if using or join.method:
            # Such a join is a LEFT JOIN the other way round, and so are its columns.
            scope.sources[since:] = [*after, *before]
        return f"{_group(right)} LEFT JOIN {_group(left)} ON {condition}"
    return f"{left} {'LEFT ' if join.side == 'LEFT' else ''}JOIN {_group(right)} ON {condition}"


def _on(scope: Scope, join: exp.Join, since: int) -> str:
    on = join.args.get("on")
    if on is None:
        if join.side:
            raise errors.syntax("", 1)
        return "1"
    clause, sources, merged = scope.clause, scope.sources, scope.merged
    scope.clause, scope.sources = "on clause", sources[since:]
    try:
        return truth(scope, scope.compile(on))
    finally:
        scope.clause, scope.sources, scope.merged = clause, sources, merged


def _shared_columns(before: Sequence[TableSource], after: Sequence[TableSource]) -> list[str]:
    theirs = {c[0].lower() for s in after for c in s.columns if c[0].lower() not in s.hidden}
    ours = [c[0] for s in before for c in s.columns if c[0].lower() not in s.hidden]
    return [name for name in ours if name.lower() in theirs]


def _merge(
    scope: Scope,
    before: Sequence[TableSource],
    after: Sequence[TableSource],
    names: Sequence[str],
    *,
    right_first: bool,
) -> str:
    """USING and NATURAL: equality on the common columns, of which one stays visible to a bare name and to *."""
    tests = []
    for name in names:
        low = name.lower()
        left = scope.merged.get(low) or _one(before, name)
        right = _one(after, name)
        tests.append(comparisons.binary(scope, "=", left, right).sql)
        for source in (*before, *after):
            if source.find(name) is not None:
                source.hidden.add(low)
        visible = right if right_first else left
        scope.merged[low] = Expr(visible.sql, visible.type, None, name)
    return " AND ".join(tests) or "1"


def _one(sources: Sequence[TableSource], name: str) -> Expr:
    matches = [hit for s in sources if (hit := s.find(name)) is not None]
    if not matches:
        raise errors.unknown_column(name, "from clause")
    if len(matches) > 1:
        raise errors.ambiguous(name, "from clause")
    return matches[0]


def factor(scope: Scope, node: exp.Expression) -> str:
    """One member of FROM. Registers its source and returns its SQLite text."""
    if isinstance(node, exp.Table):
        return _table(scope, node)
    if isinstance(node, exp.Subquery):
        if isinstance(node.this, exp.Table):
            return f"({compile_joins(scope, node.this, node.args.get('joins') or [])})"
        alias = node.args.get("alias")
        if alias is None or not alias.name:
            raise errors.syntax("", 1)
        if alias.args.get("columns"):
            raise Unsupported("a column list behind a derived table's alias", "AS inside it")
        query = scope.unit.select(scope.unit, node.this, None)
        return add(scope, alias.name, query)
    raise Unsupported(f"{type(node).__name__} in FROM")


def add(scope: Scope, name: str, query: Query) -> str:
    """A derived table under a name."""
    seen: set[str] = set()
    for column in query.names:
        if column.lower() in seen:
            raise errors.duplicate_column(column)
        seen.add(column.lower())
    alias = scope.unit.alias()
    register(scope, TableSource(name, alias, named_columns(query, alias)))
    return f"({query.sql}) AS {alias}"


def named_columns(query: Query, alias: str) -> list[tuple[str, str, Type]]:
    """A derived table's columns; quotients are rounded where MySQL would have put them into a temporary table."""
    columns = []
    for i, (name, kind) in enumerate(zip(query.names, query.types, strict=True)):
        e = Expr(f"{alias}.o{i}", kind)
        if not query.merged:
            e = round_to_scale(e)
        columns.append((name, e.sql, e.type))
    return columns


def register(scope: Scope, source: TableSource) -> None:
    """Add a source to the scope. Raises 1066 where its name is taken."""
    if any(s.name == source.name for s in scope.sources):
        raise errors.not_unique_table(source.name)
    scope.sources.append(source)


def _table(scope: Scope, node: exp.Expression) -> str:
    for name, value in node.args.items():
        if value and name not in ("this", "db", "alias", "joins", "hints", "catalog"):
            raise Unsupported(f"{name} of a table")
    unit, name = scope.unit, node.name
    alias_node = node.args.get("alias")
    alias = alias_node.name if alias_node is not None else name
    schema = node.args.get("db")
    if not isinstance(node.this, exp.Identifier):
        raise Unsupported("a table function")
    if schema is None and not node.this.args.get("quoted") and name.upper() in RESERVED:
        raise errors.syntax(name, 1)
    if schema is None:
        for level in reversed(unit.ctes):
            if name.lower() in level:
                source = level[name.lower()]()
                register(scope, TableSource(alias, source.alias, source.columns))
                return source.table or ""
    elif schema.name.lower() == "information_schema":
        rows = information_schema.table(unit.catalog, unit.database, name)
        return add(scope, alias, rows)
    elif schema.name != unit.database:
        raise SQLError(
            1142, "42000", f"SELECT command denied to user 'root'@'localhost' for table `{schema.name}`.`{name}`"
        )
    return base(scope, name, alias)


def lookup(unit: Unit, name: str) -> str:
    """A table's or view's name as it was created. Raises 1146."""
    if name in unit.catalog.tables or name in unit.catalog.views:
        return name
    if unit.fold_names:
        for existing in (*unit.catalog.tables, *unit.catalog.views):
            if existing.lower() == name.lower():
                return existing
    raise errors.no_table(unit.database, name)


def base(scope: Scope, name: str, alias: str) -> str:
    """A table or view of the schema under an alias, as SQLite text. Raises 1146."""
    unit = scope.unit
    name = lookup(unit, name)
    view = unit.catalog.views.get(name)
    if view is not None:
        return add(scope, alias, view_query(unit, view.sql, view.columns))
    table = unit.catalog.tables[name]
    sqlite = unit.alias()
    columns: list[tuple[str, str, Type]] = [(c.name, f"{sqlite}.{c.phys}", c.type) for c in table.columns]
    register(scope, TableSource(alias, sqlite, columns, name))
    return f"{table.phys} AS {sqlite}"


def view_query(unit: Unit, sql: str, columns: Sequence[str]) -> Query:
    """The query behind a view, compiled anew; its own names do not see the statement's CTEs."""
    unit.depth += 1
    if unit.depth > 20:
        raise errors.too_deep()
    outer, ctes = unit.statement, unit.ctes
    unit.statement, unit.ctes = parse(sql, unit.calls), []
    try:
        query = unit.select(unit, unit.statement.tree, None)
    finally:
        unit.statement, unit.ctes = outer, ctes
        unit.depth -= 1
    if columns and len(columns) != len(query.names):
        raise Unsupported("a view whose table has changed", "DROP VIEW and CREATE VIEW")
    return Query(query.sql, tuple(columns) or query.names, query.types, query.merged)
