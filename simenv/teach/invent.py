"""A new environment without an engine, thought up by a model in three stages: environment and tasks, actions, simulation.

What comes out is a blueprint, `environments/<name>/environment.json` in the folder of the run, and its tasks beside it: the
folder can be given as `plugins`. No engine has seen any of it, so nothing about it is proven, and reports say so.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simenv import plugins
from simenv.errors import ConfigError
from simenv.model import Model, Request, ask
from simenv.options import explain_fault
from simenv.plugins.definition import FILE, TASKS, ActionDefinition, Blueprint, Example
from simenv.prompts import fenced, render
from simenv.runs.store import Run
from simenv.teach.assignment import assignments, read_passages
from simenv.teach.author import Author, Written
from simenv.teach.config import Teaching
from simenv.teach.novelty import DuplicateIndex
from simenv.teach.run import INVENTED, PART, Workshop, settled
from simenv.types import Message, Task, Usage, canonical

S = TypeVar("S", bound=BaseModel)
HERE = Path(__file__).parent


class Shape(BaseModel):
    """What a stage answers."""

    model_config = ConfigDict(extra="forbid")


class Wanted(Shape):
    statement: str = Field(min_length=1)
    answer: str = Field(min_length=1)


class Asked(Shape):
    instruction: str = Field(min_length=1)
    goal: Wanted


class Conceived(Shape):
    """Stage 1."""

    overview: str = Field(min_length=1, max_length=8000)
    opening: str = Field(max_length=4000)
    state: dict[str, Any] = Field(min_length=1)
    tasks: list[Asked] = Field(min_length=1, max_length=8)


class Acted(Shape):
    """Stage 2."""

    actions: list[ActionDefinition] = Field(min_length=2, max_length=40)


class Simulated(Shape):
    """Stage 3."""

    rules: list[str] = Field(min_length=1, max_length=60)
    examples: list[Example] = Field(min_length=1, max_length=20)


@dataclass
class Inventor:
    """Makes the environment, and then writes its tasks as for any other, but for the engine that would prove them."""

    config: Teaching
    model: Model
    on_written: Callable[[Written], None] = lambda written: None
    resumed: bool = False

    def __post_init__(self) -> None:
        assert self.config.invent
        self.name = self.config.invent
        if not self.resumed and self.name in plugins.names("environments"):
            raise ConfigError(f"invent: there is an environment {self.name!r} already; choose another name")
        self.shop: Workshop | None = None
        self._stopping = False
        self.passage = next(iter(read_passages(self.config)), "")

    @property
    def total(self) -> int:
        return self.config.tasks

    @property
    def stopping(self) -> bool:
        return self._stopping

    @stopping.setter
    def stopping(self, value: bool) -> None:
        self._stopping = value
        if self.shop:
            self.shop.stopping = value

    async def run(self, run: Run) -> None:
        """The environment, unless the folder holds it, and then its tasks. ModelError where a stage gets no usable answer."""
        folder = run.folder / "environments" / self.name
        if not (folder / FILE).is_file():
            await self._make(run, folder)
        plugins.add(run.folder)
        self.shop = Workshop(self.config.model_copy(update={"environments": (self.name,)}), self.model, self.on_written)
        self.shop.stopping = self._stopping
        await self._first(run, self.shop)
        try:
            await self.shop.run(run)
        finally:
            if (tasks := run.folder / "tasks.jsonl").is_file():
                Run(folder).write(TASKS, tasks.read_text(encoding="utf-8"))

    async def _make(self, run: Run, folder: Path) -> None:
        usage: list[Usage] = []
        conceived = await self._stage(1, Conceived, usage, self._given(), lambda made: [])
        told: dict[str, Any] = {"overview": conceived.overview, "state": canonical(conceived.state)}
        known = conceived.model_dump(exclude={"tasks"}) | {"rules": ["none yet"]}

        def faults(made: BaseModel) -> list[str]:
            return _faults(known | made.model_dump())

        acted = await self._stage(2, Acted, usage, told | {"tasks": conceived.tasks}, faults)
        known |= acted.model_dump()
        tools = [canonical(a.model_dump(exclude={"submit"})) for a in acted.actions]
        simulated = await self._stage(3, Simulated, usage, told | {"tools": tools}, faults)
        blueprint = Blueprint.model_validate(known | simulated.model_dump())
        drafts = [self._draft(asked, blueprint) for asked in conceived.tasks]
        spent = sum(usage, Usage()).model_dump()
        run.write(INVENTED, json.dumps({"environment": self.name, "drafts": drafts, "usage": spent}) + "\n")
        folder.mkdir(parents=True, exist_ok=True)
        Run(folder).write(FILE, blueprint.model_dump_json(indent=2) + "\n")

    def _given(self) -> dict[str, Any]:
        topic = self.config.topics[0].topic if self.config.topics else ""
        return {"overview": fenced(self.config.overview), "topic": topic, "passage": fenced(self.passage)}

    async def _stage(
        self, number: int, shape: type[S], usage: list[Usage], told: dict[str, Any], faults: Callable[[S], list[str]]
    ) -> S:
        prompt = render(HERE / f"stage{number}.j2", **told)
        request = Request(
            messages=(Message(role="user", content=prompt),), seed=self.config.seed & 0x7FFFFFFF, sample=number
        )
        tries = 1 + self.config.repairs
        return await ask(self.model, request, shape, tries=tries, spent=usage.append, faults=faults)

    def _draft(self, asked: Asked, blueprint: Blueprint) -> dict[str, Any]:
        return {
            "environment": self.name,
            "instruction": asked.instruction,
            "spec": {"opening": blueprint.opening, "state": blueprint.state},
            "goal": asked.goal.model_dump(),
        }

    async def _first(self, run: Run, shop: Workshop) -> None:
        """The tasks of the first stage fill the first assignments. They share their world, so only copies are dropped."""
        drafts = json.loads((run.folder / INVENTED).read_text(encoding="utf-8"))["drafts"]
        done = {w.id for w in settled(run)}
        shelf = DuplicateIndex(1.0)
        author = Author(plugins.environment(self.name), self.config, self.model, shelf)
        writer = run.writer(PART)
        for assignment, draft in zip(assignments(self.config, self.name), drafts, strict=False):
            if assignment.id in done:
                continue
            made = await author.judge(draft, assignment, assignment.number)
            task, rejected = (made, None) if isinstance(made, Task) else (None, made)
            if task:
                shelf.add(task, assignment.number)
            await writer.append(
                Written(
                    id=assignment.id, environment=self.name, number=assignment.number, task=task, rejected=rejected,
                    answers=0, usage=Usage(),
                )
            )  # fmt: skip
        await writer.close()


def _faults(known: dict[str, Any]) -> list[str]:
    """What is wrong with a blueprint as far as it is known."""
    try:
        Blueprint.model_validate(known)
    except ValidationError as e:
        return [explain_fault(fault, whole="") for fault in e.errors(include_url=False)[:10]]
    return []
