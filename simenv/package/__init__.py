"""Environments for the programs of others that want a package: OpenEnv, verifiers, Inspect.

`write` makes the folder that a program wants; it holds names and settings, and imports the adapter, which lies here: one file
for each program, `verifiers.py` and `inspect.py` (OpenEnv's is the server, `simenv.serve.openenv`).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Literal

from pydantic import Field

from simenv.config import EnvironmentConfig
from simenv.errors import ConfigError
from simenv.files import whole_folder
from simenv.options import Options
from simenv.prompts import render
from simenv.runtime import EnvironmentRuntime
from simenv.source import TaskReader
from simenv.trust import DataPath, PluginName

TEMPLATES = Path(__file__).with_name("templates")
TASKS = "tasks.jsonl"
"""The tasks of a package, beside its code; without it the procedural teacher makes them."""
FILES = {
    "openenv": (
        "openenv.yaml", "pyproject.toml", "README.md", "__init__.py", "client.py", "server/__init__.py", "server/app.py",
        "server/Dockerfile",
    ),
    "verifiers": ("pyproject.toml", "README.md", "{module}/__init__.py"),
    "inspect": ("pyproject.toml", "README.md", "{module}/__init__.py", "{module}/world.py"),
}  # fmt: skip
"""The files of a package, by the program that it is for; each has a template in the folder of that program."""


class Package(Options):
    """One environment as a package for a program of others."""

    environment: PluginName
    """name of the environment"""
    to: Literal["openenv", "verifiers", "inspect"]
    """the program: openenv, verifiers or inspect"""
    source: DataPath | None = None
    """a task file, which is copied into the package; None: the procedural teacher"""
    dialect: PluginName = "react"
    """how actions are written, where they are text"""
    episodes: int = Field(default=50, ge=1)
    """tasks of the procedural teacher that a program sees at first"""
    out: str = "packages"
    """parent folder"""


def write(settings: Package) -> Path:
    """Write the package to `out/NAME`, which appears whole or not at all. ConfigError for what is no environment or exists."""
    name = f"simenv-{settings.environment.rpartition('.')[2].replace('_', '-')}"
    config = EnvironmentConfig(source=str(settings.source) if settings.source else None)
    runtime = EnvironmentRuntime.of(settings.environment, config, dialect=settings.dialect, episodes=settings.episodes)
    tasks = runtime.task_source  # whose errors come before anything is written
    if runtime.dialect.tools:
        raise ConfigError(f"dialect: {settings.dialect} needs function calls; expected one that is text, such as react")
    folder, module = Path(settings.out, f"{name}-{settings.to}"), name.replace("-", "_")
    if folder.exists():
        raise ConfigError(f"{folder}: exists already; expected a new folder")
    world = runtime.environment.world
    told = {
        "name": name, "module": module, "environment": settings.environment, "dialect": settings.dialect,
        "max_turns": world.max_turns, "episodes": settings.episodes, "title": module.title().replace("_", ""),
        "source": TASKS if settings.source else "",
        "overview": world.overview,
    }  # fmt: skip
    with whole_folder(folder) as aside:
        for file in FILES[settings.to]:
            place = aside / file.format(module=module)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(render(TEMPLATES / settings.to / template(file), **told), encoding="utf-8")
        if settings.source is not None and isinstance(tasks, TaskReader):
            beside = aside / "server" if settings.to == "openenv" else aside / module
            shutil.copyfile(settings.source, beside / TASKS)
    return folder


def template(file: str) -> str:
    """The name of the template that a file is made from."""
    return file.replace("{module}/", "").replace("/", "_").replace(".py", "_py").replace(".", "_") + ".j2"
