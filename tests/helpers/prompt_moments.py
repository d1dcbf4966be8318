"""Steps of procedural tasks as a grounded simulator would be asked about them, each beside the engine's truth."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from typing import NamedTuple

from numpy.random import SeedSequence, default_rng

from simenv.compare import Transition
from simenv.errors import InvalidAction
from simenv.model import posed
from simenv.models.clients.scripted import scripted
from simenv.plugins import Environment, environment, load
from simenv.simulate import Exchange, SimulatorContext, SimulatorSetup
from simenv.simulate.prompted import PromptedSimulator
from tests.benchmarks.bench_checker import episode


class PromptMoment(NamedTuple):
    """One step: the number of its episode, all that the simulator is told, and what the engine made of it."""

    episode: int
    system: str
    user: str
    transition: Transition

    @property
    def prompt(self) -> str:
        return f"{self.system}\n\n{self.user}"


def grounded(name: str) -> PromptedSimulator:
    """The grounded simulator of an environment; its model answers nothing."""
    kind = load("simulators", "grounded")
    simulator: PromptedSimulator = kind(kind.Options(), SimulatorSetup.of(environment(name), None, scripted()))
    return simulator


async def prompt_moments(name: str, steps: int, seed: int = 0, hostile: float = 0.15) -> AsyncIterator[PromptMoment]:
    """So many steps of tasks of all difficulties, by the expert with slips, at random and by an adversary."""
    env, simulator = environment(name), grounded(name)
    world, made, number = env.world(), 0, 0
    while made < steps:
        rng = default_rng(SeedSequence([seed, zlib.crc32(name.encode()), 7, number]))
        teacher = env.procedural(env.procedural.Options(difficulty=number % 5 + 1))
        task = teacher.make(f"{name}-prompt-{number}", rng)
        number += 1
        context = SimulatorContext(spec=task.spec, opening=(await world.reset(task)).text)
        async for step in episode(env, world, task, rng, hostile):
            context = context.model_copy(update={"state": step.before})
            if not _needs_no_model(env, step):
                system, user = [m.content for m in (await simulator.request(context, step.action)).messages]
                yield PromptMoment(number, system, posed(user, simulator.shape), step)
                made += 1
            past = (*context.past, Exchange(action=step.action, text=step.truth.text))
            context = context.model_copy(update={"past": past})
            if made == steps:
                break
    await world.close()


def _needs_no_model(env: Environment, step: Transition) -> bool:
    """Whether the step is answered without a model: its call has a wrong form, or no engine would run it."""
    spec = env.world.actions.get(step.action.name)
    if spec is None:
        return True
    try:
        spec.read(step.action.arguments)
    except InvalidAction:
        return True
    return spec.submit or bool(env.comparison().malformed(step.action))
