"""Compares two states of a visit: the facts that an action changed, and the differences of a predicted state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simenv.compare import changed
from simenv.types import canonical

from .text import normalise_url

Difference = tuple[str, Any, Any]
"""Place, predicted value, true value; a value is None if it is missing."""


def delta(before: Any, after: Any) -> int:
    """The number of facts that differ: each cart line and record that is new or gone, each changed value of a record, the
    user, the end of the visit, and another page; on the same page each field."""
    was, now = before["site"], after["site"]
    count = _lines(was["cart"], now["cart"])
    for table in was["tables"].keys() | now["tables"].keys():
        count += _records(was["tables"].get(table, []), now["tables"].get(table, []))
    count += sum(was.get(k) != now.get(k) for k in ("user", "done"))
    if before["url"] != after["url"]:
        return count + 1
    return count + _fields(before["fields"], after["fields"]) + (before["note"] != after["note"] and not count)


def _lines(was: list[Any], now: list[Any]) -> int:
    remaining = [canonical(x) for x in now]
    missing = 0
    for line in map(canonical, was):
        if line in remaining:
            remaining.remove(line)
        else:
            missing += 1
    return missing + len(remaining)


def _records(was: list[Any], now: list[Any]) -> int:
    changes = sum(changed(a, b) for a, b in zip(was, now, strict=False))
    return changes + abs(len(was) - len(now))


def _fields(was: list[Any], now: list[Any]) -> int:
    if [f["name"] for f in was] != [f["name"] for f in now]:
        return 1
    return sum(a["value"] != b["value"] for a, b in zip(was, now, strict=True))


def differences(claim: Mapping[str, Any], true: Mapping[str, Any]) -> list[Difference]:
    """The differences of a predicted state. The site's internal values (serial, note, history) are not compared; other parts
    may be omitted as a whole (site, url, fields), and what is omitted inside a part is a difference."""
    result: list[Difference] = []
    if "site" in claim:
        site = claim["site"] if isinstance(claim["site"], Mapping) else {}
        result += [
            (key, site.get(key), true["site"][key])
            for key in ("tables", "cart", "user", "done")
            if (key in site or key in ("tables", "cart")) and not _same(site.get(key), true["site"][key])
        ]
    if "url" in claim and not _same_url(claim["url"], true["url"]):
        result.append(("url", claim["url"], true["url"]))
    if "fields" in claim and not _same(claim["fields"], true["fields"]):
        result.append(("fields", claim["fields"], true["fields"]))
    return result


def _same_url(claim: Any, true: str) -> bool:
    """Whether an address is the same but for notation: empty parameters, escapes, a slash at the end."""
    return isinstance(claim, str) and (claim == true or normalise_url(claim) == normalise_url(true))


def _same(a: Any, b: Any) -> bool:
    """Whether two JSON values are equal, numbers by value."""
    if isinstance(b, bool):
        return a is b or (isinstance(a, str) and a.lower() == str(b).lower())
    if isinstance(a, bool):
        return False
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(_same(a[k], b[k]) for k in b)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    return a == b


def as_text(value: Any) -> str:
    """Any predicted value as text, at most 20,000 characters; '' if it is nested too deeply."""
    try:
        return str(value)[:20_000]
    except RecursionError:
        return ""
