"""Export formats: one function a format, from a Sample to the JSON of its lines. No line leaves a sample out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from simenv.models.calls import arguments
from simenv.models.calls import message as templated
from simenv.types import Call, Message, Sample

Json = dict[str, Any]
Form = Callable[[Sample], Iterator[Json]]
SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt", "tool": "observation"}


def axolotl(sample: Sample) -> Iterator[Json]:
    """Rows of axolotl's `type: chat_template`; `train` is its message_field_training.

    Messages and tools are JSON texts, which its loader reads: as nested columns, Arrow would merge the arguments of all
    calls of a file into one record, and fail on files whose first calls come late.
    """
    messages = [templated(m) | {"train": m.carries_loss} for m in sample.messages]
    yield {"id": sample.id, "messages": _text(messages), "tools": _text(list(sample.tools))}


def openai(sample: Sample) -> Iterator[Json]:
    """Rows of OpenAI's fine-tuning: `weight` 1 or 0 for each assistant message, of which the last ends the chat."""
    last = max((i for i, m in enumerate(sample.messages) if m.role == "assistant"), default=-1)
    messages = sample.messages[: last + 1]
    if not any(m.carries_loss for m in messages):
        return
    rows = [openai_message(m) | ({"weight": int(m.carries_loss)} if m.role == "assistant" else {}) for m in messages]
    tools: Json = {"tools": list(sample.tools)} if sample.tools else {}
    yield {"messages": rows} | tools


def trl(sample: Sample) -> Iterator[Json]:
    """Rows of TRL's conversational prompt and completion, one for each message that carries loss.

    TRL trains whole completions, so a masked turn stays masked only in this form.
    """
    for place, m in enumerate(sample.messages):
        if m.carries_loss:
            prompt = [openai_message(p) for p in sample.messages[:place]]
            yield {"prompt": prompt, "completion": [openai_message(m)], "tools": _text(list(sample.tools))}


def sharegpt(sample: Sample) -> Iterator[Json]:
    """Rows of ShareGPT with the roles function_call and observation, as LLaMA-Factory reads them. It has no loss masks."""
    turns = [{"from": _speaker(m), "value": _value(m)} for m in sample.messages]
    tools: Json = {"tools": _text(list(sample.tools))} if sample.tools else {}
    yield {"id": sample.id, "conversations": turns} | tools


def agentinstruct(sample: Sample) -> Iterator[Json]:
    """Rows of AgentInstruct (arXiv 2310.12823): `loss` is true or false on an assistant's message, null on all others."""
    turns = [
        {"from": _speaker(m), "loss": m.carries_loss if m.role == "assistant" else None, "value": _value(m)}
        for m in sample.messages
    ]
    tools: Json = {"tools": _text(list(sample.tools))} if sample.tools else {}
    yield {"id": sample.id, "conversations": turns} | tools


def row(sample: Sample) -> Json:
    """A row of a `datasets` folder: flat columns, calls and tools as JSON texts."""
    messages = [
        {
            "role": m.role,
            "content": m.content,
            "train": m.carries_loss,
            "author": m.author,
            "tool_calls": _text([_call(c) for c in m.calls]) if m.calls else None,
            "tool_call_id": m.call_id,
        }
        for m in sample.messages
    ]
    columns = sample.model_dump(include={"id", "task", "environment", "kind", "source", "origin"})
    return columns | {"messages": messages, "tools": _text(list(sample.tools))}


FORMS: dict[str, Form] = {f.__name__: f for f in (agentinstruct, axolotl, openai, sharegpt, trl)}


def openai_message(m: Message) -> Json:
    """A message as OpenAI writes it, arguments as text."""
    row: Json = {"role": m.role, "content": m.content}
    if m.calls:
        row["tool_calls"] = [_call(c) for c in m.calls]
    return row if m.call_id is None else row | {"tool_call_id": m.call_id}


def _call(call: Call) -> Json:
    """A tool call. Readers parse its arguments, so a text that is no JSON object is quoted in one."""
    parsed = arguments(call.arguments)
    text = _text(parsed) if parsed == {"malformed": call.arguments} else call.arguments
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": text}}


def _speaker(m: Message) -> str:
    return "function_call" if m.calls and not m.content else SPEAKERS[m.role]


def _value(m: Message) -> str:
    """A message as one text. Calls beside text are written as Hermes and Qwen do, alone as the JSON of function_call."""
    calls = [{"name": c.name, "arguments": arguments(c.arguments)} for c in m.calls]
    if not calls:
        return m.content
    if not m.content:
        return _text(calls[0] if len(calls) == 1 else calls)
    return "\n".join([m.content, *(f"<tool_call>\n{_text(c)}\n</tool_call>" for c in calls)])


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
