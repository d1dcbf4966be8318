"""A model writes one task with its world; the engine, the grader and a few plain rules decide whether it is admitted.

Objections go back to the model, a bounded number of times. The model's own opinion of its work does not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.random import SeedSequence, default_rng
from pydantic import ValidationError

from simenv.config import EnvironmentConfig
from simenv.containment import boundary
from simenv.errors import BudgetSpent, Bug, ConfigError, InvalidAction, ModelError, Unusable, unknown
from simenv.model import Model, Request, ask
from simenv.plugins import Environment
from simenv.plugins.definition import SimulatedOnlyWorld
from simenv.prompts import fenced, render
from simenv.runtime import EnvironmentRuntime
from simenv.source import Rejected
from simenv.teach.admission import admit, well_formed
from simenv.teach.assignment import Assignment
from simenv.teach.config import Teaching
from simenv.teach.draft import MAX_STEPS, Draft, draft_schema, draft_text, format_cause
from simenv.teach.duplicates import DuplicateIndex
from simenv.teach.leaks import leak
from simenv.types import Data, InstalledName, Message, Task, Usage, canonical
from simenv.world import Engine

HERE = Path(__file__).parent
CANDIDATES = 4
"""Procedural tasks drawn for each example; the shortest becomes the example."""
MAX_EARLIER = 200
"""Most characters of an earlier instruction in a prompt."""


class AssignmentResult(Data):
    """The result of an assignment: a task or a rejection, the number of model answers, and what they consumed."""

    id: str
    environment: InstalledName
    number: int
    task: Task | None = None
    rejected: Rejected | None = None
    answers: int
    usage: Usage


@dataclass
class Author:
    """Writes tasks for one environment. `index` holds the tasks it has admitted.

    ConfigError for an environment without engine and definition, or for wrong options of its world or examples.
    """

    environment: Environment
    config: Teaching
    model: Model
    index: DuplicateIndex

    def __post_init__(self) -> None:
        name, world = self.environment.name, self.environment.world
        if not issubclass(world, Engine | SimulatedOnlyWorld):
            raise ConfigError(f"environment {name!r}: {world.__name__} has neither engine nor blueprint")
        self.world, self.schema = world, draft_schema(world)
        generator = self.environment.procedural
        defaults = {"difficulty": 1} if generator and "difficulty" in generator.Options.model_fields else {}
        config = EnvironmentConfig(
            world=self.config.world.get(name, {}), teacher={**defaults, **self.config.examples.get(name, {})}
        )
        self.runtime = EnvironmentRuntime.of(
            self.environment, config, needs_engine=False, world_key=f"world.{name}", teacher_key=f"examples.{name}"
        )
        self.options, self.generator = self.runtime.options, self.runtime.generator()

    def missing(self) -> str:
        """What this host lacks to run the environment; '' if nothing."""
        return self.runtime.missing()

    async def write(self, assignment: Assignment, until: int) -> AssignmentResult:
        """Ask the model until its task is admitted or its answers are used up.

        Only tasks numbered below `until` count as duplicates. BudgetSpent passes through; any other failure of the model is
        a rejection.
        """
        usage: list[Usage] = []
        verdict: Task | Rejected | None = None

        async def faults(value: Any) -> list[str]:
            nonlocal verdict
            verdict = await self.judge(value, assignment, until)
            if isinstance(verdict, Task):
                return []
            if verdict.cause == "bug" or not verdict.detail:  # a traceback is for people
                return [verdict.reason]
            return [verdict.reason, f"This is what happened:\n{verdict.detail}"]

        try:
            request = self.request(assignment, until)
            tries = 1 + self.config.repairs
            await ask(self.model, request, self.schema, tries=tries, spent=usage.append, faults=faults)
        except BudgetSpent:
            raise
        except Unusable as e:
            if cause := format_cause(e.text, self.schema):
                verdict = self._reject(assignment, cause, str(e))
        except ModelError as e:
            verdict = Rejected(where=assignment.id, reason=str(e), cause="model")
        return AssignmentResult(
            id=assignment.id,
            environment=self.environment.name,
            number=assignment.number,
            task=verdict if isinstance(verdict, Task) else None,
            rejected=verdict if isinstance(verdict, Rejected) else None,
            answers=len(usage),
            usage=sum(usage, Usage()),
        )

    def request(self, assignment: Assignment, until: int) -> Request:
        """The first request of an assignment."""
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
            instruction=fenced(assignment.source.instruction if assignment.source else ""),
            record=fenced(assignment.source.record if assignment.source else ""),
            before=[" ".join(t.split())[:MAX_EARLIER] for t in self.index.last(self.config.before, until)],
        )
        message = Message(role="user", content=prompt)
        return Request(messages=(message,), seed=assignment.seed, sample=assignment.number)

    def guide(self) -> str:
        """The environment's part of the prompt: its author.j2, or state and rules of its definition; '' if it has neither."""
        if issubclass(self.world, SimulatedOnlyWorld):
            definition = self.world.blueprint
            return render(HERE / "blueprint.j2", state=canonical(definition.state), rules=definition.rules)
        return render(self.environment.author) if self.environment.author else ""

    def examples(self, assignment: Assignment) -> list[str]:
        """Example drafts from the procedural teacher's tasks; each assignment gets other ones."""
        if self.generator is None:
            return []
        examples = []
        for n in range(self.config.shots):
            rngs = (default_rng(SeedSequence([assignment.seed, n, c])) for c in range(CANDIDATES))
            drafts = [draft_text(self.generator.make("example", rng)) for rng in rngs]
            examples.append(min(drafts, key=len))
        return [text for text in examples if len(text) <= self.config.shot]

    async def judge(self, value: dict[str, Any], assignment: Assignment, until: int) -> Task | Rejected:
        """The task of a draft, proven in the engine, or a rejection with the first error."""
        try:
            draft = Draft.model_validate(value)
            task = self._task(draft, assignment)
        except ValidationError as e:
            return self._reject(assignment, "schema", " ".join(str(e).split())[:400])
        for cause, reason in (
            ("environment", self._wrong_environment(draft)),
            ("action", self._unknown_action(task)),
            ("leak", leak(self.world, task)),
            ("topic", self._off_topic(task, assignment)),
        ):
            if reason:
                return self._reject(assignment, cause, reason)
        if duplicate := self.index.find_duplicate(task, assignment.number, until):
            return self._reject(assignment, *duplicate)
        result = await self._admit(task)
        if isinstance(result, Rejected):
            return result
        # If the expert found the solution, its length and its answer are new here.
        if reason := leak(self.world, result):
            return self._reject(assignment, "leak", reason)
        reason = self._outside_level(result, assignment)
        return self._reject(assignment, "level", reason) if reason else result

    async def _admit(self, task: Task) -> Task | Rejected:
        if issubclass(self.world, SimulatedOnlyWorld):
            return self._check_form(task)
        try:
            with boundary(self.environment.name, "world"):
                world = self.world(self.options)
                try:
                    return await admit(world, self.environment, task)
                finally:
                    await world.close()
        except Bug as e:
            return Rejected.by_bug(task.id, e)

    def _check_form(self, task: Task) -> Task | Rejected:
        """A task checked without an engine: its form, and that of its actions. This proves nothing about its solution."""
        result = well_formed(self.world, task)
        if isinstance(result, Rejected):
            return result
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
                "instruction": assignment.source.instruction if assignment.source else draft.instruction,
                "spec": draft.spec,
                "goal": draft.goal,
                "solution": draft.solution,
                "kind": draft.kind,
                "source": "model",
            }
        )

    @staticmethod
    def _reject(assignment: Assignment, cause: Any, reason: str) -> Rejected:
        return Rejected(where=assignment.id, reason=reason, cause=cause)

    def _wrong_environment(self, draft: Draft) -> str:
        name = self.environment.name
        return "" if draft.environment == name else f"environment: expected {name!r}, got {draft.environment[:80]!r}"

    def _unknown_action(self, task: Task) -> str:
        names = [m.action.name for m in task.solution]
        bad = next((n for n in names if n not in self.world.actions), None)
        return f"solution: {unknown('action', bad[:80], self.world.actions)}" if bad is not None else ""

    @staticmethod
    def _off_topic(task: Task, assignment: Assignment) -> str:
        words = assignment.topic.words if assignment.topic else ()
        text = f"{task.instruction}\n{canonical(task.spec)}".casefold()
        on_topic = not words or any(w.casefold() in text for w in words)
        return "" if on_topic else f"neither world nor instruction holds one of the words {', '.join(words)}"

    @staticmethod
    def _outside_level(task: Task, assignment: Assignment) -> str:
        least, most = (assignment.level.steps if assignment.level else None) or (0, MAX_STEPS)
        steps = len(task.solution)
        fits = least <= steps <= most
        return "" if fits else f"the solution takes {steps} steps; this level asks for {least} to {most}"
