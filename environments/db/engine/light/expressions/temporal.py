"""Date functions whose type or argument shape needs more than a signature: intervals, units, STR_TO_DATE, EXTRACT."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..functions import dates, str_to_date
from ..values import conversions, errors
from ..values import types as ty
from ..values.types import Type
from . import arithmetic, casts
from .coercion import as_clock, as_moment, as_number, as_text, rescale, round_to_scale, string
from .scope import Expr, Scope, text_literal

Nodes = Sequence[exp.Expression]


def date_text(e: Expr) -> str:
    """A date argument as text: dates are text already, numbers such as 20200131 are read from their digits."""
    if e.type.kind == ty.TIME:
        raise Unsupported("a TIME where a date is called for", "CURDATE()")
    if e.type.kind in (ty.DBL, ty.DEC):
        raise Unsupported("a fractional number where a date is called for")
    return as_text(e).sql


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
    fine = "MICROSECOND" in unit or (unit == "SECOND" and "." in str(amount.const or ""))
    if unit == "SECOND" and amount.const is None:
        rest = f"m_whole_seconds({amount.sql}),'{unit}',{sign}"
    if kind == ty.TIME:
        digits = 6 if fine else value.type.scale
        return Expr(f"m_shift_clock({value.sql},{rest})", Type(ty.TIME, scale=digits))
    strict = f",{scope.bad_values}" if scope.unit.strict else ""
    if kind == ty.DATE and unit in dates.DATE_UNITS:
        return Expr(f"m_shift({value.sql},{rest},'d'{strict})", ty.DAY)
    if kind in (ty.DATE, ty.DATETIME):
        digits = 6 if fine else value.type.scale
        return Expr(f"m_shift({value.sql},{rest},'{digits}'{strict})", Type(ty.DATETIME, scale=digits))
    digits = max(fraction_digits(value), shown)
    shape = "t" if _has_unknown_fraction(value) else f"t{digits}"
    sql = f"m_shift({date_text(value)},{rest},'{shape}'{strict})"
    return Expr(sql, Type(ty.STR, scale=digits, cut=True, dated=True))


def _shown_fraction(amount: Expr, unit: str) -> int:
    """How many digits of a second's fraction an amount adds to a text: of a number its own, of a text with a point six."""
    if "MICROSECOND" in unit:
        return 6
    if unit != "SECOND":
        return 0
    return min(6, amount.type.scale) if amount.type.kind == ty.DEC else 6 * ("." in str(amount.const or ""))


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
    a, b = (date_text(scope.compile(n)) for n in arguments[1:])
    return Expr(f"m_timestampdiff('{unit}',{a},{b})", ty.BIGINT)


def _timestampadd(scope: Scope, arguments: Nodes) -> Expr:
    if len(arguments) != 3:
        raise errors.syntax("", 1)
    value = scope.compile(arguments[2])
    return add_interval(scope, value, scope.compile(arguments[1]), _unit(arguments[0]), 1)


def _date(scope: Scope, arguments: list[Expr]) -> Expr:
    return casts.day(scope, arguments[0])


def _time(scope: Scope, arguments: list[Expr]) -> Expr:
    value = arguments[0]
    if value.type.kind in (ty.STR, ty.ENUM):
        text = str(value.const) if value.const is not None else ""
        if "." in text or value.const is None:
            raise Unsupported("TIME() of a text with an unknown fraction", "CAST(... AS TIME)")
    if value.type.kind == ty.DBL or value.type.frac:
        raise Unsupported("TIME() of a fractional number", "SEC_TO_TIME or MAKETIME")
    digits = value.type.scale if value.type.kind in (ty.DATETIME, ty.TIME) else 0
    text, checked = (as_clock(scope, value, sure=sure).sql for sure in (False, True))
    return Expr(text, Type(ty.TIME, scale=digits), checked=checked)


def _timestamp(scope: Scope, arguments: list[Expr]) -> Expr:
    if len(arguments) == 2:
        raise Unsupported("TIMESTAMP with two arguments", "CONCAT")
    value, digits = arguments[0], fraction_digits(arguments[0])
    if _has_unknown_fraction(value):
        raise Unsupported("TIMESTAMP() of a computed text", "CAST(... AS DATETIME)")
    when = as_moment(scope, value, digits)
    checked = as_moment(scope, value, digits, sure=True).sql if value.type.kind in ty.TEXTUAL else ""
    return Expr(when.sql, when.type, when.const, checked=checked)


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


def _require_literal(text: str, kind: exp.DType) -> None:
    """Raise 1525 for a literal whose text is not of its type."""
    if kind != exp.DType.TIME and text.lstrip().startswith("0000"):
        raise Unsupported(f"dates of the year 0 ({text[:40]!r})")
    if kind == exp.DType.TIME:
        clock = conversions.clock(text)
        right, name = clock is not None and (abs(clock) < conversions.MAX_CLOCK or "838" in text), "TIME"
    else:
        moment = kind != exp.DType.DATE
        right, name = conversions.moment(text) is not None, "DATETIME" if moment else "DATE"
        right = right and conversions.shows_time(text) == moment
    if not right:
        raise errors.wrong_literal(name, text)


def _has_unknown_fraction(e: Expr) -> bool:
    """Whether a value is a computed text: MariaDB shows six digits of one that depends on a column, else its own."""
    return e.type.kind in ty.TEXTUAL and e.const is None and e.column is None and not e.type.dated


def typed_literal(scope: Scope, value: Expr, to: exp.DataType, *, braced: bool) -> Expr:
    """DATE '…', TIME '…' and TIMESTAMP '…', and `{d '…'}` and its like, which are `braced`. Raises 1525."""
    try:
        _require_literal(str(value.const), to.this)
    except SQLError as e:
        raise (
            Unsupported("a text in braces that is not of its type", "DATE '…' or TIMESTAMP '…'") if braced else e
        ) from e
    digits = fraction_digits(value)
    if to.this == exp.DType.TIME and digits:
        return Expr(f"m_clock_cut({as_clock(scope, value).sql},{digits})", Type(ty.TIME, scale=digits))
    if to.this in (exp.DType.DATETIME, exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ) and digits:
        return as_moment(scope, value, digits)
    return casts.cast(scope, value, to)


def _micros(scope: Scope, seconds: Expr) -> tuple[str, int]:
    """A number of seconds as microseconds, and how many digits of its fraction are shown."""
    if seconds.type.kind in ty.TEXTUAL | {ty.DBL}:
        raise Unsupported("seconds from a text or a double", "CAST(... AS DECIMAL(10,3))")
    number = round_to_scale(as_number(scope, seconds))
    if number.type.kind == ty.DEC and number.type.frac > 6:
        raise Unsupported("more than six fractional digits of a second")
    return rescale(number, 6), min(6, number.type.frac)


def _sec_to_time(scope: Scope, arguments: list[Expr]) -> Expr:
    micros, digits = _micros(scope, arguments[0])
    return Expr(f"m_sec_to_time({micros})", Type(ty.TIME, scale=digits))


def _make_time(scope: Scope, arguments: list[Expr]) -> Expr:
    hours, minutes = (arithmetic.whole(scope, e).sql for e in arguments[:2])
    micros, digits = _micros(scope, arguments[2])
    return Expr(f"m_maketime({hours},{minutes},{micros})", Type(ty.TIME, scale=digits))


def _week(function: str) -> Callable[[Scope, list[Expr]], Expr]:
    def build(scope: Scope, arguments: list[Expr]) -> Expr:
        mode = arithmetic.whole(scope, arguments[1]).sql if len(arguments) > 1 else "0"
        return Expr(f"{function}({date_text(arguments[0])},{mode})", Type(ty.INT, 6))

    return build


def _week_of_year(scope: Scope, arguments: list[Expr]) -> Expr:
    return Expr(f"m_week({date_text(arguments[0])},3)", Type(ty.INT, 2))


def _str_to_date(scope: Scope, arguments: list[Expr]) -> Expr:
    pattern = arguments[1].const
    if not isinstance(pattern, str):
        raise Unsupported("STR_TO_DATE with a computed format", "a literal")
    kind, digits = str_to_date.shape(pattern)
    result = {"date": ty.DAY, "datetime": Type(ty.DATETIME, scale=digits), "time": Type(ty.TIME, scale=digits)}[kind]
    text = as_text(arguments[0]).sql
    return Expr(f"m_str_to_date({text},{text_literal(pattern)},{int(scope.unit.strict)})", result)


def _unix_timestamp(scope: Scope, arguments: list[Expr]) -> Expr:
    if not arguments:
        return Expr("m_unix(m_now(0))", Type(ty.INT, 10))
    value = arguments[0]
    if value.type.kind in (ty.STR, ty.ENUM):
        if value.const is None or "." in str(value.const):
            raise Unsupported("UNIX_TIMESTAMP of a computed text", "CAST(... AS DATETIME)")
        return Expr(f"m_unix({value.sql})", Type(ty.INT, 10))
    if value.type.scale:
        raise Unsupported("UNIX_TIMESTAMP of fractional seconds")
    return Expr(f"m_unix({date_text(value)})", Type(ty.INT, 10))


def _from_unixtime(scope: Scope, arguments: list[Expr]) -> Expr:
    if arguments[0].type.kind not in (ty.INT, ty.NULL):
        raise Unsupported("FROM_UNIXTIME of anything but an integer", "CAST(... AS SIGNED)")
    when = f"m_from_unix({arguments[0].sql})"
    if len(arguments) == 2:
        return Expr(f"m_date_format({when},{as_text(arguments[1]).sql})", ty.TEXT)
    return Expr(when, ty.MOMENT)


def _time_to_sec(scope: Scope, arguments: list[Expr]) -> Expr:
    value = arguments[0]
    if value.type.kind in (ty.STR, ty.ENUM) and (value.const is None or "." in str(value.const)):
        raise Unsupported("TIME_TO_SEC of a computed text", "CAST(... AS TIME)")
    if value.type.scale and value.type.kind in ty.TEMPORAL:
        raise Unsupported("TIME_TO_SEC of fractional seconds")
    return Expr(f"m_time_sec({as_clock(scope, value).sql})", ty.BIGINT)


def _curtime(scope: Scope, arguments: list[Expr]) -> Expr:
    if arguments:
        raise Unsupported("CURTIME with a precision")
    return Expr("m_clock(m_now(0))", ty.CLOCK)


_EXTRACTED = {
    "YEAR": "m_year", "QUARTER": "m_quarter", "MONTH": "m_month", "DAY": "m_dayofmonth", "HOUR": "m_hour",
    "MINUTE": "m_minute", "SECOND": "m_second", "MICROSECOND": "m_microsecond",
}  # fmt: skip


def extract(scope: Scope, node: exp.Expression) -> Expr:
    """EXTRACT(unit FROM value)."""
    unit = node.this.name.upper()
    value = scope.compile(node.expression)
    if unit == "WEEK":
        return Expr(f"m_week({date_text(value)},0)", Type(ty.INT, 2))
    if unit == "YEAR_MONTH":
        text = date_text(value)
        return Expr(f"(m_year({text})*100+m_month({text}))", Type(ty.INT, 6))
    if unit not in _EXTRACTED:
        raise Unsupported(f"EXTRACT({unit} ...)", "single units")
    clock = unit in ("HOUR", "MINUTE", "SECOND", "MICROSECOND")
    if unit == "DAY" and value.type.kind == ty.TIME:
        raise Unsupported("EXTRACT(DAY FROM a TIME)")
    text = f"{_EXTRACTED[unit]}({as_clock(scope, value).sql if clock else date_text(value)})"
    # Unlike HOUR(), which counts the hours of days.
    return Expr(f"({text}%24)" if unit == "HOUR" else text, Type(ty.INT, 4))


def _date_format(scope: Scope, arguments: list[Expr]) -> Expr:
    """DATE_FORMAT, a text without decimals as long as its format has no point."""
    pattern = arguments[1].const
    whole = isinstance(pattern, str) and "." not in pattern and "%f" not in pattern
    sql = f"m_date_format({date_text(arguments[0])},{as_text(arguments[1]).sql})"
    return Expr(sql, ty.WHOLE_TEXT if whole else Type(ty.STR, cut=True))


SPECIAL: dict[str, Callable[[Scope, Nodes], Expr]] = {
    "DATE_ADD": _add_or_subtract(1),
    "DATE_SUB": _add_or_subtract(-1),
    "TIMESTAMPDIFF": _timestampdiff,
    "TIMESTAMPADD": _timestampadd,
}
BUILT: dict[str, tuple[int, int, Callable[[Scope, list[Expr]], Expr]]] = {
    "DATE": (1, 1, _date),
    "DATE_FORMAT": (2, 2, _date_format),
    "TIME": (1, 1, _time),
    "TIMESTAMP": (1, 2, _timestamp),
    "WEEK": (1, 2, _week("m_week")),
    "YEARWEEK": (1, 2, _week("m_yearweek")),
    "WEEKOFYEAR": (1, 1, _week_of_year),
    "STR_TO_DATE": (2, 2, _str_to_date),
    "UNIX_TIMESTAMP": (0, 1, _unix_timestamp),
    "FROM_UNIXTIME": (1, 2, _from_unixtime),
    "TIME_TO_SEC": (1, 1, _time_to_sec),
    "SEC_TO_TIME": (1, 1, _sec_to_time),
    "MAKETIME": (3, 3, _make_time),
    "CURDATE": (0, 0, lambda scope, arguments: Expr("substr(m_now(0),1,10)", ty.DAY)),
    "CURTIME": (0, 1, _curtime),
}
