"""The states that an episode went through, found by doing its actions again in the engine; no model is asked."""

from __future__ import annotations

import asyncio
import zlib
from pathlib import Path
from typing import NamedTuple

from numpy.random import SeedSequence

from simenv import plugins
from simenv.config import Experiment, load
from simenv.errors import ConfigError, SimenvError
from simenv.options import read
from simenv.panel import Panel
from simenv.store import lines
from simenv.types import Task, Trajectory
from simenv.world import Engine

MOST = 200
"""Steps that are done again; a longer episode is shown up to there."""


class States(NamedTuple):
    """The panels before the first step and after each; `why` they end early, '' where they do not."""

    panels: list[tuple[Panel, ...]]
    why: str


def task(folder: Path, id: str) -> Task:
    """A task of a run by id; ConfigError where it is not there."""
    marks = f'"id":"{id}"'.encode()
    for line in lines(folder / "tasks.jsonl"):
        if marks in line:
            found = Task.model_validate_json(line)
            if found.id == id:
                return found
    raise ConfigError(f"{folder.name}: tasks.jsonl holds no task {id!r}")


def states(folder: Path, t: Trajectory) -> States:
    """Panels of every state. Where the engine cannot be had here, or a step fails, they end there and `why` says it."""
    found: list[tuple[Panel, ...]] = []
    try:
        asyncio.run(_replay(folder, t, found))
    except SimenvError as e:
        return States(found, str(e))
    return States(found, f"only the first {MOST} steps are shown" if len(t.steps) > MOST else "")


async def _replay(folder: Path, t: Trajectory, found: list[tuple[Panel, ...]]) -> None:
    experiment = load(folder / "config.yaml", [])
    given = task(folder, t.task)
    environment = plugins.environment(t.environment)
    world = _engine(experiment, environment)
    try:
        await world.reset(given, world_seed(experiment.seed, t))
        found.append(environment.panels(given.spec, await world.state()))
        for step in t.steps[:MOST]:
            if step.action is not None:
                await world.step(step.action)
            found.append(environment.panels(given.spec, await world.state()))
    finally:
        await world.close()


def _engine(experiment: Experiment, environment: plugins.Environment) -> Engine:
    kind = environment.world
    if not issubclass(kind, Engine):
        raise ConfigError(f"{environment.name} has no engine, so there is no state to show")
    config = experiment.environments.get(environment.name)
    world = kind(read(kind.Options, config.world if config else {}, f"{environment.name}.world"))
    if lacking := world.missing():
        raise ConfigError(f"{environment.name}: {lacking}")
    return world


def world_seed(seed: int, t: Trajectory) -> int:
    """The seed that a rollout gives the world of this episode."""
    return int(SeedSequence([seed, zlib.crc32(t.task.encode()), t.attempt]).generate_state(2)[0])
