"""Calls as text: Hermes' function calling, which Qwen and ms-swift share, with <tool_call> and <tool_response>."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterator
from typing import Any

from simenv.data.chat_formats.calls import Turn, joined, json_text
from simenv.data.chat_formats.format import Chat, Format, Malformed, listed
from simenv.data.chat_formats.turns import Turns
from simenv.documents import parse
from simenv.errors import Unreadable
from simenv.models.calls import read_calls
from simenv.types import Message

_CALL = re.compile(r"(<tool_call>\s*)({.*?})(\s*</tool_call>)", re.S)
_RESPONSES = re.compile(r"\A\s*(?:<tool_response>.*?</tool_response>\s*)+\Z", re.S)
_LITERAL = 100_000
"""Characters of a literal of Python that is tried."""
_RESPONSE = re.compile(r"<tool_response>\s*(.*?)\s*</tool_response>", re.S)


class Hermes(Format):
    """A list of turns whose record declares tools, and in which the assistant writes its calls into its text."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.name = f"{turns.name} with <tool_call>"  # type: ignore[misc]
        self.shape = turns.shape.replace("…", "<tool_call>…", 2)  # type: ignore[misc]
        self.fields = turns.fields  # type: ignore[misc]

    def fits(self, record: dict[str, Any]) -> bool:
        if not self.turns.fits(record):
            return False
        turns = [t for t in listed(record[self.turns.key]) if isinstance(t, dict)]
        texts = [str(t.get(self.turns.text)) for t in turns]
        declared = bool(record.get("tools")) or "<tools>" in next(iter(texts), "")
        return declared and any("<tool_call>" in text for text in texts[1:])

    def chats(self, record: dict[str, Any]) -> Iterator[Chat]:
        for chat in self.turns.chats(record):
            turns = [turn for n, m in enumerate(chat.messages) for turn in _turns(m, n)]
            messages, notes = joined(turns)
            yield chat._replace(messages=tuple(messages), notes=(*chat.notes, *notes))


def _turns(m: Message, number: int) -> Iterator[Turn]:
    """A message with its calls and results out of its text."""
    if m.role == "assistant" and "<tool_call>" in m.content:
        content, calls = read_calls(_CALL.sub(_in_json, m.content), f"call_{number}")
        if not calls:
            raise Malformed(
                f"turn {number}: expected <tool_call> with a JSON object of name and arguments: {m.content!r:.80}"
            )
        yield Turn(m.model_copy(update={"content": content, "calls": (*m.calls, *calls)}))
    elif m.role in ("user", "tool") and m.call_id is None and _RESPONSES.match(m.content):
        for text in _RESPONSE.findall(m.content):
            yield Turn(Message(role="tool", content=text), _name(text))
    else:
        yield Turn(m)


def _in_json(match: re.Match[str]) -> str:
    """A call as JSON; Hermes' own data write some as Python would."""
    try:
        parse(match[2], "")
    except Unreadable:
        try:
            value = literal_eval(match[2]) if len(match[2]) < _LITERAL else None
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            return match[0]
        return match[1] + json_text(value) + match[3] if isinstance(value, dict) and _is_json(value) else match[0]
    return match[0]


def _is_json(value: Any) -> bool:
    """Whether a literal of Python has a counterpart in JSON."""
    if isinstance(value, dict):
        return all(isinstance(k, str) and _is_json(v) for k, v in value.items())
    if isinstance(value, list):
        return all(map(_is_json, value))
    return isinstance(value, str | bool | int | float | None)


def _name(text: str) -> str:
    """The name of what a result is of, where it says so."""
    try:
        value = parse(text, "")
    except Unreadable:
        return ""
    return str(value["name"]) if isinstance(value, dict) and {"name", "content"} <= value.keys() else ""
