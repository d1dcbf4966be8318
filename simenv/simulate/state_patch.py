"""The next state, as a model writes it: changes in the manner of JSON Patch (RFC 6902), with add, replace and remove."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel


class Change(BaseModel):
    """One change. `path` is a JSON Pointer (RFC 6901): /tables/orders/rows/3; `-` is the place after a list's last."""

    op: Literal["add", "replace", "remove"]
    path: str
    value: Any = None


def apply_changes(state: Any, changes: list[Change]) -> Any:
    """The state after the changes; ValueError says which one cannot be made. The given state stays as it is."""
    root = [json.loads(json.dumps(state))]
    for change in changes:
        keys = [k.replace("~1", "/").replace("~0", "~") for k in ("/0" + change.path).split("/")[1:]]
        if change.path and not change.path.startswith("/"):
            raise ValueError(f"{change.path!r}: a path begins with /")
        if change.op == "remove" and not change.path:
            raise ValueError("remove: the whole state cannot be removed")
        place: Any = root
        for key in keys[:-1]:
            place = _inner(place, key, change)
        _apply(place, keys[-1], change)
    return root[0]


def changes(before: Any, after: Any, path: str = "") -> list[Change]:
    """Changes that make one state the other; lists that differ in length are replaced whole."""
    if isinstance(before, dict) and isinstance(after, dict):
        patch = []
        for key in sorted(before.keys() | after.keys()):
            at = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
            if key not in after:
                patch.append(Change(op="remove", path=at))
            elif key not in before:
                patch.append(Change(op="add", path=at, value=after[key]))
            else:
                patch += changes(before[key], after[key], at)
        return patch
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [c for i, (a, b) in enumerate(zip(before, after, strict=True)) for c in changes(a, b, f"{path}/{i}")]
    same = type(before) is type(after) and before == after
    return [] if same else [Change(op="replace", path=path, value=after)]


def _inner(place: Any, key: str, change: Change) -> Any:
    try:
        return place[key] if isinstance(place, dict) else place[_index(place, key)]
    except (KeyError, IndexError, TypeError, ValueError):
        raise ValueError(f"{change.op} {change.path}: there is no {key!r}") from None


def _apply(place: Any, key: str, change: Change) -> None:
    if change.op != "add":
        _inner(place, key, change)
    if isinstance(place, dict):
        if change.op == "remove":
            del place[key]
        else:
            place[key] = change.value
    elif isinstance(place, list):
        at = len(place) if key == "-" else int(key) if key.isdecimal() else -1
        if not 0 <= at <= len(place):
            raise ValueError(f"{change.op} {change.path}: the list has {len(place)} entries")
        place[at : at + (change.op != "add")] = [] if change.op == "remove" else [change.value]
    else:
        raise ValueError(f"{change.op} {change.path}: nothing lies below it")


def _index(place: Any, key: str) -> int:
    if not isinstance(place, list) or not key.isdecimal():
        raise ValueError(key)
    return int(key)
