"""simenv: grounded synthetic environments for agent-tuning data.

`simenv.run(environments=["db"], agent="expert", episodes=20)` plays an experiment, `simenv.run_episode("db", my_function)` lets
a function of your own act. Every public name is loaded on first use, so importing simenv does no work.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simenv.agent import Agent as Agent
    from simenv.errors import ConfigError as ConfigError
    from simenv.errors import SimenvError as SimenvError
    from simenv.filter import Filter as Filter
    from simenv.hook import Hook as Hook
    from simenv.library import dataframe as dataframe
    from simenv.library import open_run as open_run
    from simenv.library import run_episode as run_episode
    from simenv.library import run_episode_async as run_episode_async
    from simenv.library import tasks as tasks
    from simenv.options import Options as Options
    from simenv.plugins import Environment as Environment
    from simenv.plugins.environment import environment as environment
    from simenv.rollout.drive import run as run
    from simenv.rollout.drive import run_async as run_async
    from simenv.runs.store import Run as Run
    from simenv.source import Expert as Expert
    from simenv.source import TaskGenerator as TaskGenerator
    from simenv.types import Action as Action
    from simenv.types import Grade as Grade
    from simenv.types import Move as Move
    from simenv.types import Observation as Observation
    from simenv.types import Task as Task
    from simenv.types import Trajectory as Trajectory
    from simenv.types import Turn as Turn
    from simenv.types import View as View
    from simenv.world import Engine as Engine
    from simenv.world import action as action

__version__ = "0.1.0"
_NAMES = {
    "simenv.rollout.drive": ("run", "run_async"),
    "simenv.library": ("dataframe", "open_run", "run_episode", "run_episode_async", "tasks"),
    "simenv.plugins": ("Environment", "environment"),
    "simenv.runs.store": ("Run",),
    "simenv.types": ("Action", "Grade", "Move", "Observation", "Task", "Trajectory", "Turn", "View"),
    "simenv.world": ("Engine", "action"),
    "simenv.source": ("Expert", "TaskGenerator"),
    "simenv.agent": ("Agent",),
    "simenv.filter": ("Filter",),
    "simenv.hook": ("Hook",),
    "simenv.options": ("Options",),
    "simenv.errors": ("ConfigError", "SimenvError"),
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names}
__all__ = ["__version__", *sorted(_MODULES)]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
