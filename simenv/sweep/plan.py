"""From a sweep's settings to its cells and stages: references resolved, keys computed, nothing run."""

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
from simenv.sweep import Kind, Sweep
from simenv.types import digest

REFERENCE = re.compile(r"\$([\w-]+)((?:/.*)?)\Z", re.S)
PRODUCT = "out"
"""What a stage makes, in its folder."""
MEASURED = ("rollout", "evaluate")
"""Kinds of stages that play episodes."""
KEY = 12
"""Hexadecimal digits of a key."""


@dataclass(frozen=True)
class Cell:
    """One point of the grid: the label of its level on each axis, and what that sets."""

    labels: dict[str, str]
    settings: dict[str, Any]

    @property
    def name(self) -> str:
        return ", ".join(f"{axis}={label}" for axis, label in self.labels.items()) or "the only one"


@dataclass(frozen=True)
class Stage:
    """One piece of work. `config` still holds the references; `inputs` are the stages they stand for, by name."""

    name: str
    kind: Kind
    config: dict[str, Any]
    inputs: dict[str, Stage] = field(default_factory=dict)
    code: str = ""

    @cached_property
    def key(self) -> str:
        """Equal for work that would come out the same."""
        inputs = {name: stage.key for name, stage in self.inputs.items()}
        return f"{self.name}-{digest([self.kind, self.config, inputs, contents(self.config), self.code])[:KEY]}"

    def resolved(self, folder: Path) -> dict[str, Any]:
        """The config with the folders of what it takes, below the sweep's `folder`."""
        return _resolve(self.config, {name: folder / stage.key / PRODUCT for name, stage in self.inputs.items()})

    def all(self) -> Iterator[Stage]:
        """Itself and what it depends on, what comes first first; some more than once."""
        for stage in self.inputs.values():
            yield from stage.all()
        yield self


def size(sweep: Sweep) -> int:
    """How many cells the grid has."""
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
    """The stage that a cell is measured by, with all it depends on. ConfigError for names that are not there."""
    settings = {name: dict(config or {}) for name, config in sweep.stages.items()}
    for key, value in cell.settings.items():
        name, _, rest = key.partition(".")
        if name not in settings or not rest:
            wrong = "a stage alone" if name in settings else unknown("stage", name, settings)
            raise ConfigError(f"grid: {key}: {wrong}; expected STAGE.KEY")
        put(settings[name], rest.split("."), value)
    last = _stage(sweep.measure, "measure", settings, code, {}, ())
    if last.kind not in MEASURED:
        raise ConfigError(
            f"measure: {last.name} is a {last.kind}, which has no success; expected one of kind {' or '.join(MEASURED)}"
        )
    return last


def _stage(
    name: str,
    where: str,
    settings: dict[str, dict[str, Any]],
    code: str,
    made: dict[str, Stage],
    above: tuple[str, ...],
) -> Stage:
    if name not in settings:
        raise ConfigError(f"{where}: {unknown('stage', name, settings)}")
    if name in above:
        raise ConfigError(f"stages.{name}: it would need itself: {' → '.join([*above, name])}")
    if name not in made:
        config = dict(settings[name])
        kind = config.pop("does", name)
        if kind not in get_args(Kind):
            raise ConfigError(f"stages.{name}.does: {unknown('command', str(kind), get_args(Kind))}")
        needed = sorted(set(_references(config)))
        inputs = {n: _stage(n, f"stages.{name}: ${n}", settings, code, made, (*above, name)) for n in needed}
        made[name] = Stage(name, kind, config, inputs, code)
    return made[name]


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _references(inner)
    elif isinstance(value, str) and (found := REFERENCE.match(value)):
        yield found[1]


def _resolve(value: Any, folders: dict[str, Path]) -> Any:
    if isinstance(value, dict):
        return {k: _resolve(v, folders) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_resolve(v, folders) for v in value]
    if isinstance(value, str) and (found := REFERENCE.match(value)):
        return f"{folders[found[1]]}{found[2]}"
    return value


def code(sweep: Sweep) -> str:
    """What stands for the code in every key."""
    if sweep.code == "version":
        return version("simenv")
    total = sha256()
    here = Path(__file__).parents[1]
    for folder in dict.fromkeys([here, *map(Path, plugins.__path__)]):
        inside = [folder] if folder == here else [folder / part for part in ("environments", "agents", "filters")]
        for path in sorted(p for top in inside for p in top.rglob("*") if p.suffix in SOURCES):
            total.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


SOURCES = {".py", ".j2", ".json", ".txt", ".md", ".yaml"}
MADE = re.compile(r"\.|index\.sqlite")
"""How names begin of files that come and go beside what a folder is."""


def contents(value: Any) -> dict[str, str]:
    """Digests of the files and folders that settings name by a path, so that a changed one is another input."""
    if isinstance(value, dict):
        return {k: v for name, part in value.items() if name not in ("out", "name") for k, v in contents(part).items()}
    if isinstance(value, list | tuple):
        return {k: v for part in value for k, v in contents(part).items()}
    if not isinstance(value, str) or not exists(place := expanduser(value)):
        return {}
    path = Path(place)
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file() and not MADE.match(p.name))
    return {value: digest([[str(p.relative_to(path)), _content(p, p.stat().st_mtime_ns)] for p in files])}


@lru_cache(maxsize=100_000)
def _content(path: Path, changed: int) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
