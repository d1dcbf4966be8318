"""Exact numbers compared with texts and constants: MariaDB loses no digit in a double there."""

from __future__ import annotations

from decimal import Decimal

from ...session import Unsupported
from ..functions import numbers
from ..values import conversions
from ..values import types as ty
from ..values.types import Type
from .coercion import double_literal
from .scope import Expr


def pair(left: Expr, right: Expr, mode: int) -> tuple[str, str] | None:
    """The two operands of a comparison as SQLite compares them exactly; None where they are compared as doubles.

    `mode`: what a text that is no number does in a writing statement, see `numbers.number_strict`; else 0.
    """
    for number, other, swapped in ((left, right, False), (right, left, True)):
        text = _against(number, other, mode)
        if text is not None:
            return (text, number.sql) if swapped else (number.sql, text)
    return None


def is_whole(e: Expr) -> bool:
    """Whether a bound of BETWEEN is an integer, or a text that is known."""
    return e.type.kind == ty.INT or (e.type.kind == ty.STR and e.const is not None)


def _against(number: Expr, other: Expr, mode: int) -> str | None:
    """The other operand in the number's type: an integer, or a double between the two integers that it lies between."""
    if number.type.kind not in ty.EXACT or number.type.cut or other.type.cut:
        return None
    kind = other.type.kind
    if kind == ty.STR and number.type.kind == ty.INT and other.const is None:
        return f"m_exact({other.sql},{mode})"
    if kind == ty.STR and isinstance(other.const, str) and (number.type.kind == ty.INT or number.const is None):
        value, complete = conversions.decimal_number(other.const)
        return _literal(value, number.type.frac) if complete or not mode else None
    if kind == ty.DBL and number.type.kind == ty.INT and number.column is not None and other.const is not None:
        return other.sql
    return None


def _literal(value: Decimal, frac: int) -> str:
    exact = numbers.comparable(value.scaleb(frac, conversions.WIDE))
    if isinstance(exact, int):
        return str(exact) if exact > -(2**63) else f"({exact + 1}-1)"
    return double_literal(exact)


def as_year(column: Expr, constant: Expr) -> Expr:
    """A constant that is compared with a YEAR column: 0 to 99 mean years of 1970 to 2069, but the number 0 itself."""
    if column.column is None or column.type != ty.YEAR:
        return constant
    if constant.const is None:
        small = constant.type.kind == ty.INT and constant.type.digits < ty.YEAR.digits
        if small and constant.column is None and constant.origin is None:
            raise Unsupported("comparing a YEAR with a small computed number", "four digits")
        return constant
    if constant.type.kind in (ty.DEC, ty.DBL):
        raise Unsupported("comparing a YEAR with a fractional number", "a whole number")
    if constant.type.kind in ty.TEXTUAL:
        text = str(constant.const).strip()
        if not (text.isascii() and text.isdigit()):
            raise Unsupported("comparing a YEAR with a text that is no number", "four digits")
        number = int(text) if len(text) < 5 else None
        short = number is not None and number < 100 and len(text) < 4
    else:
        number = constant.const if isinstance(constant.const, int) and constant.type.kind == ty.INT else None
        short = number is not None and 0 < number < 100
    if number is None or not short:
        return constant
    year = number + (2000 if number < 70 else 1900)
    return Expr(str(year), Type(ty.INT, 4), year)
