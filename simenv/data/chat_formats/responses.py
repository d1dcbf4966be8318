"""Items of OpenAI's Responses API: messages, reasoning, function calls and their outputs, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simenv.data.chat_formats.calls import Turn, call, joined
from simenv.data.chat_formats.content import answer, plain_text
from simenv.data.chat_formats.format import Chat, Format, Malformed, object_list, own_id, text_field
from simenv.data.chat_formats.schemas import schemas
from simenv.reasoning import Reasoning
from simenv.types import Message

_ITEM = frozenset(
    ("type", "id", "status", "role", "content", "call_id", "name", "arguments", "output", "summary", "encrypted_content",
     "phase")
)  # fmt: skip
_ROLES = {"system": "system", "developer": "system", "user": "user"}


class Responses(Format):
    """`input` and `output` of items, with `instructions` and `tools`; or `items` alone. Loss falls on the model's items."""

    name = "responses"
    shape = '{"instructions": "…", "input": [{"role": "user", "content": "…"}], "output": [{"type": "message", …}, …]}'
    fields = {
        "": frozenset(
            ("id", "object", "created_at", "status", "model", "instructions", "input", "output", "items", "tools", "usage",
             "metadata", "reasoning", "temperature", "top_p", "tool_choice", "parallel_tool_calls", "text", "error",
             "previous_response_id", "incomplete_details", "max_output_tokens", "store", "truncation", "user")
        ),
        "input[]": _ITEM,
        "output[]": _ITEM,
        "items[]": _ITEM,
    }  # fmt: skip

    def fits(self, record: dict[str, Any]) -> bool:
        if "messages" in record or "conversations" in record or "instruction" in record:
            return False
        lists = [record[k] for k in ("output", "items") if isinstance(record.get(k), list)]
        return bool(lists) and all(isinstance(i, dict) and ("type" in i or "role" in i) for i in lists[0][:1])

    def chats(self, record: dict[str, Any]) -> Iterator[Chat]:
        if record.get("previous_response_id"):
            raise Malformed(
                "previous_response_id: expected the whole chat, got the end of one whose beginning is elsewhere"
            )
        turns = []
        if instructions := text_field(record, "instructions", ""):
            turns.append(Turn(Message(role="system", content=instructions)))
        asked = record.get("input")
        if isinstance(asked, str):
            turns.append(Turn(Message(role="user", content=asked)))
        for key in ("input", "items", "output"):
            if isinstance(record.get(key), list):
                turns += _turns(object_list(record[key], key), key)
        messages, notes = joined(turns)
        extra = {k: record[k] for k in ("model", "metadata") if record.get(k)}
        yield Chat(
            tuple(messages), schemas(record.get("tools"), "tools"), extra, own_id(record, "id"), "", tuple(notes)
        )


def _turns(items: list[dict[str, Any]], key: str) -> list[Turn]:
    """Items as turns; what the model wrote in a row is one message."""
    turns: list[Turn] = []
    for n, item in enumerate(items):
        turn = _turn(item, f"{key}[{n}]", f"call_{key}_{n}")
        last = turns[-1].message if turns else None
        if (
            last is not None
            and last.role == turn.message.role == "assistant"
            and not (last.calls and turn.message.content)
        ):
            turns[-1] = Turn(_merged(last, turn.message))
        else:
            turns.append(turn)
    return turns


def _merged(a: Message, b: Message) -> Message:
    parts = [r.model_copy(update={"characters": len(a.content), "calls": len(a.calls)}) for r in b.reasoning]
    update = {"content": a.content + b.content, "calls": a.calls + b.calls, "reasoning": (*a.reasoning, *parts)}
    return a.model_copy(update=update)


def _turn(item: dict[str, Any], place: str, id: str) -> Turn:
    kind = item.get("type", "message")
    if kind == "function_call":
        made = call({k: item.get(k) for k in ("call_id", "name", "arguments")}, place, id)
        return Turn(answer("", (), (made,)))
    if kind == "function_call_output":
        output = item.get("output")
        call_id = text_field(item, "call_id", f"{place}.")
        return Turn(Message(role="tool", content=plain_text(output, f"{place}.output"), call_id=call_id or None))
    if kind == "reasoning":
        return Turn(answer("", (_reasoning(item, place),)))
    if kind != "message":
        kinds = "message, reasoning, function_call or function_call_output"
        raise Malformed(f"{place}.type: expected {kinds}, got {kind!r:.80}")
    text = plain_text(item.get("content"), f"{place}.content")
    role = item.get("role")
    if role == "assistant":
        return Turn(answer(text))
    if not isinstance(role, str) or role not in _ROLES:
        raise Malformed(f"{place}.role: expected system, developer, user or assistant, got {role!r:.80}")
    return Turn(Message(role=_ROLES[role], content=text))  # type: ignore[arg-type]


def _reasoning(item: dict[str, Any], place: str) -> Reasoning:
    """An item of reasoning: its summary, or its whole text where that is there."""
    name = "content" if item.get("content") else "summary"
    parts = object_list(item.get(name) or [], f"{place}.{name}")
    words = "\n\n".join(text_field(p, "text", f"{place}.{name}.") for p in parts)
    data = {k: item[k] for k in ("id", "encrypted_content") if item.get(k)} | (
        {"words": name} if name == "content" else {}
    )
    return Reasoning(kind="responses", text=words, data=data)
