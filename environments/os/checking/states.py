"""Compares two states of a machine: the facts that an action changed, and the differences of a predicted state."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

_BOOKS = re.compile(
    r"/etc/(passwd|group|shadow|gshadow|subuid|subgid)(-|[.]lock)?|/etc/[.]pwd[.]lock|/var/(log|cache|mail|spool/mail)(/.*)?|.*/[.]bash_history"
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


def changed_text(before: Any, after: Any) -> str:
    """The texts that files had before an action changed them."""
    was, now = files(before), files(after)
    return "\n".join(str(was[p].get("text", "")) for p in was if was[p] != now.get(p))


def differences(claim: Mapping[str, Any], before: Any, after: Any, loose: bool) -> Iterator[tuple[str, Any, Any]]:
    """The differences of a predicted state: place, predicted value, true value.

    A claim may omit keys of an entry; they are then as they were before the action, or as they are of a new file. No file,
    user or folder may be omitted. `loose`: contents are not compared, for no state decides them.
    """
    if "cwd" in claim and _path(claim["cwd"]) != after["cwd"]:
        yield "cwd", claim["cwd"], after["cwd"]
    if "removed" in claim and _texts(claim["removed"]) != set(after["removed"]):
        yield "removed", claim["removed"], after["removed"]
    predicted, was, true = files(claim), files(before), files(after)
    for path in sorted(predicted.keys() | true.keys()):
        if (
            path not in predicted
            or path not in true
            or not _same_entry(predicted[path], was.get(path), true[path], loose)
        ):
            yield path, predicted.get(path), true.get(path)
    if "users" in claim:
        people, old, real = users(claim), users(before), users(after)
        for name in sorted(people.keys() | real.keys()):
            if name not in people or name not in real or not _same_user(name, people[name], old.get(name), real[name]):
                yield f"user {name}", people.get(name), real.get(name)


def _path(value: Any) -> Any:
    return (value.rstrip("/") or "/") if isinstance(value, str) else value


def _texts(value: Any) -> set[str]:
    return {v if isinstance(v, str) else as_text(v) for v in value} if isinstance(value, list) else {as_text(value)}


_NEW_MODES = {"directory": "0755", "link": "0777"}


def _same_entry(claim: Any, was: Mapping[str, Any] | None, true: Mapping[str, Any], loose: bool) -> bool:
    """Whether a predicted entry is right; models may write the content alone."""
    if isinstance(claim, str):
        claim = {"text": claim}
    if not isinstance(claim, Mapping):
        return False
    kind = claim.get("kind", was["kind"] if was else "link" if "target" in claim else "file")
    if kind != true["kind"]:
        return False
    assumed = was or {"mode": _NEW_MODES.get(kind, "0644"), "owner": "root", "group": "root"}
    if not _same_mode(claim.get("mode", assumed.get("mode")), str(true["mode"])):
        return False
    if any(claim.get(key, assumed.get(key)) != true[key] for key in ("owner", "group")):
        return False
    if kind == "link":
        return bool(claim.get("target", assumed.get("target")) == true.get("target"))
    return kind != "file" or loose or _same_content(claim, was or {}, true)


def _same_mode(value: Any, true: str) -> bool:
    """Whether a mode is right: `0644`, `644`, or the number that it stands for."""
    return as_text(value).lstrip("0") == true.lstrip("0") or (isinstance(value, int) and value == int(true, 8))


def _same_content(claim: Mapping[str, Any], was: Mapping[str, Any], true: Mapping[str, Any]) -> bool:
    """Whether a predicted content is right: by its text, and of a file that is known by its hash alone by that, if at all."""
    text, known_hash = claim.get("text"), claim.get("sha256")
    if "text" not in true:
        known_hash = (
            hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() if isinstance(text, str) else known_hash
        )
        return known_hash in (None, true["sha256"])
    if "text" in claim:
        return bool(text == true["text"])
    if known_hash not in (None, was.get("sha256")):
        return bool(known_hash == true["sha256"])
    return bool(was.get("text", "") == true["text"])


def _same_user(name: str, claim: Any, was: Mapping[str, Any] | None, true: Mapping[str, Any]) -> bool:
    """Whether a predicted user is right; what a claim omits is as it was, and a new user is in the group of its own alone."""
    if not isinstance(claim, Mapping):
        return False
    groups = claim.get("groups", was["groups"] if was else [name])
    if _texts(groups) != set(true["groups"]):
        return False
    kept = was or true
    return all(as_text(claim.get(k, kept.get(k))) == str(v) for k, v in true.items() if k != "groups")


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
