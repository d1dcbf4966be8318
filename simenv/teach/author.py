"""A model writes one task with its world; the engine, the grader and a few plain rules decide whether it is admitted.

Objections go back to the model, a bounded number of times. The model's own opinion of its work does not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simenv.config import EnvironmentConfig
from simenv.errors import ConfigError, EndOfRun, ModelError, Unusable
from simenv.model import Model, Request, ask
from simenv.plugins import Environment
from simenv.plugins.definition import SimulatedOnlyWorld
from simenv.runtime import EnvironmentRuntime
from simenv.source import Rejected
from simenv.teach.assignment import Assignment
from simenv.teach.brief import Brief
from simenv.teach.config import Teaching
from simenv.teach.draft import draft_schema, format_cause
from simenv.teach.duplicates import DuplicateIndex
from simenv.teach.review import Review
from simenv.types import Data, InstalledName, Task, Usage
from simenv.world import Engine


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
        config = EnvironmentConfig(
            world=_explaining(world) | self.config.world.get(name, {}), teacher=self.config.examples.get(name, {})
        )
        self.runtime = EnvironmentRuntime.of(
            self.environment, config, needs_engine=False, world_key=f"world.{name}", teacher_key=f"examples.{name}"
        )
        self.runtime.generator()  # so that a wrong option is named at once
        self.brief = Brief(self.runtime, self.config, self.schema)
        self.review = Review(self.runtime, self.index)

    def missing(self) -> str:
        """What this host lacks to run the environment; '' if nothing."""
        return self.runtime.missing()

    async def write(self, assignment: Assignment, until: int) -> AssignmentResult:
        """Ask the model until its task is admitted or its answers are used up.

        Only tasks numbered below `until` count as duplicates. EndOfRun passes through; any other failure of the model is
        a rejection.
        """
        usage: list[Usage] = []
        verdict: Task | Rejected | None = None

        async def faults(value: Any) -> list[str]:
            nonlocal verdict
            verdict = await self.judge(value, assignment, until)
            return [] if isinstance(verdict, Task) else _objections(verdict)

        try:
            request = self.request(assignment, until)
            tries = 1 + self.config.repairs
            await ask(
                self.model, request, self.schema, tries=tries, spent=usage.append, faults=faults, shows_schema=True
            )
        except EndOfRun:
            raise
        except Unusable as e:
            if cause := format_cause(e.text, self.schema):
                verdict = Rejected(where=assignment.id, reason=str(e), cause=cause)
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
        return self.brief.request(assignment, self.index.last(self.config.before, until))

    async def judge(self, value: dict[str, Any], assignment: Assignment, until: int) -> Task | Rejected:
        """The task of a draft, proven in the engine, or a rejection with all that is wrong with it."""
        return await self.review.judge(value, assignment, until)


def _objections(rejected: Rejected) -> list[str]:
    """What is said to the model: every fault, then what happened; a traceback is for people."""
    reasons = [fault.reason for fault in rejected.faults]
    if rejected.cause == "bug" or not rejected.detail:
        return reasons
    return [*reasons, f"This is what happened:\n{rejected.detail}"]


def _explaining(world: type[Engine | SimulatedOnlyWorld]) -> dict[str, Any]:
    """The option of a world that gives the reason with each refusal, if it has one."""
    options = getattr(world, "Options", None)
    return {"explain": True} if options is not None and "explain" in options.model_fields else {}
