"""A model writes one task with its world; the engine, the grader and a few plain rules say whether it may enter.

What they object to goes back to the model, a bounded number of times. Nothing a model says about its own work counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.random import SeedSequence, default_rng
from pydantic import ValidationError

from simenv.config import EnvironmentConfig
from simenv.errors import BudgetSpent, ConfigError, InvalidAction, ModelError, Unusable, unknown
from simenv.model import Model, Request, ask
from simenv.plugins import Environment
from simenv.plugins.definition import SimulatedOnlyWorld
from simenv.prompts import fenced, render
from simenv.runtime import EnvironmentRuntime
from simenv.source import Rejected
from simenv.teach.admission import admit, well_formed
from simenv.teach.assignment import Assignment
from simenv.teach.config import Teaching
from simenv.teach.draft import LONGEST, Draft, misfit, shape, written
from simenv.teach.leaks import leak
from simenv.teach.novelty import DuplicateIndex
from simenv.types import Data, Message, Task, Usage, canonical
from simenv.world import Engine

HERE = Path(__file__).parent
CANDIDATES = 4
"""Procedural tasks of which the shortest becomes an example."""
BRIEF = 200
"""Characters of an earlier instruction that a prompt repeats."""


class Written(Data):
    """What became of an assignment: a task or a rejection, after how many answers, and what they consumed."""

    id: str
    environment: str
    number: int
    task: Task | None = None
    rejected: Rejected | None = None
    answers: int
    usage: Usage


@dataclass
class Author:
    """Writes for one environment."""

    environment: Environment
    config: Teaching
    model: Model
    shelf: DuplicateIndex

    def __post_init__(self) -> None:
        name, world = self.environment.name, self.environment.world
        if not issubclass(world, Engine | SimulatedOnlyWorld):
            raise ConfigError(f"environment {name!r}: {world.__name__} has neither engine nor blueprint")
        self.world, self.shape = world, shape(world)
        generator = self.environment.procedural
        easy = {"difficulty": 1} if generator and "difficulty" in generator.Options.model_fields else {}
        config = EnvironmentConfig(
            world=self.config.world.get(name, {}), teacher={**easy, **self.config.examples.get(name, {})}
        )
        self.runtime = EnvironmentRuntime.of(
            self.environment, config, needs_engine=False, world_key=f"world.{name}", teacher_key=f"examples.{name}"
        )
        self.options, self.procedural = self.runtime.options, self.runtime.generator()

    def missing(self) -> str:
        """What this host lacks to try out what is written; '' where nothing is."""
        return self.runtime.missing()

    async def write(self, assignment: Assignment, until: int) -> Written:
        """Ask until what is written may enter, or the answers are used up. It looks only at tasks numbered below `until`.

        BudgetSpent passes; any other failure of the model is a rejection.
        """
        usage: list[Usage] = []
        verdict: Task | Rejected | None = None

        async def faults(value: Any) -> list[str]:
            nonlocal verdict
            verdict = await self.judge(value, assignment, until)
            if isinstance(verdict, Task):
                return []
            return [verdict.reason, *([f"This is what happened:\n{verdict.detail}"] if verdict.detail else [])]

        try:
            request = self.request(assignment, until)
            tries = 1 + self.config.repairs
            await ask(self.model, request, self.shape, tries=tries, spent=usage.append, faults=faults)
        except BudgetSpent:
            raise
        except Unusable as e:
            if cause := misfit(e.text, self.shape):
                verdict = self._no(assignment, cause, str(e))
        except ModelError as e:
            verdict = Rejected(where=assignment.id, reason=str(e), cause="model")
        return Written(
            id=assignment.id,
            environment=self.environment.name,
            number=assignment.number,
            task=verdict if isinstance(verdict, Task) else None,
            rejected=verdict if isinstance(verdict, Rejected) else None,
            answers=len(usage),
            usage=sum(usage, Usage()),
        )

    def request(self, assignment: Assignment, until: int) -> Request:
        """The first prompt of an assignment."""
        prompt = render(
            HERE / "author.j2",
            environment=self.environment.name,
            overview=self.world.overview,
            guide=self.guide(),
            tools=[canonical(spec.tool["function"]) for spec in self.world.actions.values()],
            submitting=[name for name, spec in self.world.actions.items() if spec.submit],
            ends_at_goal=self.world.ends_at_goal,
            engine=issubclass(self.world, Engine),
            solver=self.environment.expert is not None,
            examples=self.examples(assignment),
            topic=assignment.topic.topic if assignment.topic else "",
            level=assignment.level,
            passage=fenced(assignment.passage),
            instruction=fenced(assignment.given.instruction if assignment.given else ""),
            record=fenced(assignment.given.record if assignment.given else ""),
            before=[" ".join(t.split())[:BRIEF] for t in self.shelf.last(self.config.before, until)],
        )
        message = Message(role="user", content=prompt)
        return Request(messages=(message,), seed=assignment.seed, sample=assignment.number)

    def guide(self) -> str:
        """What an author has to know of this environment: its author.j2, or what its blueprint says of it."""
        if issubclass(self.world, SimulatedOnlyWorld):
            known = self.world.blueprint
            return render(HERE / "blueprint.j2", state=canonical(known.state), rules=known.rules)
        return render(self.environment.author) if self.environment.author else ""

    def examples(self, assignment: Assignment) -> list[str]:
        """Drafts made on the spot from the procedural teacher's tasks, other ones for each assignment."""
        shown = []
        generator = self.procedural
        for n in range(self.config.shots) if generator else ():
            rngs = (default_rng(SeedSequence([assignment.seed, n, c])) for c in range(CANDIDATES))
            drafts = [written(generator.make("example", rng)) for rng in rngs]
            shown.append(min(drafts, key=len))
        return [text for text in shown if len(text) <= self.config.shot]

    async def judge(self, value: dict[str, Any], assignment: Assignment, until: int) -> Task | Rejected:
        """The task of a draft, proven in the engine, or the first thing that is wrong with it."""
        try:
            draft = Draft.model_validate(value)
            task = self._task(draft, assignment)
        except ValidationError as e:
            return self._no(assignment, "schema", " ".join(str(e).split())[:400])
        for cause, reason in (
            ("environment", self._elsewhere(draft)),
            ("action", self._strange(task)),
            ("leak", leak(self.world, task)),
            ("topic", self._off(task, assignment)),
        ):
            if reason:
                return self._no(assignment, cause, reason)
        if copy := self.shelf.copies(task, assignment.number, until):
            return self._no(assignment, *copy)
        admitted = await self._admit(task)
        if isinstance(admitted, Rejected):
            return admitted
        # A solution found by the expert may be of any length, and its answer was not known before.
        if reason := leak(self.world, admitted):
            return self._no(assignment, "leak", reason)
        reason = self._beyond(admitted, assignment)
        return self._no(assignment, "level", reason) if reason else admitted

    async def _admit(self, task: Task) -> Task | Rejected:
        if issubclass(self.world, SimulatedOnlyWorld):
            return self._plausible(task)
        world = self.world(self.options)
        try:
            return await admit(world, self.environment, task)
        finally:
            await world.close()

    def _plausible(self, task: Task) -> Task | Rejected:
        """All that can be said of a task without an engine: its form, and that of its actions. Nothing proves it."""
        formed = well_formed(self.world, task)
        if isinstance(formed, Rejected):
            return formed
        try:
            for move in task.solution:
                self.world.actions[move.action.name].read(move.action.arguments)
        except InvalidAction as e:
            return Rejected(where=task.id, reason=f"solution: {e}", cause="action")
        return task

    def _task(self, draft: Draft, assignment: Assignment) -> Task:
        return Task.model_validate(
            {
                "id": assignment.id,
                "environment": self.environment.name,
                "instruction": assignment.given.instruction if assignment.given else draft.instruction,
                "spec": draft.spec,
                "goal": draft.goal,
                "solution": draft.solution,
                "kind": draft.kind,
                "source": "model",
            }
        )

    @staticmethod
    def _no(assignment: Assignment, cause: Any, reason: str) -> Rejected:
        return Rejected(where=assignment.id, reason=reason, cause=cause)

    def _elsewhere(self, draft: Draft) -> str:
        here = self.environment.name
        return "" if draft.environment == here else f"environment: expected {here!r}, got {draft.environment[:80]!r}"

    def _strange(self, task: Task) -> str:
        names = [m.action.name for m in task.solution]
        bad = next((n for n in names if n not in self.world.actions), None)
        return f"solution: {unknown('action', bad[:80], self.world.actions)}" if bad is not None else ""

    @staticmethod
    def _off(task: Task, assignment: Assignment) -> str:
        words = assignment.topic.words if assignment.topic else ()
        text = f"{task.instruction}\n{canonical(task.spec)}".casefold()
        found = not words or any(w.casefold() in text for w in words)
        return "" if found else f"neither world nor instruction holds one of the words {', '.join(words)}"

    @staticmethod
    def _beyond(task: Task, assignment: Assignment) -> str:
        least, most = (assignment.level.steps if assignment.level else None) or (0, LONGEST)
        steps = len(task.solution)
        fits = least <= steps <= most
        return "" if fits else f"the solution takes {steps} steps; this level asks for {least} to {most}"
