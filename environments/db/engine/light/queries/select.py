"""SELECT, set operations and WITH, as one SQLite SELECT with known column names and types."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from ...session import Unsupported
from ..expressions import aggregates, comparisons
from ..expressions.aggregates import contains
from ..expressions.clauses import Clause
from ..expressions.coercion import round_to_scale, truth
from ..expressions.expr import MAX_SQL, Expr, Query
from ..expressions.scope import Scope, Unit
from ..expressions.select_scopes import GroupedScope, Grouping, KeyScope, Output, ResultScope
from ..parsing.node_parts import refuse_other_parts
from ..values import errors
from ..values import types as ty
from ..values.types import Type
from . import from_clause, rollup
from .ctes import define_ctes
from .file_lookups import file_lookups
from .order_limit import is_position, limit, output_term, position
from .select_items import Item, expand_stars
from .set_operations import compile_set_operation, order_and_limit

_SELECT_PARTS = frozenset({
    "expressions", "from_", "where", "group", "having", "order", "limit", "offset", "distinct", "windows",
    "with_", "operation_modifiers",
})  # fmt: skip
_HARMLESS = frozenset(
    {
        "HIGH_PRIORITY",
        "SQL_SMALL_RESULT",
        "SQL_BIG_RESULT",
        "SQL_BUFFER_RESULT",
        "SQL_NO_CACHE",
        "SQL_CACHE",
        "STRAIGHT_JOIN",
    }
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
    """One SELECT, phase by phase: FROM, WHERE, GROUP BY, the select list, HAVING, ORDER BY."""
    refuse_other_parts(node, _SELECT_PARTS)
    for modifier in node.args.get("operation_modifiers") or ():
        if modifier.name.upper() not in _HARMLESS:
            raise Unsupported(modifier.name.upper(), "COUNT(*)")
    joined = from_clause.compile_from(unit, parent, node.args.get("from_"))
    rows = Scope(unit, parent, joined.names)
    rows.windows = _named_windows(node)
    tests = _where(rows, node)
    items = expand_stars(rows, node)
    keys, grouping = _group(rows, node, items)
    start = f" FROM {joined.text}" if joined.text else ""
    distinct = node.args.get("distinct") is not None
    if keys and grouping is not None and node.args["group"].args.get("rollup"):
        body = start + (" WHERE " + " AND ".join(tests) if tests else "")
        return _rolled_up(rows, node, items, keys, grouping, body)
    result = _result(rows, grouping, items)
    scope, outputs = result, result.outputs
    filters = _having(result, node.args.get("having"))
    if not scope.grouped:
        tests, filters = [*tests, *filters], []
    body = start + (" WHERE " + " AND ".join(tests) if tests else "")
    if keys:
        body += " GROUP BY " + ",".join(keys) + (" HAVING " + " AND ".join(filters) if filters else "")
    order = _order_by(result, node.args.get("order"), distinct=distinct)
    columns = _columns(outputs, distinct=distinct, sure=parent is not None and bool(start))
    if filters and not keys:
        sql = _filtered_group(unit, columns, body, filters) + limit(node)
    else:
        sql = f"SELECT {'DISTINCT ' if distinct else ''}{','.join(columns)}{body}{order}{limit(node)}"
    types = tuple(_result_type(output.value, distinct=distinct) for output in outputs)
    return Query(sql, tuple(o.name for o in outputs), types, bool(start) and _is_merged(node, grouping))


def _result(rows: Scope, grouping: Grouping | None, items: Sequence[Item]) -> ResultScope:
    """The select list over a grouping."""
    scope = GroupedScope(rows, grouping, frozenset(item.name.lower() for item in items if item.aliased))
    return ResultScope(scope, [_output(scope, item) for item in items])


def _rolled_up(
    rows: Scope, node: exp.Expression, items: Sequence[Item], keys: Sequence[str], grouping: Grouping, body: str
) -> Query:
    """GROUP BY … WITH ROLLUP: the groups over all keys, over all but the last, … and one over none."""
    rollup.require_plain(node, grouping.nodes)
    if len({mark for _, mark in grouping.keys}) < len(keys):
        raise Unsupported("a key that is named twice beside WITH ROLLUP", "each key once")
    levels = []
    for count in range(len(keys), -1, -1):
        result = _result(rows, grouping.upto(count), items)
        filters = _having(result, node.args.get("having"))
        tail = f" GROUP BY {','.join(keys[:count]) or repr('')}"
        tail += " HAVING " + " AND ".join(filters) if filters else ""
        levels.append((_columns(result.outputs, distinct=False), body + tail))
    query = rollup.union(rows.unit, levels, [key for key, _ in grouping.keys])
    types = tuple(output.value.type for output in result.outputs)
    return Query(query + limit(node), tuple(o.name for o in result.outputs), types)


def _filtered_group(unit: Unit, columns: Sequence[str], body: str, filters: Sequence[str]) -> str:
    """HAVING without GROUP BY: the whole table is one group, even if it is empty."""
    alias = unit.alias()
    names = ",".join(f"{alias}.o{i}" for i in range(len(columns)))
    names = ",".join(f"{name} AS o{i}" for i, name in enumerate(names.split(",")))
    test = " AND ".join(filters)
    return f"SELECT {names} FROM (SELECT {','.join(columns)},({test}) AS kept{body}) AS {alias} WHERE {alias}.kept"


def _is_merged(node: exp.Expression, grouping: Grouping | None) -> bool:
    if grouping is not None or any(node.args.get(a) for a in ("distinct", "limit", "having", "windows")):
        return False
    return not any(node.find_all(exp.Window))


def _result_type(value: Expr, *, distinct: bool) -> Type:
    return (round_to_scale(value) if distinct else value).type


def _named_windows(node: exp.Expression) -> dict[str, exp.Expression]:
    windows: dict[str, exp.Expression] = {}
    for window in node.args.get("windows") or ():
        if window.name.lower() in windows:
            raise errors.SQLError(4010, "HY000", f"Multiple window specifications with the same name '{window.name}'")
        windows[window.name.lower()] = window
    return windows


def _where(scope: Scope, node: exp.Expression) -> list[str]:
    where = node.args.get("where")
    if where is None:
        return []
    with scope.at(Clause.WHERE):
        return [truth(scope, scope.compile(where.this)), *file_lookups(scope, where.this)]


def _output(scope: GroupedScope, item: Item) -> Output:
    """Compile one column of the select list; later ones see its alias in their subqueries."""
    if item.node is None:
        assert item.column is not None
        value = scope.seen(item.column, item.name)
    else:
        value = scope.compile(item.node)
    if item.aliased:
        scope.selected.setdefault(item.name.lower(), value)
    return Output(item.name, value, item.node, item.aliased)


def _group(rows: Scope, node: exp.Expression, items: Sequence[Item]) -> tuple[list[str], Grouping | None]:
    """GROUP BY as SQLite's terms, and how the rows are grouped: by them, all into one group, or not at all (None)."""
    group = node.args.get("group")
    if group is None:
        parts = [item.node for item in items if item.node is not None]
        whole = any(contains(n) for n in (*parts, node.args.get("having"), node.args.get("order")))
        return [], Grouping() if whole else None
    grouping, texts = Grouping(by_groups=True), []
    scope = KeyScope(rows, [(item.name.lower(), item.node) for item in items if item.node is not None])
    with scope.at(Clause.GROUP_BY):
        for key in group.expressions:
            texts.append(_key(scope, key, items, grouping))
    return texts, grouping


def _key(scope: KeyScope, key: exp.Expression, items: Sequence[Item], grouping: Grouping) -> str:
    """One key of GROUP BY as SQLite's term; noted in `grouping`."""
    node: exp.Expression | None = key
    if is_position(key):
        item = items[position(key, len(items), Clause.GROUP_BY)]
        if contains(item.node):
            raise errors.cannot_group(item.name)
        node, compiled = item.node, item.column if item.node is None else _selected(scope, item.node)
    else:
        node, compiled = _named_key(scope, key)
    assert compiled is not None
    if compiled.type.kind == ty.DEC and compiled.type.frac != compiled.type.scale:
        raise Unsupported("GROUP BY a quotient", "ROUND")
    grouping.add(compiled, node)
    return aggregates.order_text(compiled) if compiled.type.kind != ty.ENUM else compiled.sql


def _selected(scope: KeyScope, node: exp.Expression) -> Expr:
    with scope.at(Clause.SELECT):
        return scope.compile(node)


def _named_key(scope: KeyScope, key: exp.Expression) -> tuple[exp.Expression, Expr]:
    """A key that is written out: an expression, a column, or the alias of a select item, whose node it then is."""
    if not isinstance(key, exp.Column) or key.args.get("table") is not None:
        return key, scope.compile(key)
    nodes = scope.named(key.name)
    if nodes and contains(nodes[0]) and not scope.knows(key.name, None):
        raise errors.cannot_group(key.name)
    compiled = scope.compile(key)
    return (nodes[0] if nodes and not scope.knows(key.name, None) else key), compiled


def _having(scope: ResultScope, having: exp.Expression | None) -> list[str]:
    if having is None:
        return []
    with scope.at(Clause.HAVING):
        return [truth(scope, scope.compile(having.this))]


def _columns(outputs: Sequence[Output], *, distinct: bool, sure: bool = False) -> list[str]:
    """The select list as SQLite's. `sure`: no text may fail to be a date, of which MariaDB makes a date of zeros."""
    texts = []
    for i, output in enumerate(outputs):
        e = comparisons.checked(output.value) if sure else output.value
        e = round_to_scale(e) if distinct else e
        collate = f" {comparisons.collation(e.type)}" if distinct and e.type.kind in ty.TEXTUAL else ""
        texts.append(f"{e.sql}{collate} AS o{i}")
    return texts


def _order_by(scope: ResultScope, order: exp.Expression | None, *, distinct: bool) -> str:
    if order is None:
        return ""
    with scope.at(Clause.ORDER_BY):
        terms = [_order_term(scope, term, distinct=distinct) for term in order.expressions]
    return " ORDER BY " + ",".join(terms)


def _order_term(scope: ResultScope, term: exp.Expression, *, distinct: bool) -> str:
    node = term.this
    down = " DESC" if term.args.get("desc") else ""
    columns = [(output.name, output.value) for output in scope.outputs]
    if is_position(node):
        return output_term(columns, position(node, len(columns))) + down
    place = scope.place(node.name) if isinstance(node, exp.Column) and node.args.get("table") is None else None
    if place is None:
        e = scope.compile(node)
        place = next((i for i, output in enumerate(scope.outputs) if _is_output(output, node, e)), None)
        if place is None:
            if distinct:
                raise Unsupported("SELECT DISTINCT ordered by what is not selected", "GROUP BY")
            return aggregates.order_text(e) + down
    return output_term(columns, place) + down


def _is_output(output: Output, node: exp.Expression, e: Expr) -> bool:
    """Whether a key of ORDER BY is a column of the result."""
    if isinstance(node, exp.Column):
        return e.origin is not None and output.value.origin == e.origin
    return output.node == node


_QUERIES: tuple[tuple[type[exp.Expression], Callable[[Unit, exp.Expression, Scope | None], Query]], ...] = (
    (exp.Select, _select),
    (exp.SetOperation, compile_set_operation),
    (exp.Subquery, _parenthesized),
)
