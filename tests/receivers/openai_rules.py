"""The rules that OpenAI documents for chat fine-tuning files: what breaks one is listed."""

import json
import re

ROLES = ("system", "user", "assistant", "tool", "developer")
KEYS = {
    "system": {"role", "content", "name"},
    "developer": {"role", "content", "name"},
    "user": {"role", "content", "name"},
    "assistant": {"role", "content", "name", "weight", "tool_calls", "refusal", "function_call"},
    "tool": {"role", "content", "tool_call_id"},
}
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def problems(row):
    """What is wrong with one line of a file."""
    found = [f"key {k}" for k in row if k not in ("messages", "tools", "parallel_tool_calls", "functions")]
    messages, names = row.get("messages") or [], {t["function"]["name"] for t in row.get("tools", [])}
    found += [f"tool name {n}" for n in names if not NAME.fullmatch(n)]
    if not messages or not any(m["role"] == "assistant" for m in messages):
        found.append("no answer of the assistant")
    elif messages[-1]["role"] != "assistant":
        found.append("the last message is not the assistant's")
    if not any(m["role"] == "assistant" and m.get("weight", 1) for m in messages):
        found.append("no answer has weight")
    open_calls = {}
    for place, m in enumerate(messages):
        found += [f"message {place}: {p}" for p in _message(m, names, open_calls, place == len(messages) - 1)]
    return found


def _message(m, names, open_calls, last):
    if m.get("role") not in ROLES:
        yield f"role {m.get('role')}"
        return
    yield from (f"key {k}" for k in m if k not in KEYS[m["role"]])
    if m.get("weight", 1) not in (0, 1):
        yield "weight"
    if not isinstance(m.get("content"), str) and not m.get("tool_calls"):
        yield "content"
    if m["role"] == "tool":
        if open_calls.pop(m.get("tool_call_id"), None) is None:
            yield f"a result of no call: {m.get('tool_call_id')}"
        return
    if open_calls:
        yield f"calls without a result: {', '.join(open_calls)}"
        open_calls.clear()
    for call in m.get("tool_calls", ()):
        open_calls[call["id"]] = call
        if call.get("type") != "function" or call["function"]["name"] not in names:
            yield f"call of an unknown tool {call['function']['name']}"
        if not isinstance(call["function"]["arguments"], str) or not isinstance(
            json.loads(call["function"]["arguments"]), dict
        ):
            yield "arguments"
