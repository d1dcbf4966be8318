"""Gold made to order: the environment's expert, which makes no errors here, plays the tasks of dropped trajectories."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator
from itertools import islice

from simenv.config import Experiment
from simenv.options import read
from simenv.rollout.drive import checked
from simenv.rollout.run import Rollout
from simenv.runs.store import Run
from simenv.types import Task, Trajectory

_KEPT: tuple[str, ...] = ("plugins", "seed", "environments", "dialect", "limits")
"""Settings of the run that the expert's episodes have too."""
TOGETHER = 16
"""Episodes in flight."""


def play(run: Run, is_wanted: Callable[[str], bool], trust: Collection[str] = ()) -> Iterator[Trajectory]:
    """The expert's episodes of a run's tasks whose ids are wanted, played in the engine, in the run's dialect.

    Tasks of environments that this host cannot run are skipped. ConfigError where the run's config cannot be used: Untrusted
    where it wants more than to choose among what is installed, and `trust` does not name that.
    """
    rollout = Rollout(experiment(run, trust))
    tasks = (t for t in run.tasks() if t.environment in rollout.sites and is_wanted(t.id))
    while batch := list(islice(tasks, TOGETHER)):
        yield from asyncio.run(_episodes(rollout, batch))


def experiment(run: Run, trust: Collection[str] = ()) -> Experiment:
    """The run's worlds, dialect and limits, without its agent, its models and its hooks."""
    config = run.config(trust)
    settings = {key: config[key] for key in _KEPT if key in config} | {"agent": "expert"}
    return checked(read(Experiment, settings, ""))


async def _episodes(rollout: Rollout, tasks: list[Task]) -> list[Trajectory]:
    return await asyncio.gather(*(rollout.episode(task) for task in tasks))
