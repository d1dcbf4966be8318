"""The tasks of a package, known by their number, and episodes at them; goals and solutions never leave the process."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from simenv.config import EnvironmentConfig
from simenv.env import Env, Limits
from simenv.errors import ConfigError
from simenv.runtime import EnvironmentRuntime
from simenv.types import Grade, Message, Step, Stop, Task, Turn


class Shelf:
    """The tasks of one environment, by number: those of a file, or the procedural teacher's."""

    def __init__(
        self, environment: str, dialect: str = "react", source: str | Path | None = None, seed: int = 0,
        world: dict[str, Any] | None = None, limits: Limits | None = None,
    ) -> None:  # fmt: skip
        config = EnvironmentConfig(source=str(source) if source else None, world=world or {})
        self.runtime = EnvironmentRuntime.of(environment, config, dialect=dialect, episodes=1)
        self.runtime.require_host()
        self.seed, self.limits = seed, limits or Limits()

    def task(self, number: int) -> Task:
        """A task by its number from 0; ConfigError where there is none, or it cannot be used."""
        most = self.runtime.config.episodes if self.runtime.config.source is None else None
        runtime = self.runtime
        if most is not None:
            config = runtime.config.model_copy(update={"episodes": number + 1})
            runtime = EnvironmentRuntime(
                runtime.environment, config, runtime.options, runtime.dialect, runtime.teacher_key
            )
        item = next(runtime.propose(self.seed, number), None)
        if not isinstance(item, Task):
            raise ConfigError(f"task {number}: {item.reason if item else 'there is none'}")
        return item

    def count(self, episodes: int) -> int:
        """How many tasks there are; of a teacher's, who never ends, `episodes`."""
        if self.runtime.config.source is None:
            return episodes
        return sum(1 for _ in self.runtime.propose(self.seed))

    async def begin(self, number: int) -> Episode:
        """An episode at a task in a world of its own. Close it after use."""
        episode = Episode(Env(self.runtime.world(), self.runtime.dialect, self.limits), number)
        await episode.env.reset(self.task(number), number)
        return episode

    async def opening(self, number: int) -> tuple[Message, ...]:
        """The chat that a task begins with."""
        episode = await self.begin(number)
        try:
            return tuple(episode.env.messages)
        finally:
            await episode.close()


class Judged(NamedTuple):
    """How an episode ended: its grade, why it stopped, and the share of its actions that could be carried out."""

    grade: Grade
    stop: Stop | None
    format: float


class Episode:
    """One episode whose agent is somewhere else: it hears replies and says what the world answers."""

    def __init__(self, env: Env, number: int) -> None:
        self.env, self.number = env, number

    @property
    def over(self) -> bool:
        return self.env.stop is not None

    @property
    def steps(self) -> list[Step]:
        return self.env.steps

    async def hear(self, text: str) -> str:
        """A reply; what the world says to it, '' where the episode is over."""
        before = len(self.env.messages)
        await self.env.step(Turn(text=text), self.env.view())
        said = [m.content for m in self.env.messages[before + 1 :]]
        return "" if self.over else "\n\n".join(said)

    async def judge(self) -> Judged:
        """The judgement of what it came to."""
        valid = [not s.observation.invalid for s in self.steps]
        return Judged(await self.env.grade(), self.env.stop, sum(valid) / len(valid) if valid else 0.0)

    async def close(self) -> None:
        await self.env.close()
