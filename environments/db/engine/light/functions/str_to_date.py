"""STR_TO_DATE: reading a text by a MySQL format."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from functools import lru_cache

import regex

from ...session import Unsupported
from ..values import conversions
from .dates import bad_for
from .numbers import reject

_SECOND = 1_000_000
_LONGEST_FORMAT = 200
_NUMBERS = {
    "Y": r"\d{1,4}", "y": r"\d{1,2}", "m": r"\d{1,2}", "c": r"\d{1,2}", "d": r"\d{1,2}", "e": r"\d{1,2}",
    "H": r"\d{1,2}", "k": r"\d{1,2}", "h": r"\d{1,2}", "I": r"\d{1,2}", "l": r"\d{1,2}", "i": r"\d{1,2}",
    "s": r"\d{1,2}", "S": r"\d{1,2}", "f": r"\d{1,6}", "j": r"\d{1,3}",
}  # fmt: skip
_WORDS = {
    "M": [m.lower() for m in calendar.month_name[1:]], "b": [m.lower() for m in calendar.month_abbr[1:]],
    "W": [d.lower() for d in calendar.day_name], "a": [d.lower() for d in calendar.day_abbr],
}  # fmt: skip
_WHOLE = {"T": "%H:%i:%S", "r": "%I:%i:%S %p"}
_DATE_CODES = frozenset("YymcdeMbjDaW")
_TIME_CODES = frozenset("HkhIlisSfp")


def shape(pattern: str) -> tuple[str, int]:
    """The result of a format: "date", "time" or "datetime", and its fractional digits."""
    for code, full in _WHOLE.items():
        pattern = pattern.replace(f"%{code}", full)
    codes = set(re.findall(r"%(.)", pattern))
    has_date, has_time = bool(codes & _DATE_CODES), bool(codes & _TIME_CODES)
    digits = 6 if "f" in codes else 0
    return ("datetime" if has_date and has_time else "time" if has_time else "date"), digits


@lru_cache(maxsize=256)
def _reader(pattern: str) -> tuple[regex.Pattern[str], tuple[str, ...]]:
    for code, full in _WHOLE.items():
        pattern = pattern.replace(f"%{code}", full)
    body: list[str] = []
    codes: list[str] = []
    for token in re.finditer(r"%(.)|(\s+)|(.)", pattern, re.DOTALL):
        code, space, plain = token.groups()
        if space:
            continue  # every item skips what stands before it
        # Possessive, as MySQL never takes back what it has read.
        if plain:
            body.append(r"\s*+" + re.escape(plain))
        else:
            body.append(r"\s*+" + _field(code))
            codes.append(code)
    return regex.compile("".join(body), regex.VERSION0 | regex.IGNORECASE | regex.ASCII), tuple(codes)


def _reader_of(pattern: str) -> tuple[regex.Pattern[str], tuple[str, ...]]:
    if len(pattern) > _LONGEST_FORMAT:
        raise Unsupported("so long a format in STR_TO_DATE")
    return _reader(pattern)


def _field(code: str) -> str:
    if code in _NUMBERS:
        return f"({_NUMBERS[code]}+)"
    if code in _WORDS:
        return "(?>(" + "|".join(sorted(_WORDS[code], key=len, reverse=True)) + "))"
    if code == "D":
        return r"(\d{1,2}+)(?:st|nd|rd|th)"
    if code == "p":
        return "([ap]m)"
    raise Unsupported(f"%{code} in STR_TO_DATE")


def str_to_date(text: str, pattern: str, mode: int) -> str | int | None:
    """Text of a DATE or DATETIME, microseconds of a TIME; NULL where the text does not fit.

    `mode`: what such a text does in a writing statement, see `numbers.reject`; its error is 1411.
    """
    reader, codes = _reader_of(pattern)
    match = reader.match(text.lstrip())
    if match is None and reader.match(text.strip(), partial=True):
        # MariaDB makes a date of the parts that are there, with zeros for the others.
        raise Unsupported("STR_TO_DATE of a part of a date", "the whole date")
    result = _assemble(dict(zip(codes, match.groups(), strict=True)), shape(pattern)) if match else None
    if match and text.lstrip()[match.end() :].strip() and mode:
        result = None
    if result is None:
        reject(mode, bad_for("str_to_date", text))
    return result


def _assemble(parts: dict[str, str], kind: tuple[str, int]) -> str | int | None:
    micros = _clock(parts)
    if micros is None:
        return None
    if kind[0] == "time":
        return micros
    day = _day(parts)
    if day is None:
        return None
    if kind[0] == "date":
        return day.isoformat()
    if micros >= 86400 * _SECOND:
        return None
    return conversions.moment_text(dt.datetime.combine(day, dt.time()) + dt.timedelta(microseconds=micros), kind[1])


def _clock(parts: dict[str, str]) -> int | None:
    hour = int(parts.get("H") or parts.get("k") or 0)
    twelve = parts.get("h") or parts.get("I") or parts.get("l")
    if twelve is not None:
        hour = int(twelve)
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if parts.get("p", "am").lower() == "pm" else 0)
    minute, second = int(parts.get("i") or 0), int(parts.get("s") or parts.get("S") or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return ((hour * 60 + minute) * 60 + second) * _SECOND + int((parts.get("f") or "0").ljust(6, "0"))


def _day(parts: dict[str, str]) -> dt.date | None:
    year = _year(parts)
    if "j" in parts and year is not None:
        try:
            return dt.date(year, 1, 1) + dt.timedelta(days=int(parts["j"]) - 1)
        except (ValueError, OverflowError) as e:
            raise Unsupported("STR_TO_DATE outside of the years 1 to 9999") from e
    month = parts.get("m") or parts.get("c")
    number = int(month) if month else _month_by_name(parts)
    day = parts.get("d") or parts.get("e") or parts.get("D")
    if year is None or number is None or day is None:
        raise Unsupported("STR_TO_DATE without a year, a month or a day", "CONCAT the missing part")
    if year == 0 or number == 0 or int(day) == 0:
        raise Unsupported("dates with a zero part")
    try:
        return dt.date(year, number, int(day))
    except ValueError as e:
        if number <= 12 and int(day) <= 31:
            raise Unsupported("STR_TO_DATE of a day that its month lacks") from e
        return None


def _year(parts: dict[str, str]) -> int | None:
    digits = parts.get("Y") or parts.get("y")
    if digits is None:
        return None
    value = int(digits)
    if len(digits) > 2:
        return value
    return value + (2000 if value < 70 else 1900)


def _month_by_name(parts: dict[str, str]) -> int | None:
    for code in ("M", "b"):
        if code in parts:
            return _WORDS[code].index(parts[code].lower()) + 1
    return None


STRICT_NULL = {"m_str_to_date": str_to_date}
