"""Contents of messages: text, lists of text parts, and reasoning beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simenv.data.chat_formats.format import Malformed
from simenv.reasoning import Kind, Reasoning
from simenv.reply_text import reasoning_apart
from simenv.types import Call, Message

REASONING: tuple[Kind, ...] = ("reasoning_content", "reasoning", "thinking")
"""Fields of a turn that hold what a model thought, as text."""
_TEXT_PARTS = ("text", "input_text", "output_text")


def plain_text(value: Any, place: str) -> str:
    """The text of a content: a text, or a list of texts and text parts. Malformed for pictures, sounds and all else."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        raise Malformed(f"{place}: expected a text, got {value!r:.80}")
    return "".join(_part(part, f"{place}[{number}]") for number, part in enumerate(value))


def _part(part: Any, place: str) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict) or part.get("type") not in _TEXT_PARTS:
        kind = part.get("type") if isinstance(part, dict) else part
        raise Malformed(f"{place}: expected a part of the type text, got {kind!r:.80}; chats are read as text alone")
    if not isinstance(part.get("text"), str):
        raise Malformed(f"{place}.text: expected a text, got {part.get('text')!r:.80}")
    return str(part["text"])


def reasoning(turn: dict[str, Any], place: str) -> tuple[Reasoning, ...]:
    """The reasoning that stands in a field of a turn. Malformed where it is no text, or two fields say different things."""
    parts = []
    for kind in REASONING:
        value = turn.get(kind)
        if not isinstance(value, str | None):
            raise Malformed(f"{place}.{kind}: expected a text, got {value!r:.80}")
        if value:
            parts.append(Reasoning(kind="reasoning_content" if kind == "thinking" else kind, text=value))
    if len({part.text for part in parts}) > 1:
        raise Malformed(f"{place}: {' and '.join(p.kind for p in parts)} differ; expected one reasoning")
    return tuple(parts[:1])


def answer(text: str, thoughts: Sequence[Reasoning] = (), calls: Sequence[Call] = (), train: bool = True) -> Message:
    """A message of the assistant. Thinking between tags in its text becomes reasoning, behind what it thought before."""
    content, tagged = reasoning_apart(text)
    return Message(
        role="assistant",
        content=content,
        reasoning=(*thoughts, *tagged),
        calls=tuple(calls),
        author="agent",
        train=train,
    )
