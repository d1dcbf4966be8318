"""Plugins by name: environments, agents, filters, hooks, dialects, models, simulators, trainers and export formats.

The folders `environments/`, `agents/`, `filters/` and `viewer/` are namespace packages below this one: links to the folders
at the top of the repository, folders in a wheel. So `simenv.plugins.environments.db.world` is an ordinary import that editors
and type checkers follow, and no top-level name such as `agents` is taken. A user's own folders join them (`SIMENV_PLUGINS`,
or `add`), with subfolders of the same names and of the other kinds: `hooks/`, `dialects/`, `models/`, `simulators/`,
`trainers/`, `formats/`. Installed packages serve plugins through entry points: `simenv.agents`, `simenv.hooks` …
"""

from simenv.plugins.environment import Environment, environment
from simenv.plugins.registry import FOLDERS, KINDS, PIP, Kind, add, check_folders, defined, load, module_of, names, one

__all__ = [
    "FOLDERS",
    "KINDS",
    "PIP",
    "Environment",
    "Kind",
    "add",
    "check_folders",
    "defined",
    "environment",
    "load",
    "module_of",
    "names",
    "one",
]
__path__ = FOLDERS
