"""Aggregate and window functions (COUNT, SUM, GROUP_CONCAT, RANK …), as SQLite text over typed arguments.

Those that SQLite lacks are computed by `functions.aggregates`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from ...session import Unsupported
from ..values import errors
from ..values import types as ty
from ..values.types import Type
from . import arithmetic, comparisons, json_values
from .coercion import as_double, as_number, as_text, round_to_scale
from .scope import Expr, Scope, text_literal

_SPREAD = {"STDDEV_POP": "sp", "STDDEV_SAMP": "ss", "VAR_POP": "vp", "VAR_SAMP": "vs"}
_BITS = {"BIT_AND": "&", "BIT_OR": "|", "BIT_XOR": "^"}
NAMES = (
    frozenset({"COUNT", "SUM", "AVG", "MIN", "MAX", *_SPREAD, *_BITS, "STD", "STDDEV", "VARIANCE"})
    | json_values.AGGREGATES
)
# An aggregate's result as a function of how it is called: `f(args) OVER (…)` in a window, `f(args)` in a group.
Over = Callable[[str], str]


def is_aggregate(node: exp.Expression) -> bool:
    """Whether a node is itself a call of an aggregate."""
    if isinstance(node, exp.GroupConcat):
        return True
    return isinstance(node, exp.Anonymous) and node.this in NAMES


def contains(node: exp.Expression | None) -> bool:
    """Whether an expression aggregates, outside of windows' own calls and of subqueries."""
    if node is None or isinstance(node, exp.Query):
        return False
    if is_aggregate(node):
        return True
    children = node.iter_expressions()
    if isinstance(node, exp.Window):
        call = node.this
        children = iter([*call.iter_expressions(), *(c for c in node.iter_expressions() if c is not call)])
    return any(contains(child) for child in children)


def aggregate(scope: Scope, name: str, node: exp.Expression) -> Expr:
    """Compile COUNT, SUM and their kin inside a group. Raises 1111 where MySQL does."""
    owner = _owner(scope, node)
    with owner.aggregating():
        e = compile_aggregate(scope, name, node.expressions, lambda text: text)
    return e if owner is scope else _from_outside(e)


def _from_outside(e: Expr) -> Expr:
    """An aggregate of an outer SELECT: SQLite takes it for one in a select list, but not in every clause."""
    return Expr(f"(SELECT {e.sql})", e.type)


def _owner(scope: Scope, node: exp.Expression) -> Scope:
    """The SELECT over whose rows an aggregate goes.

    It is the innermost one with a column of the arguments, if an aggregate may stand there; else the nearest one between it
    and here where it may; else this one (Item_sum::check_sum_func). Raises 1111 where there is none.
    """
    chain = [scope]
    while chain[-1].parent is not None:
        chain.append(chain[-1].parent)
    columns = _columns(node)
    place = next((i for i, s in enumerate(chain) if any(_has(s, c) for c in columns)), None)
    outer = chain[1:] if place is None else [chain[place], *chain[1:place]] if place else []
    inside = place == 0 or (place is None and scope.clause.aggregates)
    owner = scope if inside else next((s for s in outer if s.clause.aggregates), scope)
    if owner.in_aggregate and place:
        raise Unsupported("an aggregate over an aggregate of an outer query", "a derived table")
    if owner.in_aggregate or not owner.clause.aggregates:
        raise errors.group_misuse()
    if (owner is not scope and (not owner.grouped or place is None)) or (owner is scope and place):
        raise Unsupported("an aggregate of an outer query in its subquery", "a join with a grouped subquery")
    return owner


def _columns(node: exp.Expression) -> list[exp.Column]:
    """The columns in an aggregate's arguments, those of subqueries left out."""
    columns: list[exp.Column] = []
    for child in node.iter_expressions():
        if isinstance(child, exp.Column):
            columns.append(child)
        elif not isinstance(child, exp.Query):
            columns.extend(_columns(child))
    return columns


def _has(scope: Scope, column: exp.Column) -> bool:
    """Whether a name means a column of this very scope."""
    table = column.args.get("table")
    return scope.parent is None or scope.knows(column.name, table.name if table is not None else None)


def compile_aggregate(scope: Scope, name: str, nodes: Sequence[exp.Expression], over: Over) -> Expr:
    """Compile an aggregate over its arguments' nodes, in a group or in a window. Raises 1064."""
    distinct = len(nodes) == 1 and isinstance(nodes[0], exp.Distinct)
    if distinct:
        nodes = nodes[0].expressions
    if len(nodes) == 1 and isinstance(nodes[0], exp.Star):
        if name != "COUNT" or distinct:
            raise errors.syntax("*)", 1)
        return Expr(over("count(*)"), Type(ty.INT, 18))
    if name in json_values.AGGREGATES:
        return json_values.aggregate(scope, name, nodes, over)
    arguments = [scope.compile(n) for n in nodes]
    mark = "DISTINCT " if distinct else ""
    if name == "COUNT":
        return _count(arguments, over, distinct=distinct)
    if len(arguments) != 1:
        raise errors.syntax(")", 1)
    value = arguments[0]
    if name in ("MIN", "MAX"):
        return _extreme(scope, name, value, over)
    if name in ("SUM", "AVG"):
        return _sum(scope, name, value, mark, over)
    if name in _SPREAD:
        if distinct:
            raise errors.syntax("DISTINCT", 1)
        number = as_number(scope, value)
        if number.type.cut:
            raise Unsupported(f"{name} of a rounded double", "rounding afterwards")
        # Of exact numbers the result shows four digits more.
        scale = (number.type.scale if number.type.kind == ty.DEC else 0) + 4 if number.type.kind in ty.EXACT else 0
        return Expr(over(f"m_spread('{_SPREAD[name]}',{as_double(scope, number).sql})"), Type(ty.DBL, scale=scale))
    if value.type.kind == ty.DBL and value.column is None:
        raise Unsupported(f"{name} of a computed double", "CAST(... AS SIGNED)")
    bits = over(f"m_bit_agg('{_BITS[name]}',{arithmetic.whole(scope, value).sql})")
    # SQLite asks an aggregate of ours for nothing where there are no rows.
    none = "m_refuse('BIT_AND of no values')" if name == "BIT_AND" else "0"
    return Expr(f"coalesce({bits},{none})", Type(ty.INT, 19, unsigned=True))


def _count(arguments: list[Expr], over: Over, *, distinct: bool) -> Expr:
    result = Type(ty.INT, 18)
    if distinct:
        arguments = [round_to_scale(e) for e in arguments]
    if len(arguments) == 1:
        value = arguments[0]
        mark = f" {comparisons.collation(value.type)}" if distinct and value.type.kind in ty.TEXTUAL else ""
        return Expr(over(f"count({'DISTINCT ' if distinct else ''}{value.sql}{mark})"), result)
    if not distinct:
        raise errors.syntax(")", 1)
    return Expr(over(f"count(DISTINCT m_distinct_key({','.join(e.sql for e in arguments)}))"), result)


def _extreme(scope: Scope, name: str, value: Expr, over: Over) -> Expr:
    value = comparisons.checked(value)
    kind = value.type
    if kind.kind == ty.DEC and kind.frac != kind.scale and scope.by_groups:
        value = round_to_scale(value)
        kind = value.type
    if kind.kind == ty.ENUM:
        raise Unsupported(f"{name} of an ENUM", f"{name}(CAST(... AS CHAR))")
    if kind.kind == ty.DBL and kind.cut and scope.by_groups:
        raise Unsupported(f"{name} of a rounded double under GROUP BY", f"ROUND({name}(...))")
    if value.column is None:
        kind = ty.without_size(kind)
    mark = f" {comparisons.collation(kind)}" if kind.kind == ty.STR else ""
    return Expr(over(f"{name.lower()}({value.sql}{mark})"), kind if kind.kind != ty.NULL else ty.TEXT)


def _sum(scope: Scope, name: str, value: Expr, mark: str, over: Over) -> Expr:
    number = as_number(scope, value)
    if mark:
        number = round_to_scale(number)
    if number.type.cut:
        raise Unsupported(f"{name} of a rounded double or a quotient of a quotient", "rounding afterwards")
    if number.type.kind == ty.DEC and number.type.frac != number.type.scale and scope.by_groups:
        # Whether the quotient is rounded before it is summed depends on the server's plan.
        raise Unsupported(f"{name} of a quotient under GROUP BY", f"{name}(a) / b, or {name}(ROUND(a / b, 4))")
    if number.type.kind == ty.NULL:
        return Expr(over("sum(NULL)"), ty.DOUBLE)
    if number.type.kind == ty.DBL:
        return Expr(over(f"{'sum' if name == 'SUM' else 'avg'}({mark}{number.sql})"), ty.DOUBLE)
    frac = number.type.frac if number.type.kind == ty.DEC else 0
    scale = number.type.scale if number.type.kind == ty.DEC else 0
    # SQLite's sum raises an error beyond 64 bits, so nothing wider than this comes out of it.
    total = Expr(over(f"sum({mark}{number.sql})"), ty.decimal(19, scale, frac))
    if name == "SUM":
        return total
    return arithmetic.divide(scope, total, Expr(over(f"count({mark}{number.sql})"), Type(ty.INT, 18)))


def group_concat(scope: Scope, node: exp.Expression) -> Expr:
    """GROUP_CONCAT([DISTINCT] … [ORDER BY …] [SEPARATOR …])."""
    owner = _owner(scope, node)
    with owner.aggregating():
        e = _compile_group_concat(scope, node)
    return e if owner is scope else _from_outside(e)


def _compile_group_concat(scope: Scope, node: exp.Expression) -> Expr:
    inner = node.this
    terms: list[exp.Expression] = []
    if isinstance(inner, exp.Limit):
        raise Unsupported("LIMIT inside GROUP_CONCAT")
    if isinstance(inner, exp.Order):
        terms, inner = inner.expressions, inner.this
    distinct = isinstance(inner, exp.Distinct)
    if distinct:
        if len(inner.expressions) != 1:
            raise Unsupported("GROUP_CONCAT(DISTINCT a, b)", "CONCAT")
        inner = inner.expressions[0]
    text = as_text(scope.compile(inner))
    if text.type.kind == ty.BIN:
        raise Unsupported("GROUP_CONCAT of binary strings")
    if distinct and text.type.binary:
        raise Unsupported("GROUP_CONCAT(DISTINCT ...) of a string with a binary collation")
    separator = node.args.get("separator")
    mark = text_literal(str(separator.this)) if separator is not None else "','"
    keys, codes = [], ""
    for term in terms:
        if isinstance(term.this.this if isinstance(term.this, exp.Neg) else term.this, exp.Literal):
            raise Unsupported("ORDER BY a position inside GROUP_CONCAT", "the column's name")
        key = scope.compile(term.this)
        keys.append(order_key(key))
        textual = key.type.kind == ty.STR and not key.type.binary
        codes += ("C" if textual else "R") if term.args.get("desc") else ("c" if textual else "r")
    arguments = [str(int(distinct)), mark, f"'{codes}'", text.sql, *keys]
    return Expr(f"m_group_concat({','.join(arguments)})", Type(ty.STR, binary=text.type.binary))


def order_key(e: Expr) -> str:
    """The sort key of a value: itself, or for an ENUM its place among the members."""
    if e.type.kind == ty.ENUM:
        return f"m_enum_index({e.sql},{','.join(map(text_literal, e.type.members))})"
    return e.sql


def order_text(e: Expr) -> str:
    """An ORDER BY term without its direction."""
    e = round_to_scale(e)
    if e.type.kind == ty.STR:
        return f"{e.sql} {comparisons.collation(e.type)}"
    # A bare number would be a column's position to SQLite.
    plain = e.origin is not None or e.type.kind not in ty.NUMERIC | {ty.NULL}
    return order_key(e) if plain else f"coalesce({e.sql},NULL)"


def order_term(scope: Scope, term: exp.Expression) -> str:
    """An ORDER BY term with its direction."""
    return order_text(scope.compile(term.this)) + (" DESC" if term.args.get("desc") else "")
