"""Date functions whose type needs more than a signature: literals, conversions, STR_TO_DATE, EXTRACT."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..functions import str_to_date
from ..values import conversions, errors
from ..values import types as ty
from ..values.types import Type
from . import arithmetic, casts, clock_sums
from .coercion import as_clock, as_moment, as_number, as_text, rescale, round_to_scale
from .intervals import date_text, fraction_digits, has_unknown_fraction
from .scope import Expr, Scope, text_literal


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
        return clock_sums.moment_and_clock(scope, arguments)
    value, digits = arguments[0], fraction_digits(arguments[0])
    if has_unknown_fraction(value):
        raise Unsupported("TIMESTAMP() of a computed text", "CAST(... AS DATETIME)")
    when = as_moment(scope, value, digits)
    checked = as_moment(scope, value, digits, sure=True).sql if value.type.kind in ty.TEXTUAL else ""
    return Expr(when.sql, when.type, when.const, checked=checked)


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
    return Expr(f"m_sec_to_time({micros},{digits},{scope.bad_values})", Type(ty.TIME, scale=digits))


def _make_time(scope: Scope, arguments: list[Expr]) -> Expr:
    hours, minutes = (arithmetic.whole(scope, e).sql for e in arguments[:2])
    micros, digits = _micros(scope, arguments[2])
    return Expr(f"m_maketime({hours},{minutes},{micros})", Type(ty.TIME, scale=digits))


def _week(function: str) -> Callable[[Scope, list[Expr]], Expr]:
    def build(scope: Scope, arguments: list[Expr]) -> Expr:
        mode = f"coalesce({arithmetic.whole(scope, arguments[1]).sql},0)" if len(arguments) > 1 else "0"
        return Expr(f"{function}({date_text(scope, arguments[0])},{mode})", Type(ty.INT, 6))

    return build


def _week_of_year(scope: Scope, arguments: list[Expr]) -> Expr:
    return Expr(f"m_week({date_text(scope, arguments[0])},3)", Type(ty.INT, 2))


def _str_to_date(scope: Scope, arguments: list[Expr]) -> Expr:
    pattern = arguments[1].const
    if not isinstance(pattern, str):
        raise Unsupported("STR_TO_DATE with a computed format", "a literal")
    kind, digits = str_to_date.shape(pattern)
    result = {"date": ty.DAY, "datetime": Type(ty.DATETIME, scale=digits), "time": Type(ty.TIME, scale=digits)}[kind]
    text = as_text(arguments[0]).sql
    return Expr(f"m_str_to_date({text},{text_literal(pattern)},{scope.bad_values})", result)


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
    return Expr(f"m_unix({date_text(scope, value)})", Type(ty.INT, 10))


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
        return Expr(f"m_week({date_text(scope, value)},0)", Type(ty.INT, 2))
    if unit == "YEAR_MONTH":
        text = date_text(scope, value)
        return Expr(f"(m_year({text})*100+m_month({text}))", Type(ty.INT, 6))
    if unit not in _EXTRACTED:
        raise Unsupported(f"EXTRACT({unit} ...)", "single units")
    clock = unit in ("HOUR", "MINUTE", "SECOND", "MICROSECOND")
    if unit == "DAY" and value.type.kind == ty.TIME:
        raise Unsupported("EXTRACT(DAY FROM a TIME)")
    text = f"{_EXTRACTED[unit]}({as_clock(scope, value).sql if clock else date_text(scope, value)})"
    # Unlike HOUR(), which counts the hours of days.
    return Expr(f"({text}%24)" if unit == "HOUR" else text, Type(ty.INT, 4))


def _date_format(scope: Scope, arguments: list[Expr]) -> Expr:
    """DATE_FORMAT, a text without decimals as long as its format has no point."""
    pattern = arguments[1].const
    whole = isinstance(pattern, str) and "." not in pattern and "%f" not in pattern
    sql = f"m_date_format({date_text(scope, arguments[0])},{as_text(arguments[1]).sql})"
    return Expr(sql, ty.WHOLE_TEXT if whole else Type(ty.STR, cut=True))


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
    **clock_sums.BUILT,
}
