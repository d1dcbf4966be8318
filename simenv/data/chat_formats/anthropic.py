"""Anthropic's messages: contents are lists of blocks: text, thinking, tool_use, tool_result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simenv.data.chat_formats.calls import Turn, joined, json_text
from simenv.data.chat_formats.content import answer, plain_text
from simenv.data.chat_formats.format import IDS, Chat, Format, Malformed, listed, object_list, own_id, text_field
from simenv.data.chat_formats.schemas import schemas
from simenv.reasoning import Reasoning
from simenv.types import Call, Message

_OWN = ("tool_use", "tool_result", "thinking", "redacted_thinking")
"""Types of blocks that nobody else has."""
_SETTINGS = ("model", "max_tokens", "temperature", "tool_choice", "thinking", "stop_sequences", "metadata", "stream")


class Anthropic(Format):
    """`messages` of blocks, a `system` beside them, `tools` with input_schema. Results stand in turns of the user."""

    name = "anthropic"
    shape = '{"system": "…", "messages": [{"role": "assistant", "content": [{"type": "tool_use", "id": "…", "name": …}]}, …]}'
    fields = {
        "": frozenset((*IDS, "messages", "system", "tools", *_SETTINGS)),
        "messages[]": frozenset(("role", "content")),
        "messages[].content[]": frozenset(
            ("type", "text", "thinking", "signature", "data", "id", "name", "input", "tool_use_id", "content", "is_error",
             "cache_control", "citations")
        ),
    }  # fmt: skip

    def fits(self, record: dict[str, Any]) -> bool:
        turns, tools = listed(record.get("messages")), listed(record.get("tools"))
        if not isinstance(turns, list) or not turns:
            return False
        parts = [p for t in turns if isinstance(t, dict) and isinstance(t.get("content"), list) for p in t["content"]]
        schemas = [t for t in tools if isinstance(t, dict)] if isinstance(tools, list) else []
        return any(isinstance(p, dict) and p.get("type") in _OWN for p in parts) or any(
            "input_schema" in t for t in schemas
        )

    def chats(self, record: dict[str, Any]) -> Iterator[Chat]:
        system = record.get("system")
        turns = [Turn(Message(role="system", content=plain_text(system, "system")))] if system else []
        for n, turn in enumerate(object_list(record["messages"], "messages")):
            turns += _turns(turn, f"messages[{n}]")
        messages, notes = joined(turns)
        extra = {k: v for k, v in record.items() if k not in ("messages", "system", "tools")}
        yield Chat(
            tuple(messages), schemas(record.get("tools"), "tools"), extra, own_id(record, "id"), "", tuple(notes)
        )


def _turns(turn: dict[str, Any], place: str) -> Iterator[Turn]:
    """A turn as messages: results first, then what the user says."""
    role, content = turn.get("role"), turn.get("content")
    if role not in ("user", "assistant"):
        raise Malformed(f"{place}.role: expected user or assistant, got {role!r:.80}")
    blocks = (
        [{"type": "text", "text": content}] if isinstance(content, str) else object_list(content, f"{place}.content")
    )
    if role == "assistant":
        yield Turn(_answer(blocks, f"{place}.content"))
        return
    rest = [b for b in blocks if b.get("type") != "tool_result"]
    for n, block in enumerate(blocks):
        if block.get("type") == "tool_result":
            result = block.get("content")
            text = "" if result is None else plain_text(result, f"{place}.content[{n}].content")
            id = text_field(block, "tool_use_id", f"{place}.content[{n}].")
            yield Turn(Message(role="tool", content=text, call_id=id or None))
    if rest or not blocks:
        yield Turn(Message(role="user", content=plain_text(rest, f"{place}.content")))


def _answer(blocks: list[dict[str, Any]], place: str) -> Message:
    text = ""
    thoughts: list[Reasoning] = []
    calls: list[Call] = []
    for n, block in enumerate(blocks):
        at = f"{place}[{n}]."
        if block.get("type") == "thinking":
            data = {"signature": block["signature"]} if block.get("signature") else {}
            words = text_field(block, "thinking", at)
            thoughts.append(Reasoning(kind="thinking", text=words, data=data, characters=len(text), calls=len(calls)))
        elif block.get("type") == "redacted_thinking":
            data = {"data": block.get("data")}
            thoughts.append(Reasoning(kind="redacted_thinking", data=data, characters=len(text), calls=len(calls)))
        elif block.get("type") == "tool_use":
            name, values = block.get("name"), block.get("input", {})
            if not isinstance(name, str) or not isinstance(values, dict):
                raise Malformed(f"{at}input: expected a tool_use with name and input, an object; got {block!r:.80}")
            id = text_field(block, "id", at) or f"call_{place}_{n}"
            calls.append(Call(id=id, name=name, arguments=json_text(values)))
        else:
            text += plain_text([block], place)
    return answer(text, thoughts, calls)
