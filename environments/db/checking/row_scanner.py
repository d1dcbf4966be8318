"""Scans rows written as Python or JSON, token by token; nothing is evaluated, and text that breaks off is read to its end."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from ..engine.session import clock_text

CUT = "[TRUNCATED]"
_TOKEN = re.compile(
    r"""\s*(?:(?P<cut>\[TRUNCATED\]|\[\.\.\.\]|\.\.\.|…)
    | (?P<open>[\[({]) | (?P<close>[\])}]) | (?P<comma>,) | (?P<colon>:)
    | (?:datetime\.|decimal\.)*(?P<call>Decimal|date|datetime|time|timedelta)\((?P<given>[^()]*)\)
    | (?P<bytes>[bB])?[uU]?(?P<text>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*")
    | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?(?![\w.]))
    | (?P<word>[A-Za-z]+))""",
    re.VERBOSE | re.DOTALL,
)
_BROKEN_CELL = re.compile(
    r"""\s*(?:[A-Za-z_.]*(?:\([^()]*)?|[bBuU]*'(?P<one>(?:[^'\\]|\\.)*)\\?|[bBuU]*"(?P<two>(?:[^"\\]|\\.)*)\\?|[-+]?[\d.eE+-]*)
    \s*(?:\[TRUNCATED\]|…|\.\.\.)\s*""",
    re.VERBOSE | re.DOTALL,
)
"""What a cut leaves of a cell, with the mark of the cut."""
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f"}
_WORDS = {"none": None, "null": None, "true": True, "false": False}
_PART = re.compile(r"(?:(\w+)\s*=\s*)?(-?\d{1,9})")


class Moment(str):
    """A date or time that was written as such and not as a text, in MySQL's form."""

    __slots__ = ()


@dataclass(slots=True)
class ScannedRows:
    """Rows read from a text.

    `flat`: the cells stood in one list, not in rows. `cut`: the text says that it goes on. `rest`: the text behind.
    `broken`: the whole cells of a row that the cut left unfinished; `begun`: the text that its next cell begins with.
    """

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    flat: bool = False
    cut: bool = False
    rest: str = ""
    broken: tuple[Any, ...] = ()
    begun: str = ""


def scan(text: str) -> ScannedRows | None:
    """The rows that a text begins with; None where it is no list of rows. Linear in its length."""
    result = ScannedRows()
    stack: list[list[Any]] = []
    at = 0
    while (match := _TOKEN.match(text, at)) and not _is_broken(text, at, match):
        at = match.end()
        kind = match.lastgroup
        if kind == "cut":
            result.cut = True
        elif kind == "open":
            if len(stack) == 2:
                return None
            stack.append([])
        elif not stack:
            return None
        elif kind == "close":
            done = stack.pop()
            if not stack:
                result.rest = text[at:]
                return _finish(result, done)
            stack[-1].append(tuple(done))
        elif kind == "colon":
            if not stack[-1]:
                return None
            stack[-1].pop()
        elif kind != "comma":
            cell = _cell(match)
            if cell is _NOTHING:
                return None
            stack[-1].append(cell)
    if broken := _BROKEN_CELL.fullmatch(text, at):
        result.cut, result.begun = True, broken["one"] or broken["two"] or ""
    if stack and result.cut:
        result.broken = tuple(stack[1]) if len(stack) > 1 else ()
        return _finish(result, stack[0])
    return None


def _is_broken(text: str, at: int, match: re.Match[str]) -> bool:
    """Whether a word is what a cut has left of a cell."""
    return match.lastgroup == "word" and _BROKEN_CELL.fullmatch(text, at) is not None


def _finish(result: ScannedRows, parts: list[Any]) -> ScannedRows | None:
    rows = [p for p in parts if isinstance(p, tuple)]
    if rows and len(rows) != len(parts):
        return None
    result.flat = bool(parts) and not rows
    result.rows = rows or [(p,) for p in parts]
    return result


_NOTHING = object()


def _cell(match: re.Match[str]) -> Any:
    try:
        if match["text"] is not None:
            quote, inner = match["text"][0], match["text"][1:-1]
            text = _ESCAPE.sub(_unescape, inner.replace(quote * 2, quote))
            return text.encode("latin-1", "replace") if match["bytes"] else text
        if match["number"] is not None:
            word = match["number"]
            return int(word) if re.fullmatch(r"[+-]?\d{1,300}", word) else float(word)
        if match["call"] is not None:
            return _construct(match["call"], match["given"])
        return _WORDS.get(match["word"].lower(), _NOTHING)
    except (ValueError, InvalidOperation, OverflowError, TypeError):
        return _NOTHING


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return _PLAIN.get(code, code)


def _construct(name: str, arguments: str) -> Any:
    """A constructor's value; times become their MySQL text, in which they are compared."""
    if name == "Decimal":
        value = Decimal(arguments.strip().strip("'\""))
        if not value.is_finite():
            raise InvalidOperation(f"{arguments!r:.80} is no value of a column")
        return value
    parts = [(m[1], int(m[2])) for m in _PART.finditer(arguments)]
    numbers = [n for _, n in parts]
    if name == "date":
        return Moment(dt.date(*numbers).isoformat())
    # mypy does not know that these are few enough integers to be no tzinfo.
    if name == "datetime":
        return Moment(dt.datetime(*numbers).isoformat(sep=" "))  # type: ignore[arg-type]
    if name == "time":
        return Moment(dt.time(*numbers).isoformat())  # type: ignore[arg-type]
    units = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")
    return Moment(clock_text(dt.timedelta(**{key or units[i]: n for i, (key, n) in enumerate(parts)})))
