"""Conditions: comparison, IN, BETWEEN, LIKE, quantifiers, logic, and the subqueries in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..values import errors
from ..values import types as ty
from . import comparisons, json_values
from .coercion import as_text, string, truth
from .scope import Expr, Query, Scope

Compile = Callable[[Scope, exp.Expression], Expr]


def lazily_evaluated(compile_node: Compile) -> Compile:
    """Marks a construct of which MySQL may leave parts unevaluated."""

    def compile_lazily(scope: Scope, node: exp.Expression) -> Expr:
        with scope.unit.lazily():
            return compile_node(scope, node)

    return compile_lazily


def comparison(op: str) -> Compile:
    """The compiler of an operator: = <> < <= > >= and IS (for <=>), over values, rows or ANY and ALL."""

    def compile_node(scope: Scope, node: exp.Expression) -> Expr:
        left, right = _bare_row(node.this), _bare_row(node.expression)
        if isinstance(right, exp.Any | exp.All):
            return _compile_quantifier(scope, op, left, right)
        if isinstance(left, _ROWS) or isinstance(right, _ROWS):
            return _row_comparison(scope, op, _operand(scope, left), _operand(scope, right))
        if json_values.is_extract(left) or json_values.is_extract(right):
            return json_values.compared(scope, op, left, right)
        return comparisons.binary(scope, op, scope.compile(left), scope.compile(right))

    return compile_node


_ROWS = (exp.Tuple, exp.Subquery)


def _bare_row(node: exp.Expression) -> exp.Expression:
    """A row without further parentheses around it; any other node as it is."""
    inner = node
    while isinstance(inner, exp.Paren):
        inner = inner.this
    return inner if isinstance(inner, exp.Tuple) else node


@dataclass(frozen=True, slots=True)
class _Operand:
    """One side of a comparison: its columns, and the SQLite table they are read from where a subquery has several."""

    columns: Sequence[Expr]
    table: str = ""


def _operand(scope: Scope, node: exp.Expression) -> _Operand:
    members = comparisons.operands(node)
    if members is not None:
        return _Operand([scope.compile(n) for n in members])
    if not isinstance(node, exp.Subquery):
        return _Operand([scope.compile(node)])
    query = scope.unit.select(scope.unit, node, scope)
    if len(query.names) == 1:
        return _Operand([_single(scope, query)])
    alias = scope.unit.alias()
    columns = [Expr(f"{alias}.o{i}", kind) for i, kind in enumerate(query.types)]
    return _Operand(columns, f"(SELECT * FROM ({query.sql}) LIMIT 2) AS {alias}")


def _row_comparison(scope: Scope, op: str, left: _Operand, right: _Operand) -> Expr:
    widths = len(left.columns), len(right.columns)
    if widths == (1, 1):
        return comparisons.binary(scope, op, left.columns[0], right.columns[0])
    if 1 in widths:
        raise SQLError(4078, "HY000", f"Illegal parameter data types row and int for operation '{op}'")
    test = comparisons.rows(scope, op, left.columns, right.columns)
    tables = ",".join(side.table for side in (left, right) if side.table)
    if not tables:
        return test
    return Expr(f"(SELECT CASE WHEN count(*)>1 THEN m_many_rows() ELSE min({test.sql}) END FROM {tables})", ty.BOOL)


def _compile_quantifier(scope: Scope, op: str, left: exp.Expression, right: exp.Expression) -> Expr:
    """`x op ANY|ALL (SELECT …)`, by counting true, false and NULL comparisons."""
    values = [scope.compile(n) for n in comparisons.operands(left) or (left,)]
    _refuse_limit(right.this)
    if len(values) > 1 and (op, isinstance(right, exp.All)) not in (("=", False), ("<>", True)):
        raise errors.operand_columns(1)
    query = _subselect(scope, right.this, len(values))
    alias = scope.unit.alias()
    items = [Expr(f"{alias}.o{i}", kind) for i, kind in enumerate(query.types)]
    if len(values) > 1:
        test = comparisons.rows(scope, op, values, items).sql
    else:
        test = comparisons.binary(scope, op, values[0], items[0]).sql
    rows = f"(SELECT {{}} FROM ({query.sql}) AS {alias})"
    if isinstance(right, exp.All):
        case = f"CASE WHEN count(*)=0 THEN 1 WHEN min({test})=0 THEN 0 WHEN count({test})<count(*) THEN NULL ELSE 1 END"
    else:
        case = f"CASE WHEN count(*)=0 THEN 0 WHEN max({test})=1 THEN 1 WHEN count({test})<count(*) THEN NULL ELSE 0 END"
    return Expr(rows.format(case), ty.BOOL)


def is_test(scope: Scope, node: exp.Expression) -> Expr:
    """IS NULL, IS TRUE and IS FALSE."""
    value = scope.compile(node.this)
    test = node.expression
    if isinstance(test, exp.Null):
        return Expr(f"({value.sql} IS NULL)", ty.BOOL)
    if isinstance(test, exp.Boolean):
        return Expr(f"(({truth(scope, value)}) IS {'TRUE' if test.this else 'FALSE'})", ty.BOOL)
    raise errors.syntax("", 1)


def negation(scope: Scope, node: exp.Expression) -> Expr:
    """NOT."""
    return Expr(f"(NOT {truth(scope, scope.compile(node.this))})", ty.BOOL)


def chain(joiner: str, kind: type[exp.Expression]) -> Compile:
    """AND and OR, without recursion along a long chain."""

    def compile_node(scope: Scope, node: exp.Expression) -> Expr:
        parts: list[exp.Expression] = []
        while isinstance(node, kind):
            parts.append(node.args["expression"])
            node = node.args["this"]
        texts = [_condition(scope, node)]
        if kind is exp.Or:
            # Where the first is true, MySQL does not look at the others.
            with scope.unit.lazily():
                texts.extend(_condition(scope, part) for part in reversed(parts))
        else:
            texts.extend(_condition(scope, part) for part in reversed(parts))
        return Expr("(" + joiner.join(texts) + ")", ty.BOOL)

    return compile_node


def _condition(scope: Scope, node: exp.Expression) -> str:
    return f"({truth(scope, scope.compile(node))})"


@lazily_evaluated
def exclusive_or(scope: Scope, node: exp.Expression) -> Expr:
    """XOR."""
    a = truth(scope, scope.compile(node.this))
    b = truth(scope, scope.compile(node.expression))
    return Expr(f"((NOT {a})<>(NOT {b}))", ty.BOOL)


@lazily_evaluated
def between(scope: Scope, node: exp.Expression) -> Expr:
    """BETWEEN."""
    if node.args.get("symmetric"):
        raise errors.syntax("SYMMETRIC", 1)
    parts = (node.this, node.args["low"], node.args["high"])
    return comparisons.between(scope, *(scope.compile(part) for part in parts))


@lazily_evaluated
def member(scope: Scope, node: exp.Expression) -> Expr:
    """IN, over a list or a subquery, for values and rows."""
    query = node.args.get("query")
    left = comparisons.operands(_bare_row(node.this))
    if node.args.get("unnest") or node.args.get("field"):
        raise errors.syntax("", 1)
    if query is not None:
        _refuse_limit(query)
        if isinstance(node.this, exp.Subquery):
            return _operand_in_query(scope, _operand(scope, node.this), query)
        members = left or [node.this]
        subquery = _subselect(scope, query, len(members))
        return _in_query(scope, [scope.compile(m) for m in members], subquery)
    if left is not None:
        return _in_rows(scope, [scope.compile(n) for n in left], node.expressions)
    if not node.expressions:
        raise errors.syntax(")", 1)
    if any(comparisons.operands(item) is not None for item in node.expressions):
        raise errors.operand_columns(1)
    return comparisons.among(scope, scope.compile(node.this), [scope.compile(n) for n in node.expressions])


def _operand_in_query(scope: Scope, left: _Operand, query: exp.Expression) -> Expr:
    """A subquery before IN, which may have several columns."""
    test = _in_query(scope, list(left.columns), _subselect(scope, query, len(left.columns)))
    if not left.table:
        return test
    # What an empty row is in depends on the other side's being empty, too.
    empty = "m_refuse('no row before IN')"
    case = f"CASE count(*) WHEN 0 THEN {empty} WHEN 1 THEN min({test.sql}) ELSE m_many_rows() END"
    return Expr(f"(SELECT {case} FROM {left.table})", ty.BOOL)


def _in_rows(scope: Scope, ours: list[Expr], items: Sequence[exp.Expression]) -> Expr:
    """`(a, b) IN ((c, d), …)`."""
    rows = []
    for item in items or [exp.null()]:
        members = comparisons.operands(item)
        if members is None:
            raise errors.operand_columns(len(ours))
        rows.append([scope.compile(n) for n in members])
    for column in zip(ours, *rows, strict=False):
        kinds = {e.type.kind for e in column}
        if kinds & ty.TEXTUAL and kinds & ty.NUMERIC:
            # MariaDB compares all of a column in one type.
            raise Unsupported("IN over rows of texts and numbers in one column", "CAST")
    tests = [comparisons.rows(scope, "=", ours, row).sql for row in rows]
    return Expr("(" + " OR ".join(tests) + ")", ty.BOOL)


def _in_query(scope: Scope, ours: list[Expr], query: Query) -> Expr:
    alias = scope.unit.alias()
    if any(t.kind == ty.DEC and t.frac != t.scale for t in (*query.types, *(e.type for e in ours))):
        raise Unsupported("IN over a quotient's digits", "ROUND in the subquery")
    for e, theirs in zip(ours, query.types, strict=True):
        # MariaDB looks the value up in the subquery's own DECIMAL type, and what does not fit there is not found.
        if ty.DEC in (e.type.kind, theirs.kind) and not {e.type.kind, theirs.kind} <= {ty.NULL, ty.DBL, ty.DEC}:
            raise Unsupported("IN between decimals and another type", "CAST")
        if e.type.kind == theirs.kind == ty.INT and e.type.unsigned != theirs.unsigned and e.const is None:
            raise Unsupported("IN between signed and unsigned numbers", "CAST(... AS SIGNED)")
        if theirs.kind == ty.ENUM and e.type.kind != ty.NULL:
            raise Unsupported("IN over a subquery's ENUM column", "CAST(... AS CHAR)")
        if e.type.kind == theirs.kind == ty.DEC and (e.type.digits, e.type.frac) != (theirs.digits, theirs.frac):
            raise Unsupported("IN between decimals of different sizes", "CAST")
    pairs = [comparisons.comparable(scope, a, Expr(f"{alias}.o{n}", query.types[n])) for n, a in enumerate(ours)]
    if len(ours) == 1 and comparisons.native(ours[0].type, query.types[0]):
        return Expr(f"({pairs[0][0]} IN ({query.sql}))", ty.BOOL)
    texts = ",".join(b for _, b in pairs)
    left = ",".join(a for a, _ in pairs)
    return Expr(f"(({left}) IN (SELECT {texts} FROM ({query.sql}) AS {alias}))", ty.BOOL)


def _refuse_limit(query: exp.Expression) -> None:
    """Raise 1235 as MySQL itself does for a LIMIT in the subquery of IN, ANY, ALL and SOME."""
    if query.args.get("limit") is not None:
        raise SQLError(1235, "42000", "This version of MySQL doesn't yet support 'LIMIT & IN/ALL/ANY/SOME subquery'")
    if isinstance(query, exp.Subquery):
        _refuse_limit(query.this)
    elif isinstance(query, exp.SetOperation):
        _refuse_limit(query.this)
        _refuse_limit(query.expression)


def _subselect(scope: Scope, node: exp.Expression, width: int) -> Query:
    query = scope.unit.select(scope.unit, node, scope)
    if len(query.names) != width:
        raise errors.operand_columns(width)
    return query


def scalar(scope: Scope, node: exp.Expression) -> Expr:
    """A subquery as a value: no row is NULL, two rows are error 1242."""
    return _single(scope, _subselect(scope, node, 1))


def _single(scope: Scope, query: Query) -> Expr:
    alias = scope.unit.alias()
    sql = (
        f"(SELECT CASE WHEN count(*)>1 THEN m_many_rows() ELSE min({alias}.o0) END"
        f" FROM (SELECT o0 FROM ({query.sql}) LIMIT 2) AS {alias})"
    )
    return Expr(sql, query.types[0])


def exists(scope: Scope, node: exp.Expression) -> Expr:
    """EXISTS."""
    query = scope.unit.select(scope.unit, node.this, scope)
    return Expr(f"EXISTS ({query.sql})", ty.BOOL)


def like(scope: Scope, node: exp.Expression, escape: str = "") -> Expr:
    """LIKE; `escape` is the SQLite text of its escape character."""
    a, b = as_text(scope.compile(node.this)), as_text(scope.compile(node.expression))
    if ty.BIN in (a.type.kind, b.type.kind):
        raise Unsupported("LIKE over binary strings")
    binary = a.type.binary or b.type.binary
    mark = escape or "'\\'"
    sql = f"m_like({a.sql},{b.sql},{mark}{',1' if binary else ''})"
    return Expr(f"(NOT {sql})" if node.args.get("negate") else sql, ty.BOOL)


def escaped_like(scope: Scope, node: exp.Expression) -> Expr:
    """LIKE … ESCAPE."""
    mark = node.expression
    if not isinstance(node.this, exp.Like) or not isinstance(mark, exp.Literal) or len(str(mark.this)) != 1:
        raise Unsupported("this ESCAPE", "a single character")
    return like(scope, node.this, string(str(mark.this)).sql)


def regexp(scope: Scope, node: exp.Expression) -> Expr:
    """REGEXP."""
    if node.args.get("flag"):
        raise Unsupported("flags of REGEXP_LIKE")
    a, b = as_text(scope.compile(node.this)), as_text(scope.compile(node.expression))
    binary = a.type.binary or b.type.binary
    return Expr(f"m_regexp({a.sql},{b.sql}{',1' if binary else ''})", ty.BOOL)
