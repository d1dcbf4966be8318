"""The collation utf8mb4_general_ci: equality, order, LIKE and REGEXP of strings.

One weight per character (general_ci.txt: a weight, then the characters that share it, as MariaDB 10.11 reports them);
characters beyond the BMP all weigh U+FFFD; trailing spaces do not count, except in LIKE.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

import regex

from ...session import SQLError, Unsupported
from .bounds import Bounds

NAME = "ci"
BINARY = "pad"
_REGEX_SECONDS = 1.0
_LONGEST_REGEX = 1_000
_MOST_REPEATS = 1_000
_MOST_STEPS = 20_000_000
_MOST_PIECES = 200_000
# Patterns longer than this are not kept for later.
_KEPT = 1_000
_LONG = 1_000
_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")


@cache
def _weights() -> dict[int, int]:
    lines = Path(__file__).with_name("general_ci.txt").read_text(encoding="utf-8").split("\n")
    return {ord(member): ord(line[0]) for line in lines for member in line[1:]}


def fold(text: str) -> str:
    """The string of weights: equal strings have equal weights, character by character."""
    if text.isascii():
        return text.upper()
    return _BEYOND_BMP.sub("\ufffd", text.translate(_weights()))


def key(text: str) -> str:
    """A key that two strings share exactly when `=` holds between them."""
    return fold(text).rstrip(" ")


def _compare_padded(a: str, b: str) -> int:
    if a == b:
        return 0
    width = max(len(a), len(b))
    left, right = a.ljust(width), b.ljust(width)
    return (left > right) - (left < right)


def comparison(bounds: Bounds) -> Callable[[str, str], int]:
    """The SQLite collation `ci`. Once the time is over, long texts are equal: SQLite looks at no clock in between."""

    def in_time(a: str, b: str) -> int:
        if len(a) > _LONG and bounds.passed:
            return 0
        x = a.upper() if a.isascii() else fold(a)
        y = b.upper() if b.isascii() else fold(b)
        if len(x) != len(y):
            return _compare_padded(x, y)
        return (x > y) - (x < y)

    return in_time


def binary_comparison(bounds: Bounds) -> Callable[[str, str], int]:
    """The SQLite collation `pad`: utf8mb4_bin, which tells case and accents apart but pads with spaces too."""
    return lambda a, b: 0 if len(a) + len(b) > _LONG and bounds.passed else _compare_padded(a, b)


def compare(a: str, b: str) -> int:
    """-1, 0 or 1, as `comparison` orders two texts."""
    x = a.upper() if a.isascii() else fold(a)
    y = b.upper() if b.isascii() else fold(b)
    if len(x) != len(y):
        return _compare_padded(x, y)
    return (x > y) - (x < y)


@lru_cache(maxsize=512)
def _segments(pattern: str, escape: str, binary: int) -> tuple[tuple[re.Pattern[str], ...], bool, bool]:
    """The parts between the `%` of a LIKE pattern, and whether it is open to the left and to the right.

    The escape character is told apart from others of its case, and `%` is never one (my_wildcmp_unicode in MariaDB's
    strings/ctype-utf8.c).
    """
    parts: list[list[str]] = [[]]
    i = 0
    while i < len(pattern):
        char = pattern[i]
        if char == "%":
            parts.append([])
        elif char == escape and i + 1 < len(pattern):
            i += 1
            parts[-1].append(re.escape(pattern[i] if binary else fold(pattern[i])))
        else:
            parts[-1].append("." if char == "_" else re.escape(char if binary else fold(char)))
        i += 1
    compiled = tuple(re.compile("".join(p), re.DOTALL) for p in parts if p)
    return compiled, len(parts) > 1 and not parts[0], len(parts) > 1 and not parts[-1]


def _too_long_for(text: str, pattern: str) -> bool:
    """Whether `_`, which is tried at every place of the text, would make a LIKE slow."""
    return "_" in pattern and len(text) * len(pattern) > _MOST_STEPS


def like(text: str | None, pattern: str | None, escape: str | None = "\\", binary: int = 0) -> int | None:
    """LIKE, in time linear in the text for each part between two `%`."""
    if text is None or pattern is None or escape is None:
        return None
    if not binary:
        text = fold(text)
    if _too_long_for(text, pattern):
        raise Unsupported("LIKE of so long a text and pattern", "LOCATE")
    cut = _segments if len(pattern) <= _KEPT else _segments.__wrapped__
    segments, open_left, open_right = cut(pattern, escape, binary)
    if not segments:
        return int(open_left or not text)
    if not open_left and not open_right and "%" not in pattern:
        return int(segments[0].fullmatch(text) is not None)
    return int(_scan(text, list(segments), open_left, open_right))


def _scan(text: str, segments: list[re.Pattern[str]], open_left: bool, open_right: bool) -> bool:
    at, end = 0, len(text)
    if not open_left:
        first = segments.pop(0).match(text)
        if first is None:
            return False
        at = first.end()
        if not segments:
            return open_right or at == end
    if not open_right:
        last = segments.pop()
        # Each segment matches one width only: the characters it was built from.
        width = _width(last.pattern) if len(last.pattern) <= _KEPT else _width.__wrapped__(last.pattern)
        if end - width < at or last.match(text, end - width) is None:
            return False
        end -= width
    for segment in segments:
        match = segment.search(text, at, end)
        if match is None:
            return False
        at = match.end()
    return True


@lru_cache(maxsize=512)
def _width(pattern: str) -> int:
    return len(re.sub(r"\\(.)", r"\1", pattern, flags=re.DOTALL))


# What means the same to PCRE2 as MariaDB calls it and to the `regex` package.
_PLAIN_REGEX = regex.compile(
    r"(?:[^\\()\[\]]|\\[^\W_]|\\[\W_]|\((?!\?)|\(\?:|\)|\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\\[])*\])*",
    regex.DOTALL | regex.VERSION0,
)
_SAME_ESCAPES = frozenset("dDwWsSbBtnrf")


_REPEAT = re.compile(r"\{(\d*)(?:,(\d*))?\}")


def _require_small(pattern: str) -> None:
    """Refuse what would take long to compile: nested repetitions multiply."""
    if len(pattern) > _LONGEST_REGEX:
        raise Unsupported("so long a regular expression", "LIKE")
    product = 1
    for low, high in _REPEAT.findall(pattern):
        product *= max(1, *(int(n[:9]) for n in (low, high) if n))
    if product > _MOST_REPEATS:
        raise Unsupported("repetitions beyond 1000 in a regular expression", "* or +")


@lru_cache(maxsize=256)
def _compile_regex(pattern: str, binary: int) -> regex.Pattern[str]:
    _require_small(pattern)
    pattern = pattern.replace("[[:<:]]", r"\b(?:(?=\w))").replace("[[:>:]]", r"\b(?:(?<=\w))")
    bare = pattern.replace(r"(?:(?=\w))", "").replace(r"(?:(?<=\w))", "")
    try:
        plain = _PLAIN_REGEX.fullmatch(bare, timeout=_REGEX_SECONDS)
    except TimeoutError as e:
        raise _match_limit() from e
    if not plain:
        raise Unsupported(f"regular expression {pattern[:60]!r}", "plain groups, classes and repetition")
    for escape in re.findall(r"\\([A-Za-z0-9])", bare):
        if escape not in _SAME_ESCAPES:
            raise Unsupported(f"\\{escape} in a regular expression", "a character class")
    try:
        return regex.compile(pattern, regex.VERSION0 | (0 if binary else regex.IGNORECASE))
    except (regex.error, OverflowError, RecursionError) as e:
        if "(*" in pattern:
            raise Unsupported("verbs in a regular expression", "a pattern without (*…)") from e
        raise SQLError(1139, "42000", f"Regex error '{str(e)[:80]}'") from e


def _match_limit() -> SQLError:
    return SQLError(1139, "42000", "Regex error 'match limit exceeded'")


def _pattern(text: str, pattern: str, binary: int = 0) -> regex.Pattern[str]:
    if not (text.isascii() and pattern.isascii()) and re.search(r"\\[dwsbDWSB]|\[:", pattern):
        raise Unsupported("character classes over non-ASCII text in REGEXP", "LIKE")
    return _compile_regex(pattern, binary)


def _seconds(bounds: Bounds) -> float:
    """A pattern may take a second, and no longer than its statement."""
    return min(_REGEX_SECONDS, bounds.remaining)


def search(bounds: Bounds, text: str | None, pattern: str | None, binary: int = 0) -> int | None:
    """REGEXP, stopped after a second: a pattern may not hang the episode."""
    if text is None or pattern is None:
        return None
    try:
        found = _pattern(text, pattern, binary).search(text, timeout=_seconds(bounds))
    except (TimeoutError, MemoryError) as e:
        raise _match_limit() from e
    return int(found is not None)


def replace(bounds: Bounds, text: str | None, pattern: str | None, by: str | None) -> str | None:
    """REGEXP_REPLACE without back references; NULL where the result outgrows the bound of a text."""
    if text is None or pattern is None or by is None:
        return None
    if not pattern:
        return text
    if "\\" in by:
        raise Unsupported("back references in REGEXP_REPLACE")
    pieces: list[str] = []
    size, at = 0, 0
    try:
        for match in _pattern("", pattern).finditer(text, timeout=_seconds(bounds)):
            pieces += (text[at : match.start()], by)
            at, size = match.end(), size + match.start() - at + len(by)
            if size > bounds.text or len(pieces) > _MOST_PIECES:
                return None
    except (TimeoutError, MemoryError) as e:
        raise _match_limit() from e
    return "".join((*pieces, text[at:]))


def place(bounds: Bounds, text: str | None, pattern: str | None) -> int | None:
    """REGEXP_INSTR: where the first match begins, from 1; 0 where there is none."""
    if text is None or pattern is None:
        return None
    match = _first(bounds, text, pattern)
    return match.start() + 1 if match else 0


def substring(bounds: Bounds, text: str | None, pattern: str | None) -> str | None:
    """REGEXP_SUBSTR: the first match or the empty string."""
    if text is None or pattern is None:
        return None
    match = _first(bounds, text, pattern)
    return match.group() if match else ""


def _first(bounds: Bounds, text: str, pattern: str) -> regex.Match[str] | None:
    """The first match of a pattern, None without one."""
    try:
        return _pattern("", pattern).search(text, timeout=_seconds(bounds))
    except (TimeoutError, MemoryError) as e:
        raise _match_limit() from e
