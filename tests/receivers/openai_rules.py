"""The rules that OpenAI documents for chat fine-tuning files: what breaks one is listed.

The shape of a row is the schema FineTuneChatRequestInput of OpenAI's OpenAPI document, version 2.3.0: `messages` (one
or more) of the roles system, user, assistant, tool and function, `tools`, `parallel_tool_calls`, and `weight`, 0 or
1, of the assistant's alone. That a file needs ten examples says OpenAI's guide on supervised fine-tuning
(developers.openai.com/docs/guides/distillation); that the assistant has the last word, Microsoft's page of dataset
formats for the same service (azure-skills, dataset-formats.md). Calls and their results belong together as in
requests of chat completions.
"""

import json
import re

FEWEST, MOST_TOOLS = 10, 128
KEYS = {
    "system": {"role", "content", "name"},
    "user": {"role", "content", "name"},
    "assistant": {"role", "content", "name", "weight", "tool_calls", "refusal", "function_call", "audio"},
    "tool": {"role", "content", "tool_call_id"},
    "function": {"role", "content", "name"},
}
"""The roles and the keys that each may have."""
ROW = {"messages", "tools", "parallel_tool_calls", "functions"}
FUNCTION = {"name", "description", "parameters", "strict"}
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def file_problems(rows):
    """What is wrong with a file."""
    found = [f"row {number}: {p}" for number, row in enumerate(rows) for p in problems(row)]
    return [*found, *([f"fewer than {FEWEST} examples"] if len(rows) < FEWEST else [])]


def problems(row):
    """What is wrong with one line of a file."""
    found = [f"key {k}" for k in row if k not in ROW]
    tools, messages = row.get("tools", []), row.get("messages") or []
    found += [p for tool in tools for p in _tool(tool)]
    if len(tools) > MOST_TOOLS:
        found.append("too many tools")
    if not isinstance(row.get("parallel_tool_calls", True), bool):
        found.append("parallel_tool_calls")
    if not any(m["role"] == "assistant" for m in messages):
        found.append("no answer of the assistant")
    elif messages[-1]["role"] != "assistant":
        found.append("the last message is not the assistant's")
    if not any(m["role"] == "assistant" and m.get("weight", 1) for m in messages):
        found.append("no answer has weight")
    names, open_calls = {t["function"]["name"] for t in tools}, {}
    for place, m in enumerate(messages):
        found += [f"message {place}: {p}" for p in _message(m, names, open_calls)]
    return found


def _tool(tool):
    function = tool.get("function", {})
    yield from (f"tool's key {k}" for k in [*(tool.keys() - {"type", "function"}), *(function.keys() - FUNCTION)])
    if tool.get("type") != "function" or not NAME.fullmatch(function.get("name", "")):
        yield f"tool name {function.get('name')}"
    if not isinstance(function.get("parameters", {}), dict):
        yield "tool's parameters"


def _message(m, names, open_calls):
    if m.get("role") not in KEYS:
        yield f"role {m.get('role')}"
        return
    yield from (f"key {k}" for k in m if k not in KEYS[m["role"]])
    if isinstance(m.get("weight", 1), bool) or m.get("weight", 1) not in (0, 1):
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
        yield from _call(call, names)
        open_calls[call["id"]] = call


def _call(call, names):
    if call.get("type") != "function" or call["function"]["name"] not in names:
        yield f"call of an unknown tool {call['function']['name']}"
    try:
        read = json.loads(call["function"]["arguments"])
    except (TypeError, ValueError):
        read = None
    if not isinstance(read, dict):
        yield "arguments"
