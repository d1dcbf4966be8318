"""Drafts: tasks as a model writes them, and their JSON Schema for an environment."""

from __future__ import annotations

from typing import Any

from simenv.model import fit
from simenv.plugins.definition import SimulatedOnlyWorld
from simenv.source import Cause
from simenv.types import Data, InstalledName, Task
from simenv.world import Engine

MAX_STEPS = 100
"""Most steps of a solution."""


class Draft(Data):
    """A task as a model writes it, before anything is checked."""

    environment: InstalledName
    instruction: str
    spec: dict[str, Any]
    goal: dict[str, Any]
    solution: tuple[dict[str, Any], ...] = ()
    kind: str = ""


def draft_schema(world: type[Engine] | type[SimulatedOnlyWorld]) -> dict[str, Any]:
    """JSON Schema of a draft for a world. It contains the world's schemas of spec and goal, each under its own `$id`."""
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
            "solution": {"type": "array", "maxItems": MAX_STEPS, "items": move},
        },
    }


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in schema.items() if k != "$schema"}


def format_cause(text: str, schema: dict[str, Any]) -> Cause | None:
    """The cause of rejection for a text that does not follow a schema: no_json or schema; None if it follows it."""
    value, violations = fit(text, schema)
    if value is not None:
        return None
    return "no_json" if "no JSON" in violations[0] else "schema"


def draft_text(task: Task) -> str:
    """A task as the JSON text of the draft that a model would write for it."""
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
