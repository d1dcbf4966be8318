"""A little English for sentences made from parts: articles, counted nouns, lists, ordinals."""

from __future__ import annotations

import re
from collections.abc import Sequence

_AN = re.compile(r"[aeio]|un(?!i(?!m|n|d))|u(?!n|[sbrt][aeiou]|ti|ki)|hour|honest|honour|heir|8|1[18](?!\d)", re.I)
_A = re.compile(r"one\b|once\b|eu", re.I)


def article(noun: str) -> str:
    """The noun with `a` or `an` before it."""
    word = noun.lstrip("“\"'(")
    return f"{'an' if _AN.match(word) and not _A.match(word) else 'a'} {noun}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 guest`, `2 guests`, `no guests`."""
    return f"{number or 'no'} {noun if number == 1 else plural or noun + 's'}"


def listed(parts: Sequence[str], conjunction: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {conjunction} {parts[-1]}"


def ordinal(number: int) -> str:
    """`1st`, `22nd`, `13th`."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def capitalized(sentence: str) -> str:
    """The sentence with a capital first letter, the rest as it is."""
    return sentence[:1].upper() + sentence[1:]
