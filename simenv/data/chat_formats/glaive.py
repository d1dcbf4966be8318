"""Glaive's function calling as it was published: a system text and a chat text in which USER, ASSISTANT and results follow."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from simenv.data.chat_formats.calls import Turn, call, joined
from simenv.data.chat_formats.content import answer
from simenv.data.chat_formats.format import Chat, Format, Malformed, text_field
from simenv.data.chat_formats.schemas import schemas
from simenv.documents import parse
from simenv.errors import Unreadable
from simenv.types import Message

_SPEAKER = re.compile(r"^\s*(USER|ASSISTANT|FUNCTION RESPONSE):[ \t]*", re.M)
_CALL = re.compile(r"\A(.*?)<functioncall>\s*(.*)\Z", re.S)
_QUOTED = re.compile(r"""("arguments":\s*)'(.*)'(\s*})\s*\Z""", re.S)
_OFFER = re.compile(r"\A(.*?)\s+with access to the following functions\b.*?(?=\n\s*{)", re.S)

_OBJECTS = re.compile(r"\n\s*(?=^{)", re.M)


class Glaive(Format):
    """`system` and `chat`, both texts."""

    name = "glaive"
    shape = '{"system": "SYSTEM: …", "chat": "USER: …\\n\\n\\nASSISTANT: … <|endoftext|>"}'
    fields = {"": frozenset(("system", "chat"))}

    def fits(self, record: dict[str, Any]) -> bool:
        return isinstance(record.get("chat"), str) and "system" in record

    def chats(self, record: dict[str, Any]) -> Iterator[Chat]:
        system, tools = _system(text_field(record, "system", "").strip().removeprefix("SYSTEM:").strip())
        turns = [Turn(Message(role="system", content=system))] if system else []
        head, *parts = _SPEAKER.split(record["chat"])
        if head.strip():
            raise Malformed(f"chat: expected USER: or ASSISTANT: at its start, got {head!r:.80}")
        for number, (speaker, text) in enumerate(zip(parts[::2], parts[1::2], strict=True)):
            turns.append(_turn(speaker, text.strip(), f"call_{number}_0"))
        messages, notes = joined(turns)
        yield Chat(tuple(messages), tools, {}, notes=tuple(notes))


def _turn(speaker: str, text: str, id: str) -> Turn:
    if speaker == "USER":
        return Turn(Message(role="user", content=text))
    if speaker == "FUNCTION RESPONSE":
        return Turn(Message(role="tool", content=text))
    said = text.removesuffix("<|endoftext|>").strip()
    match = _CALL.match(said)
    if match is None:
        return Turn(answer(said))
    body = _QUOTED.sub(lambda m: m[1] + json.dumps(m[2].replace("\\'", "'")) + m[3], match[2].strip())
    try:
        value = parse(body, "")
    except Unreadable as e:
        raise Malformed(
            f"chat: expected <functioncall> with name and arguments as JSON: {e.reason}: {body!r:.80}"
        ) from e
    return Turn(answer(match[1].strip(), (), (call(value, "chat", id),)))


def _system(text: str) -> tuple[str, tuple[dict[str, Any], ...]]:
    """What a system text says, and the functions that it offers, which follow it as JSON objects."""
    match = _OFFER.match(text)
    if match is None:
        return text, ()
    try:
        tools = [parse(part, "system") for part in _OBJECTS.split(text[match.end() :].strip()) if part]
    except Unreadable as e:
        raise Malformed(f"system: expected functions as JSON objects: {e.reason}") from e
    return f"{match[1]}.", schemas(tools, "system")
