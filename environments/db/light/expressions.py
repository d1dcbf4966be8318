"""Operators, literals, CASE, CAST and subqueries: each node of sqlglot's tree that is known here, and no other.

`expression` is the allow-list: what `_NODES` does not name is refused.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from ..session import SQLError, Unsupported
from . import aggregates, arithmetic, calls, casts, compare, errors, temporal
from . import types as ty
from .convert import NULL, as_text, choose, double_literal, integer, string, truth
from .parse import PREFIX, RESERVED
from .scope import MAX_SQL, Expr, Query, Scope
from .types import Type

Compile = Callable[[Scope, exp.Expression], Expr]


def expression(scope: Scope, node: exp.Expression) -> Expr:
    """Compile one scalar expression. Raises SQLError as MySQL would, or Unsupported."""
    if scope.key_nodes and not scope.in_aggregate and node in scope.key_nodes:
        return scope.key_nodes[node]
    known = _NODES.get(type(node))
    if known is None:
        raise refusal(scope, node)
    made = known(scope, node)
    if made.const is None and len(made.sql) > MAX_SQL:
        raise errors.too_deep()
    return made


def refusal(scope: Scope, node: exp.Expression) -> Exception:
    """Why a node is not answered: a function no MySQL has (1305), or one that is not done here."""
    if isinstance(node, exp.Anonymous):
        name = str(node.this)
        return calls.unknown(scope.unit.database, name.removeprefix(PREFIX))
    if isinstance(node, exp.Func):
        start, end = node.meta.get("start"), node.meta.get("end")
        if isinstance(start, int) and isinstance(end, int):
            return calls.unknown(scope.unit.database, scope.unit.parsed.sql[start : end + 1])
        return Unsupported(f"{node.sql_name()}()")
    return Unsupported(type(node).__name__)


def _guarded(compiled: Compile) -> Compile:
    """Marks a construct of which MySQL may leave parts unevaluated."""

    def held(scope: Scope, node: exp.Expression) -> Expr:
        scope.unit.guarded += 1
        try:
            return compiled(scope, node)
        finally:
            scope.unit.guarded -= 1

    return held


def _literal(scope: Scope, node: exp.Expression) -> Expr:
    text = str(node.this)
    if node.args["is_string"]:
        return string(text)
    return number(text)


def number(text: str) -> Expr:
    """A numeric literal: INT, DECIMAL with a point, DOUBLE with an exponent."""
    if "e" in text.lower():
        return Expr(double_literal(float(text)), ty.DOUBLE)
    whole, point, fraction = text.partition(".")
    if not point:
        if len(whole.lstrip("0")) > 19 or int(whole) >= 2**63:
            raise Unsupported(f"the integer {whole[:40]}, which needs more than 63 bits")
        return integer(int(whole))
    digits = len((whole + fraction).lstrip("0")) or 1
    if digits > ty.NATIVE_DIGITS:
        raise Unsupported(f"a decimal of {digits} digits")
    value = int((whole + fraction) or "0")
    return Expr(str(value), ty.decimal(max(digits, len(fraction)), len(fraction)), value)


def _boolean(scope: Scope, node: exp.Expression) -> Expr:
    return integer(1 if node.this else 0)


def _column(scope: Scope, node: exp.Expression) -> Expr:
    if isinstance(node.this, exp.Star):
        raise errors.syntax("*", 1)
    schema = node.args.get("db")
    if schema is not None and schema.name != scope.unit.database:
        raise errors.unknown_column(f"{schema.name}.{node.args['table'].name}.{node.this.name}", scope.clause)
    table = node.args.get("table")
    name = node.this.name
    if table is None and not node.this.args.get("quoted") and name.upper() in RESERVED:
        raise errors.syntax(name, 1)
    if table is None and scope.clause == "having clause" and not scope.in_aggregate:
        low = name.lower()
        if low in scope.aliases:
            return scope.aliases[low]
    if scope.clause == "having clause" and not scope.in_aggregate:
        own = scope.column(name, table.name if table is not None else None)
        if name.lower() not in scope.having and not any(own.sql == k or f"count({k})" in own.sql for k in scope.keys):
            raise errors.unknown_column(name, "having clause")
        return own
    if table is None and scope.clause in ("group statement", "order clause") and name.lower() in scope.aliases:
        try:
            return scope.column(name, None)
        except errors.SQLError as e:
            if e.code != 1054 or isinstance(e, Unsupported):
                raise
            return scope.aliases[name.lower()]
    return scope.column(name, table.name if table is not None else None)


def _paren(scope: Scope, node: exp.Expression) -> Expr:
    return expression(scope, node.this)


def _comparison(op: str) -> Compile:
    def compiled(scope: Scope, node: exp.Expression) -> Expr:
        left, right = node.this, node.expression
        if isinstance(right, exp.Any | exp.All):
            return _quantified(scope, op, left, right)
        a, b = compare.operands(left), compare.operands(right)
        if a is not None or b is not None:
            return _row_comparison(scope, op, left, right)
        return compare.binary(scope, op, expression(scope, left), expression(scope, right))

    return compiled


def _row_comparison(scope: Scope, op: str, left: exp.Expression, right: exp.Expression) -> Expr:
    a, b = compare.operands(left), compare.operands(right)
    if a is None or b is None:
        if isinstance(right, exp.Subquery) or isinstance(left, exp.Subquery):
            raise Unsupported("comparing a row with a subquery", "IN")
        raise SQLError(4078, "HY000", f"Illegal parameter data types row and int for operation '{op}'")
    return compare.rows(scope, op, [expression(scope, n) for n in a], [expression(scope, n) for n in b])


def _quantified(scope: Scope, op: str, left: exp.Expression, right: exp.Expression) -> Expr:
    """`x op ANY|ALL (SELECT …)`, as IN where that is the same, else by counting true, false and NULL comparisons."""
    value = expression(scope, left)
    query = _subselect(scope, right.this, 1)
    alias = scope.unit.alias()
    item = Expr(f"{alias}.o0", query.types[0])
    test = compare.binary(scope, op, value, item).sql
    rows = f"(SELECT {{}} FROM ({query.sql}) AS {alias})"
    if isinstance(right, exp.All):
        picked = f"CASE WHEN count(*)=0 THEN 1 WHEN min({test})=0 THEN 0 WHEN count({test})<count(*) THEN NULL ELSE 1 END"
    else:
        picked = f"CASE WHEN count(*)=0 THEN 0 WHEN max({test})=1 THEN 1 WHEN count({test})<count(*) THEN NULL ELSE 0 END"
    return Expr(rows.format(picked), ty.BOOL)


def _is(scope: Scope, node: exp.Expression) -> Expr:
    value = expression(scope, node.this)
    what = node.expression
    if isinstance(what, exp.Null):
        return Expr(f"({value.sql} IS NULL)", ty.BOOL)
    if isinstance(what, exp.Boolean):
        return Expr(f"(({truth(scope, value)}) IS {'TRUE' if what.this else 'FALSE'})", ty.BOOL)
    raise errors.syntax("", 1)


def _not(scope: Scope, node: exp.Expression) -> Expr:
    return Expr(f"(NOT {truth(scope, expression(scope, node.this))})", ty.BOOL)


def _chain(joiner: str, kind: type[exp.Expression]) -> Compile:
    """AND and OR, without recursion along a long chain."""

    def compiled(scope: Scope, node: exp.Expression) -> Expr:
        parts: list[exp.Expression] = []
        while isinstance(node, kind):
            parts.append(node.args["expression"])
            node = node.args["this"]
        parts.append(node)
        texts = []
        for part in reversed(parts):
            texts.append(f"({truth(scope, expression(scope, part))})")
            scope.unit.guarded += kind is exp.Or
        scope.unit.guarded -= len(parts) * (kind is exp.Or)
        return Expr("(" + joiner.join(texts) + ")", ty.BOOL)

    return compiled


@_guarded
def _xor(scope: Scope, node: exp.Expression) -> Expr:
    a = truth(scope, expression(scope, node.this))
    b = truth(scope, expression(scope, node.expression))
    return Expr(f"((NOT {a})<>(NOT {b}))", ty.BOOL)


@_guarded
def _between(scope: Scope, node: exp.Expression) -> Expr:
    if node.args.get("symmetric"):
        raise errors.syntax("SYMMETRIC", 1)
    parts = (node.this, node.args["low"], node.args["high"])
    return compare.between(scope, *(expression(scope, part) for part in parts))


@_guarded
def _in(scope: Scope, node: exp.Expression) -> Expr:
    query = node.args.get("query")
    left = compare.operands(node.this)
    if node.args.get("unnest") or node.args.get("field"):
        raise errors.syntax("", 1)
    if query is not None:
        members = left or [node.this]
        found = _subselect(scope, query, len(members))
        return _in_query(scope, [expression(scope, m) for m in members], found)
    if left is not None:
        ours = [expression(scope, n) for n in left]
        tests = []
        for item in node.expressions or [exp.null()]:
            theirs = compare.operands(item)
            if theirs is None:
                raise errors.operand_columns(len(ours))
            tests.append(compare.rows(scope, "=", ours, [expression(scope, n) for n in theirs]).sql)
        return Expr("(" + " OR ".join(tests) + ")", ty.BOOL)
    if not node.expressions:
        raise errors.syntax(")", 1)
    if any(compare.operands(item) is not None for item in node.expressions):
        raise errors.operand_columns(1)
    return compare.among(scope, expression(scope, node.this), [expression(scope, n) for n in node.expressions])


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
    pairs = [compare.common(scope, (a, Expr(f"{alias}.o{n}", query.types[n]))) for n, a in enumerate(ours)]
    if len(ours) == 1 and pairs[0][1].removesuffix(" COLLATE ci") == f"{alias}.o0":
        return Expr(f"({pairs[0][0]} IN ({query.sql}))", ty.BOOL)
    theirs = ",".join(b for _, b in pairs)
    left = ",".join(a for a, _ in pairs)
    return Expr(f"(({left}) IN (SELECT {theirs} FROM ({query.sql}) AS {alias}))", ty.BOOL)


def _subselect(scope: Scope, node: exp.Expression, width: int) -> Query:
    query = scope.unit.select(scope.unit, node, scope)
    if len(query.names) != width:
        raise errors.operand_columns(width)
    return query


def _scalar(scope: Scope, node: exp.Expression) -> Expr:
    """A subquery as a value: no row is NULL, two rows are error 1242."""
    query = _subselect(scope, node, 1)
    alias = scope.unit.alias()
    sql = (
        f"(SELECT CASE WHEN count(*)>1 THEN m_many_rows() ELSE min({alias}.o0) END"
        f" FROM (SELECT o0 FROM ({query.sql}) LIMIT 2) AS {alias})"
    )
    return Expr(sql, query.types[0])


def _exists(scope: Scope, node: exp.Expression) -> Expr:
    query = scope.unit.select(scope.unit, node.this, scope)
    return Expr(f"EXISTS ({query.sql})", ty.BOOL)


def _like(scope: Scope, node: exp.Expression, escape: str = "") -> Expr:
    a, b = as_text(expression(scope, node.this)), as_text(expression(scope, node.expression))
    if ty.BIN in (a.type.kind, b.type.kind):
        raise Unsupported("LIKE over binary strings")
    binary = a.type.binary or b.type.binary
    mark = escape or "'\\'"
    sql = f"m_like({a.sql},{b.sql},{mark}{',1' if binary else ''})"
    return Expr(f"(NOT {sql})" if node.args.get("negate") else sql, ty.BOOL)


def _escape(scope: Scope, node: exp.Expression) -> Expr:
    mark = node.expression
    if not isinstance(node.this, exp.Like) or not isinstance(mark, exp.Literal) or len(str(mark.this)) != 1:
        raise Unsupported("this ESCAPE", "a single character")
    return _like(scope, node.this, string(str(mark.this)).sql)


def _regexp(scope: Scope, node: exp.Expression) -> Expr:
    if node.args.get("flag"):
        raise Unsupported("flags of REGEXP_LIKE")
    a, b = as_text(expression(scope, node.this)), as_text(expression(scope, node.expression))
    binary = a.type.binary or b.type.binary
    return Expr(f"m_regexp({a.sql},{b.sql}{',1' if binary else ''})", ty.BOOL)


def _collate(scope: Scope, node: exp.Expression) -> Expr:
    name = node.expression.name.lower()
    value = as_text(expression(scope, node.this))
    if name in ("utf8mb4_bin", "utf8_bin", "utf8mb3_bin"):
        return Expr(value.sql, Type(ty.STR, binary=True), value.const)
    if name in ("utf8mb4_general_ci", "utf8_general_ci", "utf8mb3_general_ci"):
        return Expr(value.sql, ty.TEXT, value.const)
    raise Unsupported(f"COLLATE {name}", "utf8mb4_general_ci or utf8mb4_bin")


@_guarded
def _case(scope: Scope, node: exp.Expression) -> Expr:
    subject = expression(scope, node.this) if node.this is not None else None
    tests, results = [], []
    for branch in node.args["ifs"]:
        when = expression(scope, branch.this)
        tests.append(truth(scope, when) if subject is None else compare.binary(scope, "=", subject, when).sql)
        results.append(expression(scope, branch.args["true"]))
    default = node.args.get("default")
    last = expression(scope, default) if default is not None else NULL
    return choose(scope, tests, [*results, last])


def _concat(scope: Scope, node: exp.Expression) -> Expr:
    """Adjacent string literals, and the list inside GROUP_CONCAT."""
    parts = [as_text(expression(scope, n)) for n in node.expressions]
    if all(isinstance(p.const, str) for p in parts):
        return string("".join(str(p.const) for p in parts))
    return Expr("(" + "||".join(p.sql for p in parts) + ")", ty.TEXT)


def _hex(scope: Scope, node: exp.Expression) -> Expr:
    text = str(node.this)
    return Expr(f"x'{text.zfill(len(text) + len(text) % 2)}'", ty.BYTES)


def _call(scope: Scope, node: exp.Expression) -> Expr:
    name = str(node.this)
    if name == "VALUES":
        return calls.apply(scope, name, [scope.column(n.name, None) for n in node.expressions])
    if not name.startswith(PREFIX):
        raise refusal(scope, node)
    return calls.call(scope, name[len(PREFIX) :], node)


def _renamed(name: str, *arguments: str) -> Compile:
    """A call that sqlglot keeps as a node of its own, compiled by its MySQL name."""

    def compiled(scope: Scope, node: exp.Expression) -> Expr:
        given = [node.args[a] for a in arguments if node.args.get(a) is not None]
        return calls.apply(scope, name, [expression(scope, g) for g in given])

    return compiled


def _trim(scope: Scope, node: exp.Expression) -> Expr:
    side = str(node.args.get("position") or "BOTH").upper()
    what = node.args.get("expression")
    parts = [as_text(expression(scope, node.this)), as_text(expression(scope, what)) if what is not None else string(" ")]
    return Expr(f"m_trim({parts[0].sql},{parts[1].sql},'{side}')", ty.TEXT)


def _parameter(scope: Scope, node: exp.Expression) -> Expr:
    """@name: its present value as a constant, so the statement is compiled anew each time."""
    scope.unit.volatile = True
    value = scope.unit.variables.get(node.name.lower())
    match value:
        case None:
            return NULL
        case bool() | int():
            return Expr(str(int(value)), ty.BIGINT, int(value))
        case float():
            return Expr(double_literal(value), ty.DOUBLE)
        case str():
            return Expr(string(value).sql, ty.TEXT, value)
    raise Unsupported("a variable of this type", "SELECT the value directly")


def _system(scope: Scope, node: exp.Expression) -> Expr:
    return calls.system_variable(node.name)


def _star_error(scope: Scope, node: exp.Expression) -> Expr:
    raise errors.syntax("*", 1)


def _minus(scope: Scope, node: exp.Expression) -> Expr:
    return arithmetic.negative(scope, expression(scope, node.this))


def _arithmetic(op: str) -> Compile:
    def compiled(scope: Scope, node: exp.Expression) -> Expr:
        left, right = node.this, node.expression
        if isinstance(right, exp.Interval) and op in "+-":
            return temporal.shift(scope, expression(scope, left), right, backwards=op == "-")
        if isinstance(left, exp.Interval) and op == "+":
            return temporal.shift(scope, expression(scope, right), left, backwards=False)
        return arithmetic.operate(scope, op, expression(scope, left), expression(scope, right))

    return compiled


def _tuple(scope: Scope, node: exp.Expression) -> Expr:
    raise errors.operand_columns(1)


def _cast(scope: Scope, node: exp.Expression) -> Expr:
    if node.args.get("format") or node.args.get("action"):
        raise errors.syntax("", 1)
    return casts.cast(scope, expression(scope, node.this), node.args["to"])


def _soundex(scope: Scope, node: exp.Expression) -> Expr:
    return calls.apply(scope, "SOUNDEX", [expression(scope, node.this)])


def _now(name: str) -> Compile:
    return lambda scope, node: calls.apply(scope, name, [])


_NODES: dict[type[exp.Expression], Compile] = {
    exp.Literal: _literal,
    exp.National: lambda scope, node: string(str(node.this)),
    exp.Null: lambda scope, node: NULL,
    exp.Boolean: _boolean,
    exp.HexString: _hex,
    exp.Column: _column,
    exp.Paren: _paren,
    exp.EQ: _comparison("="),
    exp.NEQ: _comparison("<>"),
    exp.LT: _comparison("<"),
    exp.LTE: _comparison("<="),
    exp.GT: _comparison(">"),
    exp.GTE: _comparison(">="),
    exp.NullSafeEQ: _comparison("IS"),
    exp.Is: _is,
    exp.Not: _not,
    exp.And: _chain(" AND ", exp.And),
    exp.Or: _chain(" OR ", exp.Or),
    exp.Xor: _xor,
    exp.Between: _between,
    exp.In: _in,
    exp.Subquery: _scalar,
    exp.Select: _scalar,
    exp.Union: _scalar,
    exp.Exists: _exists,
    exp.Like: _like,
    exp.Escape: _escape,
    exp.RegexpLike: _regexp,
    exp.Collate: _collate,
    exp.Case: _case,
    exp.Cast: _cast,
    exp.Concat: _concat,
    exp.Anonymous: _guarded(_call),
    exp.Window: aggregates.window,
    exp.GroupConcat: aggregates.group_concat,
    exp.Substring: _renamed("SUBSTRING", "this", "start", "length"),
    exp.StrPosition: _renamed("LOCATE", "substr", "this", "position"),
    exp.Trim: _trim,
    exp.Extract: temporal.extract,
    exp.Soundex: _soundex,
    exp.Parameter: _parameter,
    exp.SessionParameter: _system,
    exp.Star: _star_error,
    exp.Tuple: _tuple,
    exp.Neg: _minus,
    exp.Add: _arithmetic("+"),
    exp.Sub: _arithmetic("-"),
    exp.Mul: _arithmetic("*"),
    exp.Div: _arithmetic("/"),
    exp.IntDiv: _arithmetic("DIV"),
    exp.Mod: _arithmetic("%"),
    exp.BitwiseAnd: _arithmetic("&"),
    exp.BitwiseOr: _arithmetic("|"),
    exp.BitwiseXor: _arithmetic("^"),
    exp.BitwiseLeftShift: _arithmetic("<<"),
    exp.BitwiseRightShift: _arithmetic(">>"),
    exp.CurrentTimestamp: _now("NOW"),
    exp.Localtime: _now("NOW"),
    exp.Localtimestamp: _now("NOW"),
    exp.CurrentDate: _now("CURDATE"),
    exp.CurrentTime: _now("CURTIME"),
    exp.CurrentUser: _now("CURRENT_USER"),
    exp.UtcDate: _now("CURDATE"),
}
