"""One environment of an experiment with every name resolved: its folder, options, dialect, and the source of its tasks."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from numpy.random import SeedSequence, default_rng

from simenv import plugins
from simenv.config import EnvironmentConfig
from simenv.containment import boundary
from simenv.dialects import Dialect
from simenv.errors import Bug, ConfigError
from simenv.options import Options, read
from simenv.plugins import Environment
from simenv.source import Rejected, TaskFile, TaskGenerator, TaskReader
from simenv.types import Task
from simenv.world import Engine

DIALECT = "react"


@dataclass(frozen=True)
class EnvironmentRuntime:
    """One environment, resolved. Make it with `of`; it holds no world, each call of `world` makes a new one."""

    environment: Environment
    config: EnvironmentConfig
    options: Options
    """of the world"""
    dialect: Dialect
    teacher_key: str
    """the setting that holds the options of the task generator, for messages"""

    @classmethod
    def of(
        cls,
        environment: str | Environment,
        config: EnvironmentConfig | None = None,
        *,
        dialect: str = DIALECT,
        episodes: int | None = None,
        needs_engine: bool = True,
        world_key: str | None = None,
        teacher_key: str | None = None,
    ) -> EnvironmentRuntime:
        """Resolve an environment, by name or read already.

        `episodes`: tasks of the generator if the config names neither a file nor a number.
        `world_key`, `teacher_key`: the settings that the options come from, for messages; by default NAME.world and
        NAME.teacher. ConfigError: unknown environment, dialect or option, or no engine where one is needed.
        """
        name = environment if isinstance(environment, str) else environment.name
        environment = plugins.environment(environment) if isinstance(environment, str) else environment
        config = config or EnvironmentConfig()
        if needs_engine and not issubclass(environment.world, Engine):
            raise ConfigError(f"environment {name!r} has no engine; only a model can play it: mode=simulated")
        options = read(getattr(environment.world, "Options", Options), config.world, world_key or f"{name}.world")
        if config.source is None and environment.tasks is not None:
            config = config.model_copy(update={"source": str(environment.tasks)})
        if config.source is None and config.episodes is None:
            config = config.model_copy(update={"episodes": episodes})
        return cls(
            environment,
            config,
            options,
            environment.dialect(dialect, config.actions),
            teacher_key or f"{environment.name}.teacher",
        )

    @property
    def has_engine(self) -> bool:
        """Whether a real engine plays this environment; otherwise only a model can."""
        return issubclass(self.environment.world, Engine)

    def world(self) -> Engine:
        """A new world with these options; close it after use. ConfigError if there is no engine."""
        kind = self.environment.world
        if not issubclass(kind, Engine):
            raise ConfigError(f"environment {self.environment.name!r} has no engine; only a model can play it")
        with boundary(self.environment.name, "__init__"):
            world = kind(self.options)
        world.actions = self.dialect.actions
        return world

    def missing(self) -> str:
        """What this host lacks to run the engine; '' if nothing is lacking or there is no engine."""
        return self.world().missing() if self.has_engine else ""

    def require_host(self, place: str | None = None) -> None:
        """ConfigError if this host lacks something; `place` begins the message, by default the environment's name."""
        if lack := self.missing():
            raise ConfigError(f"{place or self.environment.name}: {lack}")

    # Tasks.

    def generator(self) -> TaskGenerator | None:
        """The environment's task generator with the config's options; None if it has none. ConfigError for an option."""
        kind = self.environment.procedural
        return kind(read(kind.Options, self.config.teacher, self.teacher_key)) if kind else None

    @cached_property
    def task_source(self) -> TaskReader | TaskGenerator:
        """The reader of the config's task file, or the generator. ConfigError if the file cannot be used or none is there."""
        name = self.environment.name
        if self.config.source is not None:
            return task_reader(self.environment, Path(self.config.source))
        if (generator := self.generator()) is None:
            raise ConfigError(f"environment {name!r} has no procedural teacher; give {name}.source")
        return generator

    def propose(self, seed: int, start: int = 0) -> Iterator[Task | Rejected]:
        """The tasks from number `start` on, not yet admitted, in an order and with ids that depend on config and seed alone.

        A task that could not be made for a bug is Rejected; a bug of a reader ends its file with one Rejected.
        """
        source = self.task_source
        if isinstance(source, TaskReader):
            yield from islice(self._read(source), start, self.config.episodes)
            return
        for number in range(start, self.config.episodes or 0):
            yield self._made(source, seed, number)

    def _made(self, generator: TaskGenerator, seed: int, number: int) -> Task | Rejected:
        name = self.environment.name
        id, rng = f"{name}-{seed}-{number:05d}", default_rng(SeedSequence([seed, zlib.crc32(name.encode()), number]))
        try:
            with boundary(generator.make):
                task = generator.make(id, rng)
                if not isinstance(task, Task):
                    raise TypeError(f"make gave {task!r:.80}; expected a Task")
                return task
        except Bug as e:
            return Rejected.by_bug(id, e)

    def _read(self, reader: TaskReader) -> Iterator[Task | Rejected]:
        path, number = Path(self.config.source or ""), 0
        try:
            with boundary(reader.tasks):
                for item in reader.tasks(path):
                    number += 1
                    if not isinstance(item, Task | Rejected):
                        raise TypeError(f"tasks gave {item!r:.80}; expected a Task or a Rejected")
                    yield item
        except Bug as e:
            yield Rejected.by_bug(f"{path}: after record {number}", e)


def task_reader(environment: Environment, path: Path) -> TaskReader:
    """The reader that takes a task file; ConfigError names the formats there are."""
    if not path.exists():
        raise ConfigError(f"{environment.name}.source: {path} does not exist")
    if TaskFile.accepts(path):
        return TaskFile(environment.name)
    for reader in environment.sources:
        with boundary(reader.name, "accepts"):
            if reader.accepts(path):
                return reader()
    formats = ", ".join(["tasks", *(s.name for s in environment.sources)])
    raise ConfigError(f"{environment.name}.source: {path} is none of the formats it reads: {formats}")
