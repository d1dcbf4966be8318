"""The tasks that a client may ask for: those of a file, by id or number, or the procedural teacher's, by seed."""

from __future__ import annotations

from numpy.random import SeedSequence, default_rng
from pydantic import Field

from simenv.config import EnvironmentConfig
from simenv.errors import ConfigError, InvalidAction, unknown
from simenv.options import Options
from simenv.runtime import EnvironmentRuntime
from simenv.serve.samples import samples
from simenv.source import TaskReader
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
        self.runtime = EnvironmentRuntime.of(name, config, world_key="world", teacher_key="teacher")
        self.runtime.require_host()
        self.environment, self._source = self.runtime.environment, self.runtime.task_source
        self._tasks: dict[str, Task] = {}

    async def load(self) -> None:
        """Read the tasks of the file, if there is one; ConfigError where none of them can be used."""
        if isinstance(self._source, TaskReader):
            items = await samples(self.runtime, 0)
            self._tasks = {t.id: t for t in items if isinstance(t, Task)}
            if not self._tasks:
                raise ConfigError(f"source: {self.runtime.config.source} has no task for {self.environment.name}")

    @property
    def told(self) -> str:
        """What a client may ask for, in words."""
        if not self._tasks:
            return "Every seed is a task of its own."
        return f"There are {len(self._tasks)} tasks, from {next(iter(self._tasks))!r} on."

    def world(self) -> Engine:
        """A new world for one episode."""
        return self.runtime.world()

    def task(self, request: Reset) -> Task:
        """The task that is asked for; InvalidAction names what there is."""
        seed = request.seed or 0
        if not isinstance(self._source, TaskReader):
            if request.task is not None:
                raise InvalidAction("reset: this server has no file of tasks; give a seed instead")
            return self._source.make(f"{self.environment.name}-{seed}", default_rng(SeedSequence(seed)))
        names = list(self._tasks)
        if request.task is None:
            return self._tasks[names[seed % len(names)]]
        if isinstance(request.task, int):
            if not 0 <= request.task < len(names):
                raise InvalidAction(f"reset: there are tasks 0 to {len(names) - 1}, not {request.task}")
            return self._tasks[names[request.task]]
        if request.task not in self._tasks:
            near = unknown("task", request.task, names[:20])
            raise InvalidAction(f"reset: {near}")
        return self._tasks[request.task]
