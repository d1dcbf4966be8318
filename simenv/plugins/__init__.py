"""Finds environments, agents and filters by name; nothing registers itself, a plugin is there because its file is.

The folders `environments/`, `agents/`, `filters/` and `viewer/` are namespace packages below this one: links to the folders
at the top of the repository, folders in a wheel. So `simenv.plugins.environments.db.world` is an ordinary import that editors
and type checkers follow, and no top-level name such as `agents` is taken. A user's own folders join them (`SIMENV_PLUGINS`,
or `add`).
Installed packages serve plugins through the entry points `simenv.environments`, `simenv.agents` and `simenv.filters`.
"""

from __future__ import annotations

import inspect
import os
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, TypeVar

from simenv.compare import Blind, Comparison, Flaws
from simenv.dialects import Dialect, generic
from simenv.errors import ConfigError, unknown
from simenv.panel import Panels, plain
from simenv.plugins import definition
from simenv.source import Expert, TaskGenerator, TaskReader
from simenv.world import World

T = TypeVar("T")

__path__ = [*filter(None, os.environ.get("SIMENV_PLUGINS", "").split(os.pathsep)), *__path__]


def add(folder: str | Path) -> None:
    """Look for plugins in one more folder, before all others."""
    path = Path(folder).resolve()
    if not path.is_dir():
        raise ConfigError(
            f"plugins: {folder} is not a folder; expected one with environments/, agents/ or filters/ in it"
        )
    if str(path) not in __path__:
        __path__.insert(0, str(path))


def names(kind: str) -> list[str]:
    """Names of all plugins of a kind: environments, agents, filters, or the hooks that simenv brings."""
    if kind == "hooks":
        return sorted(p.stem for p in (Path(__file__).parents[1] / "hooks").glob("[!_]*.py"))
    found = {e.name for e in entry_points(group=f"simenv.{kind}")}
    for root in __path__:
        for entry in Path(root, kind).glob("*"):
            if kind == "environments" and any((entry / f).is_file() for f in ("world.py", definition.FILE)):
                found.add(entry.name)
            elif kind != "environments" and entry.suffix == ".py" and not entry.name.startswith("_"):
                found.add(entry.stem)
    return sorted(found)


def _package(kind: str, name: str) -> str:
    """Dotted name of a plugin's module or package: itself if it is dotted, else by folder, else by entry point."""
    if "." in name and all(map(str.isidentifier, name.split("."))):
        return name
    if kind == "hooks" and name in names(kind):
        return f"simenv.hooks.{name}"
    if name.isidentifier() and find_spec(f"{__name__}.{kind}") and find_spec(f"{__name__}.{kind}.{name}"):
        return f"{__name__}.{kind}.{name}"
    for entry in entry_points(group=f"simenv.{kind}", name=name):
        return entry.value
    raise ConfigError(unknown(kind.rstrip("s"), name, names(kind)))


def _import(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError as e:
        raise ConfigError(f"cannot import {name}: {e}") from e


def defined(module: ModuleType, base: type[T]) -> list[type[T]]:
    """The concrete subclasses of a base that a module itself defines, in the order of its text."""
    here = [
        c for _, c in inspect.getmembers(module, inspect.isclass)
        if issubclass(c, base) and not inspect.isabstract(c) and c.__module__ == module.__name__
    ]  # fmt: skip
    return sorted(here, key=lambda c: inspect.getsourcelines(c)[1])


def one(module: ModuleType, base: type[T]) -> type[T]:
    """The only subclass of a base in a module."""
    found = defined(module, base)
    if len(found) != 1:
        listed = ", ".join(c.__name__ for c in found) or "none"
        raise ConfigError(f"{module.__name__}: expected exactly one {base.__name__}, found {listed}")
    return found[0]


@cache
def load(kind: str, name: str, base: type[T]) -> type[T]:
    """The class of an agent or filter by name; ConfigError names what exists."""
    return one(_import(_package(kind, name)), base)


class Environment(NamedTuple):
    """All that one environment folder holds."""

    name: str
    world: type[World]
    procedural: type[TaskGenerator] | None
    expert: type[Expert] | None
    sources: tuple[type[TaskReader], ...]
    dialects: tuple[type[Dialect], ...]
    comparison: type[Comparison] = Blind
    flaws: type[Flaws] | None = None
    panels: Panels = plain
    tasks: Path | None = None
    """a task file of its own, used where no other is given"""

    def dialect(self, name: str) -> Dialect:
        """One of its own dialects, or one that serves every environment; ConfigError names them all."""
        kinds = generic() | {d.name: d for d in self.dialects}
        if name not in kinds:
            raise ConfigError(f"{self.name}: {unknown('dialect', name, kinds)}")
        return kinds[name](self.world.actions)


def _described(name: str) -> Path | None:
    """The folder of an environment that has no world.py, only a blueprint."""
    folders = (Path(root, "environments", name) for root in __path__ if name.isidentifier())
    found = next((f for f in folders if (f / "world.py").is_file() or (f / definition.FILE).is_file()), None)
    return found if found and not (found / "world.py").is_file() else None


@cache
def environment(name: str) -> Environment:
    """An environment by name: its world, and what else its folder holds (teacher.py, sources.py, compare.py …)."""
    if described := _described(name):
        world = definition.world(described)
        return Environment(name, world, None, None, (), (), tasks=described / definition.TASKS)
    package = _package("environments", name)
    world = one(_import(f"{package}.world"), World)
    world.name = package.rpartition(".")[2]
    teacher, sources, dialects, compare, flaws, panels = (
        _import(f"{package}.{part}") if find_spec(f"{package}.{part}") else None
        for part in ("teacher", "sources", "dialects", "compare", "flaws", "panels")
    )
    return Environment(
        name=world.name,
        world=world,
        procedural=one(teacher, TaskGenerator) if teacher else None,
        expert=one(teacher, Expert) if teacher else None,
        sources=tuple(defined(sources, TaskReader)) if sources else (),
        dialects=tuple(defined(dialects, Dialect)) if dialects else (),
        comparison=one(compare, Comparison) if compare else Blind,
        flaws=one(flaws, Flaws) if flaws else None,
        panels=panels.panels if panels else plain,
    )
