"""All that the folder of one environment holds, read once; whoever needs a part of it asks here."""

from __future__ import annotations

import logging
from collections.abc import Collection
from difflib import get_close_matches
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

import simenv.plugins.definition as definition
import simenv.plugins.registry as registry
from simenv.compare import Blind, Comparison, Flaws
from simenv.dialects import Dialect
from simenv.errors import ConfigError, unknown
from simenv.evidence import Evidence
from simenv.metrics import Metrics
from simenv.options import explain_validation
from simenv.panel import Panels, plain
from simenv.source import Expert, TaskGenerator, TaskReader
from simenv.types import Action
from simenv.world import GOAL_SCHEMA_FILE, OVERVIEW_FILE, SCHEMA_FILE, ActionSpec, World

_log = logging.getLogger(__name__)
MODULES = ("teacher", "sources", "dialects", "compare", "flaws", "panels", "metrics", "evidence")
"""Modules that an environment may have beside world.py."""
TEMPLATES = ("simulate", "state", "author", "sweeping")
"""Prompts that an environment may have, as NAME.j2."""
HOSTILE = "hostile.json"
FILES = frozenset(
    {
        "world.py", SCHEMA_FILE, GOAL_SCHEMA_FILE, OVERVIEW_FILE, HOSTILE, definition.FILE, definition.TASKS,
        *(f"{name}.py" for name in MODULES), *(f"{name}.j2" for name in TEMPLATES),
    }
)  # fmt: skip
"""Every file with a meaning at the top of an environment's folder."""
_NEAR = 0.8
"""Similarity of two names, 0..1, from which on one is taken for a misspelling of the other."""


class Environment(NamedTuple):
    """One environment: the contents of its folder."""

    name: str
    world: type[World]
    """world.py, with schema.json, goal.schema.json and overview.md; or a world that environment.json defines"""
    procedural: type[TaskGenerator] | None
    """the task generator in teacher.py"""
    expert: type[Expert] | None
    """the expert in teacher.py"""
    sources: tuple[type[TaskReader], ...]
    """readers of other projects' task files: sources.py"""
    dialects: tuple[type[Dialect], ...]
    """dialects of this environment alone: dialects.py"""
    comparison: type[Comparison] = Blind
    """compare.py"""
    flaws: type[Flaws] | None = None
    """flaws.py"""
    panels: Panels = plain
    """panels.py: its function `panels`"""
    tasks: Path | None = None
    """tasks.jsonl, used where no other task file is given"""
    metrics: Metrics = Metrics()
    """metrics.py: its functions `result` and `overall`"""
    evidence: type[Evidence] = Evidence
    """evidence.py"""
    simulate: Path | None = None
    """simulate.j2: tells a simulator how the environment answers and what is true, given `spec`, `opening` and `state`"""
    state: Path | None = None
    """state.j2: tells it the state before an action, given `spec` and `state`; simulate.j2 is then given no state"""
    author: Path | None = None
    """author.j2: tells a model what to know when it writes tasks"""
    sweeping: Path | None = None
    """sweeping.j2: a JSON list of actions that change much in the present `state`"""
    hostile: tuple[Action, ...] = ()
    """hostile.json: actions that must be refused"""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled and copied by name: a folder is read once in each process."""
        return environment, (self.name,)

    def dialect(self, name: str, only: Collection[str] = ()) -> Dialect:
        """One of its own dialects, or one that serves every environment; ConfigError names them all.

        `only`: the actions that it writes, beside those that end a task; all of them where none is named.
        """
        own = {d.name: d for d in self.dialects}
        actions = self._actions(only)
        if name in own:
            return own[name](actions)
        if "." not in name and name not in (general := registry.names("dialects")):
            raise ConfigError(f"{self.name}: {unknown('dialect', name, {*own, *general})}")
        dialect: type[Dialect] = registry.load("dialects", name)
        return dialect(actions)

    def _actions(self, only: Collection[str]) -> dict[str, ActionSpec]:
        actions = self.world.actions
        for name in only:
            if name not in actions:
                raise ConfigError(f"{self.name}.actions: {unknown('action', name, actions)}")
        return {name: spec for name, spec in actions.items() if name in only or spec.submit} if only else actions


@cache
def environment(name: str) -> Environment:
    """An environment by name. ConfigError: unknown name, a module that cannot be imported, a misspelt or broken file."""
    if folder := _only_defined(name):
        check_files(folder, name)
        world = definition.world(folder)
        return Environment(name, world, None, None, (), (), tasks=folder / definition.TASKS)
    return _read(registry.module_of("environments", name))


def _only_defined(name: str) -> Path | None:
    """The folder of an environment that has no world.py, only environment.json."""
    roots = (Path(root, "environments", name) for root in registry.FOLDERS if name.isidentifier())
    folder = next((f for f in roots if any((f / mark).is_file() for mark in registry.ENVIRONMENT_MARKS)), None)
    return folder if folder and not (folder / "world.py").is_file() else None


def _read(package: str) -> Environment:
    """The environment whose modules lie in a package."""
    name = package.rpartition(".")[2]
    source = registry.import_plugin(f"{package}.world", f"environment {name!r}")
    folder = Path(str(source.__file__)).parent
    check_files(folder, name)
    world = registry.one(source, World)
    world.name = name
    modules = {part: _module(package, part) for part in MODULES}
    teacher, sources, dialects, compare, flaws, panels, metrics, evidence = (modules[part] for part in MODULES)
    templates = {part: _existing(folder / f"{part}.j2") for part in TEMPLATES}
    return Environment(
        name=name,
        world=world,
        procedural=registry.one(teacher, TaskGenerator) if teacher else None,
        expert=registry.one(teacher, Expert) if teacher else None,
        sources=tuple(registry.defined(sources, TaskReader)) if sources else (),
        dialects=tuple(registry.defined(dialects, Dialect)) if dialects else (),
        comparison=registry.one(compare, Comparison) if compare else Blind,
        flaws=registry.one(flaws, Flaws) if flaws else None,
        panels=panels.panels if panels else plain,
        tasks=None if teacher else _existing(folder / definition.TASKS),
        metrics=Metrics.of(metrics),
        evidence=registry.one(evidence, Evidence) if evidence else Evidence,
        hostile=_hostile(folder / HOSTILE),
        **templates,
    )


def _module(package: str, part: str) -> ModuleType | None:
    path = f"{package}.{part}"
    return registry.import_plugin(path, f"environment {package.rpartition('.')[2]!r}") if find_spec(path) else None


def _existing(path: Path) -> Path | None:
    return path if path.is_file() else None


def _hostile(path: Path) -> tuple[Action, ...]:
    if not path.is_file():
        return ()
    try:
        return TypeAdapter(tuple[Action, ...]).validate_json(path.read_bytes())
    except ValidationError as e:
        raise ConfigError(explain_validation(e, str(path))) from e


def check_files(folder: Path, name: str) -> None:
    """Report files at the top of an environment's folder that are none of FILES.

    ConfigError if the name of one is nearly that of a file in FILES; any other .py or .json is logged as a warning. Templates,
    NAME.json beside NAME.j2, folders, and names that begin with `_` or `.` are left alone.
    """
    for path in sorted(folder.iterdir()):
        if path.name in FILES or path.name.startswith(("_", ".")) or path.is_dir() or path.suffix == ".j2":
            continue
        if path.suffix == ".json" and path.with_suffix(".j2").is_file():
            continue
        same_suffix = {f.removesuffix(path.suffix): f for f in FILES if f.endswith(path.suffix)}
        if near := get_close_matches(path.name.removesuffix(path.suffix), same_suffix, n=1, cutoff=_NEAR):
            raise ConfigError(
                f"environments/{name}: {path.name} is none of the files an environment has; "
                f"did you mean {same_suffix[near[0]]}?"
            )
        if path.suffix in (".py", ".json"):
            _log.warning(
                "environments/%s: %s is none of the files an environment has; modules of its own belong in a folder of it",
                name,
                path.name,
            )
