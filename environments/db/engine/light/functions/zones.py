"""Moments in other zones, and sums of times as text, for registration in SQLite. No argument is NULL."""

from __future__ import annotations

from ...session import Unsupported
from ..values import conversions
from .dates import moment_after


def convert_zone(text: str, micros: int, digits: int) -> str | None:
    """CONVERT_TZ by so many microseconds. Refuses the years at the ends of those that a TIMESTAMP holds."""
    if not "1971" <= text[:4] <= "2036":
        raise Unsupported("CONVERT_TZ outside of the years 1971 to 2036", "DATE_ADD")
    return moment_after(text, micros, digits)


def text_within(micros: int) -> str:
    """A time as text. Refuses the last ones of their range, of which MariaDB shows a fraction where a sum lies beyond."""
    text = conversions.clock_text(micros)
    if text.removeprefix("-").startswith("838:59:59"):
        raise Unsupported("a sum of texts at the end of the range of times", "CAST(... AS TIME)")
    return text


STRICT_NULL = {"m_convert_tz": convert_zone, "m_text_within": text_within}
