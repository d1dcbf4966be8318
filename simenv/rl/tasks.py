"""The tasks that a model is trained on, each with the chat that opens it and the seed of its world."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from simenv.config import EnvironmentsConfig
from simenv.env import Env, Limits
from simenv.errors import ConfigError, SimenvError
from simenv.runtime import EnvironmentRuntime
from simenv.source import Rejected
from simenv.teach.admission import admit, well_formed
from simenv.types import Message, Task


@dataclass(frozen=True)
class Start:
    """A task and where its episodes begin: attempts at it begin in equal worlds, with equal chats."""

    runtime: EnvironmentRuntime
    task: Task
    seed: int
    limits: Limits
    opening: tuple[Message, ...] = ()

    def env(self) -> Env:
        """A world of its own for one attempt. Close it after use."""
        return Env(self.runtime.world(), self.runtime.dialect, self.limits)


async def starts(config: EnvironmentsConfig, dialect: str, limits: Limits) -> dict[str, Start]:
    """The admitted tasks of all environments by id, opened once; ConfigError where an environment has none."""
    found: dict[str, Start] = {}
    for name, settings in config.environments.items():
        runtime = EnvironmentRuntime.of(name, settings, dialect=dialect, episodes=config.episodes)
        runtime.require_host()
        before = len(found)
        async for start in _admitted(runtime, config.seed, limits):
            found[start.task.id] = start
        if len(found) == before:
            raise ConfigError(f"environments.{name}: none of its tasks can be used")
    if not found:
        raise ConfigError("environments: name at least one, for example environments=[household]")
    return found


async def _admitted(runtime: EnvironmentRuntime, seed: int, limits: Limits) -> AsyncIterator[Start]:
    world, proven = runtime.world(), runtime.config.admit == "proven"
    try:
        for number, item in enumerate(runtime.propose(seed)):
            if isinstance(item, Task):
                item = await admit(world, runtime.environment, item) if proven else well_formed(type(world), item)
            if isinstance(item, Rejected):
                continue
            env = Env(world, runtime.dialect, limits)
            try:
                view = await env.reset(item, number)
            except SimenvError:  # it cannot be begun here
                continue
            yield Start(runtime, item, number, limits, tuple(view.messages))
    finally:
        await world.close()
