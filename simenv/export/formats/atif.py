"""Rows of ATIF, the Agent Trajectory Interchange Format (harbor.models.trajectories), version 1.7."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from simenv.export.format import Format, Json
from simenv.models.calls import arguments
from simenv.types import Call, Message, Sample

SCHEMA = "ATIF-v1.7"


class Atif(Format):
    """One trajectory a line. `extra` holds what ATIF has no name for: loss, authors, reasoning that is more than a text."""

    def rows(self, sample: Sample) -> Iterator[Json]:
        steps: list[Json] = []
        for m in sample.messages:
            if m.role == "tool" and _answers(steps, m):
                _observe(steps[-1], m)
            else:
                steps.append({"step_id": len(steps) + 1, **_step(m)})
        if not steps:
            return
        agent: Json = {"name": "simenv", "version": version("simenv")}
        if sample.tools:
            agent["tool_definitions"] = list(sample.tools)
        about = {k: v for k in ("task", "environment", "kind", "source", "origin") if (v := getattr(sample, k))}
        yield {
            "schema_version": SCHEMA,
            "session_id": sample.id,
            "trajectory_id": sample.id,
            "agent": agent,
            "steps": steps,
            "extra": about,
        }


def _step(m: Message) -> Json:
    if m.role != "assistant":
        kept = {"role": m.role, "call_id": m.call_id} if m.role == "tool" else {}
        told: Json = {k: v for k, v in kept.items() if v is not None}
        source = "user" if m.role == "tool" else m.role
        return {"source": source, "message": m.content} | ({"extra": told} if told else {})
    step: Json = {"source": "agent", "message": m.content}
    if m.thought:
        step["reasoning_content"] = m.thought
    if m.calls:
        step["tool_calls"] = [_call(c) for c in m.calls]
    extra: Json = {} if m.train else {"train": False}
    if _more_than_text(m):
        extra["reasoning"] = [part.model_dump(exclude_defaults=True) for part in m.reasoning]
    if m.author != "agent":
        extra["author"] = m.author
    if m.acted is not None:
        extra["acted"] = m.acted.model_dump()
    return step | ({"extra": extra} if extra else {})


def _more_than_text(m: Message) -> bool:
    """Whether its reasoning is more than one text in front of all else."""
    plain: dict[str, Any] = {"kind": "reasoning_content", "text": m.thought}
    return [part.model_dump(exclude_defaults=True) for part in m.reasoning] not in ([], [plain])


def _call(call: Call) -> Json:
    values = arguments(call.arguments)
    row: Json = {"tool_call_id": call.id, "function_name": call.name, "arguments": values}
    return row | {"extra": {"arguments": call.arguments}} if values == {"malformed": call.arguments} else row


def _answers(steps: list[Json], m: Message) -> bool:
    """Whether a result belongs to the last step: it answers one of its calls."""
    return bool(steps) and any(c["tool_call_id"] == m.call_id for c in steps[-1].get("tool_calls", ()))


def _observe(step: Json, m: Message) -> None:
    results = step.setdefault("observation", {"results": []})["results"]
    results.append({"source_call_id": m.call_id, "content": m.content})
