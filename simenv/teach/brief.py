"""The prompt of an assignment: first what is the same for every task of an environment, then what is asked for this time.

Providers keep what they have read of a prompt and ask less for it; so the part that changes stands last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.random import SeedSequence, default_rng

from simenv.errors import WorldError
from simenv.model import Request
from simenv.plugins.definition import SimulatedOnlyWorld
from simenv.prompts import fenced, render
from simenv.runtime import EnvironmentRuntime
from simenv.source import TaskGenerator
from simenv.teach.assignment import Assignment
from simenv.teach.config import Level, Teaching
from simenv.teach.draft import draft_text
from simenv.types import Message, Task, canonical
from simenv.world import Engine

HERE = Path(__file__).parent
CANDIDATES = 4
"""Procedural tasks drawn for each example; the one whose solution is as long as the level asks becomes the example."""
HARDEST_EXAMPLE = 3
"""Difficulty of the examples for the last of several levels; harder worlds are too long for a prompt."""
MAX_EARLIER = 200
"""Most characters of an earlier instruction in a prompt."""


@dataclass
class Brief:
    """Writes the prompts for one environment. `schema` is that of a draft, which the prompt shows."""

    runtime: EnvironmentRuntime
    config: Teaching
    schema: dict[str, Any]

    def request(self, assignment: Assignment, earlier: list[str]) -> Request:
        """The first request of an assignment; `earlier` are instructions from which it must differ."""
        environment = self.runtime.environment
        world = environment.world
        prompt = render(
            HERE / "author.j2",
            environment=environment.name,
            overview=world.overview,
            guide=self.guide(),
            tools=[canonical(spec.tool["function"]) for spec in world.actions.values()],
            submitting=[name for name, spec in world.actions.items() if spec.submit],
            ends_at_goal=world.ends_at_goal,
            engine=issubclass(world, Engine),
            solver=environment.expert is not None,
            schema=canonical(self.schema),
            examples=self.examples(assignment),
            topic=assignment.topic.topic if assignment.topic else "",
            level=assignment.level,
            passage=fenced(assignment.passage),
            instruction=fenced(assignment.source.instruction if assignment.source else ""),
            record=fenced(assignment.source.record if assignment.source else ""),
            before=[" ".join(t.split())[:MAX_EARLIER] for t in earlier],
        )
        message = Message(role="user", content=prompt)
        return Request(messages=(message,), seed=assignment.seed, sample=assignment.number)

    def guide(self) -> str:
        """The environment's part of the prompt: its author.j2, or state and rules of its definition; '' if it has neither."""
        environment = self.runtime.environment
        if issubclass(environment.world, SimulatedOnlyWorld):
            definition = environment.world.blueprint
            return render(HERE / "blueprint.j2", state=canonical(definition.state), rules=definition.rules)
        return render(environment.author) if environment.author else ""

    def examples(self, assignment: Assignment) -> list[str]:
        """Example drafts of about the level asked for, from the procedural teacher; each assignment gets other ones."""
        texts = (self._example(assignment, n) for n in range(self.config.shots))
        return [text for text in texts if text]

    def _example(self, assignment: Assignment, number: int) -> str:
        """One of the candidates that fit, at the wanted difficulty or else at the next lower one; '' for none.

        Easy levels get the one with the fewest steps, hard levels the one with the most.
        """
        for generator in self._generators(assignment.level):
            rngs = [default_rng(SeedSequence([assignment.seed, number, c])) for c in range(CANDIDATES)]
            tasks = [task for rng in rngs if (task := _drawn(generator, rng)) and _fits(task, assignment.level)]
            by_steps = sorted(tasks, key=lambda task: len(task.solution))
            texts = [text for text in map(draft_text, by_steps) if len(text) <= self.config.shot]
            if texts:
                return texts[round(self._rank(assignment.level) * (len(texts) - 1))]
        return ""

    def _generators(self, level: Level | None) -> Iterator[TaskGenerator]:
        """Generators of examples, from the difficulty of a level down to the lowest."""
        kind = self.runtime.environment.procedural
        if kind is None:
            return
        if "difficulty" not in kind.Options.model_fields or "difficulty" in self.runtime.config.teacher:
            yield kind(kind.Options.model_validate(self.runtime.config.teacher))
            return
        hardest = 1 + round((HARDEST_EXAMPLE - 1) * self._rank(level))
        for difficulty in range(hardest, 0, -1):
            yield kind(kind.Options.model_validate({**self.runtime.config.teacher, "difficulty": difficulty}))

    def _rank(self, level: Level | None) -> float:
        """The place of a level among all of them, which come from easy (0) to hard (1)."""
        levels = self.config.levels
        return levels.index(level) / (len(levels) - 1) if level is not None and len(levels) > 1 else 0.0


def _drawn(generator: TaskGenerator, rng: Any) -> Task | None:
    try:
        return generator.example("example", rng)
    except WorldError:  # some worlds are too small for what is hard
        return None


def _fits(task: Task, level: Level | None) -> bool:
    least, most = (level.steps if level else None) or (0, len(task.solution))
    return least <= len(task.solution) <= most
