"""Worlds: async methods for callers (World), plain sync hooks for authors of environments (Engine)."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, ParamSpec, TypeVar

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError as JsonSchemaError
from jsonschema.exceptions import best_match
from jsonschema.validators import extend
from numpy.random import Generator, SeedSequence, default_rng
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from referencing import Registry

from simenv import patterns
from simenv.containment import boundary, escalate
from simenv.errors import InvalidAction, WorldError, unknown
from simenv.options import Options as Settings
from simenv.options import explain_validation
from simenv.types import Action, Grade, Observation, Stop, Task, Usage

F = TypeVar("F", bound=Callable[..., Any])
P = ParamSpec("P")
R = TypeVar("R")
SCHEMA_FILE, GOAL_SCHEMA_FILE, OVERVIEW_FILE = "schema.json", "goal.schema.json", "overview.md"
"""Files beside the class of a world that it is completed from."""


class Protection(NamedTuple):
    """What contains the actions of an agent, and whether this host gives it."""

    given: bool
    note: str = ""
    """which kind of it; or why it is not there, and what takes its place"""


class SchemaFault(NamedTuple):
    """What a value lacks beside a JSON Schema."""

    json_path: str
    """`$.rooms[0].name`"""
    field: str
    """`rooms.0.name`; '' for the whole"""
    message: str
    """at most 300 characters"""
    rule: str


def schema_fault(validator: Draft202012Validator, value: Any) -> SchemaFault | None:
    """The fault of a value that says most; None if the value fits the schema."""
    error = best_match(validator.iter_errors(value))
    if error is None:
        return None
    field = ".".join(map(str, error.absolute_path))
    return SchemaFault(error.json_path, field, f"{error.message:.300}", str(error.validator))


def check_schema(validator: Draft202012Validator, value: Any, place: str) -> None:
    """WorldError (place, JSON path, expectation, rule) if a value breaks a schema."""
    if fault := schema_fault(validator, value):
        raise WorldError(f"{place}: {fault.json_path}: {fault.message} (rule: {fault.rule})")


class ActionSpec(ABC):
    """An action as agents see it: name, description, and the JSON Schema of its arguments. Made once a class."""

    name: str
    description: str
    submit: bool
    parameters: list[str]
    schema: dict[str, Any]

    @cached_property
    def tool(self) -> dict[str, Any]:
        """The action as an OpenAI function tool."""
        function = {"name": self.name, "description": self.description, "parameters": self.schema}
        return {"type": "function", "function": function}

    @abstractmethod
    def read(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments, checked and converted; InvalidAction says which one is wrong and why."""


class _Method(ActionSpec):
    """The action behind a method of an Engine."""

    def __init__(self, method: Callable[..., Any], submit: bool) -> None:
        self.name = method.__name__
        self.description = re.sub(r"(?<!\n)\n(?!\n)", " ", inspect.cleandoc(method.__doc__ or ""))
        self.submit = submit
        fields: dict[str, Any] = {
            p.name: (p.annotation, ... if p.default is p.empty else p.default)
            for p in inspect.signature(method, eval_str=True).parameters.values()
            if p.name != "self"
        }
        self.model: type[BaseModel] = create_model(self.name, __config__=ConfigDict(extra="forbid"), **fields)
        self.parameters = list(fields)

    @cached_property
    def schema(self) -> dict[str, Any]:  # type: ignore[override]
        schema = self.model.model_json_schema()
        schema.pop("title", None)
        for prop in schema.get("properties", {}).values():
            prop.pop("title", None)
        return schema

    def read(self, arguments: dict[str, Any]) -> dict[str, Any]:
        try:
            return dict(self.model.model_validate(arguments))
        except ValidationError as e:
            raise InvalidAction(explain_validation(e, self.name, whole="arguments")) from e


def _pattern(validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[JsonSchemaError]:
    """The rule `pattern`, under a time limit: the pattern and the value come from others."""
    if isinstance(value, str) and not patterns.matches(pattern, value):
        yield JsonSchemaError(f"{value!r:.80} does not match {pattern!r:.80}")


_Bounded = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]


class JsonAction(ActionSpec):
    """An action that is only defined, by a JSON Schema of its arguments: an object, closed unless the schema says otherwise."""

    def __init__(self, name: str, description: str, schema: dict[str, Any], submit: bool = False) -> None:
        self.name, self.description, self.submit = name, description, submit
        closed: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
        self.schema = closed | schema
        self.parameters = list(self.schema["properties"])
        self._validator = _Bounded(self.schema, registry=Registry())  # which fetches nothing

    def read(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if fault := schema_fault(self._validator, arguments):
            raise InvalidAction(f"{self.name}: {fault.field or 'arguments'}: {fault.message}")
        return dict(arguments)


def action(method: F | None = None, *, submit: bool = False) -> Any:
    """Marks an Engine method as an action: its signature is the argument schema, its docstring the description.

    A `submit` action gives the agent's answer: the episode ends and what the method returns is graded.
    """

    def mark(m: F) -> F:
        m.__action__ = {"submit": submit}  # type: ignore[attr-defined]
        return m

    return mark(method) if method is not None else mark


class World(ABC):
    """One world, as everything above it sees it: an engine, a model that pretends to be one, or one checking the other."""

    name: ClassVar[str] = ""
    """Folder name of the environment."""
    overview: ClassVar[str] = ""
    """What this world is, for an agent that never saw it; read from overview.md beside the class where there is one."""
    actions: dict[str, ActionSpec]
    ends_at_goal: ClassVar[bool] = False
    """Whether an episode ends as soon as the goal holds (a household) instead of with a submitted answer (a database)."""
    max_turns: ClassVar[int] = 15
    """Turns an agent usually gets."""
    usage: Usage = Usage()
    """Tokens and cost of its answers so far, if a model gives them."""
    simulator: dict[str, Any] = {}
    """The simulator that plays it and how it is checked, for the record; {} for an engine."""

    @property
    def engine(self) -> Engine | None:
        """The engine whose state is true, which experts plan on; None if there is none."""
        return None

    @abstractmethod
    async def reset(self, task: Task, seed: int = 0) -> Observation:
        """Build the task's world. The spec is trusted: `check` it where tasks enter. WorldError if it cannot be built."""

    @abstractmethod
    async def step(self, action: Action) -> Observation:
        """Act. The agent's mistakes come back as an invalid Observation; WorldError is the engine's own failure."""

    @abstractmethod
    async def grade(self, answer: Any = None) -> Grade:
        """Judge state and answer against the task's goal. Changes nothing."""

    @abstractmethod
    async def state(self) -> Any:
        """All that is true, as JSON; equal digests mean equal worlds."""

    @abstractmethod
    async def snapshot(self) -> bytes:
        """Enough to go on from here, in this world or another one reset to the same task."""

    @abstractmethod
    async def restore(self, blob: bytes) -> None:
        """Go back to a snapshot of the same task."""

    async def close(self) -> None:
        """Release what is held. Idempotent."""

    @classmethod
    def check(cls, spec: dict[str, Any]) -> None:
        """Raise WorldError (JSON path, rule) where a spec breaks the world's schema."""

    @classmethod
    def check_goal(cls, goal: dict[str, Any]) -> None:
        """The same for a goal."""


class Engine(World):
    """A real engine. Subclasses write plain sync hooks: begin, @action methods, score, facts, save, load, end.

    Everything an author need not repeat is here: argument checking, dispatch, blame, endings, threads.
    """

    Options: ClassVar[type[Settings]] = Settings
    """A subclass declares its own settings by a nested class of this name."""
    schema: ClassVar[dict[str, Any]] = {}
    """JSON Schema of a spec; read from schema.json beside the class where there is one."""
    goal_schema: ClassVar[dict[str, Any]] = {}
    """JSON Schema of a goal; read from goal.schema.json."""
    blocking: bool = False
    """Whether hooks wait on something (a shell, a server) and so run in a thread. They bound their own time."""
    task: Task

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        members = {n: m for base in reversed(cls.__mro__) for n, m in vars(base).items()}  # in the order of the text
        methods = {n: m for n, m in members.items() if hasattr(m, "__action__")}
        cls.actions = {n: _Method(m, **m.__action__) for n, m in methods.items()}
        folder = Path(inspect.getfile(cls)).parent
        if (schema := folder / SCHEMA_FILE).is_file():
            cls.schema = json.loads(schema.read_text(encoding="utf-8"))
        if (schema := folder / GOAL_SCHEMA_FILE).is_file():
            cls.goal_schema = json.loads(schema.read_text(encoding="utf-8"))
        if (overview := folder / OVERVIEW_FILE).is_file():
            cls.overview = overview.read_text(encoding="utf-8").strip()
        cls._validators = {"spec": Draft202012Validator(cls.schema), "goal": Draft202012Validator(cls.goal_schema)}

    _validators: ClassVar[dict[str, Draft202012Validator]]

    def __init__(self, options: Settings | None = None) -> None:
        self.options = options or self.Options()
        self._lock = threading.RLock()

    @property
    def engine(self) -> Engine:
        return self

    # What an author writes.

    @abstractmethod
    def begin(self, spec: dict[str, Any], rng: Generator) -> str:
        """Build the world; the text is what the agent sees first ('' for nothing)."""

    @abstractmethod
    def score(self, goal: dict[str, Any], answer: Any) -> Grade:
        """Judge the present state and the answer; a pure function of both."""

    @abstractmethod
    def facts(self) -> Any:
        """All that is true, as JSON."""

    @abstractmethod
    def save(self) -> bytes:
        """The present state as bytes, enough for `load` to continue from it."""

    @abstractmethod
    def load(self, blob: bytes) -> None:
        """Go back to a state that `save` gave for the same task."""

    def end(self) -> None:
        """Release what is held; may be called more than once."""

    def choices(self) -> tuple[str, ...]:
        """The actions possible now, as text, if the world can list them."""
        return ()

    @classmethod
    def premises(cls, spec: dict[str, Any], state: Any) -> dict[str, Any]:
        """What the engine knows and neither spec nor state shows: more variables of simulate.j2. `state` may be anything, as
        a model may have written it."""
        return {}

    def missing(self) -> str:
        """What this host lacks for these options, with the way to get it; '' if nothing is lacking."""
        return ""

    @classmethod
    def protections(cls) -> dict[str, Protection]:
        """What contains this world's actions on this host, by name, each tried on the spot."""
        return {}

    def cheats(self) -> dict[str, Any]:
        """Answers that must never pass, by name. An environment adds its own: everything there is, an injection."""
        return {"nothing": None, "empty": "", "null": "null", "zero": "0"}

    # What callers await.

    async def call(self, hook: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a hook, or code that reads this engine, where this engine's hooks run. Bug for what it did not foresee."""
        if self.blocking:
            return await asyncio.to_thread(lambda: self._alone(hook, *args, **kwargs))
        try:
            return hook(*args, **kwargs)
        except BaseException as e:
            escalate(e, hook)
            raise

    def _alone(self, hook: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a hook under the lock: a hook that timed out cannot be cancelled, so the next one waits for it to end."""
        with self._lock, boundary(hook):
            return hook(*args, **kwargs)

    async def reset(self, task: Task, seed: int = 0) -> Observation:
        self.task = task
        return await self.call(self._do_begin, task, seed)

    def _do_begin(self, task: Task, seed: int) -> Observation:
        with boundary(self.name, "begin"):
            text = self.begin(task.spec, default_rng(SeedSequence(seed)))
        with boundary(self.name, "choices"):
            return Observation(text=text, choices=self.choices())

    async def step(self, action: Action) -> Observation:
        return await self.call(self._do_step, action)

    def _do_step(self, action: Action) -> Observation:
        """Act, judge whether the world is over, and list what is possible then: all of it where this engine's hooks run."""
        place = action.name
        try:
            spec = self.actions.get(action.name)
            try:
                if spec is None:
                    raise InvalidAction(unknown("action", action.name, self.actions))
                result = getattr(self, spec.name)(**spec.read(action.arguments))
            except InvalidAction as e:
                place = "choices"
                return Observation(text=str(e), invalid=True, choices=self.choices())
            if spec.submit:
                return Observation(text="", stop=Stop.submitted, answer=result)
            observation = result if isinstance(result, Observation) else Observation(text=result)
            place = "score"
            over = self.ends_at_goal and self._do_score(None).success
            place = "choices"
            changes = {"choices": self.choices(), "stop": Stop.done if over else observation.stop}
            return observation.model_copy(update=changes) if any(changes.values()) else observation
        except BaseException as e:
            escalate(e, self.name, place)
            raise

    def _do_score(self, answer: Any) -> Grade:
        grade = self.score(self.task.goal, answer)
        if not isinstance(grade, Grade):
            raise TypeError(f"score gave {grade!r:.80}; expected a Grade")
        return grade

    async def grade(self, answer: Any = None) -> Grade:
        def score() -> Grade:
            with boundary(self.name, "score"):
                return self._do_score(answer)

        return await self.call(score)

    async def state(self) -> Any:
        return await self.call(self.facts)

    async def snapshot(self) -> bytes:
        return await self.call(self.save)

    async def restore(self, blob: bytes) -> None:
        await self.call(self.load, blob)

    async def close(self) -> None:
        await self.call(self.end)

    @classmethod
    def check(cls, spec: dict[str, Any]) -> None:
        cls._validate("spec", spec)

    @classmethod
    def check_goal(cls, goal: dict[str, Any]) -> None:
        cls._validate("goal", goal)

    @classmethod
    def _validate(cls, part: str, value: dict[str, Any]) -> None:
        check_schema(cls._validators[part], value, f"{cls.name} {part}")
