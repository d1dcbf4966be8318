"""What a text takes from the arguments of gold actions that the agent has not seen: parts of them word for word, and names.

Case, quotes, backticks and blanks make no difference. A name of a numbered thing (`desk 1`) counts as seen once the agent
came upon it: that it stands in a list at the beginning, among all the others, says nothing about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from simenv.types import Message

from .readings import plain

_TOKEN = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|[^\W\d_]+|[<>=!]=|<>|[<>=|&*%~^$+(]|(?<!\S)-")
_SPELLINGS = {"==": "=", "!=": "<>"}
_SIGNS = str.maketrans({"≤": "<=", "≥": ">=", "≠": "<>"})
_WEIGHTS = {
    **dict.fromkeys(("select", "from", "where", "set", "into", "and", "or", "not", "is", "in", "-"), 0),
    **dict.fromkeys(("the", "a", "an", "of", "on", "to", "with", "for", "by", "as", "at", "be", "it", "that"), 0),
    **dict.fromkeys(("=", "<", ">", "<=", ">=", "<>", "null"), 2),
}
"""How much a token tells; one that is not here tells 1."""
_TELLING = 3
"""Weight from which tokens in a row are no chance."""
_NUMBERED = re.compile(r"(?<![\w.-])([a-z]{2,}) (\d{1,3})(?![\w.%-])")
_JOINED = re.compile(r"(?:~?/)?[^\W_]+(?:[_./@:]+[^\W_][^\W_-]*(?:-[^\W_]+)*)+")
"""Paths, addresses, names with an underscore or a dot in them."""
_PLACED = r"\b(?:in|on|at|to|into|onto|inside|under|near|from|behind|by|check|open) (?:the|this|that) {}s?\b(?! ?\d)"


@dataclass(frozen=True)
class Knowledge:
    """What an agent knows: all that it was given, what it said, and what the world showed it since it began."""

    given: str = ""
    chat: Sequence[Message] = ()

    @cached_property
    def _begin(self) -> int:
        """Where the agent's own part of the chat begins; examples before it are nobody's."""
        own = (i for i, m in enumerate(self.chat) if m.role == "assistant" and m.author != "engine")
        return next(own, len(self.chat))

    @cached_property
    def all(self) -> str:
        return _text([self.given, *(m.content for m in self.chat), *self._calls])

    @cached_property
    def listed(self) -> str:
        """What it was shown at the beginning."""
        return _text(m.content for m in self.chat[: self._begin] if m.role != "system")

    @cached_property
    def own(self) -> str:
        """What it was told to do, and what it said."""
        turns = (m.content for m in self.chat[self._begin :] if m.role == "assistant")
        return _text([self.given, *turns, *self._calls])

    @cached_property
    def shown(self) -> str:
        """What the world answered it."""
        return _text(m.content for m in self.chat[self._begin :] if m.role != "assistant")

    @cached_property
    def rules(self) -> str:
        """What it was told about worlds of this kind."""
        return _text(m.content for m in self.chat if m.role == "system")

    @cached_property
    def _calls(self) -> list[str]:
        return [c.arguments for m in self.chat[self._begin :] for c in m.calls]

    def met(self, name: str) -> bool:
        """Whether it came upon a thing: it spoke of it, or saw it where it did not stand at the beginning."""
        return _stands(name, self.own) or (_stands(name, self.shown) and not _stands(name, self.listed))


@dataclass(frozen=True)
class Arguments:
    """Arguments of gold actions beside what an agent knows."""

    values: tuple[str, ...] = ()
    knowledge: Knowledge = field(default_factory=Knowledge)

    def taken(self, text: str) -> Iterator[str]:
        """What a text takes from the arguments though the agent has not seen it."""
        if self.values:
            text = _text([text])
            yield from self._names(text)
            yield from self._passages(text)

    def _names(self, text: str) -> Iterator[str]:
        yield from (name for name in self._joined if _stands(name, text))
        for kind, number in self._numbered:
            if re.search(rf"\b{kind}[\W_]*(?:(?:number|no)\b[\W_]*)?{number}(?!\w)", text):
                yield f"{kind} {number}"
            elif not re.search(rf"\b{kind}", self._kinds_known) and (named := re.search(_PLACED.format(kind), text)):
                yield named[0]

    def _passages(self, text: str) -> Iterator[str]:
        """Tokens in a row that stand in an argument in the same order, and nowhere in what the agent knows."""
        tokens = _tokens(text)
        for start in range(len(tokens)):
            run = " "
            for token in tokens[start:]:
                if f"{run}{token} " not in self._row:
                    break
                run += f"{token} "
            weight = sum(_WEIGHTS.get(token, 1) for token in run.split())
            if weight >= _TELLING and run not in self._known_row:
                yield run.strip()

    @cached_property
    def _row(self) -> str:
        return " \n ".join(_row(value) for value in self.values)

    @cached_property
    def _known_row(self) -> str:
        return _row(self.knowledge.all)

    @cached_property
    def _kinds_known(self) -> str:
        return f"{self.knowledge.own}\n{self.knowledge.rules}"

    @cached_property
    def _numbered(self) -> list[tuple[str, str]]:
        """Things of the form `desk 1` that the agent has not come upon."""
        names = dict.fromkeys(n for value in self.values for n in _NUMBERED.findall(_text([value])))
        return [(kind, number) for kind, number in names if not self.knowledge.met(f"{kind} {number}")]

    @cached_property
    def _joined(self) -> list[str]:
        """Paths with the folders on the way, and other names in one piece, that the agent has not seen."""
        names = dict.fromkeys(
            n for value in self.values for whole in _JOINED.findall(_text([value])) for n in _parts(whole)
        )
        return [n for n in names if re.search(r"[^\W\d]", n) and not self._known(n)]

    def _known(self, name: str) -> bool:
        known = self.knowledge.all
        pieces = [] if "/" in name else name.split(".")
        return name in known or (len(pieces) > 1 and all(_stands(piece, known) for piece in pieces))


def _parts(name: str) -> Iterator[str]:
    """A name, and what of it is a name on its own: the folders that lead to a file, the last part, parts with an underscore."""
    yield name
    pieces = name.split("/")
    yield from ("/".join(pieces[:end]) for end in range(3, len(pieces)))
    yield from (piece for piece in re.split(r"[/.:@]", name) if "_" in piece.strip("_"))
    if len(pieces) > 1 and "." in pieces[-1].strip("."):
        yield pieces[-1]


def _text(parts: Iterable[str]) -> str:
    return plain("\n".join(parts)).translate(_SIGNS)


def _stands(name: str, text: str) -> bool:
    return name in text and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _tokens(text: str) -> list[str]:
    """Words, numbers and operators; quotes, commas and what closes brackets are none."""
    return [_SPELLINGS.get(t, t.replace(",", "")) for t in _TOKEN.findall(text)]


def _row(text: str) -> str:
    return f" {' '.join(_tokens(_text([text])))} "
