"""MySQL's date and time functions as plain Python over texts, for registration in SQLite."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable

from ...session import SQLError, Unsupported
from ..values import conversions, errors
from .numbers import reject

_SECOND = 1_000_000
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = tuple(calendar.month_name)
_EPOCH = dt.datetime(1970, 1, 1)
# Units made of several numbers, and the plain unit each number counts.
COMPOSITE = {
    "SECOND_MICROSECOND": ("SECOND", "MICROSECOND"), "MINUTE_MICROSECOND": ("MINUTE", "SECOND", "MICROSECOND"),
    "MINUTE_SECOND": ("MINUTE", "SECOND"), "HOUR_MICROSECOND": ("HOUR", "MINUTE", "SECOND", "MICROSECOND"),
    "HOUR_SECOND": ("HOUR", "MINUTE", "SECOND"), "HOUR_MINUTE": ("HOUR", "MINUTE"),
    "DAY_MICROSECOND": ("DAY", "HOUR", "MINUTE", "SECOND", "MICROSECOND"),
    "DAY_SECOND": ("DAY", "HOUR", "MINUTE", "SECOND"), "DAY_MINUTE": ("DAY", "HOUR", "MINUTE"),
    "DAY_HOUR": ("DAY", "HOUR"), "YEAR_MONTH": ("YEAR", "MONTH"),
}  # fmt: skip
_MONTHS_IN = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_MICROS_IN = {
    "MICROSECOND": 1, "SECOND": _SECOND, "MINUTE": 60 * _SECOND, "HOUR": 3600 * _SECOND, "DAY": 86400 * _SECOND,
    "WEEK": 7 * 86400 * _SECOND,
}  # fmt: skip
DATE_UNITS = frozenset({"DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "YEAR_MONTH"})
# Digits of a number in an interval that is made of several.
_LONGEST_NUMBER = 19
UNITS = frozenset({*COMPOSITE, *_MONTHS_IN, *_MICROS_IN})


def moment(text: str, digits: int) -> str | None:
    """As DATETIME text with this many fractional digits, cut off."""
    when = conversions.moment(text)
    return None if when is None else conversions.moment_text(when, digits)


def moment_sure(text: str, digits: int) -> str:
    """The same where a comparison depends on it: a text that is no date is refused, not modelled."""
    read = moment(text, digits)
    if read is None:
        raise Unsupported(f"comparing a date with {text[:40]!r}", "STR_TO_DATE")
    return read


def clock_sure(text: str) -> int:
    """A TIME text where a comparison depends on it: a text that is none is refused, not modelled."""
    micros = conversions.clock(text)
    if micros is None:
        raise Unsupported(f"comparing a time with {text[:40]!r}", "a text such as '10:11:12'")
    return micros


def day(text: str) -> str | None:
    """As DATE text."""
    when = conversions.moment(text)
    return None if when is None else when.date().isoformat()


def day_sure(text: str) -> str:
    """The same where a comparison depends on it: MariaDB compares what is no date as one before all others."""
    return moment_sure(text, 0)[:10]


def _add_months(when: dt.datetime, months: int) -> dt.datetime | None:
    index = when.year * 12 + when.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        return None
    last = calendar.monthrange(year, month + 1)[1]
    return when.replace(year=year, month=month + 1, day=min(when.day, last))


def _steps(amount: str, unit: str) -> tuple[int, int]:
    """An interval as months and microseconds."""
    if unit not in COMPOSITE:
        if unit == "SECOND":
            # What lies beyond microseconds is dropped.
            return 0, int(conversions.decimal_number(amount)[0].scaleb(6, conversions.WIDE))
        count = conversions.integer(amount)[0]
        if unit in _MONTHS_IN and abs(count) >= 2**31:
            raise Unsupported("so many months or years", "fewer")
        return (count * _MONTHS_IN[unit], 0) if unit in _MONTHS_IN else (0, count * _MICROS_IN[unit])
    parts = COMPOSITE[unit]
    numbers = [n[:20] for n in re.findall(r"\d+", amount[:1_000], re.ASCII)]
    if len(numbers) > len(parts) or any(len(n) > _LONGEST_NUMBER for n in numbers):
        raise Unsupported(f"INTERVAL {amount!r} {unit}")
    if parts[-1] == "MICROSECOND" and numbers:
        numbers[-1] = numbers[-1].ljust(6, "0")[:6]
    sign = -1 if amount.lstrip().startswith("-") else 1
    months = micros = 0
    for name, count in zip(reversed(parts), reversed(numbers), strict=False):
        months += int(count) * _MONTHS_IN.get(name, 0)
        micros += int(count) * _MICROS_IN.get(name, 0)
    return sign * months, sign * micros


def shift(text: str, amount: str, unit: str, sign: int, shape: str, strict: int = 0) -> str | None:
    """DATE_ADD. `shape` is d for DATE, 0 to 6 for DATETIME with so many digits, t0 to t6 for text in and out;
    t alone for a text whose fraction of a second is not known.

    Beyond the years 1 to 9999: NULL, or in a write that is `strict` error 1441 (1) or a refusal (2).
    """
    when = conversions.moment(text)
    if when is None:
        return None
    months, micros = _steps(amount, unit)
    result = _add_months(when, sign * months) if months else when
    try:
        result = result and result + dt.timedelta(microseconds=sign * micros)
    except OverflowError:
        result = None
    if result is None and months and 0 <= when.year * 12 + when.month - 1 + sign * months < 12:
        raise Unsupported("a date of the year 0")
    if result is None:
        if strict > 1:
            raise Unsupported("a date beyond the year 9999 in a write")
        if strict:
            raise errors.date_overflow()
        return None
    if shape == "d":
        return result.date().isoformat()
    if shape[0] == "t":
        if unit in DATE_UNITS and not conversions.shows_time(text):
            return result.date().isoformat()
        if shape == "t":
            raise Unsupported("a time of day added to a computed text", "CAST(... AS DATETIME)")
        return conversions.moment_text(result, int(shape[1:]))
    return conversions.moment_text(result, int(shape))


def shift_clock(micros: int, amount: str, unit: str, sign: int) -> int | None:
    """A TIME plus an interval; NULL beyond 838:59:59."""
    if unit in _MONTHS_IN or unit == "YEAR_MONTH":
        raise Unsupported("adding months to a TIME")
    _, change = _steps(amount, unit)
    result = micros + sign * change
    return result if abs(result) <= conversions.MAX_CLOCK else None


def difference(unit: str, start: str, end: str) -> int | None:
    """TIMESTAMPDIFF: whole units from start to end."""
    a, b = conversions.moment(start), conversions.moment(end)
    if a is None or b is None:
        return None
    sign = 1
    if b < a:
        a, b, sign = b, a, -1
    if unit in _MONTHS_IN:
        months = (b.year - a.year) * 12 + b.month - a.month
        if (b.day, b.time()) < (a.day, a.time()):
            months -= 1
        return sign * (months // _MONTHS_IN[unit])
    return sign * ((b - a) // dt.timedelta(microseconds=_MICROS_IN[unit]))


def datediff(a: str, b: str) -> int | None:
    """DATEDIFF: days from the second date to the first."""
    first, second = conversions.moment(a), conversions.moment(b)
    return None if first is None or second is None else (first.date() - second.date()).days


def _first_week_day(year: int, *, sunday: bool, four: bool) -> int:
    """The ordinal of the day on which week 1 of a year begins."""
    if year < 1:
        raise Unsupported("weeks of the year 0")
    first = dt.date(year, 1, 1)
    offset = first.isoweekday() % 7 if sunday else first.weekday()
    start = first.toordinal() - offset
    if four:
        return start if offset <= 3 else start + 7
    return start if offset == 0 else start + 7


def week(when: dt.date, mode: int) -> tuple[int, int]:
    """Year and week number in MySQL's WEEK modes 0 to 7 (calc_week in sql-common/my_time.c)."""
    sunday, four, from_one = not mode & 1, mode in (1, 3, 4, 6), bool(mode & 2)
    at, year = when.toordinal(), when.year
    start = _first_week_day(year, sunday=sunday, four=four)
    if at < start:
        if not from_one:
            return year, 0
        year -= 1
        start = _first_week_day(year, sunday=sunday, four=four)
    elif from_one and year < 9999 and at >= _first_week_day(year + 1, sunday=sunday, four=four):
        return year + 1, 1
    return year, (at - start) // 7 + 1


def _ordinal(n: int) -> str:
    return f"{n}{'th' if 10 <= n % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}"


_FORMATS: dict[str, Callable[[dt.datetime], str]] = {
    "a": lambda d: _DAYS[d.weekday()][:3], "b": lambda d: _MONTHS[d.month][:3], "c": lambda d: str(d.month),
    "D": lambda d: _ordinal(d.day), "d": lambda d: f"{d.day:02d}", "e": lambda d: str(d.day),
    "f": lambda d: f"{d.microsecond:06d}", "H": lambda d: f"{d.hour:02d}", "h": lambda d: f"{(d.hour + 11) % 12 + 1:02d}",
    "I": lambda d: f"{(d.hour + 11) % 12 + 1:02d}", "i": lambda d: f"{d.minute:02d}",
    "j": lambda d: f"{d.timetuple().tm_yday:03d}", "k": lambda d: str(d.hour),
    "l": lambda d: str((d.hour + 11) % 12 + 1), "M": lambda d: _MONTHS[d.month], "m": lambda d: f"{d.month:02d}",
    "p": lambda d: "AM" if d.hour < 12 else "PM",
    "r": lambda d: f"{(d.hour + 11) % 12 + 1:02d}:{d.minute:02d}:{d.second:02d} {'AM' if d.hour < 12 else 'PM'}",
    "S": lambda d: f"{d.second:02d}", "s": lambda d: f"{d.second:02d}", "T": lambda d: d.strftime("%H:%M:%S"),
    "U": lambda d: f"{week(d.date(), 0)[1]:02d}", "u": lambda d: f"{week(d.date(), 1)[1]:02d}",
    "V": lambda d: f"{week(d.date(), 2)[1]:02d}", "v": lambda d: f"{week(d.date(), 3)[1]:02d}",
    "W": lambda d: _DAYS[d.weekday()], "w": lambda d: str(d.isoweekday() % 7),
    "X": lambda d: f"{week(d.date(), 2)[0]:04d}", "x": lambda d: f"{week(d.date(), 3)[0]:04d}",
    "Y": lambda d: f"{d.year:04d}", "y": lambda d: f"{d.year % 100:02d}",
}  # fmt: skip


def _format(when: dt.datetime, pattern: str) -> str:
    return re.sub(r"%(.)", lambda m: _FORMATS.get(m[1], lambda _: m[1])(when), pattern, flags=re.DOTALL)


def date_format(text: str, pattern: str) -> str | None:
    """DATE_FORMAT."""
    when = conversions.moment(text)
    return None if when is None else _format(when, pattern)


def time_format(micros: int, pattern: str) -> str:
    """TIME_FORMAT of a time within one day."""
    if micros < 0 or micros >= 24 * 3600 * _SECOND:
        raise Unsupported("TIME_FORMAT outside of one day")
    for code in re.findall(r"%(.)", pattern):
        if code in "abcDdejMmUuVvWwXxYy":
            raise Unsupported(f"%{code} in TIME_FORMAT")
    return _format(_EPOCH + dt.timedelta(microseconds=micros), pattern)


def _of(part: Callable[[dt.datetime], int | str]) -> Callable[[str], int | str | None]:
    """A part of a date text; NULL where the text is no date."""

    def read(text: str) -> int | str | None:
        when = conversions.moment(text)
        return None if when is None else part(when)

    return read


def week_number(text: str, mode: int) -> int | None:
    """WEEK(date, mode)."""
    when = conversions.moment(text)
    return None if when is None else week(when.date(), mode & 7)[1]


def year_week(text: str, mode: int) -> int | None:
    """YEARWEEK(date, mode)."""
    when = conversions.moment(text)
    if when is None:
        return None
    year, number = week(when.date(), mode & 7 | 2)
    return year * 100 + number


def _last_day(when: dt.datetime) -> str:
    return when.date().replace(day=calendar.monthrange(when.year, when.month)[1]).isoformat()


def make_date(year: int, days: int) -> str | None:
    """MAKEDATE."""
    if days < 1 or not 0 <= year <= 9999:
        return None
    full = year if year > 99 else year + (2000 if year < 70 else 1900)
    try:
        return (dt.date(full, 1, 1) + dt.timedelta(days=days - 1)).isoformat()
    except OverflowError:
        return None


def make_time(hours: int, minutes: int, micros: int) -> int | None:
    """MAKETIME of hours, minutes and the seconds as microseconds, in microseconds."""
    if not (0 <= minutes <= 59 and 0 <= micros < 60 * _SECOND):
        return None
    total = (abs(hours) * 60 + minutes) * 60 * _SECOND + micros
    if total > conversions.MAX_CLOCK and micros % _SECOND:
        raise Unsupported("a fraction beyond 838:59:59")
    return min(total, conversions.MAX_CLOCK) * (-1 if hours < 0 else 1)


def _period(number: int) -> int:
    year, month = divmod(number, 100)
    if year < 100:
        year += 2000 if year < 70 else 1900
    return year * 12 + month - 1


def period_add(period: int, months: int) -> int:
    """PERIOD_ADD."""
    year, month = divmod(_period(period) + months, 12)
    return year * 100 + month + 1


def from_unix(seconds: int) -> str | None:
    """FROM_UNIXTIME in UTC; NULL beyond 2038."""
    if not 0 <= seconds <= 2**31 - 1:
        return None
    return conversions.moment_text(_EPOCH + dt.timedelta(seconds=seconds))


def _from_days(days: int) -> str:
    if not 366 <= days <= dt.date.max.toordinal() + 365:
        raise Unsupported("FROM_DAYS outside of the years 1 to 9999, which is a date of zeros")
    return dt.date.fromordinal(days - 365).isoformat()


def maximum_clock(micros: int, digits: int, mode: int = 0) -> int:
    """SEC_TO_TIME of microseconds, bounded to 838:59:59 and as many nines as digits are shown.

    `mode`: what more does in a writing statement, see `numbers.reject`.
    """
    limit = conversions.MAX_CLOCK + _SECOND - 10 ** (6 - digits)
    if abs(micros) > limit:
        reject(mode, errors.truncated_incorrect("seconds", str(micros // _SECOND)))
    return max(-limit, min(limit, micros))


def moment_after(text: str, micros: int, digits: int) -> str | None:
    """A moment so many microseconds later; NULL beyond the years that there are."""
    when = conversions.moment(text)
    try:
        return conversions.moment_text(when + dt.timedelta(microseconds=micros), digits) if when is not None else None
    except OverflowError:
        return None


def micros_between(start: str, end: str) -> int | None:
    """The microseconds from one moment to another."""
    return difference("MICROSECOND", start, end)


def clock_integer(micros: int) -> int:
    """A TIME as the number HHMMSS."""
    seconds = abs(micros) // _SECOND
    packed = seconds // 3600 * 10000 + seconds // 60 % 60 * 100 + seconds % 60
    return packed if micros >= 0 else -packed


def clock_cut(micros: int, digits: int) -> int:
    """A TIME with this many fractional digits, cut off."""
    unit = 10 ** (6 - digits)
    return abs(micros) // unit * unit * (1 if micros >= 0 else -1)


def read_as(text: str, kind: str, mode: int) -> str:
    """A text in a writing statement that is read as a datetime or a time; see `numbers.reject` for the mode."""
    read = conversions.moment if kind == "datetime" else conversions.clock
    if read(text) is None:
        reject(mode, errors.bad_value(kind, text))
    return text


def no_moment(when: str, text: str) -> None:
    """Raise 1292: in a writing statement the date `when` is compared with a text that is none."""
    raise errors.truncated_incorrect("datetime", text)


def bad_for(function: str, text: str) -> SQLError:
    """1411 ER_WRONG_VALUE_FOR_TYPE."""
    return SQLError(1411, "HY000", f"Incorrect datetime value: '{text}' for function {function}")


STRICT_NULL = {
    "m_moment": moment, "m_moment_sure": moment_sure, "m_day": day, "m_day_sure": day_sure, "m_no_moment": no_moment,
    "m_read_as": read_as,
    "m_clock": conversions.clock,
    "m_clock_sure": clock_sure, "m_shift": shift,
    "m_shift_clock": shift_clock,
    "m_timestampdiff": difference, "m_datediff": datediff, "m_date_format": date_format, "m_time_format": time_format,
    "m_week": week_number, "m_yearweek": year_week, "m_makedate": make_date, "m_maketime": make_time,
    "m_period_add": period_add, "m_period_diff": lambda a, b: _period(a) - _period(b), "m_from_unix": from_unix,
    "m_time_int": clock_integer, "m_clock_cut": clock_cut, "m_from_days": _from_days, "m_sec_to_time": maximum_clock,
    "m_moment_after": moment_after,
    "m_micros_between": micros_between,
    "m_year": _of(lambda d: d.year), "m_month": _of(lambda d: d.month), "m_dayofmonth": _of(lambda d: d.day),
    "m_quarter": _of(lambda d: (d.month + 2) // 3), "m_weekday": _of(lambda d: d.weekday()),
    "m_dayofweek": _of(lambda d: d.isoweekday() % 7 + 1), "m_dayofyear": _of(lambda d: d.timetuple().tm_yday),
    "m_dayname": _of(lambda d: _DAYS[d.weekday()]), "m_monthname": _of(lambda d: _MONTHS[d.month]),
    "m_last_day": _of(_last_day), "m_to_days": _of(lambda d: d.toordinal() + 365),
    "m_to_seconds": _of(lambda d: (d.toordinal() + 365) * 86400 + d.hour * 3600 + d.minute * 60 + d.second),
    "m_unix": _of(lambda d: max(0, int((d - _EPOCH).total_seconds()))),
    "m_hour": lambda m: abs(m) // (3600 * _SECOND), "m_minute": lambda m: abs(m) // (60 * _SECOND) % 60,
    "m_second": lambda m: abs(m) // _SECOND % 60, "m_microsecond": lambda m: abs(m) % _SECOND,
    "m_time_sec": lambda m: abs(m) // _SECOND * (1 if m >= 0 else -1),
}  # fmt: skip
