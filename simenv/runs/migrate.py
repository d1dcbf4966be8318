"""What earlier versions wrote, turned into what the present one writes: items of a run and mappings of its config.

Readers apply these functions to what they read; files stay as they lie.

- Version 1 of the trajectory format called `branch.continuation` `branch.way`.
- Configs of that time called the expert's option `error_rate` `slips`, the fork hook's option `continuations` `ways`, and
  the level `task` of `gold.replace` `twin`.
"""

from __future__ import annotations

from typing import Any

from simenv.types import VERSION

_OPTIONS = {"expert": {"slips": "error_rate"}, "fork": {"ways": "continuations"}}
"""New names of options, by the plugin they belong to."""
_DOTTED = {"agent.slips": "agent.error_rate"}
"""New ends of dotted keys, such as the axes of a sweep have."""


def trajectory(item: dict[str, Any]) -> dict[str, Any]:
    """A trajectory's JSON in the present version; an item of this version, or of another kind, as it is."""
    if item.get("version") != "1" or "steps" not in item:
        return item
    branch = item.get("branch")
    if isinstance(branch, dict) and "way" in branch:
        branch = {("continuation" if key == "way" else key): value for key, value in branch.items()}
        item = item | {"branch": branch}
    return item | {"version": VERSION}


def config(settings: dict[str, Any]) -> dict[str, Any]:
    """A config mapping with the present names of options, at any depth; present ones stay as they are."""
    return {key: _value(key, value) for key, value in _renamed(settings).items()}


def _value(key: str, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_value(key, one) for one in value]
    if not isinstance(value, dict):
        return value
    value = config(value)
    if key == "gold" and isinstance(value.get("replace"), list | tuple):
        value["replace"] = ["task" if level == "twin" else level for level in value["replace"]]
    return value


def _renamed(settings: dict[str, Any]) -> dict[str, Any]:
    name = settings.get("name")
    options = _OPTIONS.get(name, {}) if isinstance(name, str) else {}
    return {options.get(key, _dotted(key)): value for key, value in settings.items()}


def _dotted(key: str) -> str:
    old = (
        next((end for end in _DOTTED if key.endswith(f".{end}") or key == end), None) if isinstance(key, str) else None
    )
    return key if old is None else key.removesuffix(old) + _DOTTED[old]
