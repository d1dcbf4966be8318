"""ROUND, TRUNCATE, CEIL and FLOOR, whose result types depend on the digits asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ...session import Unsupported
from ..values import types as ty
from ..values.types import Type
from .coercion import as_number
from .scope import Expr, Scope

# Rounding to more digits changes no number that is kept: doubles end at 1e308.
_MOST_DIGITS = 400
# A literal of more digits is a BIGINT; a computed integer of so few is what a function gives, as YEAR() does.
_INT32_DIGITS, _SMALL_DIGITS = 9, 4

# Of NULL MariaDB makes a type of its own, not to be relied on.
_UNKNOWN = Expr("NULL", Type(ty.DBL, cut=True))

Build = Callable[[Scope, list[Expr]], Expr]


def rounding(mode: str) -> Build:
    """ROUND (r) and TRUNCATE (t)."""

    def build(scope: Scope, arguments: list[Expr]) -> Expr:
        number = _number(scope, arguments[0])
        digits = 0
        if len(arguments) > 1:
            if not isinstance(arguments[1].const, int) or arguments[1].type.kind != ty.INT:
                raise Unsupported("rounding to a computed number of digits", "a literal")
            digits = max(-_MOST_DIGITS, min(_MOST_DIGITS, arguments[1].const))
        kind = number.type
        if kind.kind == ty.NULL:
            return _UNKNOWN
        if kind.kind == ty.DBL:
            function = "m_round_dbl" if mode == "r" else "m_truncate_dbl"
            return Expr(f"{function}({number.sql},{digits})", Type(ty.DBL, max(digits, 0) + 1, cut=True))
        return _round_exact(number, digits, mode)

    return build


def _number(scope: Scope, e: Expr) -> Expr:
    """What is rounded, as a number. Of a time MariaDB makes a time, MySQL a number."""
    if e.type.kind in (ty.TIME, ty.DATETIME):
        raise Unsupported("rounding a time", "CAST(... AS TIME(n)) or AS DATETIME(n)")
    return as_number(scope, e)


def _round_exact(number: Expr, digits: int, mode: str) -> Expr:
    kind = number.type
    frac = kind.frac if kind.kind == ty.DEC else 0
    cut = "m_round({},{})" if mode == "r" else "m_drop({},{},'t')"
    if digits >= frac:
        return Expr(
            number.sql, kind if kind.kind == ty.INT else replace(ty.decimal(kind.digits, digits, frac), cut=kind.cut)
        )
    if -digits > kind.digits - frac:
        return Expr(f"m_mul({number.sql},0)", ty.decimal(1, 0) if kind.kind != ty.INT else Type(ty.INT, 1))
    inner = cut.format(number.sql, frac - digits)
    width = max(1, kind.digits - frac + max(digits, 0)) + 1
    wide = kind.kind == ty.INT and mode == "r" and _grows_to_decimal(number)
    exact = kind.kind == ty.DEC or wide
    back = inner if digits >= 0 else f"m_mul({inner},{10**-digits}{',1' if exact else ''})"
    if kind.kind == ty.INT:
        return Expr(back, ty.decimal(19, 0) if wide else Type(ty.INT, kind.digits + 1, unsigned=kind.unsigned))
    scale = max(0, digits)
    return Expr(back, ty.decimal(width, scale))


def _grows_to_decimal(number: Expr) -> bool:
    """Whether MariaDB, rounding before the point, makes a DECIMAL of an integer: of BIGINT, and of most of what is computed."""
    digits = number.type.digits
    if digits >= ty.NATIVE_DIGITS:
        return True
    if isinstance(number.const, int) and number.const >= 0:
        return digits > _INT32_DIGITS
    if number.column is None and number.origin is None and digits > _SMALL_DIGITS:
        raise Unsupported("rounding a computed integer before the point", "CAST(... AS DECIMAL)")
    return False


def to_integer(mode: str) -> Build:
    """CEIL (c) and FLOOR (f)."""

    def build(scope: Scope, arguments: list[Expr]) -> Expr:
        number = _number(scope, arguments[0])
        if number.type.kind == ty.NULL:
            return _UNKNOWN
        if number.type.kind == ty.INT:
            return Expr(number.sql, number.type)
        if number.type.kind == ty.DBL:
            return Expr(f"{'m_ceil_dbl' if mode == 'c' else 'm_floor_dbl'}({number.sql})", Type(ty.DBL, 1, cut=True))
        if number.type.cut:
            raise Unsupported("CEIL or FLOOR of a quotient of a quotient", "ROUND")
        result = Type(ty.INT, number.type.digits - number.type.frac + 1)
        return Expr(f"m_drop({number.sql},{number.type.frac},'{mode}')", result)

    return build
