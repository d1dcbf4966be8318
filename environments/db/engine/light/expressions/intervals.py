"""Date arithmetic: a date plus or minus an interval, and the units between two dates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from ...session import Unsupported
from ..functions import dates
from ..values import conversions, errors
from ..values import types as ty
from ..values.types import Type
from . import arithmetic
from .coercion import as_number, as_text, read_as, string
from .scope import Expr, Scope

Nodes = Sequence[exp.Expression]


def date_text(scope: Scope, e: Expr) -> str:
    """A date argument as text: dates are text already, numbers such as 20200131 are read from their digits."""
    if e.type.kind == ty.TIME:
        raise Unsupported("a TIME where a date is called for", "CURDATE()")
    if e.type.kind in (ty.DBL, ty.DEC):
        raise Unsupported("a fractional number where a date is called for")
    return e.sql if e.type.kind in ty.TEMPORAL else read_as(scope, as_text(e), "datetime")


def fraction_digits(e: Expr) -> int:
    """How many digits of a second's fraction a value shows as a date or time: of a text that is not known, six."""
    if e.type.kind in ty.TEMPORAL or e.type.dated:
        return e.type.scale
    if e.type.kind not in ty.TEXTUAL:
        return 0
    if not isinstance(e.const, str):
        return 6
    _, point, fraction = e.const.rstrip().partition(".")
    return min(6, len(fraction)) if point and ":" in e.const else 0


def has_unknown_fraction(e: Expr) -> bool:
    """Whether a value is a computed text: MariaDB shows six digits of one that depends on a column, else its own."""
    return e.type.kind in ty.TEXTUAL and e.const is None and e.column is None and not e.type.dated


def _unit(node: exp.Expression | None) -> str:
    name = (node.name if node is not None else "").upper().removeprefix("SQL_TSI_")
    if name not in dates.UNITS:
        raise errors.syntax(name, 1)
    return name


def shift(scope: Scope, value: Expr, interval: exp.Expression, *, backwards: bool) -> Expr:
    """`value` + INTERVAL, in the type MySQL gives it: a DATE stays one under day units, a text stays text."""
    amount_node = interval.this
    if isinstance(amount_node, exp.Tuple):
        raise Unsupported("INTERVAL()")
    amount = scope.compile(amount_node)
    return add_interval(scope, value, amount, _unit(interval.args.get("unit")), -1 if backwards else 1)


def add_interval(scope: Scope, value: Expr, amount: Expr, unit: str, sign: int) -> Expr:
    """`value` plus `sign` times `amount` units, in the type MySQL gives it."""
    kind = value.type.kind
    if kind == ty.NULL:
        return Expr("NULL", ty.TEXT)
    if amount.type.kind in ty.TEMPORAL:
        amount = as_number(scope, amount)
    if value.type.cut and not value.type.dated:
        raise Unsupported("date arithmetic on a mixture of text and dates", "CAST(... AS DATETIME)")
    shown = _shown_fraction(amount, unit)
    amount = _amount(scope, amount, unit)
    rest = f"{amount.sql},'{unit}',{sign}"
    if unit == "SECOND" and amount.const is None:
        rest = f"m_whole_seconds({amount.sql}),'{unit}',{sign}"
    if kind == ty.TIME:
        digits = max(value.type.scale, shown)
        return Expr(f"m_shift_clock({value.sql},{rest})", Type(ty.TIME, scale=digits))
    strict = f",{scope.bad_values}" if scope.unit.strict else ""
    if kind == ty.DATE and unit in dates.DATE_UNITS:
        return Expr(f"m_shift({value.sql},{rest},'d'{strict})", ty.DAY)
    if kind in (ty.DATE, ty.DATETIME):
        digits = max(value.type.scale, shown)
        return Expr(f"m_shift({value.sql},{rest},'{digits}'{strict})", Type(ty.DATETIME, scale=digits))
    digits = max(fraction_digits(value), shown)
    shape = "t" if has_unknown_fraction(value) else f"t{digits}"
    sql = f"m_shift({date_text(scope, value)},{rest},'{shape}'{strict})"
    return Expr(sql, Type(ty.STR, scale=digits, cut=True, dated=True))


def _shown_fraction(amount: Expr, unit: str) -> int:
    """How many digits of a second's fraction an amount of them adds: of an exact number its own, of all else six."""
    if "MICROSECOND" in unit:
        return 6
    if unit != "SECOND":
        return 0
    return min(6, amount.type.scale) if amount.type.kind in ty.EXACT else 6


def _amount(scope: Scope, amount: Expr, unit: str) -> Expr:
    """The number of units as text: of a number the nearest integer, of a text what it begins with."""
    if amount.type.kind == ty.ENUM:
        raise Unsupported("an ENUM as a number", "its text")
    if amount.type.kind in (ty.DEC, ty.DBL) and unit != "SECOND" and unit not in dates.COMPOSITE:
        amount = arithmetic.whole(scope, amount)
    if amount.type.kind == ty.STR and scope.unit.strict and unit not in dates.COMPOSITE:
        if unit == "SECOND":
            raise Unsupported("INTERVAL of a text of seconds in a write", "a number")
        return as_text(Expr(f"m_int_strict({amount.sql},{scope.bad_values})", ty.BIGINT))
    if unit == "SECOND" and amount.type.kind == ty.DEC and isinstance(amount.const, int):
        return string(f"{ty.exact(amount.const, amount.type.frac):f}")
    if unit == "SECOND" and isinstance(amount.const, str) and not conversions.number(amount.const)[1]:
        raise Unsupported("INTERVAL of a text with more than a number of seconds", "a number")
    return as_text(amount)


def _add_or_subtract(sign: int) -> Callable[[Scope, Nodes], Expr]:
    """DATE_ADD, ADDDATE and their inverses; ADDDATE(d, n) counts days."""

    def build(scope: Scope, arguments: Nodes) -> Expr:
        if len(arguments) != 2:
            raise errors.syntax("", 1)
        value = scope.compile(arguments[0])
        if isinstance(arguments[1], exp.Interval):
            return shift(scope, value, arguments[1], backwards=sign < 0)
        return add_interval(scope, value, scope.compile(arguments[1]), "DAY", sign)

    return build


def _timestampdiff(scope: Scope, arguments: Nodes) -> Expr:
    if len(arguments) != 3:
        raise errors.syntax("", 1)
    unit = _unit(arguments[0])
    if unit in dates.COMPOSITE:
        raise errors.syntax(unit, 1)
    a, b = (date_text(scope, scope.compile(n)) for n in arguments[1:])
    return Expr(f"m_timestampdiff('{unit}',{a},{b})", ty.BIGINT)


def _timestampadd(scope: Scope, arguments: Nodes) -> Expr:
    if len(arguments) != 3:
        raise errors.syntax("", 1)
    value = scope.compile(arguments[2])
    return add_interval(scope, value, scope.compile(arguments[1]), _unit(arguments[0]), 1)


SPECIAL: dict[str, Callable[[Scope, Nodes], Expr]] = {
    "DATE_ADD": _add_or_subtract(1),
    "DATE_SUB": _add_or_subtract(-1),
    "TIMESTAMPDIFF": _timestampdiff,
    "TIMESTAMPADD": _timestampadd,
}
