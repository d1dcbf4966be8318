"""SELECT, set operations and WITH, as one SQLite SELECT with known column names and types."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from ...session import Unsupported
from ..expressions import aggregates, comparisons
from ..expressions.aggregates import contains
from ..expressions.coercion import round_to_scale, truth
from ..expressions.scope import MAX_SQL, Expr, Query, Scope, Unit, group_value
from ..parsing.node_parts import refuse_other_parts
from ..values import errors
from ..values import types as ty
from . import from_clause
from .ctes import define_ctes
from .order_limit import limit, output_term, position
from .set_operations import compile_set_operation, order_and_limit

_SELECT_PARTS = frozenset({
    "expressions", "from_", "joins", "where", "group", "having", "order", "limit", "offset", "distinct", "windows",
    "with_", "locks", "operation_modifiers",
})  # fmt: skip
_HARMLESS = frozenset(
    {"HIGH_PRIORITY", "SQL_SMALL_RESULT", "SQL_BIG_RESULT", "SQL_BUFFER_RESULT", "SQL_NO_CACHE", "STRAIGHT_JOIN"}
)


def compile_query(unit: Unit, node: exp.Expression, parent: Scope | None) -> Query:
    """Compile a query expression. `parent` is the SELECT it stands in, where correlation is allowed."""
    unit.depth += 1
    if unit.depth > 40:
        raise errors.too_deep()
    unit.check_time()
    lead = node.args.get("with_")
    compile_kind = next((build for kind, build in _QUERIES if isinstance(node, kind)), None)
    if compile_kind is None:
        raise Unsupported(f"{type(node).__name__} as a query", "SELECT")
    if lead is not None:
        unit.ctes.append({})
    try:
        if lead is not None:
            define_ctes(unit, lead)
        query = compile_kind(unit, node, parent)
    finally:
        unit.depth -= 1
        if lead is not None:
            unit.ctes.pop()
    if len(query.sql) > MAX_SQL:
        raise errors.too_deep()
    return query


def _parenthesized(unit: Unit, node: exp.Expression, parent: Scope | None) -> Query:
    """A query in parentheses, perhaps with an ORDER BY and a LIMIT of its own."""
    refuse_other_parts(node, frozenset({"this", "order", "limit", "offset", "with_", "alias"}))
    inner = compile_query(unit, node.this, parent)
    return order_and_limit(unit, inner, node) if node.args.get("order") or node.args.get("limit") else inner


def _select(unit: Unit, node: exp.Expression, parent: Scope | None) -> Query:
    refuse_other_parts(node, _SELECT_PARTS)
    for modifier in node.args.get("operation_modifiers") or ():
        if modifier.name.upper() not in _HARMLESS:
            raise Unsupported(modifier.name.upper(), "COUNT(*)")
    if not node.expressions:
        raise errors.syntax("", 1)
    scope = Scope(unit, parent)
    start = from_clause.compile_from(scope, node)
    for window in node.args.get("windows") or ():
        scope.windows[window.name.lower()] = window
    tests = _compile_where(scope, node)
    items = _expand_stars(scope, node)
    group = _group(scope, node, items)
    order, having = node.args.get("order"), node.args.get("having")
    scope.by_groups = bool(group)
    scope.grouped = (
        bool(group) or any(contains(n) for n, _ in items if n is not None) or contains(having) or contains(order)
    )
    columns = [
        (name, expr if expr is not None else _item(scope, n)) for (n, expr), name in _name_items(unit, node, items)
    ]
    if scope.grouped:
        columns = [(name, _regroup(scope, e, name)) for name, e in columns]
    _publish(scope, columns, items)
    filters = _having(scope, having)
    if filters and not scope.grouped:
        tests, filters = [*tests, *filters], []
    sql = _assemble(scope, node, columns, start, tests, group, filters)
    if node.args.get("distinct") is not None:
        columns = [(name, round_to_scale(e)) for name, e in columns]
    plain = (
        bool(start)
        and not scope.grouped
        and not any(node.args.get(a) for a in ("distinct", "limit", "having", "windows"))
    )
    merged = plain and not any(node.find_all(exp.Window))
    types = tuple(e.type for _, e in columns)
    return Query(sql, tuple(name for name, _ in columns), types, merged)


def _compile_where(scope: Scope, node: exp.Expression) -> list[str]:
    where = node.args.get("where")
    if where is None:
        return []
    scope.clause = "where clause"
    test = truth(scope, scope.compile(where.this))
    scope.clause = "field list"
    return [test]


# A select item: its node, or the column that a star stands for.
Item = tuple[exp.Expression | None, Expr | None]


def _expand_stars(scope: Scope, node: exp.Expression) -> list[Item]:
    items: list[Item] = []
    for n in node.expressions:
        if isinstance(n, exp.Star):
            if n.args.get("except_") or n.args.get("replace"):
                raise errors.syntax("", 1)
            items.extend((None, e) for e in _star(scope, None))
        elif isinstance(n, exp.Column) and isinstance(n.this, exp.Star):
            items.extend((None, e) for e in _star(scope, n.args["table"].name))
        else:
            items.append((n, None))
    return items


def _star(scope: Scope, table: str | None) -> list[Expr]:
    if table is not None:
        for source in scope.sources:
            if source.name == table or (scope.unit.fold_names and source.name.lower() == table.lower()):
                return [Expr(sql, kind, None, name) for name, sql, kind in source.columns]
        raise errors.SQLError(1051, "42S02", f"Unknown table '{table}'")
    if not scope.sources:
        raise errors.SQLError(1096, "HY000", "No tables used")
    columns = list(scope.merged.values())
    for source in scope.sources:
        columns.extend(
            Expr(sql, kind, None, name) for name, sql, kind in source.columns if name.lower() not in source.hidden
        )
    return columns


def _name_items(unit: Unit, node: exp.Expression, items: Sequence[Item]) -> list[tuple[Item, str]]:
    """Each item with its column name: the alias, the column's own name, or the text as written."""
    result: list[tuple[Item, str]] = []
    positions = {id(n): i for i, n in enumerate(node.expressions)}
    for n, expr in items:
        if n is None:
            result.append(((n, expr), (expr.column if expr else None) or ""))
        elif isinstance(n, exp.Alias):
            result.append(((n.this, None), n.alias))
        elif isinstance(n, exp.Column):
            result.append(((n, None), n.name))
        elif (text := _literal_name(n)) is not None:
            result.append(((n, None), text))
        elif isinstance(n, exp.Aliases | exp.PropertyEQ):
            raise Unsupported("this select item")
        else:
            # Column names are utf8mb3: what lies beyond is shown as a question mark.
            text = unit.statement.item_text(node, positions[id(n)])
            result.append(((n, None), "".join(c if c <= "\uffff" else "?" for c in text)))
    return result


def _literal_name(node: exp.Expression) -> str | None:
    """A literal's column name is its value, even in parentheses or put together from neighbours."""
    bare = node
    while isinstance(bare, exp.Paren):
        bare = bare.this
    if isinstance(bare, exp.Literal):
        return str(bare.this).strip() if bare.args["is_string"] or bare is not node else None
    if isinstance(node, exp.Concat) and all(isinstance(n, exp.Literal) for n in node.expressions):
        return "".join(str(n.this) for n in node.expressions).strip()
    return None


def _item(scope: Scope, node: exp.Expression | None) -> Expr:
    assert node is not None
    return scope.compile(node)


def _group(scope: Scope, node: exp.Expression, items: Sequence[Item]) -> list[str]:
    """Compile GROUP BY, and set the scope's keys."""
    group = node.args.get("group")
    if group is None:
        return []
    if (
        group.args.get("rollup")
        or group.args.get("cube")
        or group.args.get("grouping_sets")
        or group.args.get("totals")
    ):
        raise Unsupported("WITH ROLLUP", "UNION ALL with a grand total")
    scope.clause = "group statement"
    for n, _ in items:
        if isinstance(n, exp.Alias) and not contains(n):
            scope.clause = "field list"
            if not isinstance(n.this, exp.Window) and not n.find(exp.Window):
                scope.aliases[n.alias.lower()] = scope.compile(n.this)
            scope.clause = "group statement"
    texts = []
    for key in group.expressions:
        key, compiled = _key(scope, key, items)
        if compiled.type.kind == ty.DEC and compiled.type.frac != compiled.type.scale:
            raise Unsupported("GROUP BY a quotient", "ROUND")
        texts.append(aggregates.order_text(compiled) if compiled.type.kind != ty.ENUM else compiled.sql)
        scope.keys.add(compiled.sql)
        if key is not None and not isinstance(key, exp.Column):
            textual = compiled.type.kind in ty.TEXTUAL
            scope.key_nodes[key] = group_value(compiled, "GROUP BY expression") if textual else compiled
    scope.clause = "field list"
    return texts


def _key(scope: Scope, key: exp.Expression, items: Sequence[Item]) -> tuple[exp.Expression | None, Expr]:
    if isinstance(key, exp.Literal) and not key.args["is_string"] and str(key.this).isdigit():
        place = int(str(key.this))
        if not 1 <= place <= len(items):
            raise errors.unknown_column(str(key.this), "group statement")
        node, expr = items[place - 1]
        if expr is not None:
            return None, expr
        assert node is not None
        key = node.this if isinstance(node, exp.Alias) else node
        if contains(key):
            raise errors.SQLError(1056, "42000", f"Can't group on '{key.sql()}'")
        return key, scope.compile(key)
    compiled = scope.compile(key)
    for n, _ in items:
        if not isinstance(n, exp.Alias) or not isinstance(key, exp.Column) or n.alias.lower() != key.name.lower():
            continue
        if scope.aliases.get(n.alias.lower()) is compiled:
            return n.this, compiled
    return key, compiled


def _regroup(scope: Scope, e: Expr, name: str) -> Expr:
    """A star's column inside a group."""
    if e.column is None or e.sql.startswith("("):
        return e
    if e.sql in scope.keys and e.type.kind not in ty.TEXTUAL:
        return e
    return group_value(e, name) if "." in e.sql and " " not in e.sql else e


def _publish(scope: Scope, columns: Sequence[tuple[str, Expr]], items: Sequence[Item]) -> None:
    """Make aliases and selected columns known to HAVING and ORDER BY."""
    scope.aliases = {}
    for (name, e), (n, _) in zip(columns, items, strict=True):
        if isinstance(n, exp.Alias):
            scope.aliases.setdefault(name.lower(), e)
        scope.having.add(name.lower())


def _having(scope: Scope, having: exp.Expression | None) -> list[str]:
    if having is None:
        return []
    scope.clause = "having clause"
    test = truth(scope, scope.compile(having.this))
    scope.clause = "field list"
    return [test]


def _assemble(
    scope: Scope, node: exp.Expression, columns: Sequence[tuple[str, Expr]], start: str, tests: Sequence[str],
    group: Sequence[str], filters: Sequence[str],
) -> str:  # fmt: skip
    distinct = node.args.get("distinct")
    if distinct is not None and distinct.args.get("on") is not None:
        raise errors.syntax("ON", 1)
    outputs = []
    for i, (_, e) in enumerate(columns):
        if distinct is not None:
            e = round_to_scale(e)
        collate = f" {comparisons.collation(e.type)}" if distinct is not None and e.type.kind in ty.TEXTUAL else ""
        outputs.append(f"{e.sql}{collate} AS o{i}")
    sql = f"SELECT {'DISTINCT ' if distinct is not None else ''}{','.join(outputs)}{start}"
    if tests:
        sql += " WHERE " + " AND ".join(tests)
    if group:
        sql += " GROUP BY " + ",".join(group)
    if filters:
        # Without GROUP BY the whole table is one group, which SQLite's HAVING does not take.
        sql = sql + (" HAVING " if group else " GROUP BY NULL HAVING ") + " AND ".join(filters)
    order = node.args.get("order")
    if order is not None:
        terms = [_order(scope, term, columns, distinct=distinct is not None) for term in order.expressions]
        sql += " ORDER BY " + ",".join(terms)
    return sql + limit(node)


def _order(scope: Scope, term: exp.Expression, columns: Sequence[tuple[str, Expr]], *, distinct: bool) -> str:
    node = term.this
    down = " DESC" if term.args.get("desc") else ""
    if isinstance(node, exp.Literal) and not node.args["is_string"] and str(node.this).isdigit():
        return output_term(columns, position(str(node.this), len(columns))) + down
    if isinstance(node, exp.Column) and node.args.get("table") is None and node.name.lower() in scope.aliases:
        place = next(i for i, (name, e) in enumerate(columns) if e is scope.aliases[node.name.lower()])
        return output_term(columns, place) + down
    scope.clause = "order clause"
    e = scope.compile(node)
    scope.clause = "field list"
    for i, (_, column) in enumerate(columns):
        if column.sql == e.sql:
            return output_term(columns, i) + down
    if distinct:
        raise Unsupported("SELECT DISTINCT ordered by what is not selected", "GROUP BY")
    return aggregates.order_text(e) + down


_QUERIES: tuple[tuple[type[exp.Expression], Callable[[Unit, exp.Expression, Scope | None], Query]], ...] = (
    (exp.Select, _select),
    (exp.SetOperation, compile_set_operation),
    (exp.Subquery, _parenthesized),
)
