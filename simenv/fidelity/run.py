"""A measurement: tasks admitted, questions lived through and written down, each answered and judged, and what it comes to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simenv.errors import ConfigError, SimenvError
from simenv.fidelity.actors import Actors
from simenv.fidelity.config import Fidelity, QuestionMode
from simenv.fidelity.figures import figures
from simenv.fidelity.questions import Asked, fingerprint, live, read
from simenv.fidelity.scoring import Answers, measure
from simenv.fidelity.training_data import export
from simenv.model import Model
from simenv.rollout.run import Rollout
from simenv.runs.store import Run, lines
from simenv.runtime import EnvironmentRuntime
from simenv.simulate import Simulator
from simenv.simulate.setup import SimulationSetup
from simenv.source import Rejected
from simenv.types import Task

QUESTIONS = "questions.jsonl"


@dataclass
class Measurement:
    """A Fidelity with every name resolved; making one asks no model."""

    settings: Fidelity
    model: Model | None = None
    on_task: Callable[[Task | Rejected], None] = lambda task: None
    on_asked: Callable[[Asked], None] = lambda asked: None
    on_answers: Callable[[Answers], None] = lambda answers: None
    stopping: bool = False
    """set to ask no more episodes and let those in flight end"""
    left_out: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.playing = SimulationSetup.named(self.settings.simulator, checked=True)
        self.tasks = None if self.settings.questions else Rollout(self.settings.tasks())
        if self.settings.questions and not Path(self.settings.questions).is_file():
            raise ConfigError(f"questions: {self.settings.questions} is not a file")
        self.left_out = dict(self.tasks.left_out) if self.tasks else {}
        self._actors: dict[str, Simulator] = {}

    def check(self) -> None:
        """ConfigError where the simulator cannot play an environment; one that is optional is left out."""
        for name, site in list(self.tasks.sites.items()) if self.tasks else ():
            try:
                self.simulator(name)
            except ConfigError as e:
                if self.tasks is None or not site.config.optional or len(self.tasks.sites) == 1:
                    raise
                self.left_out[name] = str(e)
                del self.tasks.sites[name]

    def simulator(self, name: str) -> Simulator:
        """Who plays an environment. The options of its engine count only for the examples of few_shot."""
        if name not in self._actors:
            runtime = EnvironmentRuntime.of(name, self.settings.environments.get(name), needs_engine=False)
            self._actors[name] = self.playing.actor(runtime.environment, runtime.options, self.model)
        return self._actors[name]

    # Questions.

    async def prepare(self, run: Run) -> int:
        """The questions in the folder, made once or copied; returns how many episodes there are."""
        path = run.folder / QUESTIONS
        if not path.exists():
            with run.aside(QUESTIONS) as file:
                async for asked in self._asked(run):
                    file.write(asked.model_dump_json(exclude_defaults=True) + "\n")
                    self.on_asked(asked)
        return sum(1 for _ in lines(path))

    async def _asked(self, run: Run) -> Any:
        if self.tasks is None:
            for asked in read(Path(self.settings.questions or "")):
                self.simulator(asked.environment)
                yield asked
            return
        self.tasks.on_task = self.on_task
        await self.tasks.prepare(run)
        for line in lines(run.folder / "tasks.jsonl"):
            task = Task.model_validate_json(line)
            site = self.tasks.sites[task.environment]
            actors = Actors(site.environment)
            for policy in self.settings.policies:
                world = site.world()
                try:
                    asked = await live(world, actors, task, policy, self.settings.seed, self.settings.steps)
                finally:
                    await world.close()
                if asked.rounds:
                    yield asked

    # Answers.

    def done(self, run: Run) -> set[str]:
        """The ids of the answers that the folder holds; those with an outage among them are to be asked again."""
        return {a.id for a in run.read("answers", Answers) if all(step.answered for step in a.steps)}

    async def run(self, run: Run) -> None:
        """All answers that the folder does not hold yet. BudgetSpent ends it; what is done is kept."""
        writer = run.writer("answers")
        queue = self._queue(run, self.done(run))

        async def work() -> None:
            for asked, way in queue:
                if self.stopping:
                    return
                simulator = self.simulator(asked.environment)
                answers = await measure(simulator, simulator.setting.comparison, asked, way)
                await writer.append(answers)
                self.on_answers(answers)
                await asyncio.sleep(0)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self.settings.concurrency):
                    group.create_task(work())
        except* SimenvError as e:
            raise e.exceptions[0] from None
        finally:
            await writer.close()

    def _queue(self, run: Run, done: set[str]) -> Iterator[tuple[Asked, QuestionMode]]:
        for asked in read(run.folder / QUESTIONS):
            for way in self.settings.ways:
                if f"{way}.{asked.id}" not in done:
                    yield asked, way

    # What it comes to.

    def report(self, run: Run) -> dict[str, Any]:
        """The figures of all answers in the folder, with what was asked and who was measured."""
        path = run.folder / QUESTIONS
        result: dict[str, Any] = {
            "simulator": next(
                (a.identity for a in self._actors.values()), self.settings.simulator.model_dump(mode="json")
            ),
            "seed": self.settings.seed,
            "questions": {"digest": fingerprint(path), "episodes": sum(1 for _ in lines(path))},
            "left_out": self.left_out,
            "ways": figures({a.id: a for a in run.read("answers", Answers)}.values()),
        }
        if self.settings.pairs:
            result["pairs"] = export(run.folder / "pairs", path)
        run.write("report.json", json.dumps(result, indent=2, ensure_ascii=False) + "\n")
        return result
