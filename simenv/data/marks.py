"""Marks in a chat: characters of nobody's text around every part of it, which tell where a template has written the part."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

from simenv.models.calls import arguments
from simenv.types import Call, Message

LEAD = "\ue000"
"""A character of Unicode's private use area, which no honest text contains; each mark begins with it."""
_DIGITS = [chr(c) for c in range(0xE001, 0xE041)]
_MARK = re.compile(f"{LEAD}([{_DIGITS[0]}-{_DIGITS[-1]}]{{3}})")
_TAG = re.compile(r"(</?think(?:ing)?>)")
Kind = Literal["reasoning", "words", "thought", "name", "argument"]


class Part(NamedTuple):
    """What a mark stands beside: a part of the message at `place`; `offset` is the mark's place in words and thoughts."""

    place: int
    kind: Kind
    offset: int = 0

    @property
    def of_call(self) -> bool:
        """Whether it is of a call, not of words."""
        return self.kind in ("name", "argument")


class Mark(NamedTuple):
    """A mark in a rendered text: where it stood in the text without marks."""

    at: int
    part: Part


class Marked:
    """A chat with marks: around words and thoughts, before names of calls and keys, around texts among arguments.

    A `gentle` one has the mark of other roles' words in their middle: some templates look at how a message begins and ends.
    """

    def __init__(self, messages: Sequence[Message], gentle: bool = False) -> None:
        self.parts: list[Part] = []
        self.gentle = gentle
        self.messages = [self._message(place, m) for place, m in enumerate(messages)]

    def read(self, text: str) -> tuple[str, list[Mark]]:
        """A rendered text without marks, and its marks in their order."""
        marks: list[Mark] = []
        removed = 0
        for match in _MARK.finditer(text):
            high, middle, low = (_DIGITS.index(c) for c in match[1])
            marks.append(Mark(match.start() - removed, self.parts[(high * 64 + middle) * 64 + low]))
            removed += len(match[0])
        return _MARK.sub("", text), marks

    def _mark(self, part: Part) -> str:
        number = len(self.parts)
        self.parts.append(part)
        return LEAD + _DIGITS[number // 4096] + _DIGITS[number // 64 % 64] + _DIGITS[number % 64]

    def _message(self, place: int, m: Message) -> Message:
        if m.role != "assistant" and self.gentle:
            middle = len(m.content) // 2
            return m.model_copy(update={"content": self._middle(place, m.content, middle)})
        if m.role != "assistant":
            return m.model_copy(update={"content": "".join(self._around(place, "words", m.content, 0))})
        thoughts = [self._around(place, "reasoning", part.text, 0) for part in m.reasoning]
        reasoning = [p.model_copy(update={"text": "".join(t)}) for p, t in zip(m.reasoning, thoughts, strict=True)]
        first = len(self.parts)
        content = "".join(self._pieces(place, m.content))
        # Where a thought stands in the words is counted in characters, of which there are more now.
        offsets = [part.offset for part in self.parts[first:]]
        moved = [p.model_copy(update={"characters": _moved(p.characters, offsets)}) for p in reasoning]
        calls = tuple(self._call(place, c) for c in m.calls)
        return m.model_copy(update={"content": content, "reasoning": tuple(moved), "calls": calls})

    def _middle(self, place: int, content: str, at: int) -> str:
        return content[:at] + self._mark(Part(place, "words", at)) + content[at:] if content.strip() else content

    def _pieces(self, place: int, content: str) -> Iterator[str]:
        """Words and thoughts, each with marks of its own: a template may drop or move the thoughts."""
        pieces, offset = _TAG.split(content), 0
        for i, piece in enumerate(pieces):
            if i % 2:
                yield piece
            else:
                before, after = pieces[i - 1] if i else "", pieces[i + 1] if i + 1 < len(pieces) else ""
                thought = before.startswith("<t") or after.startswith("</")
                yield from self._around(place, "thought" if thought else "words", piece, offset)
            offset += len(piece)

    def _around(self, place: int, kind: Kind, text: str, offset: int) -> Iterator[str]:
        """The text with marks inside its blanks, so that a template can still trim it."""
        core = text.strip()
        if not core:
            yield text
            return
        start = text.index(core)
        end = start + len(core)
        first = self._mark(Part(place, kind, offset + start))
        yield text[:start] + first + core + self._mark(Part(place, kind, offset + end)) + text[end:]

    def _call(self, place: int, call: Call) -> Call:
        name = self._mark(Part(place, "name")) + call.name
        value = {
            self._mark(Part(place, "argument")) + k: self._value(place, v) for k, v in arguments(call.arguments).items()
        }
        return call.model_copy(update={"name": name, "arguments": json.dumps(value, ensure_ascii=False)})

    def _value(self, place: int, value: Any) -> Any:
        if isinstance(value, str):
            part = Part(place, "argument")
            return self._mark(part) + value + self._mark(part)
        if isinstance(value, list):
            return [self._value(place, v) for v in value]
        return {k: self._value(place, v) for k, v in value.items()} if isinstance(value, dict) else value


def _moved(at: int, offsets: list[int]) -> int:
    """A place in words once marks are put in at `offsets`, of which every second stands behind its piece."""
    return at + 4 * sum(offset < at or (offset == at and i % 2 == 1) for i, offset in enumerate(offsets))
