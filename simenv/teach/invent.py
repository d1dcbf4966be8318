"""Lets a model invent an environment without an engine, in three stages: environment and tasks, actions, simulation.

The result is an environment definition, `environments/<name>/environment.json` in the run folder, with its tasks beside it;
the run folder can be used as `plugins`. No engine checks any of it, so nothing is proven, and reports say so.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simenv import plugins
from simenv.documents import object_file
from simenv.errors import ConfigError
from simenv.model import Model, Request, ask
from simenv.options import explain_fault
from simenv.plugins.definition import FILE, TASKS, ActionDefinition, Blueprint, Example
from simenv.prompts import fenced, render
from simenv.runs.store import Run
from simenv.teach.assignment import make_assignments, read_passages
from simenv.teach.author import AssignmentResult, Author
from simenv.teach.config import Teaching
from simenv.teach.duplicates import DuplicateIndex
from simenv.teach.run import INVENTED, PART, TeachingRun, final_results
from simenv.types import Message, Task, Usage, canonical

S = TypeVar("S", bound=BaseModel)
HERE = Path(__file__).parent
TEMPLATES = ("invent_world.j2", "invent_actions.j2", "invent_rules.j2")
"""The prompt of each stage."""


# Names and docstrings of the answers below are part of the JSON Schema in the prompt of their stage.


class StageAnswer(BaseModel):
    """The answer of the model in one stage."""

    model_config = ConfigDict(extra="forbid")


class Wanted(StageAnswer):
    statement: str = Field(min_length=1)
    answer: str = Field(min_length=1)


class Asked(StageAnswer):
    instruction: str = Field(min_length=1)
    goal: Wanted


class Conceived(StageAnswer):
    """Stage 1."""

    overview: str = Field(min_length=1, max_length=8000)
    opening: str = Field(max_length=4000)
    state: dict[str, Any] = Field(min_length=1)
    tasks: list[Asked] = Field(min_length=1, max_length=8)


class Acted(StageAnswer):
    """Stage 2."""

    actions: list[ActionDefinition] = Field(min_length=2, max_length=40)


class Simulated(StageAnswer):
    """Stage 3."""

    rules: list[str] = Field(min_length=1, max_length=60)
    examples: list[Example] = Field(min_length=1, max_length=20)


@dataclass
class Inventor:
    """Invents the environment, then writes its tasks as for any other, though no engine proves them.

    `is_resumed` allows an environment of this name to exist already. ConfigError if there is one otherwise.
    """

    config: Teaching
    model: Model
    on_result: Callable[[AssignmentResult], None] = lambda result: None
    is_resumed: bool = False

    def __post_init__(self) -> None:
        assert self.config.invent
        self.name = self.config.invent
        if not self.is_resumed and self.name in plugins.names("environments"):
            raise ConfigError(f"invent: there is an environment {self.name!r} already; choose another name")
        self.teaching: TeachingRun | None = None
        self._stopping = False
        self.passage = next(iter(read_passages(self.config)), "")

    @property
    def totals(self) -> dict[str, int]:
        """The number of assignments, by environment."""
        return {self.name: self.config.tasks}

    @property
    def stopping(self) -> bool:
        """Set to true to start no more assignments and finish those in flight."""
        return self._stopping

    @stopping.setter
    def stopping(self, value: bool) -> None:
        self._stopping = value
        if self.teaching:
            self.teaching.stopping = value

    async def run(self, run: Run) -> None:
        """Invent the environment, unless the folder has it, and write its tasks.

        ModelError if a stage gets no usable answer.
        """
        folder = run.folder / "environments" / self.name
        if not (folder / FILE).is_file():
            await self._invent(run, folder)
        _refuse_code(run.folder)
        plugins.add(run.folder)
        self.teaching = TeachingRun(
            self.config.model_copy(update={"environments": (self.name,)}), self.model, self.on_result
        )
        self.teaching.stopping = self._stopping
        await self._store_first_tasks(run)
        try:
            await self.teaching.run(run)
        finally:
            if (tasks := run.folder / "tasks.jsonl").is_file():
                Run(folder).write(TASKS, tasks.read_text(encoding="utf-8"))

    async def _invent(self, run: Run, folder: Path) -> None:
        usage: list[Usage] = []
        environment = await self._stage(1, Conceived, usage, self._brief(), lambda answer: [])
        context: dict[str, Any] = {"overview": environment.overview, "state": canonical(environment.state)}
        definition = environment.model_dump(exclude={"tasks"}) | {"rules": ["none yet"]}

        def faults(answer: BaseModel) -> list[str]:
            return _faults(definition | answer.model_dump())

        action_set = await self._stage(2, Acted, usage, context | {"tasks": environment.tasks}, faults)
        definition |= action_set.model_dump()
        tools = [canonical(a.model_dump(exclude={"submit"})) for a in action_set.actions]
        simulation = await self._stage(3, Simulated, usage, context | {"tools": tools}, faults)
        blueprint = Blueprint.model_validate(definition | simulation.model_dump())
        drafts = [self._draft(task, blueprint) for task in environment.tasks]
        total_usage = sum(usage, Usage()).model_dump()
        run.write(INVENTED, json.dumps({"environment": self.name, "drafts": drafts, "usage": total_usage}) + "\n")
        folder.mkdir(parents=True, exist_ok=True)
        Run(folder).write(FILE, blueprint.model_dump_json(indent=2) + "\n")

    def _brief(self) -> dict[str, Any]:
        topic = self.config.topics[0].topic if self.config.topics else ""
        return {"overview": fenced(self.config.overview), "topic": topic, "passage": fenced(self.passage)}

    async def _stage(
        self,
        number: int,
        shape: type[S],
        usage: list[Usage],
        variables: dict[str, Any],
        faults: Callable[[S], list[str]],
    ) -> S:
        prompt = render(HERE / TEMPLATES[number - 1], **variables)
        request = Request(
            messages=(Message(role="user", content=prompt),), seed=self.config.seed & 0x7FFFFFFF, sample=number
        )
        tries = 1 + self.config.repairs
        return await ask(self.model, request, shape, tries=tries, spent=usage.append, faults=faults)

    def _draft(self, task: Asked, blueprint: Blueprint) -> dict[str, Any]:
        return {
            "environment": self.name,
            "instruction": task.instruction,
            "spec": {"opening": blueprint.opening, "state": blueprint.state},
            "goal": task.goal.model_dump(),
        }

    async def _store_first_tasks(self, run: Run) -> None:
        """Store the tasks of stage 1 as results of the first assignments, unless they are stored already.

        They share one world, so only exact duplicates are rejected.
        """
        drafts = object_file(run.folder / INVENTED)["drafts"]
        ids = {result.id for result in final_results(run)}
        index = DuplicateIndex(1.0)
        author = Author(plugins.environment(self.name), self.config, self.model, index)
        writer = run.writer(PART)
        for assignment, draft in zip(make_assignments(self.config, self.name), drafts, strict=False):
            if assignment.id in ids:
                continue
            verdict = await author.judge(draft, assignment, assignment.number)
            task, rejection = (verdict, None) if isinstance(verdict, Task) else (None, verdict)
            if task:
                index.add(task, assignment.number)
            await writer.append(
                AssignmentResult(
                    id=assignment.id, environment=self.name, number=assignment.number, task=task, rejected=rejection,
                    answers=0, usage=Usage(),
                )
            )  # fmt: skip
        await writer.close()


def _faults(definition: dict[str, Any]) -> list[str]:
    """The errors of an environment definition, at most ten; [] if there are none."""
    try:
        Blueprint.model_validate(definition)
    except ValidationError as e:
        return [explain_fault(fault, whole="") for fault in e.errors(include_url=False)[:10]]
    return []


def _refuse_code(folder: Path) -> None:
    """ConfigError for a folder of tasks with Python in it: an invented environment is data, and this folder's are looked up."""
    code = next((path for kind in plugins.KINDS for path in sorted((folder / kind).rglob("*.py"))), None)
    if code is not None:
        raise ConfigError(
            f"{code}: code in a folder of tasks, which would be imported; expected only {FILE} and {TASKS}. If it is yours, "
            "move it to a folder of plugins"
        )
