"""Parses text that a model wrote as the output of a SQL statement: rows, a status or an error. It knows no database.

Rows may be written as Python or JSON, as the MySQL client's or Markdown's table, or separated by tabs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from .row_scanner import scan


class UntypedCell(str):
    """A cell from a text table, which does not show its type."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ParsedOutput:
    """Parsed output of a statement.

    `rows` may begin with a header, where `has_header`; `flat` cells may be one row or one column; `untyped` ones come from a
    table of text. `cut`: the text says that it goes on; `broken` and `begun` are what it has of a row that the cut left
    unfinished. `count` is the number of rows, or of affected rows, that the text itself states, `matched` that of the rows an
    UPDATE looked at, `records` and `duplicates` those of an INSERT of several rows. `code` is the error's, 0 where it states
    none, and `message` its words.
    """

    kind: Literal["rows", "status", "error"]
    rows: tuple[tuple[Any, ...], ...] = ()
    has_header: bool = False
    flat: bool = False
    untyped: bool = False
    cut: bool = False
    broken: tuple[Any, ...] = ()
    begun: str = ""
    count: int | None = None
    matched: int | None = None
    records: int | None = None
    duplicates: int | None = None
    code: int = 0
    message: str = ""


_FENCE = re.compile(r"\A```\w*\s*\n(.*?)\n?```\Z", re.DOTALL)
_LABEL = re.compile(r"\A(?:observation|output|result)s?\s*:\s*", re.IGNORECASE)
_TIME = r"(?:\s*\([\d.]+ sec(?:onds?)?\))?[.;]?"
_SET = re.compile(rf"\s*(\d{{1,9}}) rows? (?:in set|returned){_TIME}\s*\Z", re.IGNORECASE)
_EMPTY = re.compile(rf"(?:empty set|0 rows (?:in set|returned)|\[\s*\]|\(\s*\)){_TIME}", re.IGNORECASE)
_STATUS = re.compile(
    rf"(?:query ok|ok)?(?:[,.]?\s*(?P<n>\d{{1,9}}) rows? (?:were |was )?(?:affected|changed|inserted|updated|deleted))?"
    rf"(?:, \d+ warnings?)?{_TIME}"
    r"(?:\s*Rows matched: (?P<matched>\d{1,9})\s+Changed: (?P<changed>\d{1,9})\s+Warnings: \d+)?"
    r"(?:\s*Records: (?P<records>\d{1,9})\s+Duplicates: (?P<duplicates>\d{1,9})\s+Warnings: \d+)?",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"\A(?:\w+\.)*(?:\w*Error|MySQL|SQL)?[:\s]*(?:error)?(?: code)?[:\s]*\(?(?P<code>\d{4})\b[\s,:)]*"
    r"(?:\([0-9A-Z]{5}\))?[\s:,]*(?P<message>.*)\Z",
    re.IGNORECASE | re.DOTALL,
)
_WORDS = (
    (1064, r"error in your sql syntax|syntax error|invalid syntax"),
    (1146, r"table .{1,150} (?:doesn't|does not) exist|no such table"),
    (1051, r"unknown table"), (1054, r"unknown column|no such column|column .{1,80} (?:doesn't|does not) exist"),
    (1052, r"ambiguous"), (1062, r"duplicate entry"), (1044, r"access denied|permission denied|not allowed|denied"),
    (1305, r"(?:function|procedure) .{1,150} does not exist|no such function"),
    (1050, r"already exists"), (1048, r"cannot be null"),
    (1364, r"doesn't have a default"), (1406, r"data too long"), (1264, r"out of range"), (1366, r"incorrect \w+ value"),
    (1136, r"column count doesn't match"), (1065, r"query was empty"), (1451, r"cannot delete or update a parent"),
    (1452, r"cannot add or update a child"), (1111, r"invalid use of group function"), (1242, r"returns more than 1 row"),
    (1241, r"operand should contain"), (1049, r"unknown database"), (1582, r"incorrect parameter count"),
)  # fmt: skip
_KINDS = tuple((code, re.compile(words, re.IGNORECASE)) for code, words in _WORDS)
_CODES = frozenset(
    (1044, 1045, 1048, 1049, 1050, 1051, 1052, 1054, 1060, 1061, 1062, 1064, 1065, 1066, 1067, 1068, 1072, 1090, 1091, 1109,
     1110, 1111, 1114, 1128, 1136, 1142, 1143, 1146, 1149, 1193, 1222, 1227, 1235, 1241, 1242, 1248, 1264, 1265, 1288, 1292,
     1301, 1305, 1327, 1364, 1365, 1366, 1406, 1436, 1451, 1452, 1582, 1690, 1969)
)  # fmt: skip
"""Codes of common errors: a pair of one and a text is an error, not a row."""
_SAYS_ERROR = re.compile(r"\A\W*(?:\w+\.)*\w*(?:error|exception|failed|failure)\b", re.IGNORECASE)
_RULE = re.compile(r"\+[-=+]{2,}|\|(?:\s*:?-{2,}:?\s*\|?)+")
_NULLS = ("NULL", "None", "null")


def parse_output(text: str) -> ParsedOutput | None:
    """Parse a text; None where it is no output of a database."""
    text = text.strip()
    if match := _FENCE.match(text):
        text = match[1].strip()
    text = _LABEL.sub("", text)
    if _EMPTY.fullmatch(text):
        return ParsedOutput("rows")
    if text and (match := _STATUS.fullmatch(text)):
        count = _first(match["n"], match["changed"], match["records"])
        matched, records, duplicates = (_first(match[name]) for name in ("matched", "records", "duplicates"))
        return ParsedOutput("status", count=count, matched=matched, records=records, duplicates=duplicates)
    if error := _error(text):
        return error
    count, body = _split_count(text)
    if body[:1] in ("[", "("):
        return _scanned(body, count)
    return _table(body, count)


def _scanned(body: str, count: int | None) -> ParsedOutput | None:
    """Rows as Python or JSON writes them, or tuples without a list around them."""
    scanned = scan(body)
    if scanned is not None and body.startswith("(") and scanned.rest.lstrip(" ,\n").startswith("("):
        scanned = scan(f"[{body}]")
    rest = scanned.rest.strip(" \n;.") if scanned is not None else ""
    if scanned is None or rest not in ("", "[TRUNCATED]"):
        return None
    return ParsedOutput(
        "rows",
        tuple(scanned.rows),
        flat=scanned.flat,
        cut=scanned.cut or bool(rest),
        broken=scanned.broken,
        begun=scanned.begun,
        count=count,
    )


def _first(*counts: str | None) -> int | None:
    return next((int(c) for c in counts if c), None)


def _split_count(text: str) -> tuple[int | None, str]:
    """The row count that the client's last line states, and the text without that line."""
    match = _SET.search(text[-80:])
    if match is None:
        return None, text
    return int(match[1]), text[: len(text) - len(text[-80:]) + match.start()].rstrip()


def code_of_words(text: str) -> int:
    """The code of the error that a text tells in words, 0 for none."""
    return next((code for code, words in _KINDS if words.search(text)), 0)


def _error(text: str) -> ParsedOutput | None:
    head = text[:600]
    kind = code_of_words(head)
    if match := _ERROR.match(head):
        code = int(match["code"])
        is_pair = code in _CODES and head.startswith("(")
        says = kind or is_pair or "error" in head[: match.start("code")].lower()
        if says and 1000 <= code < 5000:
            return ParsedOutput("error", code=code, message=match["message"])
    plain = head[:1] not in ("[", "(", "{", "|", "+", '"', "'") and "\t" not in head
    if plain and (_SAYS_ERROR.match(head) or (kind and len(text) < 400)):
        return ParsedOutput("error", code=kind, message=head)
    return None


def _table(text: str, count: int | None) -> ParsedOutput | None:
    """A table of bars, or one of tabs whose first row is its header."""
    lines = [line for line in text.split("\n") if line.strip()]
    if lines and all(line.lstrip()[:1] in ("|", "+") for line in lines):
        border = lines[0] if lines[0].startswith("+") else ""
        rows = [_split_cells(line, border) for line in lines if not _RULE.fullmatch(line.strip())]
        has_rule = len(rows) < len(lines)
        return ParsedOutput("rows", tuple(rows[1:]), untyped=True, count=count) if rows and has_rule else None
    if lines and all("\t" in line for line in lines):
        return ParsedOutput(
            "rows",
            tuple(tuple(map(_untyped, line.split("\t"))) for line in lines),
            has_header=True,
            untyped=True,
            count=count,
        )
    return None


def _split_cells(line: str, border: str) -> tuple[Any, ...]:
    """Cells by the border's columns where they fit, so that a cell may hold a bar."""
    if len(line) == len(border):
        marks = [i for i, c in enumerate(border) if c == "+"]
        if all(line[i] == "|" for i in marks):
            return tuple(_untyped(line[a + 1 : b].strip()) for a, b in pairwise(marks))
    inner = line.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return tuple(_untyped(part.replace("\\|", "|").strip()) for part in re.split(r"(?<!\\)\|", inner))


def _untyped(text: str) -> Any:
    return None if text in _NULLS else UntypedCell(text)
