"""From MySQL text to its tokens: words, names, literals and operators, with comments and version comments read."""

from __future__ import annotations

import re

from ...session import Unsupported
from ..values import errors

MAX_TOKENS = 60_000
"""Words, names and operators, which make deep trees."""
MAX_DATA = 1_000_000
"""These together with the literals of a long list."""

WORD, NAME, STRING, NUMBER, HEX, BITS, VARIABLE, SETTING, OPERATOR, END = range(10)
"""The kinds of tokens. A NAME is quoted, or stands beside a point, where no word is reserved."""

_LOOKAHEAD = 6
_VERSION = 101_119  # of the MariaDB whose syntax is read
_MYSQL_ONLY = range(50_700, 100_000)  # version comments that MariaDB passes over
_TOKEN = re.compile(
    r"""(?:\s|--(?=[\s\x00]|\Z)[^\n]*|\#[^\n]*|/\*(?!M?!)(?:[^*]|\*(?!/))*+\*/)*+
    (?:(?P<hex>[xX]'[^']*'|0x[0-9a-fA-F]+(?![\w$]))
    |(?P<bits>[bB]'[^']*'|0b[01]+(?![\w$]))
    |(?P<string>[nN]?'(?:[^'\\]++|\\.|'')*+'|"(?:[^"\\]++|\\.|"")*+")
    |(?P<word>(?:[A-Za-z_$]|[^\x00-\x7f])(?:[\w$]|[^\x00-\x7f])*+)
    |(?P<number>\d+\.\d*+(?:[eE][+-]?\d+)?(?![eE])|\d+[eE][+-]?\d+|(?<![\w$`])\.\d+(?:[eE][+-]?\d+)?|\d+(?![\w$]))
    |(?P<digits>\d[\w$]*)
    |(?P<name>`(?:[^`]|``)*+`)
    |(?P<opening>/\*M?!(?P<version>\d{5,6})?)
    |(?P<operator><=>|<<|>>|<=|>=|<>|!=|:=|&&|\|\||->>|->|[-+*/%^&|~!=<>(),.;:?{}])
    |(?P<setting>@@(?i:(?:global|session|local)\.)?[\w$]+)
    |(?P<null>\\N)
    |(?P<variable>@(?:[\w$.]+|`(?:[^`]|``)*+`|'(?:[^'\\]++|\\.|'')*+'|"(?:[^"\\]++|\\.|"")*+")?)
    |(?P<bad>.)|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_HEX, _BITS = re.compile(r"[0-9a-fA-F]*"), re.compile(r"[01]*")
_COMMENT_MARK = re.compile(r"/\*|\*/")
_CLOSING = re.compile(r"\*/")
_MARKS = re.compile(
    r"""(?P<quoted>'(?:[^'\\]++|\\.|'')*+'|"(?:[^"\\]++|\\.|"")*+")|(?P<opening>/\*M?!(?P<version>\d{5,6})?)|\*/""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)|''|\"\"", re.DOTALL)
_ESCAPES = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": "\\%", "_": "\\_"}


class Tokens:
    """A statement's tokens, in parallel lists that end with END tokens, enough for every look ahead.

    `keys` holds the upper-case text of words and the text of operators, and is empty for all other kinds.
    """

    __slots__ = ("ends", "keys", "kinds", "sql", "starts", "texts")

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.kinds: list[int] = []
        self.keys: list[str] = []
        self.texts: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []

    def add(self, kind: int, key: str, text: str, start: int, end: int) -> None:
        """Append a token."""
        self.kinds.append(kind)
        self.keys.append(key)
        self.texts.append(text)
        self.starts.append(start)
        self.ends.append(end)


def tokenize(sql: str) -> Tokens:
    """The tokens of a text, without the semicolons at its end. Raises 1064, 1065 and 1436."""
    tokens = Tokens(sql)
    _read(tokens, sql)
    while tokens.keys and tokens.keys[-1] == ";":
        for part in (tokens.kinds, tokens.keys, tokens.texts, tokens.starts, tokens.ends):
            part.pop()
    if not tokens.keys:
        raise errors.empty_query()
    count = len(tokens.keys)
    if count > MAX_TOKENS and (count > MAX_DATA or count - _plain(tokens) > MAX_TOKENS):
        raise errors.too_deep()
    for _ in range(_LOOKAHEAD):
        tokens.add(END, "", "", len(sql), len(sql))
    return tokens


def _plain(tokens: Tokens) -> int:
    """How many tokens are what long lists of values consist of."""
    marks = sum(key in (",", "(", ")", "NULL") for key in tokens.keys)
    return marks + sum(kind in (STRING, NUMBER) for kind in tokens.kinds)


def _read(tokens: Tokens, sql: str) -> None:
    add, kinds, keys = tokens.add, tokens.kinds, tokens.keys
    at, inside, size = 0, False, len(sql)
    match = _TOKEN.match
    while at < size:
        found = match(sql, at)
        assert found is not None
        group = found.lastgroup
        if group is None:
            break
        start, at = found.span(group)
        text = sql[start:at]
        if group == "word":
            if keys and keys[-1] == ".":
                add(NAME, "", text, start, at)
            else:
                add(WORD, text.upper(), text, start, at)
        elif group == "operator":
            if text == "." and kinds and kinds[-1] == WORD and tokens.ends[-1] == start:
                kinds[-1], keys[-1] = NAME, ""
            if text == "*" and inside and sql.startswith("/", at):
                at, inside = at + 1, False
                continue
            add(OPERATOR, text, text, start, at)
        elif group == "number":
            add(NUMBER, "", text, start, at)
        elif group == "string":
            add(STRING, "", _unquoted(text), start, at)
        elif group == "name":
            add(NAME, "", text[1:-1].replace("``", "`"), start, at)
        elif group == "digits":
            add(NAME, "", text, start, at)
        elif group in ("hex", "bits"):
            add(HEX if group == "hex" else BITS, "", _digits(group, sql, start, at), start, at)
        elif group == "setting":
            add(SETTING, "", text[2:], start, at)
        elif group == "variable":
            add(VARIABLE, "", _unquoted(text[1:]) if text[1:2] in ("'", '"') else text[1:].strip("`"), start, at)
        elif group == "null":
            add(WORD, "NULL", "NULL", start, at)
        elif group == "opening":
            at, inside = _version_comment(sql, found, inside)
        else:
            raise errors.syntax(sql[start:], sql.count("\n", 0, start) + 1)
    if inside:
        raise errors.syntax("", sql.count("\n") + 1)


def _digits(group: str, sql: str, start: int, end: int) -> str:
    """The digits of x'…', 0x…, b'…' and 0b…. Raises 1064 where one is none, or half a byte is missing."""
    text = sql[start:end]
    digits = text[2:].rstrip("'")
    whole = (_HEX if group == "hex" else _BITS).fullmatch(digits)
    if not whole or (group == "hex" and text[1] == "'" and len(digits) % 2):
        raise errors.syntax(sql[start:], sql.count("\n", 0, start) + 1)
    return digits


def without_version_marks(text: str) -> str:
    """A part of a statement without the marks of version comments, and without those that are passed over."""
    if "/*" not in text or "!" not in text:
        return text
    pieces, at = [], 0
    while (mark := _MARKS.search(text, at)) is not None:
        pieces.append(text[at : mark.end() if mark["quoted"] else mark.start()])
        closing = None if _is_read(mark) else _CLOSING.search(text, mark.end())
        at = closing.end() if closing else mark.end()
    return "".join((*pieces, text[at:]))


def _is_read(mark: re.Match[str]) -> bool:
    """Whether the text behind `/*!40100` is read; behind the sign that ends it, it is."""
    version = int(mark["version"] or 0)
    return version <= _VERSION and (version not in _MYSQL_ONLY or mark["opening"].startswith("/*M"))


def _version_comment(sql: str, opening: re.Match[str], inside: bool) -> tuple[int, bool]:
    """Where to read on after `/*!40100`, and whether the text that follows belongs to a comment that is read."""
    if _is_read(opening) and not inside:
        return opening.end(), True
    if _is_read(opening):
        raise Unsupported("a version comment in another", "the text without them")
    at, depth = opening.end(), 1
    while depth:
        mark = _COMMENT_MARK.search(sql, at)
        if mark is None:
            raise errors.syntax(sql[opening.start("opening") :], 1)
        depth += 1 if mark[0] == "/*" else -1
        at = mark.end()
    return at, inside


def _unquoted(text: str) -> str:
    """A string literal's value."""
    quote = text[-1]
    body = text[text.index(quote) + 1 : -1]
    if "\\" not in body and quote not in body:
        return body

    def value(found: re.Match[str]) -> str:
        letter = found[1]
        if letter is None:
            return quote if found[0][0] == quote else found[0]
        return _ESCAPES.get(letter, letter)

    return _ESCAPE.sub(value, body)
