"""The parts of the product that are scored apart, by the patterns of their files."""

from __future__ import annotations

from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
AREAS = {
    "db/light": ("environments/db/engine/light/*",),
    "db": ("environments/db/*",),
    "household": ("environments/household/*",),
    "kg": ("environments/kg/*",),
    "os": ("environments/os/*",),
    "search": ("environments/search/*",),
    "web": ("environments/web/*",),
    "evaluate": ("simenv/evaluate/*", "simenv/statistics.py", "simenv/metrics.py"),
    "export": ("simenv/export/*", "simenv/data/*"),
    "fidelity": ("simenv/fidelity/*",),
    "filters": ("filters/*", "simenv/curate/*", "simenv/filter.py"),
    "hooks": ("simenv/hooks/*", "simenv/hook.py"),
    "instruct": ("simenv/instruct/*",),
    "knowledge": ("simenv/knowledge/*", "simenv/documents/*"),
    "models": ("simenv/models/*", "simenv/model.py", "simenv/tiny/*"),
    "serve": ("simenv/serve/*",),
    "simulate": ("simenv/simulate/*",),
    "sweep": ("simenv/sweep/*",),
    "finetune": ("simenv/finetune/*", "simenv/recipe.py"),
    "verify": ("simenv/verify/*", "simenv/comparison/*"),
    "viewer": ("viewer/*", "simenv/view/*"),
    "core": ("simenv/*", "agents/*"),
}
"""A file belongs to the first area that has a pattern for it; `*` stands for any path below."""


@cache
def area_of(path: str) -> str | None:
    """The area of a file, given from the root of the repository."""
    return next((a for a, patterns in AREAS.items() if any(fnmatch(path, p) for p in patterns)), None)


@cache
def files_of(area: str) -> tuple[str, ...]:
    """The Python files of an area, in the order of their names."""
    found = []
    for top in ("simenv", "environments", "agents", "filters", "viewer"):
        for file in (ROOT / top).rglob("*.py"):
            path = str(file.relative_to(ROOT))
            if not path.startswith("simenv/plugins/") or path.count("/") == 2:
                found.append(path)
    return tuple(sorted(p for p in found if area_of(p) == area))
