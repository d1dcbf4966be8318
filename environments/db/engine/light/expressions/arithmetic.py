"""+ - * / DIV % and the bit operators, with MySQL's types: exact stays exact, texts become doubles, division adds four
digits (div_precision_increment). Native operators where 64 bits provably hold the result, checked functions elsewhere."""

from __future__ import annotations

from ...session import Unsupported
from ..values import types as ty
from ..values.types import Type
from .coercion import NULL, as_double, as_number, rescale
from .scope import Expr, Scope

_CHECKED = {"+": "m_add", "-": "m_sub", "*": "m_mul"}
_BITS = frozenset({"&", "|", "^", "<<", ">>"})
# Decimals are computed in words of nine digits (MariaDB, strings/decimal.c: DIG_PER_DEC1).
_WORD = 9
_DIVISION_DIGITS = 4
_DOUBLE_DIGITS = 15


def operate(scope: Scope, op: str, left: Expr, right: Expr) -> Expr:
    """`left op right` for a MySQL operator. Raises 1690 at run time where MySQL does."""
    if ty.NULL in (left.type.kind, right.type.kind):
        if scope.unit.strict and {left.type.kind, right.type.kind} & ty.TEXTUAL:
            raise Unsupported("arithmetic of text and NULL in a write")
        return _null_result()
    if op in _BITS:
        return _bits(scope, op, left, right)
    if op == "DIV":
        return _whole_division(scope, left, right)
    a, b = as_number(scope, left), as_number(scope, right)
    if op in _CHECKED and ty.WHOLE_DOUBLE in (a.type, b.type) and _are_whole(a, b):
        sql = f"({as_double(scope, a).sql}{op}{as_double(scope, b).sql})"
        return Expr(sql, ty.DOUBLE if ty.DOUBLE in (a.type, b.type) else ty.WHOLE_DOUBLE)
    if any(e.type.cut or (e.type.kind == ty.DBL and e.type.scale) for e in (a, b)):
        raise Unsupported("arithmetic with a quotient of a quotient, PI(), STD() or a rank", "ROUND or CAST")
    if op == "/":
        return divide(scope, a, b)
    if op == "%":
        return _modulo(scope, a, b)
    if ty.DBL in (a.type.kind, b.type.kind):
        return Expr(f"({as_double(scope, a).sql}{op}{as_double(scope, b).sql})", ty.DOUBLE)
    return _exact(scope, op, a, b)


def _are_whole(*operands: Expr) -> bool:
    """Whether none of them is a double of which MySQL remembers a count of decimals other than 0."""
    return all(e.type.kind == ty.INT or e.type in (ty.DOUBLE, ty.WHOLE_DOUBLE) for e in operands)


def _null_result() -> Expr:
    # MariaDB's type for it depends on more than the other operand; alone, NULL looks the same in any.
    return Expr(NULL.sql, Type(ty.DBL, cut=True))


def _exact(scope: Scope, op: str, a: Expr, b: Expr) -> Expr:
    ints = a.type.kind == b.type.kind == ty.INT
    unsigned = ints and (a.type.unsigned or b.type.unsigned)
    if op == "*":
        frac = a.type.frac + b.type.frac
        scale = a.type.scale + b.type.scale
        digits = a.type.digits + b.type.digits
        texts = (a.sql, b.sql)
    else:
        frac = max(a.type.frac, b.type.frac)
        scale = max(a.type.scale, b.type.scale)
        digits = max(a.type.digits + frac - a.type.frac, b.type.digits + frac - b.type.frac) + 1
        texts = (rescale(a, frac), rescale(b, frac))
    if frac > 38:
        raise Unsupported("a decimal with more than 38 digits behind the point")
    if unsigned and not (
        op != "-" and all(e.type.unsigned or _natural(e) for e in (a, b)) and digits <= ty.NATIVE_DIGITS
    ):
        # Elsewhere than in the select list MySQL may not come to evaluate it, and then there is no error.
        sure = int(scope.clause.certain)
        sql = f"m_unsigned_op('{op}',{texts[0]},{texts[1]},{sure})"
    elif digits <= ty.NATIVE_DIGITS:
        sql = f"({texts[0]}{op} {texts[1]})"
    else:
        sql = f"{_CHECKED[op]}({texts[0]},{texts[1]}{'' if ints else ',1'})"
    if ints:
        return Expr(sql, Type(ty.INT, min(digits, 19), unsigned=unsigned))
    return Expr(sql, ty.decimal(digits, scale, frac))


def _natural(e: Expr) -> bool:
    return isinstance(e.const, int) and e.const >= 0


def divide(scope: Scope, a: Expr, b: Expr) -> Expr:
    """`/`: DOUBLE if either is, else DECIMAL showing four digits more than the dividend and keeping whole words."""
    strict = scope.bad_values
    if ty.DBL in (a.type.kind, b.type.kind):
        divisor = as_double(scope, b).sql
        guard = f"m_divisor({divisor},{strict})" if strict else f"nullif({divisor},0.0)"
        return Expr(f"({as_double(scope, a).sql}/{guard})", ty.DOUBLE)
    frac = division_frac(a.type, b.type)
    scale = min(a.type.scale + _DIVISION_DIGITS, 38)
    cut = frac >= 2 * _WORD
    frac = scale + 2 if cut else frac
    shift = frac + b.type.frac - a.type.frac
    digits = min(a.type.digits - a.type.frac + b.type.frac, 20) + frac
    return Expr(f"m_div({a.sql},{b.sql},{shift},{strict})", Type(ty.DEC, digits, scale, frac, cut=cut))


def division_frac(a: Type, b: Type) -> int:
    """The digits that MariaDB keeps behind the point of a quotient (do_div_mod in strings/decimal.c)."""
    words_a, words_b = -(-a.frac // _WORD) * _WORD, -(-b.frac // _WORD) * _WORD
    more = max(0, _DIVISION_DIGITS - (words_a - a.frac + words_b - b.frac))
    return -(-(words_a + words_b + more) // _WORD) * _WORD


def _whole_division(scope: Scope, left: Expr, right: Expr) -> Expr:
    a, b = as_number(scope, left), as_number(scope, right)
    strict = scope.bad_values
    if ty.DBL in (a.type.kind, b.type.kind):
        if any(e.type.kind in ty.EXACT and e.type.digits > _DOUBLE_DIGITS for e in (a, b)):
            # MySQL makes decimals of both, and so loses no digit.
            raise Unsupported("DIV between a text or a double and a number of so many digits", "CAST(... AS SIGNED)")
        return Expr(f"m_div_whole({as_double(scope, a).sql},{as_double(scope, b).sql},{strict})", ty.BIGINT)
    frac = max(a.type.frac, b.type.frac)
    divisor = rescale(b, frac)
    checked_divisor = f"m_divisor({divisor},{strict})" if strict else divisor
    digits = min(a.type.digits - a.type.frac + b.type.frac, 19)
    if a.type.unsigned != b.type.unsigned and not (_natural(a) or _natural(b)):
        return Expr(f"m_natural({rescale(a, frac)}/{checked_divisor})", Type(ty.INT, digits, unsigned=True))
    return Expr(
        f"({rescale(a, frac)}/{checked_divisor})", Type(ty.INT, digits, unsigned=a.type.unsigned or b.type.unsigned)
    )


def _modulo(scope: Scope, a: Expr, b: Expr) -> Expr:
    strict = scope.bad_values
    if ty.DBL in (a.type.kind, b.type.kind):
        return Expr(f"m_fmod({as_double(scope, a).sql},{as_double(scope, b).sql},{strict})", ty.DOUBLE)
    frac = max(a.type.frac, b.type.frac)
    divisor = rescale(b, frac)
    if strict:
        divisor = f"m_divisor({divisor},{strict})"
    sql = f"({rescale(a, frac)}%{divisor})"
    if a.type.kind == b.type.kind == ty.INT:
        return Expr(sql, Type(ty.INT, a.type.digits, unsigned=a.type.unsigned))
    sql = f"m_decimal_mod({rescale(a, frac)},{divisor})"
    return Expr(sql, ty.decimal(max(a.type.digits, b.type.digits), max(a.type.scale, b.type.scale), frac))


def _bits(scope: Scope, op: str, left: Expr, right: Expr) -> Expr:
    """Bit operators work on 64 unsigned bits; results beyond 63 are refused."""
    a, b = (bits(scope, e) for e in (left, right))
    return Expr(f"m_bits('{op}',{a.sql},{b.sql})", Type(ty.INT, 19, unsigned=True))


def bits(scope: Scope, e: Expr) -> Expr:
    """As 64 bits; beyond 63 of them refused."""
    number = e if e.type.kind == ty.INT else as_number(scope, e)
    return Expr(f"m_dbl_bits({number.sql})", ty.BIGINT) if number.type.kind == ty.DBL else whole(scope, number)


def whole(scope: Scope, e: Expr) -> Expr:
    """As a BIGINT: decimals round, texts give their leading integer."""
    kind = e.type.kind
    if kind in (ty.INT, ty.NULL):
        return e
    if kind == ty.DEC:
        return Expr(f"m_round({e.sql},{e.type.frac})", ty.BIGINT) if e.type.frac else Expr(e.sql, ty.BIGINT)
    if kind == ty.DBL:
        return Expr(f"m_dbl_int({e.sql})", ty.BIGINT)
    if kind in ty.TEXTUAL and (kind == ty.ENUM or e.type.cut):
        raise Unsupported("a CAST ... AS CHAR or an ENUM as a number", "CAST ... AS DECIMAL")
    if kind in ty.TEXTUAL:
        mode = 2 if scope.unit.strict else 0
        return Expr(f"m_int_strict({e.sql},{mode})" if mode else f"m_int({e.sql})", ty.BIGINT)
    return whole(scope, as_number(scope, e))


def negative(scope: Scope, e: Expr) -> Expr:
    """Unary minus."""
    if e.type.kind == ty.NULL:
        return e
    a = as_number(scope, e)
    if isinstance(a.const, int):
        return Expr(f"({-a.const})" if a.const >= 0 else str(-a.const), a.type, -a.const)
    if a.type.kind == ty.INT and a.type.digits > ty.NATIVE_DIGITS:
        return Expr(f"m_sub(0,{a.sql})", Type(ty.INT, a.type.digits))
    return Expr(
        f"(- {a.sql})", a.type if not a.type.unsigned else Type(a.type.kind, a.type.digits, a.type.scale, a.type.frac)
    )
