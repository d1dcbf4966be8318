"""Operators, literals, CASE, CAST and subqueries: each node of sqlglot's tree that is known here, and no other.

`_NODES` is the allow-list: what it does not name is refused.
"""

from __future__ import annotations

from sqlglot import exp

from ...session import Unsupported
from ..values import errors
from ..values import types as ty
from ..values.types import Type
from . import (
    aggregates,
    arithmetic,
    casts,
    comparisons,
    function_calls,
    intervals,
    literals,
    predicates,
    temporal,
    windows,
)
from .coercion import NULL, as_text, choose, integer, string, truth
from .predicates import Compile
from .scope import MAX_SQL, Expr, Scope


def compile_expression(scope: Scope, node: exp.Expression) -> Expr:
    """Compile one scalar expression. Raises SQLError as MySQL would, or Unsupported."""
    if scope.grouped and (key := scope.group_key(node)) is not None:
        return key
    compile_node = _NODES.get(type(node))
    if compile_node is None:
        raise refusal(scope, node)
    e = compile_node(scope, node)
    if e.const is None and len(e.sql) > MAX_SQL:
        raise errors.too_deep()
    return e


def refusal(scope: Scope, node: exp.Expression | None) -> Exception:
    """Why a node is not answered: none (1064), a function no MySQL has (1305), or one that is not done here."""
    if node is None:
        return errors.syntax("", 1)
    words, instead = _REFUSED.get(type(node), (type(node).__name__, ""))
    return Unsupported(words, instead)


def _column(scope: Scope, node: exp.Expression) -> Expr:
    if isinstance(node.this, exp.Star):
        raise errors.syntax("*", 1)
    schema, table = node.args.get("db"), node.args.get("table")
    name = node.this.name
    if schema is not None and table is not None and schema.name != scope.unit.database:
        raise errors.unknown_column(f"{schema.name}.{table.name}.{name}", scope.clause.words)
    return scope.column(name, table.name if table is not None else None)


def _paren(scope: Scope, node: exp.Expression) -> Expr:
    return compile_expression(scope, node.this)


def _collate(scope: Scope, node: exp.Expression) -> Expr:
    name = node.expression.name.lower()
    value = as_text(compile_expression(scope, node.this))
    if name in ("utf8mb4_bin", "utf8_bin", "utf8mb3_bin"):
        return Expr(value.sql, Type(ty.STR, binary=True), value.const)
    if name in ("utf8mb4_general_ci", "utf8_general_ci", "utf8mb3_general_ci"):
        return Expr(value.sql, ty.TEXT, value.const)
    raise Unsupported(f"COLLATE {name}", "utf8mb4_general_ci or utf8mb4_bin")


@predicates.lazily_evaluated
def _case(scope: Scope, node: exp.Expression) -> Expr:
    subject = compile_expression(scope, node.this) if node.this is not None else None
    tests, results = [], []
    for branch in node.args["ifs"]:
        when = compile_expression(scope, branch.this)
        tests.append(truth(scope, when) if subject is None else comparisons.binary(scope, "=", subject, when).sql)
        results.append(compile_expression(scope, branch.args["true"]))
    default = node.args.get("default")
    last = compile_expression(scope, default) if default is not None else NULL
    return choose(scope, tests, [*results, last])


def _inserted(scope: Scope, column: exp.Expression) -> Expr:
    """VALUES(column): what the row that could not be inserted has there."""
    if scope.inserting is None:
        raise Unsupported("VALUES() outside of ON DUPLICATE KEY UPDATE", "the column itself")
    owner, value = column.text("table"), scope.inserting.get(column.name.lower())
    if value is None or (owner and scope.names.table(owner, fold=scope.unit.fold_names) is None):
        raise errors.unknown_column(column.sql(), scope.clause.words)
    return value


def _call(scope: Scope, node: exp.Expression) -> Expr:
    name = str(node.this)
    if name == "VALUES":
        return _inserted(scope, node.expressions[0])
    if name not in function_calls.NAMES:
        raise function_calls.unknown(scope.unit.database, name)
    return function_calls.call(scope, name, node)


def _trim(scope: Scope, node: exp.Expression) -> Expr:
    side = str(node.args.get("position") or "BOTH").upper()
    trimmed_node = node.args.get("expression")
    affix = compile_expression(scope, trimmed_node) if trimmed_node is not None else string(" ")
    return function_calls.trim(compile_expression(scope, node.this), affix, side)


def _system(scope: Scope, node: exp.Expression) -> Expr:
    if node.name.lower() == "autocommit":
        scope.unit.volatile = True
        return integer(int(scope.unit.autocommit))
    return function_calls.system_variable(node.name)


def _star_error(scope: Scope, node: exp.Expression) -> Expr:
    raise errors.syntax("*", 1)


def _minus(scope: Scope, node: exp.Expression) -> Expr:
    e = arithmetic.negative(scope, compile_expression(scope, node.this))
    if e.const is None and e.type.kind == ty.INT and not node.find(exp.Column, exp.From, exp.Parameter):
        # Of a constant expression below zero MariaDB makes a DECIMAL.
        return Expr(f"(CASE WHEN {e.sql}>0 THEN m_refuse('the negative of a negative call') ELSE {e.sql} END)", e.type)
    return e


def _arithmetic(op: str) -> Compile:
    def compile_node(scope: Scope, node: exp.Expression) -> Expr:
        left, right = node.this, node.expression
        if isinstance(right, exp.Interval) and op in "+-":
            return intervals.shift(scope, compile_expression(scope, left), right, backwards=op == "-")
        if isinstance(left, exp.Interval) and op == "+":
            return intervals.shift(scope, compile_expression(scope, right), left, backwards=False)
        return arithmetic.operate(scope, op, compile_expression(scope, left), compile_expression(scope, right))

    return compile_node


def _tuple(scope: Scope, node: exp.Expression) -> Expr:
    raise errors.operand_columns(1)


def _cast(scope: Scope, node: exp.Expression) -> Expr:
    if node.args.get("format") or node.args.get("action"):
        raise errors.syntax("", 1)
    value = compile_expression(scope, node.this) if "safe" in node.args else string(node.this.name)
    if "safe" not in node.args:
        # TIME '…' and its like, which are casts without this part; they keep the fraction that is written.
        return temporal.typed_literal(scope, value, node.args["to"], braced=bool(node.args.get("default")))
    return casts.cast(scope, value, node.args["to"])


def _soundex(scope: Scope, node: exp.Expression) -> Expr:
    return function_calls.apply(scope, "SOUNDEX", [compile_expression(scope, node.this)])


_REFUSED: dict[type[exp.Expression], tuple[str, str]] = {
    exp.PropertyEQ: (":= in an expression", "SET @name = value"),
    exp.BitString: ("a bit literal", "a number"),
    exp.BitwiseNot: ("~", "a number"),
    exp.MatchAgainst: ("MATCH ... AGAINST", "LIKE"),
    exp.JSONExtract: ("a path into JSON", "LIKE"),
    exp.JSONArrayContains: ("MEMBER OF", "IN"),
    exp.Interval: ("INTERVAL()", "CASE"),
}
"""What the grammar takes and nothing compiles: in MySQL's words, with a way around it."""

_NODES: dict[type[exp.Expression], Compile] = {
    exp.Literal: literals.literal,
    exp.Null: lambda scope, node: NULL,
    exp.Boolean: literals.boolean,
    exp.HexString: literals.hexadecimal,
    exp.Introducer: literals.introduced,
    exp.Column: _column,
    exp.Paren: _paren,
    exp.EQ: predicates.comparison("="),
    exp.NEQ: predicates.comparison("<>"),
    exp.LT: predicates.comparison("<"),
    exp.LTE: predicates.comparison("<="),
    exp.GT: predicates.comparison(">"),
    exp.GTE: predicates.comparison(">="),
    exp.NullSafeEQ: predicates.comparison("IS"),
    exp.Is: predicates.is_test,
    exp.Not: predicates.negation,
    exp.And: predicates.chain(" AND ", exp.And),
    exp.Or: predicates.chain(" OR ", exp.Or),
    exp.Xor: predicates.exclusive_or,
    exp.Between: predicates.between,
    exp.In: predicates.member,
    exp.Subquery: predicates.scalar,
    exp.Select: predicates.scalar,
    exp.Union: predicates.scalar,
    exp.Exists: predicates.exists,
    exp.Like: predicates.like,
    exp.Escape: predicates.escaped_like,
    exp.RegexpLike: predicates.regexp,
    exp.Collate: _collate,
    exp.Case: _case,
    exp.Cast: _cast,
    exp.Concat: literals.concatenation,
    exp.Anonymous: predicates.lazily_evaluated(_call),
    exp.Window: windows.window,
    exp.GroupConcat: aggregates.group_concat,
    exp.Trim: _trim,
    exp.Extract: temporal.extract,
    exp.Soundex: _soundex,
    exp.Parameter: literals.variable,
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
}
