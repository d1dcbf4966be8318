"""The tasks that a client may ask for: those of a file, by id or number, or the procedural teacher's, by seed."""

from __future__ import annotations

from numpy.random import SeedSequence, default_rng
from pydantic import Field

from simenv import plugins
from simenv.config import EnvironmentConfig
from simenv.errors import ConfigError, InvalidAction, unknown
from simenv.options import Options, read
from simenv.serve.samples import samples
from simenv.source import TaskReader
from simenv.teach.admission import origin
from simenv.types import Task
from simenv.world import Engine


class Reset(Options):
    """Which episode to begin; nothing given: that of seed 0."""

    seed: int | None = Field(default=None, ge=0)
    """chooses the task where none is named, and whatever is random in the world; the same seed, the same episode"""
    task: str | int | None = None
    """id of a task, or its number from 0, where the server has a file of tasks"""


class TaskCatalog:
    """One environment with its settings and its tasks."""

    def __init__(self, name: str, config: EnvironmentConfig) -> None:
        self.environment = plugins.environment(name)
        kind = self.environment.world
        if not issubclass(kind, Engine):
            raise ConfigError(f"environment {name!r}: {kind.__name__} is no Engine")
        self._kind, self._options = kind, read(kind.Options, config.world, "world")
        if lacking := self.world().missing():
            raise ConfigError(f"{name}: {lacking}")
        self._config, self._origin = config, origin(self.environment, config)
        self._tasks: dict[str, Task] = {}

    async def load(self) -> None:
        """Read the tasks of the file, if there is one; ConfigError where none of them can be used."""
        if isinstance(self._origin, TaskReader):
            found = await samples(self.environment, self.world(), self._origin, self._config, 0)
            self._tasks = {t.id: t for t in found if isinstance(t, Task)}
            if not self._tasks:
                raise ConfigError(f"source: {self._config.source} has no task for {self.environment.name}")

    @property
    def told(self) -> str:
        """What a client may ask for, in words."""
        if not self._tasks:
            return "Every seed is a task of its own."
        return f"There are {len(self._tasks)} tasks, from {next(iter(self._tasks))!r} on."

    def world(self) -> Engine:
        return self._kind(self._options)

    def task(self, wanted: Reset) -> Task:
        """The task that is asked for; InvalidAction names what there is."""
        seed = wanted.seed or 0
        if not isinstance(self._origin, TaskReader):
            if wanted.task is not None:
                raise InvalidAction("reset: this server has no file of tasks; give a seed instead")
            return self._origin.make(f"{self.environment.name}-{seed}", default_rng(SeedSequence(seed)))
        names = list(self._tasks)
        if wanted.task is None:
            return self._tasks[names[seed % len(names)]]
        if isinstance(wanted.task, int):
            if not 0 <= wanted.task < len(names):
                raise InvalidAction(f"reset: there are tasks 0 to {len(names) - 1}, not {wanted.task}")
            return self._tasks[names[wanted.task]]
        if wanted.task not in self._tasks:
            near = unknown("task", wanted.task, names[:20])
            raise InvalidAction(f"reset: {near}")
        return self._tasks[wanted.task]
