"""Messages in the words of others, shared by the formats."""

from __future__ import annotations

import json
from typing import Any

from simenv import reasoning
from simenv.models.calls import arguments
from simenv.types import Call, Message

Json = dict[str, Any]
_SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt", "tool": "observation"}


def openai_message(message: Message) -> Json:
    """A message as OpenAI writes it: arguments as text."""
    row: Json = {"role": message.role} | thinking(message)
    if message.calls:
        row["tool_calls"] = [openai_call(c) for c in message.calls]
    return row if message.call_id is None else row | {"tool_call_id": message.call_id}


def openai_call(call: Call) -> Json:
    """A call as OpenAI writes it. Readers parse arguments, so a text that is no JSON object is quoted in one."""
    values = arguments(call.arguments)
    text = call.arguments if values != {"malformed": call.arguments} else json_text(values)
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": text}}


def thinking(message: Message) -> Json:
    """The content of a message with the thinking that its model wrote between tags, and all other words of its reasoning.

    What providers want back unchanged (signatures, hidden reasoning) has no place in files for trainers.
    """
    tagged = [part for part in message.reasoning if part.kind == "think"]
    words = reasoning.words([part for part in message.reasoning if part.kind != "think"])
    content: Json = {"content": reasoning.inline(message.content, tagged)}
    return content | ({"reasoning_content": words} if words else {})


def told(message: Message) -> Message:
    """A message with its reasoning as text between tags, for forms that have no place for it."""
    text = reasoning.inline(message.content, message.reasoning)
    return message.model_copy(update={"content": text, "reasoning": ()})


def speaker(message: Message) -> str:
    """Who speaks, in ShareGPT's words."""
    return "function_call" if message.calls and not message.content else _SPEAKERS[message.role]


def spoken_text(message: Message) -> str:
    """The text of a message with its calls: beside text as Hermes and Qwen write them, alone as the JSON of function_call."""
    calls = [{"name": c.name, "arguments": arguments(c.arguments)} for c in message.calls]
    if not calls:
        return message.content
    if not message.content:
        return json_text(calls[0] if len(calls) == 1 else calls)
    return "\n".join([message.content, *(f"<tool_call>\n{json_text(c)}\n</tool_call>" for c in calls)])


def json_text(value: Any) -> str:
    """A value as JSON in one line, letters as they are."""
    return json.dumps(value, ensure_ascii=False)
