"""ATIF, the Agent Trajectory Interchange Format of Harbor, versions 1.0 to 1.8: steps of system, user and agent.

Source: harbor.models.trajectories. What a step of the agent observed are its results; those without `source_call_id` are shown
to the agent as a user's words, unless `extra.role` says that they are a tool's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from simenv.data.chat_formats.calls import Turn, joined, json_text
from simenv.data.chat_formats.content import answer, plain_text
from simenv.data.chat_formats.format import Chat, Format, Malformed, object_list, own_id, text_field
from simenv.data.chat_formats.schemas import schemas
from simenv.reasoning import Reasoning
from simenv.types import Call, Message

_VERSION = re.compile(r"ATIF-v1\.[0-8]\Z")
_ROLES = {"system": "system", "user": "user"}
_STEP = frozenset(
    ("step_id", "timestamp", "source", "model_name", "reasoning_effort", "message", "reasoning_content", "tool_calls",
     "observation", "metrics", "is_copied_context", "llm_call_count", "extra")
)  # fmt: skip


class Atif(Format):
    """`schema_version` ATIF-v1.x, an `agent` and `steps`; what subagents did is not read."""

    name = "atif"
    shape = (
        '{"schema_version": "ATIF-v1.7", "agent": {…}, "steps": [{"step_id": 1, "source": "user", "message": "…"}, …]}'
    )
    fields = {
        "": frozenset(
            ("schema_version", "session_id", "trajectory_id", "agent", "steps", "notes", "final_metrics", "extra")
        ),
        "agent": frozenset(("name", "version", "model_name", "tool_definitions", "extra")),
        "steps[]": _STEP,
        "steps[].tool_calls[]": frozenset(("tool_call_id", "function_name", "arguments", "extra")),
        "steps[].observation": frozenset(("results",)),
        "steps[].observation.results[]": frozenset(("source_call_id", "content", "extra")),
    }

    def fits(self, record: dict[str, Any]) -> bool:
        return str(record.get("schema_version", "")).startswith("ATIF") and "steps" in record

    def chats(self, record: dict[str, Any]) -> Iterator[Chat]:
        if not _VERSION.match(str(record["schema_version"])):
            raise Malformed(f"schema_version: expected ATIF-v1.0 to ATIF-v1.8, got {record['schema_version']!r:.80}")
        agent = record.get("agent")
        if not isinstance(agent, dict):
            raise Malformed(f"agent: expected an object, got {agent!r:.80}")
        steps = object_list(record["steps"], "steps")
        turns = [turn for n, step in enumerate(steps) for turn in _turns(step, f"steps[{n}]", n)]
        messages, notes = joined(turns)
        tools = schemas(agent.get("tool_definitions"), "agent.tool_definitions")
        extra = {k: record[k] for k in ("agent", "notes", "final_metrics", "extra") if record.get(k) is not None}
        yield Chat(tuple(messages), tools, extra, own_id(record, "trajectory_id", "session_id"), "", tuple(notes))


def _turns(step: dict[str, Any], place: str, number: int) -> Iterator[Turn]:
    source, extra = step.get("source"), _extra(step, place)
    text = plain_text(step.get("message"), f"{place}.message")
    if source == "agent":
        yield Turn(_answer(step, text, extra, place, number))
    elif isinstance(source, str) and source in _ROLES:
        role, id = extra.get("role", _ROLES[source]), extra.get("call_id")
        if role not in ("system", "user", "tool") or not isinstance(id, str | None):
            raise Malformed(f"{place}.extra: expected a role of a message that no agent wrote, got {extra!r:.80}")
        yield Turn(Message(role=role, content=text, call_id=id))
    else:
        raise Malformed(f"{place}.source: expected system, user or agent, got {source!r:.80}")
    observation = step.get("observation")
    if not isinstance(observation, dict | None):
        raise Malformed(f"{place}.observation: expected an object, got {observation!r:.80}")
    results = object_list((observation or {}).get("results", []), f"{place}.observation.results")
    for n, result in enumerate(results):
        yield Turn(_result(result, bool(step.get("tool_calls")), f"{place}.observation.results[{n}]"))


def _answer(step: dict[str, Any], text: str, extra: dict[str, Any], place: str, number: int) -> Message:
    """A step of the agent. No loss falls on what was copied, on what no model wrote, and where our own export says so."""
    thought = text_field(step, "reasoning_content", f"{place}.")
    thoughts = (Reasoning(kind="reasoning_content", text=thought),) if thought else ()
    calls = object_list(step.get("tool_calls") or [], f"{place}.tool_calls")
    made = [_call(c, f"{place}.tool_calls[{n}]", f"call_{number}_{n}") for n, c in enumerate(calls)]
    train = not step.get("is_copied_context") and step.get("llm_call_count") != 0 and extra.get("train") is not False
    message = answer(text, thoughts, made, train)
    own = {name: extra[name] for name in ("author", "acted", "reasoning") if name in extra}
    try:
        return Message.model_validate(message.model_dump() | own) if own else message
    except ValueError as e:
        raise Malformed(f"{place}.extra: expected what simenv writes there: {str(e).splitlines()[0]}") from e


def _call(value: dict[str, Any], place: str, id: str) -> Call:
    name, arguments = value.get("function_name"), value.get("arguments", {})
    if not isinstance(name, str) or not isinstance(arguments, dict):
        raise Malformed(f"{place}: expected function_name and arguments, an object; got {value!r:.80}")
    raw = _extra(value, place).get("arguments")
    text = raw if isinstance(raw, str) else json_text(arguments)
    return Call(id=text_field(value, "tool_call_id", f"{place}.") or id, name=name, arguments=text)


def _result(value: dict[str, Any], called: bool, place: str) -> Message:
    content = value.get("content")
    text = "" if content is None else plain_text(content, f"{place}.content")
    id = text_field(value, "source_call_id", f"{place}.") or None
    is_tool = called or id is not None or _extra(value, place).get("role") == "tool"
    return Message(role="tool" if is_tool else "user", content=text, call_id=id)


def _extra(value: dict[str, Any], place: str) -> dict[str, Any]:
    extra = value.get("extra")
    if not isinstance(extra, dict | None):
        raise Malformed(f"{place}.extra: expected an object, got {extra!r:.80}")
    return extra or {}
