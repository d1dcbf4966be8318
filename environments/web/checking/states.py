"""Two states of a visit beside each other: what an action changed, and whether a claimed state is the true one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simenv.compare import changed
from simenv.types import canonical

Difference = tuple[str, Any, Any]
"""Where, the claimed value, the true one; None where there is none."""


def delta(before: Any, after: Any) -> int:
    """Facts that differ: one for each line of the cart and each record that is new or gone, for each value of a record that
    changed, for the user, for the end, for another page; on the same page one for each field."""
    was, now = before["site"], after["site"]
    count = _lines(was["cart"], now["cart"])
    for table in was["tables"].keys() | now["tables"].keys():
        count += _records(was["tables"].get(table, []), now["tables"].get(table, []))
    count += sum(was.get(k) != now.get(k) for k in ("user", "done"))
    if before["url"] != after["url"]:
        return count + 1
    return count + _fields(before["fields"], after["fields"]) + (before["note"] != after["note"] and not count)


def _lines(was: list[Any], now: list[Any]) -> int:
    left = [canonical(x) for x in now]
    gone = 0
    for line in map(canonical, was):
        if line in left:
            left.remove(line)
        else:
            gone += 1
    return gone + len(left)


def _records(was: list[Any], now: list[Any]) -> int:
    shared = sum(changed(a, b) for a, b in zip(was, now, strict=False))
    return shared + abs(len(was) - len(now))


def _fields(was: list[Any], now: list[Any]) -> int:
    if [f["name"] for f in was] != [f["name"] for f in now]:
        return 1
    return sum(a["value"] != b["value"] for a, b in zip(was, now, strict=True))


def differences(claim: Mapping[str, Any], true: Mapping[str, Any]) -> list[Difference]:
    """Where a claimed state is not the true one. What the site keeps for itself (serial, note, history) is not asked for;
    of the rest, what a claim leaves out of its parts is missing."""
    found: list[Difference] = []
    if "site" in claim:
        site = claim["site"] if isinstance(claim["site"], Mapping) else {}
        found += [
            (key, site.get(key), true["site"][key])
            for key in ("tables", "cart", "user", "done")
            if (key in site or key in ("tables", "cart")) and not _same(site.get(key), true["site"][key])
        ]
    if "url" in claim and claim["url"] != true["url"]:
        found.append(("url", claim["url"], true["url"]))
    if "fields" in claim and not _same(claim["fields"], true["fields"]):
        found.append(("fields", claim["fields"], true["fields"]))
    return found


def _same(a: Any, b: Any) -> bool:
    """Equal, numbers by their value."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(_same(a[k], b[k]) for k in b)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    return a == b


def told(value: Any) -> str:
    """A claimed value in words, whatever it is."""
    try:
        return str(value)[:20_000]
    except RecursionError:
        return ""
