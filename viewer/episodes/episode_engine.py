"""The engine behind a stored episode, set up as its run's config says, as far as that is safe.

A run may come from anybody. So its config is read for options only: plugin folders in it are not added, and names in it are
those of plugins that are here, never modules to import.
"""

from __future__ import annotations

import re
from pathlib import Path

from simenv import plugins
from simenv.config import EnvironmentConfig, Experiment, Ref
from simenv.errors import ConfigError, unknown
from simenv.hook import STUDENT, TEACHER
from simenv.options import read
from simenv.rollout.drive import connect_model
from simenv.rollout.roles import Roles
from simenv.rollout.run import Rollout
from simenv.runs.spending import budget
from simenv.runs.store import Run, lines
from simenv.types import Task, Trajectory


def experiment(folder: Path) -> Experiment:
    """What a run's config says of its rollout; what else it holds, as an evaluation's does, is left aside."""
    data = Run(folder).config()
    return read(Experiment, {k: v for k, v in data.items() if k in Experiment.model_fields}, "")


def environment(name: str) -> plugins.Environment:
    """An environment that is here, by its name; ConfigError for any other text."""
    names = plugins.names("environments")
    if name not in names:
        raise ConfigError(unknown("environment", name, names))
    return plugins.environment(name)


def task(folder: Path, id: str) -> Task:
    """A task of a run by id; ConfigError where it is not there."""
    path = folder / "tasks.jsonl"
    for line in lines(path) if path.is_file() else ():
        if id.encode("utf-8", "replace") in line or b"\\" in line:
            candidate = _task(line)
            if candidate is not None and candidate.id == id:
                return candidate
    raise ConfigError(f"{folder.name}: tasks.jsonl holds no task {id!r:.100}")


def _task(line: bytes) -> Task | None:
    try:
        return Task.model_validate_json(line)
    except ValueError:
        return None


def rollout(folder: Path, t: Trajectory, role: str, hours: float = 0) -> Rollout:
    """A rollout of this episode's environment alone, with its models connected where `role` is filled by one.

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
        "agent": e.agent if role == STUDENT else Ref(name="expert"),
    }
    if role == STUDENT:
        _refuse_person(e.agent.name)
    live = Rollout(e.model_copy(update=changes))
    cap = budget(e.budget)
    live.model = connect_model(e.model if role == STUDENT else None, cap)
    live.teacher = connect_model(e.teacher if role == TEACHER else None, cap)
    if live.teacher is None:
        live.experiment = live.experiment.model_copy(update={"teacher": None})
    return live


def _refuse_person(name: str) -> None:
    """ConfigError if a run's agent is no plugin that is here, or a person at a terminal."""
    if name not in (names := plugins.names("agents")):
        raise ConfigError(unknown("agent", name, names))
    if not plugins.load("agents", name).concurrent:
        raise ConfigError(f"agent {name!r} is a person; act yourself instead")


def plays(folder: Path, role: str) -> str:
    """Who fills a role in a run, and what it asks, in words; nothing secret."""
    e = experiment(folder)
    ref = e.model if role == STUDENT else e.teacher if role == TEACHER else None
    name = Roles(e.agent, has_teacher=e.teacher is not None).ref(role).name
    if ref is None:
        return f"{name}, without a model" if role != "human" else name
    at = re.sub(r"//[^/@]*@", "//", str(ref.options.get("base_url") or ""))  # without a password in it
    return f"{name}, asking {ref.options.get('model', ref.name)}" + (f" at {at}" if at else f" ({ref.name})")
