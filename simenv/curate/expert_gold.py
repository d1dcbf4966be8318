"""Gold made to measure: the environment's expert, who makes no slips, plays the tasks of the trajectories that were dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import islice

from simenv import plugins
from simenv.config import Experiment, yaml_file
from simenv.options import read
from simenv.rollout.run import Rollout
from simenv.runs.store import Run, lines
from simenv.types import Task, Trajectory

TOGETHER = 16
"""Episodes in flight."""


def play(run: Run, wanted: Callable[[str], bool]) -> Iterator[Trajectory]:
    """The expert's episodes of the tasks of a run whose ids are wanted, in the run's dialect.

    They are played in the engine. Tasks of environments that this host cannot run are passed over.
    """
    live = Rollout(_experiment(run))
    tasks = (t for t in _tasks(run) if t.environment in live.sites and wanted(t.id))
    while batch := list(islice(tasks, TOGETHER)):
        yield from asyncio.run(_together(live, batch))


def _experiment(run: Run) -> Experiment:
    """The run's worlds, dialect and limits, without its agent, its models and its hooks."""
    given = yaml_file(run.folder / "config.yaml")
    for folder in given.get("plugins", ()):
        plugins.add(folder)
    kept = {key: given[key] for key in ("seed", "environments", "dialect", "limits") if key in given}
    return read(Experiment, {**kept, "agent": {"name": "expert", "error_rate": 0.0}}, str(run.folder / "config.yaml"))


def _tasks(run: Run) -> Iterator[Task]:
    path = run.folder / "tasks.jsonl"
    for line in lines(path) if path.is_file() else ():
        yield Task.model_validate_json(line)


async def _together(live: Rollout, tasks: list[Task]) -> list[Trajectory]:
    return await asyncio.gather(*(live.episode(task) for task in tasks))
