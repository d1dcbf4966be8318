"""A model that is shown how the real engine answers: examples recorded on the spot from tasks of the procedural teacher."""

from __future__ import annotations

import asyncio
import zlib
from typing import Any, ClassVar

from numpy.random import SeedSequence, default_rng
from pydantic import Field

from simenv.errors import ConfigError
from simenv.options import Options
from simenv.simulate import Exchange, SimulatorSetup
from simenv.simulate.prompted import PromptedOptions, PromptedSimulator

APART = 1 << 31
"""Task numbers of the examples: none of a run's."""
TASKS = 20
"""Tasks that are looked through for examples that differ."""


class FewShotOptions(PromptedOptions):
    examples: int = Field(default=8, ge=1, le=100)
    """exchanges with the engine that it is shown"""
    seed: int = Field(default=0, ge=0)
    """of the tasks they come from"""


class FewShot(PromptedSimulator):
    """As naive, and with examples, the same for every episode."""

    Options: ClassVar[type[Options]] = FewShotOptions
    options: FewShotOptions

    def __init__(self, options: FewShotOptions, setting: SimulatorSetup) -> None:
        super().__init__(options, setting)
        environment = setting.environment
        if setting.engine is None or environment is None or not (environment.procedural and environment.expert):
            raise ConfigError(f"simulator 'few_shot': {setting.name} has no engine, teacher and expert to learn from")
        self._lock = asyncio.Lock()
        self._examples: list[Exchange] = []

    async def examples(self) -> list[Exchange]:
        async with self._lock:
            if not self._examples:
                self._examples = await record(self.setting, self.options.examples, self.options.seed)
            return self._examples


async def record(setting: SimulatorSetup, count: int, seed: int) -> list[Exchange]:
    """Exchanges with the engine, of different kinds as far as there are: the expert's moves and its slips."""
    assert setting.engine and setting.environment and setting.environment.procedural and setting.environment.expert
    teacher, expert, world = setting.environment.procedural(), setting.environment.expert(), setting.engine()
    by_kind: dict[Any, Exchange] = {}
    spare: list[Exchange] = []
    try:
        for number in range(TASKS):
            rng = default_rng(SeedSequence([seed, zlib.crc32(setting.name.encode()), APART + number]))
            task = teacher.make(f"{setting.name}-example-{number}", rng)
            await world.reset(task)
            for move in task.solution:
                slip = await world.call(expert.perturb, world, task, move, rng)
                for action in (move.action, slip.action):
                    if setting.actions[action.name].submit:
                        continue
                    observation = await world.step(action)
                    exchange = Exchange(action=action, text=observation.text)
                    first = by_kind.setdefault((action.name, observation.invalid, observation.text[:16]), exchange)
                    if first is not exchange:
                        spare.append(exchange)
                    if observation.stop is not None:
                        break
            if len(by_kind) >= count:
                break
    finally:
        await world.close()
    return [*by_kind.values(), *spare][:count]
