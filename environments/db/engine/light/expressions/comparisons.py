"""Comparison: which type two operands are compared in (MySQL reference, "Type conversion in expression evaluation")."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ...session import Unsupported
from ..values import conversions, errors
from ..values import types as ty
from ..values.types import Type
from .coercion import as_clock, as_double, as_moment, as_text, rescale
from .number_constants import as_year, is_whole, pair
from .scope import Expr, Scope, text_literal

_MOST_DIGITS = 6


def collation(*types: Type) -> str:
    """The SQLite collation in which texts of these types are compared: binary if one of them is."""
    return "COLLATE pad" if any(t.binary for t in types) else "COLLATE ci"


def native(a: Type, b: Type) -> bool:
    """Whether values of two types are compared as SQLite has them, without a conversion or a binary collation."""
    if a.kind in ty.TEXTUAL and b.kind in ty.TEXTUAL:
        return not (a.binary or b.binary)
    if a.kind != b.kind or a.kind not in (ty.INT, ty.DEC, ty.DBL, ty.DATE, ty.TIME):
        return False
    return a.kind != ty.DEC or (a.frac == b.frac and not (a.cut or b.cut))


def common(scope: Scope, operands: Sequence[Expr]) -> list[str]:
    """The operands as SQLite texts that can be compared with one another natively."""
    if not all(e.type.kind in ty.TEXTUAL or e.type.kind == ty.NULL for e in operands):
        return _converted(scope, operands)
    mark = collation(*(e.type for e in operands))
    return [f"{e.sql} {mark}" for e in operands]


def _converted(scope: Scope, operands: Sequence[Expr]) -> list[str]:
    kinds = {e.type.kind for e in operands if e.type.kind != ty.NULL}
    if kinds <= {ty.INT}:
        return [e.sql for e in operands]
    if kinds <= ty.EXACT:
        frac = max(e.type.frac for e in operands)
        return [rescale(e, frac) for e in operands]
    if kinds <= ty.NUMERIC or kinds <= ty.NUMERIC | ty.TEXTUAL:
        # A stored text against a number is what strict writes stumble over; texts made on the way are less certain.
        sure = len(operands) == 2 and any(e.const is not None for e in operands)
        return [as_double(scope, e, sure=sure and e.column is not None).sql for e in operands]
    if ty.BIN in kinds:
        if kinds <= {ty.BIN, ty.STR, ty.ENUM}:
            return [f"CAST({e.sql} AS BLOB)" for e in operands]
        raise Unsupported("comparing a binary string with a number or a date", "CAST(... AS CHAR)")
    if kinds == {ty.TIME}:
        return [e.sql for e in operands]
    if ty.TIME in kinds:
        if kinds <= {ty.TIME, ty.STR}:
            return [as_clock(scope, e, sure=True).sql for e in operands]
        raise Unsupported("comparing a TIME with dates or numbers")
    if kinds == {ty.DATE}:
        return [e.sql for e in operands]
    return _dates(scope, operands)


def _dates(scope: Scope, operands: Sequence[Expr]) -> list[str]:
    digits = max((e.type.scale for e in operands if e.type.kind == ty.DATETIME), default=0)
    if any(e.type.kind in ty.TEXTUAL and e.const is None for e in operands):
        digits = _MOST_DIGITS  # for a computed text may have a fraction
    column = next((e.sql for e in operands if e.column is not None and e.type.kind in ty.TEMPORAL), None)
    texts = []
    for e in operands:
        if e.type.kind in ty.NUMERIC and not isinstance(e.const, int):
            raise Unsupported("comparing a date with a number", "DATE_FORMAT or YEAR()")
        literal = as_text(e) if e.const is not None else e
        if isinstance(literal.const, str):
            when = conversions.moment(literal.const)
            if when is None:
                if scope.unit.strict and column is not None:
                    # MySQL finds it in the first row where the column has a date.
                    texts.append(f"m_no_moment({column},{text_literal(literal.const)})")
                    continue
                raise Unsupported(f"comparing a date with {literal.const[:40]!r}", "a text such as '2020-12-31'")
            if when.microsecond and not digits:
                raise Unsupported("comparing a date with a fractional second")
        texts.append(as_moment(scope, literal, digits, sure=True).sql)
    return texts


def binary(scope: Scope, op: str, left: Expr, right: Expr) -> Expr:
    """`left op right` with op one of = <> < <= > >= and IS (for <=>)."""
    if op != "IS" and ty.NULL in (left.type.kind, right.type.kind):
        return Expr("NULL", ty.BOOL)
    if op in ("=", "<>"):
        text = _plain_equality(left, right) or _plain_equality(right, left)
        if text is not None:
            return Expr(text if op == "=" else f"(NOT {text})", ty.BOOL)
    if op != "IS":
        left, right = checked(left), checked(right)
    left, right = as_year(right, left), as_year(left, right)
    for column, constant in ((left, right), (right, left)):
        if column.type.single and constant.const is not None and scope.is_key(column):
            # Where MySQL looks a constant up in the key, it rounds it to a FLOAT first; else it does not.
            raise Unsupported("comparing a FLOAT column of a key with a constant", "a range around it")
    a, b = comparable(scope, left, right)
    return Expr(f"({a} {op} {b})", ty.BOOL)


def checked(e: Expr) -> Expr:
    """A conversion that must not fail here: the NULL that it gives would not be compared as one."""
    return Expr(e.checked, e.type) if e.checked else e


def comparable(scope: Scope, left: Expr, right: Expr) -> tuple[str, str]:
    """Two operands as SQLite texts that can be compared natively."""
    # Of constants MySQL makes one before it runs; of what is computed from a column it may make an index.
    sure = any(a.const is not None and b.column is not None for a, b in ((left, right), (right, left)))
    mode = 0 if not scope.unit.strict else 1 if sure and not scope.unit.lazy_depth else 2
    a, b = pair(left, right, mode) or common(scope, (left, right))
    return a, b


def _plain_equality(column: Expr, literal: Expr) -> str | None:
    """A text column against an ASCII literal, without our collation wherever the column's own text is ASCII too."""
    value = literal.const
    if column.column is None or column.type != ty.TEXT or literal.type != ty.TEXT or not isinstance(value, str):
        return None
    if not value.isascii() or not value.isprintable():
        return None
    c, text, bare = column.sql, text_literal(value), text_literal(value.rstrip(" "))
    return f"(rtrim({c},' ')={bare} COLLATE NOCASE OR ({c} GLOB '*[^ -~]*' AND {c}={text} COLLATE ci))"


def between(scope: Scope, value: Expr, low: Expr, high: Expr) -> Expr:
    """`value BETWEEN low AND high`."""
    if any(e.type.cut and e.type.kind in ty.TEMPORAL for e in (value, low, high)):
        # MariaDB's BETWEEN does not take the NULL of a failed cast for NULL.
        raise Unsupported("BETWEEN over a CAST of text to a date", "two comparisons")
    low, high = as_year(value, low), as_year(value, high)
    kinds = {e.type.kind for e in (value, low, high)}
    as_numbers = value.type.kind == ty.INT or {low.type.kind, high.type.kind} == {ty.INT}
    if kinds == {ty.INT, ty.STR} and as_numbers and is_whole(value) and is_whole(low) and is_whole(high):
        tests = binary(scope, ">=", value, low), binary(scope, "<=", value, high)
        return Expr(f"({tests[0].sql} AND {tests[1].sql})", ty.BOOL)
    a, b, c = common(scope, (value, low, high))
    return Expr(f"({a} BETWEEN {b} AND {c})", ty.BOOL)


def among(scope: Scope, value: Expr, items: Sequence[Expr]) -> Expr:
    """`value IN (items)`: one native IN if all compare alike, else one comparison for each."""
    kinds = {e.type.kind for e in (value, *items)} - {ty.NULL}
    if scope.unit.strict and kinds & ty.TEXTUAL and kinds & ty.NUMERIC and any(map(_doubtful, (value, *items))):
        raise Unsupported("IN between text and numbers in a write", "quoting all of them or none")
    if scope.unit.strict and value.type.kind in ty.TEMPORAL and any(map(_no_date, items)):
        raise Unsupported("a text that is no date in IN in a write", "texts such as '2020-12-31'")
    items = [as_year(value, item) for item in items]
    if kinds <= ty.TEXTUAL:
        mark = collation(value.type, *(e.type for e in items))
        return Expr(f"({value.sql} {mark} IN ({','.join(e.sql for e in items)}))", ty.BOOL)
    if kinds <= ty.EXACT or (kinds <= ty.NUMERIC and value.type.kind != ty.INT):
        first, *rest = common(scope, (value, *items))
        return Expr(f"({first} IN ({','.join(rest)}))", ty.BOOL)
    tests = [binary(scope, "=", value, item).sql for item in items]
    return Expr("(" + " OR ".join(tests) + ")", ty.BOOL)


def _no_date(e: Expr) -> bool:
    return isinstance(e.const, str) and e.type.kind == ty.STR and conversions.moment(e.const) is None


def _doubtful(e: Expr) -> bool:
    """A text that may be no number."""
    return e.type.kind in ty.TEXTUAL and not (isinstance(e.const, str) and conversions.number(e.const)[1])


def rows(scope: Scope, op: str, left: Sequence[Expr], right: Sequence[Expr]) -> Expr:
    """(a, b) op (c, d): all pairs equal, or ordered by the first pair that differs."""
    if len(left) != len(right):
        raise errors.operand_columns(len(left))
    pairs = list(zip(left, right, strict=True))
    if op in ("=", "<>", "IS"):
        equal = "IS" if op == "IS" else "="
        text = " AND ".join(binary(scope, equal, a, b).sql for a, b in pairs)
        return Expr(f"(NOT ({text}))" if op == "<>" else f"({text})", ty.BOOL)
    text = binary(scope, op, *pairs[-1]).sql
    for a, b in reversed(pairs[:-1]):
        text = f"({binary(scope, op[0], a, b).sql} OR ({binary(scope, '=', a, b).sql} AND {text}))"
    return Expr(text, ty.BOOL)


def operands(node: exp.Expression) -> list[exp.Expression] | None:
    """The members of a row constructor, those of rows in it among them; None for a single value."""
    if not isinstance(node, exp.Tuple):
        return None
    members: list[exp.Expression] = []
    for member in node.expressions:
        members.extend(operands(member) or [member])
    return members
