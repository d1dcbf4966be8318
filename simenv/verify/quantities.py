"""Quantities of a text: numbers with their units, in figures or in words, made comparable."""

from __future__ import annotations

import re
from typing import NamedTuple

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()  # noqa: SIM905
_WORDS = {
    **{w: float(n) for n, w in enumerate(_ONES)},
    **{w: 10.0 * n for n, w in enumerate(_TENS, 2)},
    "once": 1.0,
    "twice": 2.0,
    "half": 0.5,
}
_POWERS = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_UNITS: dict[str, tuple[str, float]] = {
    "%": ("%", 1),
    "percent": ("%", 1),
    "second": ("hours", 1 / 3600),
    "minute": ("hours", 1 / 60),
    "hour": ("hours", 1),
    "h": ("hours", 1),
    "day": ("hours", 24),
    "week": ("hours", 168),
    "month": ("months", 1),
    "year": ("months", 12),
    "decade": ("months", 120),
    "kg": ("grams", 1000),
    "kilogram": ("grams", 1000),
    "g": ("grams", 1),
    "gram": ("grams", 1),
    "mg": ("grams", 1e-3),
    "milligram": ("grams", 1e-3),
    "µg": ("grams", 1e-6),
    "mcg": ("grams", 1e-6),
    "microgram": ("grams", 1e-6),
    "l": ("litres", 1),
    "litre": ("litres", 1),
    "liter": ("litres", 1),
    "ml": ("litres", 1e-3),
    "km": ("metres", 1000),
    "m": ("metres", 1),
    "cm": ("metres", 1e-2),
    "mm": ("metres", 1e-3),
}
_MONTHS = "january february march april may june july august september october november december".split()  # noqa: SIM905
_FIGURE = re.compile(
    r"(?<![\w.])(?P<n>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<th>st|nd|rd|th)?(?!\w*\d)"
    r"[ \-\u00a0]?(?P<unit>%|[A-Za-zµ]+(?:/[A-Za-z]+)?)?"
)
_SPELT = re.compile(
    rf"\b(?:{'|'.join([*_WORDS, *_POWERS])})\b(?:[ -](?:{'|'.join([*_ONES, *_POWERS])})\b)*", re.IGNORECASE
)
_ROUND = re.compile(rf"(?<![\w.,])(\d[\d,]*(?:\.\d+)?) ({'|'.join(_POWERS)})\b", re.IGNORECASE)
_HALF = re.compile(r"\bhalf (?:a|an) (?=[a-z])", re.IGNORECASE)
_HALF_OF = re.compile(r"\b(?:half|one half)(?= (?:of|the|its)\b)", re.IGNORECASE)
_ORDINAL = re.compile(
    rf"\b({'|'.join(_ORDINALS)})\b(?= (?:of )?(?:day|week|month|year|hour|dose|{'|'.join(_MONTHS)})\b)", re.IGNORECASE
)
_A_UNIT = re.compile(r"\b(?:a|an) (?=(?:second|minute|hour|day|week|month|year)\b(?!-))", re.IGNORECASE)
_RATE = re.compile(r"(?:\d|\d \w+|%|rent|increased|raised|times|daily|mg|doses?|hours) $")
"""What stands before `a day` where that says how often."""
_CLOSE = 1e-6


class Quantity(NamedTuple):
    """A number with what it counts; `unit` is '' for a bare number, `year` for one of four digits, `date` for a day of
    a month."""

    value: float
    unit: str

    def equals(self, other: Quantity) -> bool:
        """Whether both say the same."""
        return self.unit == other.unit and abs(self.value - other.value) <= _CLOSE * max(1.0, abs(self.value))


def quantities(text: str) -> list[Quantity]:
    """The quantities of a text, in their order."""
    figures = _in_figures(text)
    return [_quantity(m, figures) for m in _FIGURE.finditer(figures)]


def without_quantities(text: str) -> str:
    """The text without numbers and the units behind them."""
    return _FIGURE.sub(lambda m: " " if _unit(m["unit"] or "") or not m["unit"] else f" {m['unit']}", _in_figures(text))


def _in_figures(text: str) -> str:
    text = _ROUND.sub(lambda m: f"{float(m[1].replace(',', '')) * _POWERS[m[2].lower()]:.0f}", text)
    text = _HALF.sub("0.5 ", text)
    text = _HALF_OF.sub("50%", text)
    text = _ORDINAL.sub(lambda m: f"{_ORDINALS.index(m[1].lower()) + 1}th", text)
    text = re.sub(r"(?<=\d)th of (?=[A-Z])", " ", text)
    text = _SPELT.sub(lambda m: f"{_spelt(m[0]):g}" if _spelt(m[0]) < 1e6 else f"{_spelt(m[0]):.0f}", text)
    return _one(text)


def _one(text: str) -> str:
    """`a month` as `1 month`, but for `twice a month`."""
    return _A_UNIT.sub(lambda m: m[0] if _RATE.search(text[: m.start()]) else "1 ", text)


def _spelt(words: str) -> float:
    part = 0.0
    for word in re.split(r"[ -]", words.lower()):
        if word in _POWERS:
            part = (part or 1) * _POWERS[word]
        else:
            part += _WORDS[word]
    return part


def _unit(word: str) -> tuple[str, float] | None:
    lower = word if word == "µg" else word.lower()
    return _UNITS.get(lower) or _UNITS.get(lower.removesuffix("s"))


def _quantity(match: re.Match[str], text: str) -> Quantity:
    value, word = float(match["n"].replace(",", "")), match["unit"] or ""
    before = re.search(r"(\w+) $", text[: match.start()])
    month = word.lower() in _MONTHS or (before is not None and before[1].lower() in _MONTHS)
    if value.is_integer() and 1500 <= value <= 2200 and not _unit(word) and len(match["n"]) == 4:
        return Quantity(value, "year")
    if month and value <= 31:
        name = word if word.lower() in _MONTHS else before[1] if before else ""
        return Quantity(100.0 * (_MONTHS.index(name.lower()) + 1) + value, "date")
    if match["th"]:
        return Quantity(value, "ordinal")
    if unit := _unit(word):
        return Quantity(value * unit[1], unit[0])
    if "/" in word or word in ("mmHg",):
        return Quantity(value, word)
    return Quantity(value, "")
