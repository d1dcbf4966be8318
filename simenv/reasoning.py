"""What a model thought before it spoke or called: words for people, and what its provider wants back unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from simenv.record import Data, Text, Values, absent

Kind = Literal[
    "think",
    "reasoning_content",
    "reasoning",
    "reasoning_details",
    "thinking",
    "redacted_thinking",
    "responses",
]
"""How a model wrote its reasoning, and how it goes back to it.

think: between tags in the text, as local models write it; data: `open` and `close` where they are not <think> and </think> on
lines of their own. reasoning_content, reasoning: the text of this field of a chat completion's message. reasoning_details: one
entry of that list; data: the entry without its words. thinking: a block of Anthropic's; data: its `signature`.
redacted_thinking: a block without words; data: its `data`. responses: an item of the Responses API; data: its `id` and
`encrypted_content`, and `words`, the name of the list that holds the words where it is not `summary`.
"""
OPEN, CLOSE = "<think>\n", "\n</think>\n\n"
"""What stands around a thought of the kind `think` unless its data say otherwise."""


class Reasoning(Data):
    """One part of a model's reasoning. It is never read as an action, and is no part of the message's content.

    `characters` and `calls`: how much of the message's text and how many of its calls stand before it; 0 for what was thought
    first.
    """

    kind: Kind
    text: Text = ""
    data: Values = Field(default={}, exclude_if=absent)
    characters: int = Field(default=0, ge=0, exclude_if=absent)
    calls: int = Field(default=0, ge=0, exclude_if=absent)

    @property
    def tagged(self) -> str:
        """The thought as text between tags, with the blank lines around it, as a local model wrote it."""
        data: dict[str, Any] = self.data if self.kind == "think" else {}
        return f"{data.get('open', OPEN)}{self.text}{data.get('close', CLOSE)}"


def words(parts: Sequence[Reasoning]) -> str:
    """All words of a message's reasoning, for people and for templates that take one text; "" where all of it is hidden."""
    return "\n\n".join(part.text for part in parts if part.text)


def inline(content: str, parts: Sequence[Reasoning]) -> str:
    """A content with its reasoning between tags, each part at its place: what a local model wrote, byte for byte."""
    written, at = [], 0
    for part in parts:
        if not part.text and part.kind != "think":
            continue
        written += [content[at : part.characters], part.tagged]
        at = max(at, part.characters)
    return "".join([*written, content[at:]])


def before(parts: Sequence[Reasoning], characters: int, calls: int) -> tuple[Reasoning, ...]:
    """The parts that stand before an end: so much of the text, and so many calls."""
    return tuple(p for p in parts if p.characters <= characters and (p.calls < calls or not p.calls))
