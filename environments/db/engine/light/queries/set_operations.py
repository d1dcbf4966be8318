"""UNION, INTERSECT and EXCEPT."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..expressions import comparisons
from ..expressions.coercion import round_to_scale, to_type
from ..expressions.scope import Expr, Query, Scope, Unit
from ..parsing.node_parts import refuse_other_parts
from ..values import errors
from ..values import types as ty
from .order_limit import is_position, limit, output_term, position

_SET_PARTS = frozenset({"this", "expression", "distinct", "order", "limit", "offset", "with_"})


def compile_set_operation(unit: Unit, node: exp.Expression, parent: Scope | None) -> Query:
    """Compile UNION, INTERSECT or EXCEPT. Raises 1222 where the columns differ in number."""
    refuse_other_parts(node, _SET_PARTS)
    if any(m.name == "SQL_BUFFER_RESULT" for m in node.expression.args.get("operation_modifiers") or ()):
        raise SQLError(1234, "42000", "Incorrect usage/placement of 'SQL_BUFFER_RESULT'")
    left, right = unit.select(unit, node.this, parent), unit.select(unit, node.expression, parent)
    if len(left.names) != len(right.names):
        raise errors.select_counts()
    ours, theirs = ([round_to_scale(Expr("x", t)).type for t in q.types] for q in (left, right))
    for pair in zip(ours, theirs, strict=True):
        ty.require_signed(pair)
    types = tuple(ty.unify(pair) for pair in zip(ours, theirs, strict=True))
    if isinstance(node.this, exp.SetOperation):
        _require_one_step(ours, types)
    a, b = (_align(unit, q, types) for q in (left, right))
    every = not node.args.get("distinct")
    if isinstance(node, exp.Union):
        sql = f"{a} UNION ALL {b}"
        if not every:
            alias = unit.alias()
            columns = ",".join(_with_collation(f"{alias}.o{i}", t) + f" AS o{i}" for i, t in enumerate(types))
            sql = f"SELECT DISTINCT {columns} FROM ({sql}) AS {alias}"
    elif every:
        raise Unsupported("INTERSECT ALL and EXCEPT ALL", "the DISTINCT form")
    else:
        sql = f"{a} {'EXCEPT' if isinstance(node, exp.Except) else 'INTERSECT'} {b}"
    return order_and_limit(unit, Query(sql, left.names, types), node)


def _require_one_step(before: Sequence[ty.Type], after: Sequence[ty.Type]) -> None:
    """Of three queries a DATE of the first would become text over the DATETIME of the second, which MySQL leaves out."""
    if any(a.kind == ty.DATETIME and b.kind == ty.STR for a, b in zip(before, after, strict=True)):
        raise Unsupported("a UNION of dates with text", "CAST(... AS CHAR)")


def _with_collation(text: str, kind: ty.Type) -> str:
    return f"{text} {comparisons.collation(kind)}" if kind.kind in ty.TEXTUAL else text


def _align(unit: Unit, query: Query, types: Sequence[ty.Type]) -> str:
    alias = unit.alias()
    scope = Scope(unit)
    texts = []
    for i, (have, want) in enumerate(zip(query.types, types, strict=True)):
        if have.kind == ty.DBL and have.cut:
            raise Unsupported("a UNION of rounded doubles", "rounding afterwards")
        if {have.kind, want.kind} == {ty.INT, ty.DEC} or (have.kind == ty.DEC and want.kind == ty.DBL):
            raise Unsupported("a UNION of different kinds of numbers", "CAST")
        if want.kind == ty.STR and have.kind in (ty.DEC, ty.DBL):
            raise Unsupported("a UNION of fractional numbers with text", "CAST(... AS CHAR)")
        e = to_type(scope, round_to_scale(Expr(f"{alias}.o{i}", have)), want)
        texts.append(f"{_with_collation(e.sql, want)} AS o{i}")
    return f"SELECT {','.join(texts)} FROM ({query.sql}) AS {alias}"


def order_and_limit(unit: Unit, query: Query, node: exp.Expression) -> Query:
    """ORDER BY and LIMIT behind a set operation: names and positions of its columns only."""
    order = node.args.get("order")
    if order is None and node.args.get("limit") is None:
        return query
    sql = f"SELECT * FROM ({query.sql}) AS {unit.alias()}"
    if order is not None:
        columns = [(n, Expr(f"o{i}", t)) for i, (n, t) in enumerate(zip(query.names, query.types, strict=True))]
        lower = [n.lower() for n in query.names]
        terms = []
        for term in order.expressions:
            key = term.this
            if is_position(key):
                place = position(key, len(columns))
            elif isinstance(key, exp.Column) and key.args.get("table") is None:
                if key.name.lower() not in lower:
                    raise errors.unknown_column(key.name, "order clause")
                place = lower.index(key.name.lower())
            elif isinstance(key, exp.Column):
                table = key.args["table"].name
                raise errors.foreign_order(table)
            else:
                raise Unsupported("ordering a UNION by an expression", "a derived table")
            terms.append(output_term(columns, place) + (" DESC" if term.args.get("desc") else ""))
        sql += " ORDER BY " + ",".join(terms)
    return Query(sql + limit(node), query.names, query.types)
