"""The engine behind a stored episode, set up as its run's config says, as far as that is safe.

A run may come from anybody. So of its config only that is read which an episode needs, and it only chooses among what is
installed: Untrusted where it wants more. `trust` are the values that a person has allowed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from simenv import plugins
from simenv.config import EnvironmentConfig, Experiment, Ref
from simenv.errors import ConfigError, unknown
from simenv.hook import STUDENT, TEACHER
from simenv.options import read
from simenv.rollout.drive import checked, connect_model
from simenv.rollout.roles import Roles
from simenv.rollout.run import Rollout
from simenv.runs.spending import budget
from simenv.runs.store import Run, lines
from simenv.trust import shown
from simenv.types import Task, Trajectory

_WORLD = ("seed", "limits", "budget")
_ROLES = {STUDENT: ("agent", "model"), TEACHER: ("teacher",)}
"""What an episode needs of a run's config: always, and by who acts in it."""


def experiment(folder: Path, environment: str, role: str, trust: Collection[str] = ()) -> Experiment:
    """What a run's config says of an environment and of a role; what else it holds is left aside.

    Untrusted names all that it would have imported, opened, rendered or sent.
    """
    data = Run(folder).config(trust)
    keys = [k for k in (*_WORLD, *_ROLES.get(role, ())) if k in data]
    worlds = data.get("environments")
    world = worlds.get(environment) if isinstance(worlds, dict) else None
    settings = {k: data[k] for k in keys} | {"environments": {environment: world or {}}}
    if _needs_plugins(settings):
        settings = {"plugins": data.get("plugins") or (), **settings}
    return checked(read(Experiment, settings, ""))


def _needs_plugins(settings: Mapping[str, Any]) -> bool:
    """Whether something that settings name is not here."""
    kinds = {"agent": "agents", "model": "models", "teacher": "models"}
    named = {kind: _name(settings[key]) for key, kind in kinds.items() if settings.get(key)}
    named["environments"] = next(iter(settings["environments"]))
    return any(name not in plugins.names(kind) for kind, name in named.items())


def _name(ref: Any) -> Any:
    return ref.get("name") if isinstance(ref, dict) else ref


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


def rollout(folder: Path, t: Trajectory, role: str, hours: float = 0, trust: Collection[str] = ()) -> Rollout:
    """A rollout of this episode's environment alone, with its models connected where `role` is filled by one.

    `hours` of wall time, for a person. ConfigError where this machine cannot run it; Untrusted where the run's config does more
    than choose among what is installed, and `trust` does not name that.
    """
    e = experiment(folder, t.environment, role, trust)
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


def plays(folder: Path, environment: str, role: str, trust: Collection[str] = ()) -> str:
    """Who fills a role in a run, and what it asks, in words; nothing secret."""
    e = experiment(folder, environment, role, trust)
    ref = e.model if role == STUDENT else e.teacher if role == TEACHER else None
    name = Roles(e.agent, has_teacher=e.teacher is not None).ref(role).name
    if ref is None:
        return f"{name}, without a model" if role != "human" else name
    at = shown(str(ref.options.get("base_url") or ""))
    return f"{name}, asking {ref.options.get('model', ref.name)}" + (f" at {at}" if at else f" ({ref.name})")
