"""Messages in the words of others, shared by the formats."""

from __future__ import annotations

import json
from typing import Any

from simenv.models.calls import arguments
from simenv.reasoning import inline
from simenv.types import Call, Message

Json = dict[str, Any]
_SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt", "tool": "observation"}


def openai_message(message: Message) -> Json:
    """A message as OpenAI writes it: arguments as text."""
    row: Json = {"role": message.role, "content": message.content}
    if message.calls:
        row["tool_calls"] = [openai_call(c) for c in message.calls]
    return row if message.call_id is None else row | {"tool_call_id": message.call_id}


def openai_call(call: Call) -> Json:
    """A call as OpenAI writes it. Readers parse arguments, so a text that is no JSON object is quoted in one."""
    values = arguments(call.arguments)
    text = call.arguments if values != {"malformed": call.arguments} else json_text(values)
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": text}}


def speaker(message: Message) -> str:
    """Who speaks, in ShareGPT's words."""
    return "function_call" if message.calls and not message.content else _SPEAKERS[message.role]


def spoken_text(message: Message) -> str:
    """The text of a message with its calls: beside text as Hermes and Qwen write them, alone as the JSON of function_call."""
    calls = [{"name": c.name, "arguments": arguments(c.arguments)} for c in message.calls]
    if calls and not message.content:
        thought = inline("", message.reasoning)
        return thought + json_text(calls[0] if len(calls) == 1 else calls)
    return said_text(message)


def said_text(message: Message) -> str:
    """The text of a message with its reasoning and its calls between tags."""
    calls = [{"name": c.name, "arguments": arguments(c.arguments)} for c in message.calls]
    words = inline(message.content, message.reasoning)
    return "\n".join([*filter(None, [words]), *(f"<tool_call>\n{json_text(c)}\n</tool_call>" for c in calls)])


def json_text(value: Any) -> str:
    """A value as JSON in one line, letters as they are."""
    return json.dumps(value, ensure_ascii=False)
