"""Sums and differences of times: TIMEDIFF, ADDTIME, SUBTIME and TIMESTAMP of two arguments."""

from __future__ import annotations

import re
from collections.abc import Callable

from ...session import Unsupported
from ..values import conversions
from ..values import types as ty
from ..values.types import Type
from .coercion import as_clock, as_moment, as_text
from .intervals import fraction_digits
from .scope import Expr, Scope

_MOMENT = re.compile(r"\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d{2}:\d{2}(\.\d{1,6})?", re.ASCII)
_ZONE = re.compile(r"([+-])(0?\d|1[0-2]):([0-5]\d)", re.ASCII)
_MINUTE = 60_000_000
_CLOCK = re.compile(r"-?\d{1,3}:\d{1,2}(:\d{1,2}(\.\d{1,6})?)?", re.ASCII)


def _as_typed(scope: Scope, e: Expr) -> Expr:
    """A literal text as the moment or the time that it is, and any other value as it is. Refuses computed texts."""
    if e.type.kind in (ty.DATETIME, ty.TIME):
        return e
    if not isinstance(e.const, str) or e.type.kind != ty.STR:
        raise Unsupported(
            "a sum or difference of times from a date, a number or a computed text", "CAST(... AS DATETIME)"
        )
    digits = fraction_digits(e)
    if _MOMENT.fullmatch(e.const):
        return as_moment(scope, e, digits)
    if not _CLOCK.fullmatch(e.const) or conversions.clock(e.const) is None:
        raise Unsupported(f"a sum or difference of times with {e.const[:40]!r}", "a time such as '10:00:00'")
    return Expr(as_clock(scope, e).sql, Type(ty.TIME, scale=digits))


def time_difference(scope: Scope, arguments: list[Expr]) -> Expr:
    """TIMEDIFF: from the second to the first, bounded to 838:59:59."""
    a, b = (_as_typed(scope, e) for e in arguments)
    if a.type.kind != b.type.kind:
        raise Unsupported("TIMEDIFF of a time and a moment", "two of one kind")
    digits = max(a.type.scale, b.type.scale)
    micros = f"({a.sql}-{b.sql})" if a.type.kind == ty.TIME else f"m_micros_between({b.sql},{a.sql})"
    return Expr(f"m_sec_to_time({micros},{digits})", Type(ty.TIME, scale=digits))


def _sum(sign: str) -> Callable[[Scope, list[Expr]], Expr]:
    """ADDTIME (+) and SUBTIME (-)."""

    def build(scope: Scope, arguments: list[Expr]) -> Expr:
        start, clock = (_as_typed(scope, e) for e in arguments)
        if clock.type.kind != ty.TIME:
            raise Unsupported("ADDTIME or SUBTIME of a moment", "TIMEDIFF")
        total = _shifted(start, clock, sign)
        if arguments[0].type.kind in (ty.DATETIME, ty.TIME):
            return total
        if total.type.scale:
            raise Unsupported("ADDTIME or SUBTIME of a text with a fraction", "TIME '...'")
        # Of a text MariaDB makes a text.
        text = f"m_text_within({total.sql})" if total.type.kind == ty.TIME else as_text(total).sql
        return Expr(text, ty.TEXT)

    return build


def _shifted(start: Expr, clock: Expr, sign: str) -> Expr:
    digits = max(start.type.scale, clock.type.scale)
    if start.type.kind == ty.TIME:
        return Expr(f"m_sec_to_time({start.sql}{sign}{clock.sql},{digits})", Type(ty.TIME, scale=digits))
    return Expr(f"m_moment_after({start.sql},{sign}({clock.sql}),{digits})", Type(ty.DATETIME, scale=digits))


def convert_zone(scope: Scope, arguments: list[Expr]) -> Expr:
    """CONVERT_TZ from one offset to another; the names of zones are known to servers that were given tables of them."""
    value, *zones = arguments
    offsets = [_offset(zone) for zone in zones]
    if value.type.kind in (ty.STR, ty.ENUM) and not isinstance(value.const, str):
        raise Unsupported("CONVERT_TZ of a computed text", "CAST(... AS DATETIME)")
    digits = fraction_digits(value)
    moment = as_moment(scope, value, digits)
    if moment.type.kind == ty.NULL:
        raise Unsupported("CONVERT_TZ of a literal NULL", "NULL")
    micros = sum(sign * minutes for sign, minutes in zip((-1, 1), offsets, strict=True)) * _MINUTE
    return Expr(f"m_convert_tz({moment.sql},{micros},{digits})", Type(ty.DATETIME, scale=digits))


def _offset(zone: Expr) -> int:
    """The minutes that an offset such as '+02:00' is ahead."""
    found = _ZONE.fullmatch(zone.const) if isinstance(zone.const, str) else None
    if found is None:
        raise Unsupported("CONVERT_TZ of zones that are no offsets below 13 hours", "'+02:00'")
    return int(f"{found[1]}1") * (int(found[2]) * 60 + int(found[3]))


def moment_and_clock(scope: Scope, arguments: list[Expr]) -> Expr:
    """TIMESTAMP(moment, time): their sum."""
    start, clock = arguments[0], _as_typed(scope, arguments[1])
    if clock.type.kind != ty.TIME:
        raise Unsupported("TIMESTAMP of two moments", "one of them")
    if start.type.kind not in (ty.DATE, ty.DATETIME) and not isinstance(start.const, str):
        raise Unsupported("TIMESTAMP of a computed text and a time", "CAST(... AS DATETIME)")
    return _shifted(as_moment(scope, start, fraction_digits(start)), clock, "+")


BUILT: dict[str, tuple[int, int, Callable[[Scope, list[Expr]], Expr]]] = {
    "TIMEDIFF": (2, 2, time_difference), "ADDTIME": (2, 2, _sum("+")), "SUBTIME": (2, 2, _sum("-")),
    "CONVERT_TZ": (3, 3, convert_zone),
}  # fmt: skip
