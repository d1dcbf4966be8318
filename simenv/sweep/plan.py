"""The plan of a sweep: its cells and their stages, with keys and resolved references. It runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import file_digest, sha256
from importlib.metadata import version
from itertools import product
from math import prod
from os.path import exists, expanduser
from pathlib import Path
from typing import Any, get_args

from simenv import plugins
from simenv.config import put
from simenv.errors import ConfigError, unknown
from simenv.sweep.config import Kind, Sweep
from simenv.types import digest

REFERENCE = re.compile(r"\$([\w-]+)((?:/.*)?)\Z", re.S)
PRODUCT = "out"
"""The subfolder of a stage's folder that holds its product."""
MEASURED = ("rollout", "evaluate")
"""Kinds of stages that play episodes, and so have a success rate."""
KEY = 12
"""Hexadecimal digits of a key."""


@dataclass(frozen=True)
class Cell:
    """One point of the grid: the label of its level on each axis, and the settings by dotted key."""

    labels: dict[str, str]
    settings: dict[str, Any]

    @property
    def name(self) -> str:
        """The labels as one text."""
        return ", ".join(f"{axis}={label}" for axis, label in self.labels.items()) or "the only one"


@dataclass(frozen=True)
class Stage:
    """One command with its settings. `config` has references (`$name`); `inputs` are the stages they refer to, by name."""

    name: str
    kind: Kind
    config: dict[str, Any]
    inputs: dict[str, Stage] = field(default_factory=dict)
    code: str = ""

    @cached_property
    def key(self) -> str:
        """Equal for stages with equal settings, inputs, files and code."""
        inputs = {name: stage.key for name, stage in self.inputs.items()}
        return f"{self.name}-{digest([self.kind, self.config, inputs, contents(self.config), self.code])[:KEY]}"

    def resolved_config(self, folder: Path) -> dict[str, Any]:
        """The config with references replaced by the folders of the inputs, below `folder`, which holds all stages."""
        return _resolve(self.config, {name: folder / stage.key / PRODUCT for name, stage in self.inputs.items()})

    def all(self) -> Iterator[Stage]:
        """The stage after all it depends on, in the order of work; some come more than once."""
        for stage in self.inputs.values():
            yield from stage.all()
        yield self


def size(sweep: Sweep) -> int:
    """Number of cells in the grid."""
    return prod(len(levels) for levels in sweep.grid.values())


def cells(sweep: Sweep) -> Iterator[Cell]:
    """Every point of the grid, the last axis fastest."""
    axes = [list(_levels(axis, levels)) for axis, levels in sweep.grid.items()]
    for point in product(*axes):
        settings: dict[str, Any] = {}
        for _, _, changes in point:
            settings |= changes
        yield Cell({axis: label for axis, label, _ in point}, settings)


def _levels(axis: str, levels: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    if not levels:
        raise ConfigError(f"grid.{axis}: expected at least one value")
    if isinstance(levels, dict):
        yield from ((axis, str(label), changes or {}) for label, changes in levels.items())
    else:
        yield from ((axis, str(value), {axis: value}) for value in levels)


def stage(sweep: Sweep, cell: Cell, code: str) -> Stage:
    """The stage that measures a cell, with all it depends on. ConfigError for unknown stages and circular references.

    `code` is the result of `code_version`.
    """
    settings = {name: dict(config or {}) for name, config in sweep.stages.items()}
    for key, value in cell.settings.items():
        name, _, rest = key.partition(".")
        if name not in settings or not rest:
            problem = "a stage alone" if name in settings else unknown("stage", name, settings)
            raise ConfigError(f"grid: {key}: {problem}; expected STAGE.KEY")
        put(settings[name], rest.split("."), value)
    last = _stage(sweep.measure, "measure", settings, code, {}, ())
    if last.kind not in MEASURED:
        raise ConfigError(
            f"measure: {last.name} is a {last.kind}, which has no success; expected one of kind {' or '.join(MEASURED)}"
        )
    return last


def _stage(
    name: str,
    place: str,
    settings: dict[str, dict[str, Any]],
    code: str,
    stages: dict[str, Stage],
    dependants: tuple[str, ...],
) -> Stage:
    if name not in settings:
        raise ConfigError(f"{place}: {unknown('stage', name, settings)}")
    if name in dependants:
        raise ConfigError(f"stages.{name}: it depends on itself: {' → '.join([*dependants, name])}")
    if name not in stages:
        config = dict(settings[name])
        kind = config.pop("does", name)
        if kind not in get_args(Kind):
            raise ConfigError(f"stages.{name}.does: {unknown('command', str(kind), get_args(Kind))}")
        input_names = sorted(set(_references(config)))
        inputs = {
            n: _stage(n, f"stages.{name}: ${n}", settings, code, stages, (*dependants, name)) for n in input_names
        }
        stages[name] = Stage(name, kind, config, inputs, code)
    return stages[name]


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _references(inner)
    elif isinstance(value, str) and (match := REFERENCE.match(value)):
        yield match[1]


def _resolve(value: Any, folders: dict[str, Path]) -> Any:
    if isinstance(value, dict):
        return {k: _resolve(v, folders) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_resolve(v, folders) for v in value]
    if isinstance(value, str) and (match := REFERENCE.match(value)):
        return f"{folders[match[1]]}{match[2]}"
    return value


def code_version(sweep: Sweep) -> str:
    """The part of every key that stands for the code: a digest of the sources, or simenv's version."""
    if sweep.code == "version":
        return version("simenv")
    total = sha256()
    package = Path(__file__).parents[1]
    for folder in dict.fromkeys([package, *map(Path, plugins.__path__)]):
        inside = [folder] if folder == package else [folder / part for part in ("environments", "agents", "filters")]
        for path in sorted(p for top in inside for p in top.rglob("*") if p.suffix in SOURCES):
            total.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


SOURCES = {".py", ".j2", ".json", ".txt", ".md", ".yaml"}
"""Suffixes of the files that count as code."""
DERIVED = re.compile(r"\.|index\.sqlite")
"""Beginnings of the names of derived files, which do not count as the contents of a folder."""


def contents(value: Any) -> dict[str, str]:
    """Digests of the files and folders whose paths are in the settings, so that a changed file changes the key."""
    if isinstance(value, dict):
        return {k: v for name, part in value.items() if name not in ("out", "name") for k, v in contents(part).items()}
    if isinstance(value, list | tuple):
        return {k: v for part in value for k, v in contents(part).items()}
    if not isinstance(value, str) or not exists(place := expanduser(value)):
        return {}
    path = Path(place)
    files = (
        [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file() and not DERIVED.match(p.name))
    )
    return {value: digest([[str(p.relative_to(path)), _content(p, p.stat().st_mtime_ns)] for p in files])}


@lru_cache(maxsize=100_000)
def _content(path: Path, mtime_ns: int) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
