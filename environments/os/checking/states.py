"""Compares two states of a machine: the facts that an action changed, and the differences of a predicted state."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_BOOKS = re.compile(
    r"/etc/(passwd|group|shadow|gshadow|subuid|subgid)(-|[.]lock)?|/var/(log|cache|mail|spool/mail)(/.*)?|.*/[.]bash_history"
)
"""Files that tools maintain; the users themselves are compared apart from them."""
_FACETS = (("kind",), ("mode",), ("owner",), ("group",), ("target", "text", "sha256"))
"""The facts about a file; its content is one fact in any of three keys."""
MAX_ENTRIES = 2000
"""Entries of a predicted state; one with more is malformed."""


def files(state: Any) -> dict[str, Any]:
    """The files of a state, without those that tools maintain."""
    entries = state.get("files") if isinstance(state, Mapping) else None
    return {p: e for p, e in entries.items() if not _BOOKS.fullmatch(p)} if isinstance(entries, Mapping) else {}


def users(state: Any) -> dict[str, Any]:
    """The users of a state; empty if it has none."""
    entries = state.get("users") if isinstance(state, Mapping) else None
    return dict(entries) if isinstance(entries, Mapping) else {}


def delta(before: Any, after: Any) -> int:
    """The number of facts that differ: a file that is new or gone; each of kind, mode, owner, group and content of a file; a
    user that is new or gone, each field and membership of a user; the folder of the shell."""
    count = int(before.get("cwd") != after.get("cwd"))
    count += len(set(before.get("removed", ())) ^ set(after.get("removed", ())))
    was, now = files(before), files(after)
    count += len(was.keys() ^ now.keys())
    count += sum(len(_differing(was[p], now[p])) for p in was.keys() & now.keys() if was[p] != now[p])
    return count + sum(
        _user(users(before).get(n), users(after).get(n)) for n in users(before).keys() | users(after).keys()
    )


def _differing(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [facet for facet in _FACETS if any(a.get(k) != b.get(k) for k in facet)]


def _user(a: Any, b: Any) -> int:
    if a is None or b is None:
        return int(a is not b)
    count = sum(a.get(k) != b.get(k) for k in ("uid", "gid", "home", "shell"))
    return count + len(set(a.get("groups", ())) ^ set(b.get("groups", ())))


def changed_names(before: Any, after: Any) -> set[str]:
    """Paths, last parts of paths, and users that an action changed."""
    was, now = files(before), files(after)
    paths = {p for p in was.keys() | now.keys() if was.get(p) != now.get(p)}
    paths |= set(before.get("removed", ())) ^ set(after.get("removed", ()))
    people = {n for n in users(before).keys() | users(after).keys() if users(before).get(n) != users(after).get(n)}
    return paths | {p.rsplit("/", 1)[-1] for p in paths} | people


def differences(claim: Mapping[str, Any], after: Any, loose: bool) -> Iterator[tuple[str, Any, Any]]:
    """The differences of a predicted state: place, predicted value, true value.

    A claim may omit keys of an entry (sizes, hashes, ids), but no file, user or folder. `loose`: contents are not compared,
    for no state decides them.
    """
    if "cwd" in claim and claim["cwd"] != after["cwd"]:
        yield "cwd", claim["cwd"], after["cwd"]
    if "removed" in claim and _texts(claim["removed"]) != set(after["removed"]):
        yield "removed", claim["removed"], after["removed"]
    predicted, true = files(claim), files(after)
    for path in sorted(predicted.keys() | true.keys()):
        if path not in predicted or path not in true or not _same_entry(predicted[path], true[path], loose):
            yield path, predicted.get(path), true.get(path)
    if "users" in claim:
        people, real = users(claim), users(after)
        for name in sorted(people.keys() | real.keys()):
            if name not in people or name not in real or not _same_user(people[name], real[name]):
                yield f"user {name}", people.get(name), real.get(name)


def _texts(value: Any) -> set[str]:
    return {v if isinstance(v, str) else as_text(v) for v in value} if isinstance(value, list) else {as_text(value)}


def _same_entry(claim: Any, true: Mapping[str, Any], loose: bool) -> bool:
    """Whether a predicted entry is right; models may write the content alone."""
    if isinstance(claim, str):
        claim = {"kind": "file", "text": claim}
    if not isinstance(claim, Mapping):
        return False
    for key, value in claim.items():
        if key not in true or key == "size" or (key == "sha256" and ("text" in true or loose)):
            if key == "text" and value and not loose:
                return True
            continue
        if key == "text" and loose:
            continue
        if key == "mode":
            if as_text(value).lstrip("0") != str(true["mode"]).lstrip("0"):
                return False
        elif value != true[key]:
            return False
    return true["kind"] != "file" or "text" not in true or "text" in claim or "sha256" in claim or loose


def _same_user(claim: Any, true: Mapping[str, Any]) -> bool:
    if not isinstance(claim, Mapping):
        return False
    for key, value in claim.items():
        if key == "groups":
            if _texts(value) != set(true["groups"]):
                return False
        elif key in true and as_text(value) != str(true[key]):
            return False
    return True


def is_stale(place: str, value: Any, true: Any, before: Any) -> bool:
    """Whether a wrong value is the one from before the action, or missing."""
    before_value: Any = files(before).get(place)
    if place.startswith("user "):
        before_value = users(before).get(place.removeprefix("user "))
    elif place in ("cwd", "removed"):
        before_value = before.get(place)
    if before_value == true:
        return False
    if value is None or before_value is None or not (isinstance(value, Mapping) and isinstance(before_value, Mapping)):
        return value is None or as_text(value) == as_text(before_value)
    return all(
        as_text(v) == as_text(before_value.get(k))
        for k, v in value.items()
        if as_text(v) != as_text((true or {}).get(k))
    )


def as_text(value: Any) -> str:
    """Any predicted value as text, at most 200 characters."""
    try:
        return str(value)[:200]
    except RecursionError:
        return "something nested too deeply"
