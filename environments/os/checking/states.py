"""Two states of a machine beside each other: what an action changed there, and whether a claimed state is the true one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_BOOKS = re.compile(
    r"/etc/(passwd|group|shadow|gshadow|subuid|subgid)(-|[.]lock)?|/var/(log|cache|mail|spool/mail)(/.*)?|.*/[.]bash_history"
)
"""Where tools keep their own accounts; who the users are is told apart from them."""
_FACETS = (("kind",), ("mode",), ("owner",), ("group",), ("target", "text", "sha256"))
"""What is one fact about a file each; the content is one, however it is told."""
MOST = 2000
"""Entries of a claimed state that are read."""


def files(state: Any) -> dict[str, Any]:
    """The files of a state without those that tools keep for themselves."""
    found = state.get("files") if isinstance(state, Mapping) else None
    return {p: e for p, e in found.items() if not _BOOKS.fullmatch(p)} if isinstance(found, Mapping) else {}


def users(state: Any) -> dict[str, Any]:
    found = state.get("users") if isinstance(state, Mapping) else None
    return dict(found) if isinstance(found, Mapping) else {}


def delta(before: Any, after: Any) -> int:
    """Facts that differ: one for a file that is new or gone, one for each of kind, mode, owner, group and content; one for a
    user, and for each field and membership; one for the folder of the shell."""
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
    own = sum(a.get(k) != b.get(k) for k in ("uid", "gid", "home", "shell"))
    return own + len(set(a.get("groups", ())) ^ set(b.get("groups", ())))


def names(before: Any, after: Any) -> set[str]:
    """Paths, last parts of paths, and users that an action touched."""
    was, now = files(before), files(after)
    touched = {p for p in was.keys() | now.keys() if was.get(p) != now.get(p)}
    touched |= set(before.get("removed", ())) ^ set(after.get("removed", ()))
    people = {n for n in users(before).keys() | users(after).keys() if users(before).get(n) != users(after).get(n)}
    return touched | {p.rsplit("/", 1)[-1] for p in touched} | people


def differences(claim: Mapping[str, Any], after: Any, loose: bool) -> Iterator[tuple[str, Any, Any]]:
    """Where a claimed state is not the true one: what, the claimed value, the true one.

    What a claim leaves out of an entry (sizes, hashes, ids) is not held against it; a file, a user or the folder is.
    `loose`: contents are not compared, for they hold what no state decides.
    """
    if "cwd" in claim and claim["cwd"] != after["cwd"]:
        yield "cwd", claim["cwd"], after["cwd"]
    if "removed" in claim and _texts(claim["removed"]) != set(after["removed"]):
        yield "removed", claim["removed"], after["removed"]
    said, true = files(claim), files(after)
    for path in sorted(said.keys() | true.keys()):
        if path not in said or path not in true or not _same_entry(said[path], true[path], loose):
            yield path, said.get(path), true.get(path)
    if "users" in claim:
        people, real = users(claim), users(after)
        for name in sorted(people.keys() | real.keys()):
            if name not in people or name not in real or not _same_user(people[name], real[name]):
                yield f"user {name}", people.get(name), real.get(name)


def _texts(value: Any) -> set[str]:
    return {v if isinstance(v, str) else brief(v) for v in value} if isinstance(value, list) else {brief(value)}


def _same_entry(said: Any, true: Mapping[str, Any], loose: bool) -> bool:
    """A file told by its content alone, as models like to, is told enough."""
    if isinstance(said, str):
        said = {"kind": "file", "text": said}
    if not isinstance(said, Mapping):
        return False
    for key, value in said.items():
        if key not in true or key == "size" or (key == "sha256" and ("text" in true or loose)):
            if key == "text" and value and not loose:
                return True
            continue
        if key == "text" and loose:
            continue
        if key == "mode":
            if brief(value).lstrip("0") != str(true["mode"]).lstrip("0"):
                return False
        elif value != true[key]:
            return False
    return true["kind"] != "file" or "text" not in true or "text" in said or "sha256" in said or loose


def _same_user(said: Any, true: Mapping[str, Any]) -> bool:
    if not isinstance(said, Mapping):
        return False
    for key, value in said.items():
        if key == "groups":
            if _texts(value) != set(true["groups"]):
                return False
        elif key in true and brief(value) != str(true[key]):
            return False
    return True


def forgotten(what: str, value: Any, true: Any, before: Any) -> bool:
    """Whether a wrong value is the one from before the action, or its lack."""
    known: Any = files(before).get(what)
    if what.startswith("user "):
        known = users(before).get(what.removeprefix("user "))
    elif what in ("cwd", "removed"):
        known = before.get(what)
    if known == true:
        return False
    if value is None or known is None or not (isinstance(value, Mapping) and isinstance(known, Mapping)):
        return value is None or brief(value) == brief(known)
    return all(brief(v) == brief(known.get(k)) for k, v in value.items() if brief(v) != brief((true or {}).get(k)))


def brief(value: Any) -> str:
    """A claimed value in a few characters, whatever it is."""
    try:
        return str(value)[:200]
    except RecursionError:
        return "something nested too deeply"
