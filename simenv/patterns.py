"""Regular expressions that somebody else wrote: admitted within bounds of size, and matched under a time limit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _constants as opcodes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import regex

from simenv.errors import WorldError

LONGEST = 10_000
"""Characters of a pattern."""
LARGEST = 100_000
"""Parts of a pattern when every repetition is written out, which is what compiling it costs."""
SECONDS = 2.0
"""For one search."""
_REPEATS = (opcodes.MAX_REPEAT, opcodes.MIN_REPEAT, opcodes.POSSESSIVE_REPEAT)


def check(pattern: str, place: str) -> None:
    """WorldError if this is no regular expression, or too large a one. It takes a bounded time, whatever the pattern is."""
    if len(pattern) > LONGEST:
        raise WorldError(
            f"{place}: a regular expression of {len(pattern)} characters; at most {LONGEST} are allowed, so shorten it"
        )
    try:
        if _size(parser.parse(pattern)) > LARGEST:
            raise WorldError(
                f"{place}: the regular expression {pattern[:60]!r} repeats more than {LARGEST} parts; repeat fewer"
            )
        re.compile(pattern)
        regex.compile(pattern)
    except (re.error, regex.error, ValueError, RecursionError, OverflowError, MemoryError) as e:
        raise WorldError(f"{place}: no regular expression: {pattern[:60]!r}: {e}") from e


def _size(tree: Any) -> int:
    """The number of parts of a parsed pattern when every counted repetition is written out."""
    total = 0
    for operation, argument in tree:
        if operation in _REPEATS:
            least, most, inner = argument
            total += max(1, least if most is opcodes.MAXREPEAT else most) * _size(inner)
        else:
            total += 1 + sum(_size(inner) for inner in _inner(argument))
    return total


def _inner(argument: Any) -> Iterator[Any]:
    """The parsed patterns in an argument of an operation."""
    if isinstance(argument, parser.SubPattern):
        yield argument
    elif isinstance(argument, list | tuple):
        for part in argument:
            yield from _inner(part)


def matches(pattern: str, text: str, multiline: bool = False) -> bool:
    """Whether a pattern is found in a text; False too if that cannot be said in two seconds."""
    flags = regex.MULTILINE if multiline else 0
    try:
        return regex.search(pattern, text, flags, timeout=SECONDS, concurrent=True) is not None
    except TimeoutError:
        return False
