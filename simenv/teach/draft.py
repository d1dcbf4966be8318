"""A task as a model writes it: its JSON Schema for an environment, and whether a text is one at all."""

from __future__ import annotations

from typing import Any

from simenv.model import fit
from simenv.plugins.definition import SimulatedOnlyWorld
from simenv.source import Cause
from simenv.types import Data, Task
from simenv.world import Engine

LONGEST = 100
"""Steps of a solution."""


class Draft(Data):
    """A task as a model writes it."""

    environment: str
    instruction: str
    spec: dict[str, Any]
    goal: dict[str, Any]
    solution: tuple[dict[str, Any], ...] = ()
    kind: str = ""


def shape(world: type[Engine] | type[SimulatedOnlyWorld]) -> dict[str, Any]:
    """JSON Schema of a draft for a world: the schemas of its spec and its goal, each with ids of its own."""
    text = {"type": "string", "minLength": 1}
    action = {"type": "object", "required": ["name", "arguments"], "additionalProperties": False}
    action["properties"] = {"name": text, "arguments": {"type": "object"}}
    move = {"type": "object", "required": ["thought", "action"], "additionalProperties": False}
    move["properties"] = {"thought": text, "action": action}
    return {
        "title": "task",
        "type": "object",
        "required": ["environment", "instruction", "spec", "goal"],
        "additionalProperties": False,
        "properties": {
            "environment": {**text, "description": world.name},
            "instruction": {**text, "maxLength": 8000},
            "kind": {"type": "string", "pattern": "^[\\w .-]{0,60}$", "description": "What sort of task, in a word."},
            "spec": {"$id": "spec", **_plain(world.schema)},
            "goal": {"$id": "goal", **_plain(world.goal_schema)},
            "solution": {"type": "array", "maxItems": LONGEST, "items": move},
        },
    }


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in schema.items() if k != "$schema"}


def misfit(text: str, shape: dict[str, Any]) -> Cause | None:
    """Why a text is no answer of a shape at all; None where it is one."""
    value, violations = fit(text, shape)
    if value is not None:
        return None
    return "no_json" if "no JSON" in violations[0] else "schema"


def written(task: Task) -> str:
    """A task as the draft that a model would write for it."""
    solution = [{"thought": m.thought, "action": m.action.model_dump()} for m in task.solution]
    draft = Draft(
        environment=task.environment,
        instruction=task.instruction,
        spec=task.spec,
        goal=task.goal,
        solution=tuple(solution),
        kind=task.kind,
    )
    return draft.model_dump_json()
