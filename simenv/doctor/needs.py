"""What simenv can use beside itself: programs, packages, keys; what lacks without each, and how to get it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from typing import NamedTuple

from simenv import plugins
from simenv.config import EnvironmentConfig
from simenv.errors import ConfigError
from simenv.runtime import EnvironmentRuntime


class Need(NamedTuple):
    """One thing, whether it is here, what it is for, and how to get it."""

    name: str
    is_here: bool
    serves: str
    how: str


PROGRAMS = {
    "bwrap": ("the environment os", "apt-get install bubblewrap"),
    "chromium": ("web.world.engine=chromium, pages of MiniWoB++", "apt-get install chromium"),
    "mariadbd": ("the tests of db against a real server", "apt-get install mariadb-server"),
    "docker": ("os.world.engine=docker", "install Docker or Podman"),
}
"""Programs, what each serves, how to get it."""
PACKAGES = {
    "torch": ("finetune, tiny, model=transformers", "train"),
    "transformers": ("finetune, tiny, export checks, model=transformers", "train"),
    "peft": ("finetune method=lora, adapters as models", "train"),
    "datasets": ("export to=datasets, data sets of the hub", "train"),
    "streamlit": ("view", "viewer"),
    "starlette": ("serve --agentbench, serve --mcp --http", "serve"),
    "mcp": ("serve --mcp", "serve"),
    "playwright": ("web.world.engine=chromium", "web"),
    "miniwob": ("tasks of MiniWoB++", "miniwob"),
    "pypdf": ("knowledge add of PDF", "knowledge"),
    "docx": ("knowledge add of Word", "knowledge"),
    "presidio_analyzer": ("knowledge add scrub=true with names", "privacy"),
    "pymysql": ("db.world.engine=server", "mysql"),
    "ray": ("sweeps on a cluster", "cluster"),
    "nltk": ("AgentBench's own scores", "agentbench"),
}
"""Packages, what each serves, and the extra of simenv that brings it."""
KEYS = {
    "OPENAI_API_KEY": "model=openai; servers of your own do without",
    "ANTHROPIC_API_KEY": "model=anthropic",
}
"""Variables of the environment with keys, of which it is only told whether they are set."""


def needs() -> Iterator[Need]:
    """Everything, environments first."""
    yield from map(environment, plugins.names("environments"))
    for name, (serves, how) in PROGRAMS.items():
        path = os.environ.get("PATH", "") + os.pathsep + "/usr/sbin"
        yield Need(f"program {name}", shutil.which(name, path=path) is not None, serves, how)
    for name, (serves, extra) in PACKAGES.items():
        yield Need(f"package {name}", _has(name), serves, f"pip install 'simenv[{extra}]'")
    for name, serves in KEYS.items():
        yield Need(f"variable {name}", bool(os.environ.get(name)), serves, f"export {name}=…")


def environment(name: str) -> Need:
    """An environment with its default engine, and what that lacks here."""
    try:
        lacks = EnvironmentRuntime.of(name, EnvironmentConfig(), episodes=1, needs_engine=False).missing()
    except ConfigError as e:
        lacks = str(e)
    return Need(f"environment {name}", not lacks, f"simenv rollout environments={name}", lacks)


def _has(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):
        return False
