"""JSON texts as MariaDB reads and writes them: numbers and strings stay as they are written, only spaces change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ...session import Unsupported

_TOKEN = re.compile(
    r"[ \t\n\r]*(?:(?P<mark>[][{},:])"
    r"|(?P<string>\"(?:[^\"\\\x00-\x1f]|\\(?:[\"\\/bfnrt]|u[0-9a-fA-F]{4}))*+\")"
    r"|(?P<other>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null))"
)
_SPACE = " \t\n\r"
_DEEPEST = 24
_STEP = re.compile(r"\.(?P<name>[A-Za-z_][A-Za-z0-9_]*|\"[^\"\\]*\"|\*)|\[(?P<place>[0-9]{1,6}|\*)\]")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(slots=True)
class Members:
    """An object: its keys, as they are written, and their values, in the order of the text."""

    pairs: list[tuple[str, Node]] = field(default_factory=list)


Node: TypeAlias = "str | list[Node] | Members"
"""A scalar as it is written, an array, or an object."""
Step: TypeAlias = str | int | None
"""A key, a place, or None for all."""


class _Invalid(Exception):
    """The text is no JSON."""


class _Reader:
    """Reads one document from left to right."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def document(self) -> Node:
        node = self._value(self._token(), 0)
        if self.text[self.at :].strip(_SPACE):
            raise self._invalid()
        return node

    def _token(self) -> str:
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            raise self._invalid()
        self.at = match.end()
        return match[match.lastgroup or 0]

    def _invalid(self) -> Exception:
        """What is no JSON; MariaDB takes some numbers and strings that the standard does not, which are refused here."""
        rest = self.text[self.at :].lstrip(_SPACE)
        if rest[:1] in ('"', "-") or self.text[self.at - 1 : self.at].isalnum():
            return Unsupported("this JSON text", "JSON as its standard has it")
        return _Invalid()

    def _value(self, token: str, depth: int) -> Node:
        if depth > _DEEPEST:
            raise Unsupported("JSON nested so deeply")
        if token == "[":
            return self._array(depth)
        if token == "{":
            return self._object(depth)
        if token in "]},:":
            raise _Invalid
        return token

    def _array(self, depth: int) -> Node:
        items: list[Node] = []
        token = self._token()
        if token == "]":
            return items
        while True:
            items.append(self._value(token, depth + 1))
            mark = self._token()
            if mark == "]":
                return items
            if mark != ",":
                raise self._invalid()
            token = self._token()

    def _object(self, depth: int) -> Node:
        members = Members()
        key = self._token()
        if key == "}":
            return members
        while True:
            if key[:1] != '"' or self._token() != ":":
                raise _Invalid
            if "\\" in key:
                raise Unsupported("an escaped character in a key of JSON")
            members.pairs.append((key[1:-1], self._value(self._token(), depth + 1)))
            mark = self._token()
            if mark == "}":
                return members
            if mark != ",":
                raise self._invalid()
            key = self._token()


def read(text: str) -> Node | None:
    """The document, or None for a text that is no JSON."""
    try:
        return _Reader(text).document()
    except _Invalid:
        return None


def decoded(string: str) -> str:
    """The characters of a JSON string."""
    text = str(json.loads(string)) if "\\" in string else string[1:-1]
    try:
        text.encode()
    except UnicodeEncodeError as e:
        raise Unsupported("half a character in JSON") from e
    return text


def quoted(text: str) -> str:
    """A JSON string of these characters."""
    return '"' + "".join(_ESCAPES.get(c) or (c if c >= " " else f"\\u{ord(c):04x}") for c in text) + '"'


def written(node: Node) -> str:
    """A document with a space behind each comma and colon."""
    if isinstance(node, Members):
        return "{" + ", ".join(f"{quoted(k)}: {written(v)}" for k, v in node.pairs) + "}"
    if isinstance(node, list):
        return "[" + ", ".join(map(written, node)) + "]"
    return node


def steps(path: str) -> list[Step]:
    """The steps of a path: `$`, `.key`, `[0]`, `.*` and `[*]`; others are refused."""
    found: list[Step] = []
    at = 1
    while match := _STEP.match(path, at):
        name, place = match["name"], match["place"]
        if "*" in (name, place):
            found.append(None)
        else:
            found.append(int(place) if place else name.strip('"'))
        at = match.end()
    if path[:1] != "$" or at != len(path):
        raise Unsupported("this path into JSON", "$.key and $[0]")
    return found


def member(members: Members, key: str) -> Node | None:
    """The value of a key; refused where an object has it twice."""
    values = [v for k, v in members.pairs if k == key]
    if len(values) > 1:
        raise Unsupported("JSON with a key twice")
    return values[0] if values else None


def find(node: Node, path: Sequence[Step]) -> Iterator[Node]:
    """The values that a path leads to."""
    if not path:
        yield node
        return
    step, rest = path[0], path[1:]
    if isinstance(step, int) and not isinstance(node, list):
        raise Unsupported("a place in JSON that is no array", "$.key")
    for child in _children(node, step):
        yield from find(child, rest)


def _children(node: Node, step: Step) -> Sequence[Node]:
    if isinstance(node, Members):
        if step is None:
            return [v for _, v in node.pairs]
        child = member(node, str(step))
        return [] if child is None else [child]
    if isinstance(node, list):
        if step is None:
            return node
        return node[step : step + 1] if isinstance(step, int) else []
    return []
