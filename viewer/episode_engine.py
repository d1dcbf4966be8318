"""The engine behind a stored episode, set up as its run says; without what a run's config could make this machine do.

A run may come from anybody. So its config is read for options only: plugin folders in it are not added, and names in it are
those of plugins that are here, never modules to import.
"""

from __future__ import annotations

import re
from pathlib import Path

from simenv import plugins
from simenv.agent import Agent
from simenv.config import EnvironmentConfig, Experiment, Ref
from simenv.errors import ConfigError, unknown
from simenv.hook import STUDENT, TEACHER
from simenv.model import Model
from simenv.models import connect
from simenv.models.budget import Budget
from simenv.options import read
from simenv.rollout.roles import Roles
from simenv.rollout.run import Rollout
from simenv.runs.store import Run, lines
from simenv.types import Task, Trajectory


def experiment(folder: Path) -> Experiment:
    """What a run's config says of its rollout; what else it holds, as an evaluation's does, is left aside."""
    data = Run(folder).config()
    return read(Experiment, {k: v for k, v in data.items() if k in Experiment.model_fields}, "")


def environment(name: str) -> plugins.Environment:
    """An environment that is here, by its name; ConfigError for any other text."""
    known = plugins.names("environments")
    if name not in known:
        raise ConfigError(unknown("environment", name, known))
    return plugins.environment(name)


def task(folder: Path, id: str) -> Task:
    """A task of a run by id; ConfigError where it is not there."""
    path = folder / "tasks.jsonl"
    for line in lines(path) if path.is_file() else ():
        if id.encode("utf-8", "replace") in line or b"\\" in line:
            found = _task(line)
            if found is not None and found.id == id:
                return found
    raise ConfigError(f"{folder.name}: tasks.jsonl holds no task {id!r:.100}")


def _task(line: bytes) -> Task | None:
    try:
        return Task.model_validate_json(line)
    except ValueError:
        return None


def rollout(folder: Path, t: Trajectory, who: str, hours: float = 0) -> Rollout:
    """A rollout of this episode's environment alone, with its models connected where `who` is played by one.

    `hours` of wall time, for a person. ConfigError where this machine cannot run it.
    """
    e = experiment(folder)
    site = environment(t.environment)
    config = e.environments.get(t.environment, EnvironmentConfig())
    without = {"teacher": {}, "optional": False, "episodes": None}
    if site.procedural is not None:
        without["source"] = None  # the task is there already; its file may not be
    limits = e.limits.model_copy(update={"seconds": hours * 3600}) if hours else e.limits
    changes = {
        "environments": {t.environment: config.model_copy(update=without)},
        "hooks": (),
        "mode": "engine",
        "simulator": None,
        "limits": limits,
        "dialect": t.dialect,
        "agent": e.agent if who == STUDENT else Ref(name="expert"),
    }
    if who == STUDENT:
        _plays_itself(e.agent.name)
    live = Rollout(e.model_copy(update=changes))
    budget = Budget(e.budget, 0.0) if e.budget else None
    live.model = _model(e.model if who == STUDENT else None, budget)
    live.teacher = _model(e.teacher if who == TEACHER else None, budget)
    if live.teacher is None:
        live.experiment = live.experiment.model_copy(update={"teacher": None})
    return live


def _plays_itself(name: str) -> None:
    """ConfigError where a run's agent is none that is here, or a person at a terminal."""
    if name not in (known := plugins.names("agents")):
        raise ConfigError(unknown("agent", name, known))
    if not plugins.load("agents", name, Agent).concurrent:  # type: ignore[type-abstract]
        raise ConfigError(f"agent {name!r} is a person; act yourself instead")


def _model(ref: Ref | None, budget: Budget | None) -> Model | None:
    return connect(ref.name, ref.options, budget=budget) if ref else None


def plays(folder: Path, who: str) -> str:
    """Who fills a role in a run, and what it asks, in words; nothing secret."""
    e = experiment(folder)
    ref = e.model if who == STUDENT else e.teacher if who == TEACHER else None
    name = Roles(e.agent, taught=e.teacher is not None).ref(who).name
    if ref is None:
        return f"{name}, without a model" if who != "human" else name
    at = re.sub(r"//[^/@]*@", "//", str(ref.options.get("base_url") or ""))  # without a password in it
    return f"{name}, asking {ref.options.get('model', ref.name)}" + (f" at {at}" if at else f" ({ref.name})")
