"""The rules that stand for OpenAI's validator find each fault that they name."""

from copy import deepcopy

import pytest

from tests.receivers.openai_rules import file_problems, problems

CALL = {"id": "c", "type": "function", "function": {"name": "open", "arguments": '{"what": "door"}'}}
ROW = {
    "messages": [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "open the door"},
        {"role": "assistant", "content": None, "tool_calls": [CALL], "weight": 0},
        {"role": "tool", "tool_call_id": "c", "content": "it is open"},
        {"role": "assistant", "content": "done", "weight": 1},
    ],
    "tools": [{"type": "function", "function": {"name": "open", "parameters": {"type": "object"}}}],
    "parallel_tool_calls": True,
}


def changed(path, value):
    """The row with one value put in its place."""
    row = deepcopy(ROW)
    *parents, last = path
    inner = row
    for key in parents:
        inner = inner[key]
    inner[last] = value
    return row


FAULTS = {
    "key licence": changed(["licence"], "MIT"),
    "parallel_tool_calls": changed(["parallel_tool_calls"], 1),
    "no answer of the assistant": changed(["messages"], ROW["messages"][:2]),
    "the last message is not the assistant's": changed(["messages"], ROW["messages"][:4]),
    "no answer has weight": changed(["messages", 4, "weight"], 0),
    "tool name to open": changed(["tools", 0, "function", "name"], "to open"),
    "tool's key server": changed(["tools", 0, "server"], "x"),
    "tool's parameters": changed(["tools", 0, "function", "parameters"], []),
    "too many tools": changed(["tools"], ROW["tools"] * 129),
    "message 0: role developer": changed(["messages", 0, "role"], "developer"),
    "message 1: key weight": changed(["messages", 1, "weight"], 1),
    "message 2: key reasoning_content": changed(["messages", 2, "reasoning_content"], "t"),
    "message 4: weight": changed(["messages", 4, "weight"], 0.5),
    "message 4: content": changed(["messages", 4, "content"], None),
    "message 3: a result of no call: d": changed(["messages", 3, "tool_call_id"], "d"),
    "message 3: calls without a result: c": changed(["messages", 3], ROW["messages"][4]),
    "message 2: arguments": changed(["messages", 2, "tool_calls", 0, "function", "arguments"], {"what": "door"}),
    "message 2: call of an unknown tool shut": changed(["messages", 2, "tool_calls", 0, "function", "name"], "shut"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(fault):
    assert fault in problems(FAULTS[fault])


def test_a_sound_file_has_none_and_needs_ten_examples():
    assert file_problems([ROW] * 10) == [] and file_problems([ROW] * 9) == ["fewer than 10 examples"]
