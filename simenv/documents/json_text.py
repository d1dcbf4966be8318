"""Parses JSON within bounds: depth, digits, finite numbers, whole characters, and no key twice."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from pydantic_core import from_json

from simenv.errors import Unreadable

DEEPEST = 200
"""Levels of lists and objects: the bound of pydantic's parser, which reads all lines of runs."""
DIGITS = 4300
"""Digits of an integer, Python's own bound."""
_AT = re.compile(r"(.*) at line (\d+) column (\d+)\Z", re.S)
_HALF = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
_CONSTANT = re.compile(rb"-?(?:NaN|Infinity)")
_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % (DIGITS + 1))


def parse(text: bytes | str, place: str) -> Any:
    """The value of a JSON text; Unreadable, with the place and the reason, where it is none or goes beyond a bound."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    try:
        value = from_json(data, allow_inf_nan=False)
    except ValueError as e:
        raise Unreadable(place, _reason(data, str(e))) from e
    try:
        # The other parser, for what the first one lets pass; its values are thrown away.
        json.loads(data, object_pairs_hook=_distinct, parse_float=_finite)
    except (ValueError, RecursionError) as e:
        raise Unreadable(place, str(e) or "nested too deep") from e
    return value


def _distinct(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for n, key in enumerate(keys) if key in keys[:n])
        raise ValueError(f"the key {twice!r:.80} is there twice in one object; leave one out")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text:.30} is beyond the largest number, 1.8e308; write a smaller one, or a text")
    return number


def _reason(data: bytes, fault: str) -> str:
    """What the parser found, in words that say what to do."""
    match = _AT.match(fault)
    message, line, column = (match[1], int(match[2]), int(match[3])) if match else (fault, 1, 1)
    where = f"at column {column}" if line == 1 else f"in its line {line}, at column {column}"
    start = _offset(data, line) + column - 1
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16; save it as UTF-8"
    if "recursion" in message:
        return f"nested more than {DEEPEST} deep {where}; expected at most {DEEPEST} levels, so flatten it"
    if _LONG_NUMBER.search(data, max(0, start - DIGITS - 9)) and "number" in message:
        return f"an integer of more than {DIGITS} digits {where}; write it as a text"
    if "unicode" in message:
        return f"no UTF-8 {where}; save the file as UTF-8"
    if constant := _CONSTANT.match(data, max(0, start - 1)) or _CONSTANT.match(data, start):
        return f"{constant[0].decode()} {where} is no JSON; write null"
    if ("escape" in message or "surrogate" in message) and (half := _HALF.search(data)):
        return (
            f"{half[0].decode()} {where} is half of a character, which no text can hold; write both halves, or \\ufffd"
        )
    try:
        data.decode()
    except UnicodeDecodeError as e:
        return f"no UTF-8 at byte {e.start + 1}; save the file as UTF-8"
    return f"no JSON: {message} {where}"


def _offset(data: bytes, line: int) -> int:
    """The byte at which a line begins; lines count from 1."""
    start = 0
    for _ in range(line - 1):
        start = data.find(b"\n", start) + 1
    return start
