"""Runs a measurement: admits tasks, records the questions, asks the simulator, and reports the figures."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simenv.concurrency import run_workers
from simenv.containment import Breaker, boundary
from simenv.errors import Bug, ConfigError
from simenv.fidelity.actors import Actors
from simenv.fidelity.aggregate import aggregate
from simenv.fidelity.config import ActorName, Fidelity, QuestionMode
from simenv.fidelity.questions import QuestionEpisode, fingerprint, read, record
from simenv.fidelity.scoring import EpisodeAnswers, score
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
    """A measurement with every name resolved. The constructor calls no model and writes nothing.

    The callbacks get each task, each recorded episode and its answers as they are done.
    """

    settings: Fidelity
    model: Model | None = None
    on_task: Callable[[Task | Rejected], None] = lambda task: None
    on_questions: Callable[[QuestionEpisode], None] = lambda episode: None
    on_answers: Callable[[EpisodeAnswers], None] = lambda answers: None
    stopping: bool = False
    """set it to start no more episodes; those in flight are finished"""
    left_out: dict[str, str] = field(default_factory=dict)
    bugs: Counter[tuple[str, str]] = field(default_factory=Counter)
    """by place and error: exceptions that nobody foresaw; each ended one episode, which a resume asks again"""

    def __post_init__(self) -> None:
        self.playing = SimulationSetup.named(self.settings.simulator, checked=True)
        self.tasks = None if self.settings.questions else Rollout(self.settings.tasks())
        if self.settings.questions and not Path(self.settings.questions).is_file():
            raise ConfigError(f"questions: {self.settings.questions} is not a file")
        self.left_out = dict(self.tasks.left_out) if self.tasks else {}
        self._actors: dict[str, Simulator] = {}
        self._breaker = Breaker()
        self._traces: dict[tuple[str, str], str] = {}

    def check(self) -> None:
        """ConfigError if the simulator cannot play an environment; an optional one is left out instead."""
        for name, site in list(self.tasks.sites.items()) if self.tasks else ():
            try:
                self.simulator(name)
            except ConfigError as e:
                if self.tasks is None or not site.config.optional or len(self.tasks.sites) == 1:
                    raise
                self.left_out[name] = str(e)
                del self.tasks.sites[name]

    def simulator(self, name: str) -> Simulator:
        """The simulator of an environment. The options of its engine matter only for the examples of few_shot."""
        if name not in self._actors:
            runtime = EnvironmentRuntime.of(name, self.settings.environments.get(name), needs_engine=False)
            self._actors[name] = self.playing.actor(runtime.environment, runtime.options, self.model)
        return self._actors[name]

    # Questions.

    async def prepare(self, run: Run) -> int:
        """Record the questions into the folder, or copy them, if they are not there yet. Returns the number of episodes."""
        path = run.folder / QUESTIONS
        if not path.exists():
            with run.aside(QUESTIONS) as file:
                async for episode in self._questions(run):
                    file.write(episode.model_dump_json(exclude_defaults=True) + "\n")
                    self.on_questions(episode)
        return sum(1 for _ in lines(path))

    async def _questions(self, run: Run) -> AsyncIterator[QuestionEpisode]:
        if self.tasks is None:
            for episode in read(Path(self.settings.questions or "")):
                self.simulator(episode.environment)  # ConfigError before anything is asked
                yield episode
            return
        self.tasks.on_task = self.on_task
        await self.tasks.prepare(run)
        for line in lines(run.folder / "tasks.jsonl"):
            task = Task.model_validate_json(line)
            site = self.tasks.sites[task.environment]
            actors = Actors(site.environment)
            for actor in self.settings.policies:
                recorded = await self._record(site, actors, task, actor)
                if recorded is not None and recorded.rounds:
                    yield recorded

    async def _record(
        self, site: EnvironmentRuntime, actors: Actors, task: Task, actor: ActorName
    ) -> QuestionEpisode | None:
        """The questions of one episode; None if a bug ended it."""
        with self._contained(task.environment):
            world = site.world()
            try:
                return await record(world, actors, task, actor, self.settings.seed, self.settings.steps)
            finally:
                await world.close()
        return None

    # Answers.

    def answered(self, run: Run) -> set[str]:
        """Ids of the episodes that are answered in full. One with an outage in it is asked again."""
        return {a.id for a in run.read("answers", EpisodeAnswers) if all(step.answered for step in a.steps)}

    async def run(self, run: Run) -> None:
        """Ask all that is not answered yet. BudgetSpent ends it; finished answers are kept."""
        writer = run.writer("answers")
        queue = self._queue(run, self.answered(run))

        async def work() -> None:
            for episode, mode in queue:
                if self.stopping:
                    return
                simulator = self.simulator(episode.environment)
                with self._contained(episode.environment):
                    answers = await score(simulator, simulator.setting.comparison, episode, mode)
                    await writer.append(answers)
                    self.on_answers(answers)
                await asyncio.sleep(0)

        try:
            await run_workers(work, self.settings.concurrency)
        finally:
            await writer.close()

    def _queue(self, run: Run, answered: set[str]) -> Iterator[tuple[QuestionEpisode, QuestionMode]]:
        for episode in read(run.folder / QUESTIONS):
            for mode in self.settings.ways:
                if f"{mode}.{episode.id}" not in answered:
                    yield episode, mode

    @contextmanager
    def _contained(self, environment: str) -> Iterator[None]:
        """A block of one episode: an exception that nobody foresaw ends it alone. BugLimit at too many equal ones in a row."""
        try:
            with boundary("fidelity", environment):
                yield
        except Bug as e:
            self.bugs[e.place, e.error] += 1
            self._traces.setdefault((e.place, e.error), e.trace)
            self._breaker.count(e.place, e.error)
        else:
            self._breaker.count()

    # Report.

    def report(self, run: Run) -> dict[str, Any]:
        """Write report.json: the figures of all answers in the folder, with the questions and the simulator they are of."""
        path = run.folder / QUESTIONS
        result: dict[str, Any] = {
            "simulator": next(
                (a.identity for a in self._actors.values()), self.settings.simulator.model_dump(mode="json")
            ),
            "seed": self.settings.seed,
            "questions": {"digest": fingerprint(path), "episodes": sum(1 for _ in lines(path))},
            "left_out": self.left_out,
            "ways": aggregate({a.id: a for a in run.read("answers", EpisodeAnswers)}.values()),
        }
        if self.bugs:
            result["bugs"] = [
                {"place": key[0], "error": key[1], "count": count, "traceback": self._traces[key]}
                for key, count in self.bugs.most_common()
            ]
        if self.settings.pairs:
            result["pairs"] = export(run.folder / "pairs", path)
        run.write("report.json", json.dumps(result, indent=2, ensure_ascii=False) + "\n")
        return result
