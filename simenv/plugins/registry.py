"""Finds plugins of every kind by name; a plugin exists because its file does, nothing registers itself.

A name is looked up in this order: in the folders of users (`SIMENV_PLUGINS`, `add`), which hold `KIND/NAME.py`; among the
modules that simenv brings; among the entry points `simenv.KIND` of installed packages. A name with dots is the path of a
module that can be imported. Files whose names begin with `_` are not plugins. Listing names imports no plugin.
"""

from __future__ import annotations

import inspect
import os
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, TypeVar

from simenv.errors import ConfigError, unknown

T = TypeVar("T")
_HERE = Path(__file__).parent
FOLDERS = [*filter(None, os.environ.get("SIMENV_PLUGINS", "").split(os.pathsep)), str(_HERE)]
"""Folders with plugins, the first found first; the package simenv.plugins imports from these."""


class Kind(NamedTuple):
    """One kind of plugin."""

    noun: str
    """what messages call one of them"""
    base: str
    """its base class as `module:Class`, imported with the first plugin of the kind"""
    package: str = ""
    """where simenv's own lie; '': only in the folder of the kind below a folder of plugins"""
    is_folder: bool = False
    """whether one is a folder of modules instead of a file"""


KINDS = {
    "environments": Kind("environment", "simenv.world:World", is_folder=True),
    "agents": Kind("agent", "simenv.agent:Agent"),
    "filters": Kind("filter", "simenv.filter:Filter"),
    "hooks": Kind("hook", "simenv.hook:Hook", "simenv.hooks"),
    "dialects": Kind("dialect", "simenv.dialects:Dialect", "simenv.dialects"),
    "models": Kind("model client", "simenv.model:Model", "simenv.models.clients"),
    "simulators": Kind("simulator", "simenv.simulate:Simulator", "simenv.simulate.simulators"),
    "trainers": Kind("trainer", "simenv.finetune.trainers:Trainer", "simenv.finetune.trainers"),
    "formats": Kind("format", "simenv.export.format:Format", "simenv.export.formats"),
}
"""All kinds by the name of their folder in a folder of plugins."""
_NEAR = 0.85
"""Similarity of two names of methods, 0..1, from which on one is taken for a misspelling of the other."""
ENVIRONMENT_MARKS = ("world.py", "environment.json")
"""A folder is an environment if it holds one of these."""
PIP = {
    "openai": "'openai>=3,<4'",
    "anthropic": "'anthropic>=2,<3'",
    "torch": "'simenv[train]'",
    "transformers": "'simenv[train]'",
    "peft": "'simenv[train]'",
    "datasets": "'simenv[train]'",
    "accelerate": "'simenv[train]'",
    "safetensors": "'simenv[train]'",
}
"""What pip installs where a package of a plugin is missing; any other package goes by its own name."""


def add(folder: str | Path) -> None:
    """Look for plugins in one more folder, before all others; ConfigError if it is no folder."""
    path = Path(folder).resolve()
    if not path.is_dir():
        raise ConfigError(
            f"plugins: {folder} is not a folder; expected one with environments/, agents/ or filters/ in it"
        )
    if str(path) not in FOLDERS:
        FOLDERS.insert(0, str(path))


def check_folders() -> None:
    """ConfigError for a folder in SIMENV_PLUGINS that is none."""
    for folder in filter(None, os.environ.get("SIMENV_PLUGINS", "").split(os.pathsep)):
        if not Path(folder).is_dir():
            raise ConfigError(
                f"SIMENV_PLUGINS: {folder} is not a folder; expected folders with plugins, between {os.pathsep!r}"
            )


def names(kind: str) -> list[str]:
    """Names of all plugins of a kind, a key of KINDS; imports none of them."""
    own = KINDS[kind].package
    folders = [*(Path(root, kind) for root in FOLDERS), *([_folder(own)] if own else [])]
    listed = {e.name for e in entry_points(group=f"simenv.{kind}")}
    for folder in folders:
        listed.update(entry.stem for entry in folder.glob("[!_.]*") if _is_plugin(kind, entry))
    return sorted(listed)


def load(kind: str, name: str) -> type[Any]:
    """The class of a plugin by name. ConfigError: unknown name, failed import, missing package, no class of the kind."""
    return _only(import_plugin(module_of(kind, name), f"{KINDS[kind].noun} {name!r}"), KINDS[kind].base)


@cache
def _only(module: ModuleType, base: str) -> type[Any]:
    """The only subclass in a module of a base that is named `module:Class`."""
    source, _, name = base.partition(":")
    return one(module, getattr(import_module(source), name))


def module_of(kind: str, name: str) -> str:
    """The dotted name of a plugin's module, or of an environment's package.

    Imports nothing, so a name with dots is taken as it is. ConfigError for an unknown name: what exists, the nearest spelling.
    """
    own = KINDS[kind].package
    if "." in name and all(map(str.isidentifier, name.split("."))):
        return name
    if name.isidentifier() and not name.startswith("_"):
        if any(_holds(kind, Path(root, kind), name) for root in FOLDERS):
            return f"simenv.plugins.{kind}.{name}"
        if own and _holds(kind, _folder(own), name):
            return f"{own}.{name}"
    for entry in entry_points(group=f"simenv.{kind}", name=name):
        return entry.value
    raise ConfigError(unknown(KINDS[kind].noun, name, names(kind)))


def import_plugin(path: str, plugin: str) -> ModuleType:
    """Import a module. ConfigError says what `plugin`, as messages call it, lacks: a module of its own, or a package."""
    try:
        return import_module(path)
    except ModuleNotFoundError as e:
        missing = e.name or ""
        package = missing.partition(".")[0]
        if package == "simenv" or f"{path}.".startswith(f"{missing}."):
            raise ConfigError(f"{plugin}: cannot import {path}: there is no module {missing}") from e
        raise ConfigError(f"{plugin} needs the package {package}: pip install {PIP.get(package, package)}") from e
    except ImportError as e:
        raise ConfigError(f"{plugin}: cannot import {path}: {e}") from e


def defined(module: ModuleType, base: type[T]) -> list[type[T]]:
    """The concrete subclasses of a base that a module itself defines, in the order of its text."""
    classes = [
        c for _, c in inspect.getmembers(module, inspect.isclass)
        if issubclass(c, base) and not inspect.isabstract(c) and c.__module__ == module.__name__
    ]  # fmt: skip
    return sorted(classes, key=lambda c: inspect.getsourcelines(c)[1])


def one(module: ModuleType, base: type[T]) -> type[T]:
    """The only concrete subclass of a base in a module.

    ConfigError if there is none or more than one; a class that lacks methods of the base, or has one that must be async as a
    plain function, is named with them, and with the spelling that was nearest.
    """
    classes = defined(module, base)
    if len(classes) == 1:
        _check_async(classes[0], base)
        _check_spelling(classes[0], base)
        return classes[0]
    lacking = "" if classes else _lacking(module, base)
    listed = ", ".join(c.__name__ for c in classes) or "none"
    raise ConfigError(f"{module.__name__}: {lacking or f'expected exactly one {base.__name__}, found {listed}'}")


def _lacking(module: ModuleType, base: type[Any]) -> str:
    """What the unfinished subclasses of a base in a module lack: "CalendarExpert lacks `perturb` (it has `pertrub`)"."""
    unfinished = [
        c for _, c in inspect.getmembers(module, inspect.isclass)
        if issubclass(c, base) and inspect.isabstract(c) and c.__module__ == module.__name__
    ]  # fmt: skip
    return "; ".join(f"{c.__name__} lacks {_missing(c)}" for c in unfinished)


def _missing(unfinished: type[Any]) -> str:
    """The methods that a class lacks, each with the method of its own that may be a misspelling of it."""
    known = {n for parent in unfinished.__mro__[1:] for n in vars(parent)}
    own = [n for n, value in vars(unfinished).items() if callable(value) and n not in known]
    near = {n: get_close_matches(n, own, n=1) for n in sorted(unfinished.__abstractmethods__)}
    return ", ".join(f"`{n}`" + (f" (it has `{close[0]}`)" if close else "") for n, close in near.items())


def _check_async(kind: type[Any], base: type[Any]) -> None:
    """ConfigError for a plain function in the place of a method that is async in the base."""
    for name, value in vars(base).items():
        own = inspect.getattr_static(kind, name, value)
        if inspect.iscoroutinefunction(value) and inspect.isfunction(own) and not inspect.iscoroutinefunction(own):
            raise ConfigError(
                f"{kind.__module__}: {kind.__name__}.{name} is a plain function; write `async def {name}`"
            )


def _check_spelling(kind: type[Any], base: type[Any]) -> None:
    """ConfigError for a method that is nearly called like one of the base: nothing would call it.

    Only where every method of the base is optional, as a hook's are; elsewhere the one that is then lacking is named.
    """
    if inspect.isabstract(base):
        return
    optional = [n for n, value in vars(base).items() if inspect.isfunction(value) and not n.startswith("_")]
    optional = [n for n in optional if n not in vars(kind)]
    for name, value in vars(kind).items():
        if not inspect.isfunction(value) or name.startswith("_") or hasattr(base, name):
            continue
        if near := get_close_matches(name, optional, n=1, cutoff=_NEAR):
            raise ConfigError(
                f"{kind.__module__}: {kind.__name__} has `{name}`, which nothing calls; did you mean `{near[0]}`?"
            )


def _folder(package: str) -> Path:
    """The folder of one of simenv's own packages, found without importing it."""
    return Path(_HERE.parent, *package.split(".")[1:])


def _holds(kind: str, folder: Path, name: str) -> bool:
    """Whether a folder holds a plugin of this name."""
    return _is_plugin(kind, folder / name if KINDS[kind].is_folder else folder / f"{name}.py")


def _is_plugin(kind: str, entry: Path) -> bool:
    """Whether a file, or the folder of an environment, is a plugin of its kind."""
    if KINDS[kind].is_folder:
        return any((entry / mark).is_file() for mark in ENVIRONMENT_MARKS)
    return entry.suffix == ".py" and entry.is_file()
