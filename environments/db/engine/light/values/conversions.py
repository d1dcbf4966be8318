"""Conversions of single values between MySQL's types: text to number and back, dates in and out of text.

Everything here is pure and knows nothing of SQL; a text that MySQL would read in a way not modelled here is refused.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from decimal import Context, Decimal
from functools import lru_cache

from ...session import Unsupported

_NUMBER = re.compile(r"[ \t\n\v\f\r]*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)", re.ASCII)
_INTEGER = re.compile(r"[ \t\n\v\f\r]*([+-]?\d+)", re.ASCII)
_SEPARATED = re.compile(
    r"\s*(\d{4}|\d{2})[-/.:,](\d{1,2})[-/.:,](\d{1,2})"
    r"(?:(?:T|\s+)(\d{1,2})(?:[:.](\d{1,2})(?:[:.](\d{1,2})(?:\.(\d*))?)?)?)?\s*\Z",
    re.ASCII,
)
_PACKED = re.compile(r"\s*(\d{4}|\d{2})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})(?:\.(\d*))?)?\s*\Z", re.ASCII)
_CLOCK = re.compile(r"\s*([+-]?)\s*(?:(\d{1,2})\s+)?(\d{1,3}):(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?)?\s*\Z", re.ASCII)
_PACKED_CLOCK = re.compile(r"\s*([+-]?)(\d{1,7})(?:\.(\d*))?\s*\Z", re.ASCII)
# No number that is kept has more digits: from here on they change nothing but the size.
_DIGITS = 400
_EXPONENT = 8
# Texts longer than this are not kept for later.
_KEPT = 64
WIDE = Context(prec=2 * _DIGITS, Emin=-10_000, Emax=10_000)
_LARGEST = Decimal(10**65 - 1)
MAX_DOUBLE = sys.float_info.max
MAX_CLOCK = (838 * 3600 + 59 * 60 + 59) * 1_000_000


def number(text: str) -> tuple[float, bool]:
    """The double MySQL reads at the start of a text, and whether it read all of it."""
    match = _NUMBER.match(text)
    if not match:
        return 0.0, False
    return max(-MAX_DOUBLE, min(MAX_DOUBLE, float(match.group(1)))), not text[match.end() :].strip(" ")


def exceeds_double(text: str) -> bool:
    """Whether the number at the start of a text is larger than any double."""
    match = _NUMBER.match(text)
    return match is not None and float(match.group(1)) in (float("inf"), float("-inf"))


def decimal_number(text: str) -> tuple[Decimal, bool]:
    """The same as a DECIMAL: with all digits that MariaDB keeps, and no larger than its largest."""
    match = _NUMBER.match(text)
    if not match:
        return Decimal(0), False
    digits, _, exponent = match.group(1)[:_DIGITS].lower().partition("e")
    power = max(-_DIGITS, min(_DIGITS, int((exponent or "0")[:_EXPONENT])))
    value = Decimal(digits).scaleb(power, WIDE)
    return max(-_LARGEST, min(_LARGEST, value)), not text[match.end() :].strip(" ")


def integer(text: str) -> tuple[int, bool]:
    """The integer at the start of a text (CAST AS SIGNED stops at the point), and whether it read all of it."""
    match = _INTEGER.match(text)
    if not match:
        return 0, False
    return int(match.group(1)[:_DIGITS]), not text[match.end() :].strip(" ")


def double_text(value: float) -> str:
    """A double as MySQL writes it: the shortest digits that read back, with an exponent where the point would stand
    more than 15 digits away (my_gcvt in MariaDB's strings/dtoa.c)."""
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    point = len(digits) + int(exponent)
    packed = "".join(map(str, digits))
    minus = "-" if sign else ""
    if not -15 < point <= 15:
        rest = f".{packed[1:]}" if len(packed) > 1 else ""
        return f"{minus}{packed[0]}{rest}e{point - 1}"
    if point <= 0:
        return f"{minus}0.{'0' * -point}{packed}"
    packed = packed.ljust(point, "0")
    fraction = packed[point:]
    return minus + packed[:point] + (f".{fraction}" if fraction else "")


def _year(digits: str) -> int:
    value = int(digits)
    return value if len(digits) > 2 else value + (2000 if value < 70 else 1900)


def _micros(fraction: str | None) -> int:
    if not fraction:
        return 0
    if len(fraction) > 6:
        raise Unsupported("more than six fractional digits of a second")
    return int(fraction.ljust(6, "0"))


def moment(text: str) -> dt.datetime | None:
    """The date and time in a text, None where MySQL sees none."""
    return _moment(text) if len(text) <= _KEPT else _moment.__wrapped__(text)


@lru_cache(maxsize=4096)
def _moment(text: str) -> dt.datetime | None:
    match = _SEPARATED.match(text) or _PACKED.match(text)
    if not match:
        digits = text.lstrip()
        if digits[:1].isdigit():
            raise Unsupported(f"reading {text[:40]!r} as a date", "STR_TO_DATE")
        return None
    year, month, day, hour, minute, second = (match.group(i) for i in range(1, 7))
    if int(month) == 0 or int(day) == 0 or (int(year) == 0 and len(year) > 2):
        raise Unsupported(f"dates with a zero part ({text[:40]!r})")
    try:
        return dt.datetime(
            _year(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0),
            _micros(match.group(7)),
        )  # fmt: skip
    except ValueError:
        return None


def shows_time(text: str) -> bool:
    """Whether a date text also says a time of day."""
    match = _SEPARATED.match(text) or _PACKED.match(text)
    return bool(match and match.group(4))


def moment_text(value: dt.datetime, digits: int = 0) -> str:
    """A DATETIME as it is stored and shown, with `digits` behind the second."""
    text = value.strftime("%H:%M:%S")
    fraction = f".{value.microsecond:06d}"[: digits + 1] if digits else ""
    return f"{value.date().isoformat()} {text}{fraction}"


def clock(text: str) -> int | None:
    """The microseconds of a TIME text, None where MySQL sees none."""
    return _clock(text) if len(text) <= _KEPT else _clock.__wrapped__(text)


@lru_cache(maxsize=4096)
def _clock(text: str) -> int | None:
    match = _CLOCK.match(text)
    if match:
        sign, days, hours, minutes, seconds, fraction = match.groups()
        total = int(days or 0) * 24 + int(hours)
        return _clock_micros(sign, total, int(minutes), int(seconds or 0), _micros(fraction))
    packed = _PACKED_CLOCK.match(text)
    if packed:
        sign, digits, fraction = packed.groups()
        seven_digits = digits.zfill(7)
        return _clock_micros(
            sign, int(seven_digits[:3]), int(seven_digits[3:5]), int(seven_digits[5:]), _micros(fraction)
        )
    if _SEPARATED.match(text):
        if not shows_time(text):
            raise Unsupported(f"reading {text[:40]!r} as a time", "a time of day")
        when = moment(text)
        return None if when is None else _of_day(when)
    if text.lstrip()[:1].isdigit():
        raise Unsupported(f"reading {text[:40]!r} as a time")
    return None


def _of_day(when: dt.datetime) -> int:
    return ((when.hour * 60 + when.minute) * 60 + when.second) * 1_000_000 + when.microsecond


def _clock_micros(sign: str, hours: int, minutes: int, seconds: int, micros: int) -> int | None:
    if minutes > 59 or seconds > 59:
        return None
    total = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + micros
    if total > MAX_CLOCK and micros:
        raise Unsupported("a fraction beyond 838:59:59")
    total = min(total, MAX_CLOCK)
    return -total if sign == "-" else total


def clock_text(micros: int, digits: int = 0) -> str:
    """A TIME as MySQL prints it, with `digits` behind the second."""
    sign, micros = ("-", -micros) if micros < 0 else ("", micros)
    seconds, fraction = divmod(micros, 1_000_000)
    tail = f".{fraction:06d}"[: digits + 1] if digits else ""
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{tail}"


def parse_scaled(text: str, frac: int) -> tuple[int, bool]:
    """The number at the start of a text as an integer times 10**frac, rounded half away from zero."""
    match = _NUMBER.match(text)
    if not match:
        return 0, False
    complete = not text[match.end() :].strip(" ")
    mantissa, _, power = match.group(1).lower().partition("e")
    negative = mantissa.startswith("-")
    whole, _, fraction = mantissa.lstrip("+-").partition(".")
    if len(power) > _EXPONENT:
        raise Unsupported("exponents of that size in a decimal")
    whole = whole.lstrip("0")[:_DIGITS]
    fraction = fraction[:_DIGITS]
    shift = frac - len(fraction) + int(power or 0)
    if abs(shift) > _DIGITS + 100:
        raise Unsupported("exponents of that size in a decimal")
    value = int((whole + fraction) or "0")
    if shift >= 0:
        value *= 10**shift
    else:
        unit = 10**-shift
        value = (2 * value + unit) // (2 * unit)
    return (-value if negative else value), complete
