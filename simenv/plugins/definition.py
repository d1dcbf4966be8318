"""Environments without an engine: actions, state and rules as data, to be played by a model.

Such an environment is a folder `environments/<name>/` with environment.json in place of world.py, and tasks.jsonl.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from pydantic import Field, ValidationError, field_validator, model_validator

from simenv import patterns
from simenv.documents import json_file
from simenv.errors import ConfigError, WorldError
from simenv.options import explain_validation
from simenv.types import Action, Data, Grade, Observation, Task
from simenv.world import JsonAction, World, check_schema

FILE, TASKS = "environment.json", "tasks.jsonl"
NAME = r"^[a-z][a-z0-9_]{0,39}$"
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef", "patternProperties")
SPEC = {
    "type": "object",
    "required": ["opening", "state"],
    "additionalProperties": False,
    "properties": {
        "opening": {"type": "string", "maxLength": 4000, "description": "What the agent sees first."},
        "state": {"type": "object", "description": "All that is true at the start, in the form of the example."},
    },
}
"""JSON Schema of a world in such an environment."""
GOAL = {
    "type": "object",
    "required": ["statement"],
    "additionalProperties": False,
    "properties": {
        "statement": {
            "type": "string",
            "minLength": 1,
            "description": "What is true at the end if the task is solved.",
        },
        "answer": {"type": "string", "minLength": 1, "description": "The right answer, if the task asks for one."},
    },
}
"""JSON Schema of a goal in such an environment."""
_SPEC, _GOAL = Draft202012Validator(SPEC), Draft202012Validator(GOAL)


class ActionDefinition(Data):
    """One action: `parameters` is the JSON Schema of its arguments; a `submit` action gives the answer and ends the task."""

    name: str = Field(pattern=NAME)
    description: str = Field(min_length=1, max_length=1000)
    parameters: dict[str, Any] = {"type": "object", "properties": {}}
    submit: bool = False

    @field_validator("parameters")
    @classmethod
    def _schema(cls, value: dict[str, Any]) -> dict[str, Any]:
        if value.get("type") != "object":
            raise ValueError("must be a JSON Schema whose type is object")
        if keyword := next((k for k in _REFERENCES if k in json.dumps(value)), None):
            raise ValueError(f"must hold no {keyword}: a schema stands for itself, and names its properties")
        try:
            Draft202012Validator.check_schema(value)
        except SchemaError as e:
            raise ValueError(f"is no JSON Schema: {e.json_path}: {e.message:.200}") from e
        for pattern in _patterns(value):
            try:
                patterns.check(pattern, "pattern")
            except WorldError as e:
                raise ValueError(str(e)) from e
        return value


def _patterns(schema: Any) -> Iterator[str]:
    """The regular expressions of a schema."""
    for key, value in (
        schema.items() if isinstance(schema, dict) else enumerate(schema) if isinstance(schema, list) else ()
    ):
        if key == "pattern" and isinstance(value, str):
            yield value
        yield from _patterns(value)


class Example(Data):
    """How the environment answers an action in its first state."""

    action: Action
    observation: str


class Blueprint(Data):
    """The definition of such an environment. `opening` and `state` show how a world of it begins; a task has its own."""

    overview: str = Field(min_length=1, max_length=8000)
    opening: str = Field("", max_length=4000)
    state: dict[str, Any]
    actions: tuple[ActionDefinition, ...] = Field(min_length=2, max_length=40)
    rules: tuple[str, ...] = Field(min_length=1, max_length=60)
    examples: tuple[Example, ...] = Field((), max_length=20)
    max_turns: int = Field(20, ge=1, le=200)

    @model_validator(mode="after")
    def _submits(self) -> Blueprint:
        names = [a.name for a in self.actions]
        if len(set(names)) < len(names):
            raise ValueError(f"actions: a name is there twice in {names}")
        if sum(a.submit for a in self.actions) != 1:
            raise ValueError("actions: exactly one must have submit: true, the one that ends the task")
        if strange := sorted({e.action.name for e in self.examples} - set(names)):
            raise ValueError(f"examples: no actions are called {', '.join(strange)}")
        return self


class SimulatedOnlyWorld(World):
    """The world of such an environment: it holds the definition and cannot be played without a model."""

    blueprint: Blueprint
    schema = SPEC
    goal_schema = GOAL

    def _unplayable(self) -> WorldError:
        return WorldError(f"environment {self.name!r} has no engine; it can only be simulated by a model")

    async def reset(self, task: Task, seed: int = 0) -> Observation:
        raise self._unplayable()

    async def step(self, action: Action) -> Observation:
        raise self._unplayable()

    async def grade(self, answer: Any = None) -> Grade:
        raise self._unplayable()

    async def state(self) -> Any:
        raise self._unplayable()

    async def snapshot(self) -> bytes:
        raise self._unplayable()

    async def restore(self, blob: bytes) -> None:
        raise self._unplayable()

    @classmethod
    def check(cls, spec: dict[str, Any]) -> None:
        check_schema(_SPEC, spec, f"{cls.name} spec")

    @classmethod
    def check_goal(cls, goal: dict[str, Any]) -> None:
        check_schema(_GOAL, goal, f"{cls.name} goal")


def world(folder: Path) -> type[SimulatedOnlyWorld]:
    """The world that a folder's environment.json describes; ConfigError says what is wrong with the file."""
    path = folder / FILE
    try:
        blueprint = Blueprint.model_validate(json_file(path))
    except ValidationError as e:
        raise ConfigError(explain_validation(e, str(path))) from e
    members = {
        "name": folder.name,
        "overview": blueprint.overview,
        "actions": {a.name: JsonAction(a.name, a.description, a.parameters, a.submit) for a in blueprint.actions},
        "max_turns": blueprint.max_turns,
        "blueprint": blueprint,
        "__module__": __name__,
    }
    return type(folder.name.title().replace("_", ""), (SimulatedOnlyWorld,), members)
