"""Tool calls as text: arguments as objects, and calls that a local model writes into its answer."""

from __future__ import annotations

import json
import re
from typing import Any

from simenv.reasoning import inline
from simenv.reply_text import blanked, cut, thinking_spans
from simenv.types import Call, Message

TOOL_CALL = re.compile(r"<tool_call>\s*(.*?)\s*(?:</tool_call>|\Z)", re.DOTALL)


def arguments(text: str) -> dict[str, Any]:
    """A call's arguments as the object that servers and templates want; a text that is none is quoted in one."""
    value = _object(text)
    return {"malformed": text} if value is None else value


def message(m: Message) -> dict[str, Any]:
    """A message as chat templates expect it: arguments as an object, thinking in tags as the model wrote it."""
    content = inline(m.content, [r for r in m.reasoning if r.kind == "think"]) if m.reasoning else m.content
    row: dict[str, Any] = {"role": m.role, "content": content}
    if m.calls:
        row["tool_calls"] = [
            {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": arguments(c.arguments)}}
            for c in m.calls
        ]
    return row if m.call_id is None else row | {"tool_call_id": m.call_id}


def read_calls(text: str, place: str) -> tuple[str, tuple[Call, ...]]:
    """Calls as Hermes and Qwen write them, <tool_call>{"name", "arguments"}</tool_call>, or the object alone, as Llama.

    What cannot be read stays in the text, for the agent's dialect to judge, and so does a call that was only thought of.
    Ids are made from `place`.
    """
    visible = blanked(text, thinking_spans(text))
    matches, bare = list(TOOL_CALL.finditer(visible)), visible.strip()
    texts = [match[1] for match in matches] or ([bare] if bare.startswith("{") and bare.endswith("}") else [])
    calls = [_call(part, f"{place}_{i}") for i, part in enumerate(texts)]
    read = tuple(call for call in calls if call is not None)
    if not read or len(read) < len(calls):
        return text, ()
    return (cut(text, [match.span() for match in matches]) if matches else text.replace(bare, "")).strip(), read


def _call(text: str, id: str) -> Call | None:
    call = _object(text) or {}
    name, values = call.get("name"), call.get("arguments", call.get("parameters"))
    if not isinstance(name, str) or not isinstance(values, dict):
        return None
    return Call(id=id, name=name, arguments=json.dumps(values, ensure_ascii=False))


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
