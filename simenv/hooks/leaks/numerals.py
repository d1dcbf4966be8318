"""Numbers written as words, ordinals or Roman numerals, as digits. English only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12}
UNITS = {w: n for n, w in enumerate(_SMALL)} | {w: 10 * n for n, w in enumerate(_TENS, 2)} | {"oh": 0, "dozen": 12}
SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_ROMAN = re.compile(r"m{0,3}(cm|cd|d?c{0,3})(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}


def digits(tokens: Sequence[str]) -> list[str]:
    """The tokens with every number that is written in words as one token of digits; Roman numerals of two letters and more."""
    return list(_digits(tokens))


def _digits(tokens: Sequence[str]) -> Iterator[str]:
    run: list[str] = []
    for token in tokens:
        plain = _plain(token)
        if plain in UNITS or (plain in SCALES and run) or (plain == "and" and run):
            run.append(plain)
            continue
        yield from _numbers(run)
        run = []
        yield str(_roman(token)) if len(token) > 1 and _ROMAN.fullmatch(token) else token
    yield from _numbers(run)


def _plain(token: str) -> str:
    """forty for fortieth, six for sixth, three for third."""
    if token in _ORDINALS:
        return _SMALL[_ORDINALS[token]]
    if token.endswith("ieth"):
        return f"{token[:-4]}y"
    return token[:-2] if token.endswith("th") and token[:-2] in UNITS | SCALES else token


def _numbers(run: list[str]) -> Iterator[str]:
    """Words in a row as numbers: `forty two` is one, `four two` are two."""
    total = group = 0
    last, there = 0, False
    for word in run:
        if word == "and":
            continue
        if word in SCALES:
            scale = SCALES[word]
            group = (group or 1) * scale
            if scale > 100:
                total, group = total + group, 0
            last = scale
            continue
        value = UNITS[word]
        if there and not (last >= 100 or (20 <= last < 100 and 0 < value < 10)):
            yield str(total + group)
            total = group = 0
        group, last, there = group + value, value, True
    if there:
        yield str(total + group)


def _roman(token: str) -> int:
    values = [_ROMAN_VALUES[c] for c in token]
    return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))
