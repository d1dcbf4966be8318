"""Regular expressions that a task brings: compiled under bounds, and matched under a time limit."""

from __future__ import annotations

import re

import regex

from simenv.errors import WorldError

_LONGEST = 10_000
"""Characters of a pattern."""
_SECONDS = 2.0
"""For one search."""


def check(pattern: str) -> None:
    """WorldError if this is no regular expression, or too large a one."""
    if len(pattern) > _LONGEST:
        raise WorldError(f"os goal: a regular expression of {len(pattern)} characters; at most {_LONGEST} are allowed")
    try:
        re.compile(pattern)
        regex.compile(pattern)
    except (re.error, regex.error, RecursionError, OverflowError, MemoryError) as e:
        raise WorldError(f"os goal: no regular expression: {pattern[:60]!r}: {e}") from e


def matches(pattern: str, text: str, multiline: bool = False) -> bool:
    """Whether a pattern is found in a text; False too if that cannot be said in two seconds."""
    flags = regex.MULTILINE if multiline else 0
    try:
        return regex.search(pattern, text, flags, timeout=_SECONDS, concurrent=True) is not None
    except TimeoutError:
        return False
