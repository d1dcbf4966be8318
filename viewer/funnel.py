"""What became of the trajectories of a curation, as its screen shows it: bars, reasons, examples, files to download."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from simenv.errors import ConfigError

OUTCOMES = ("kept", "edited", "masked", "dropped")
LARGEST_FILE = 200_000_000
"""Bytes of a file that a page hands out."""


class Reason(NamedTuple):
    """Why a filter did something, how often, and a few it did it to, as RUN/ID."""

    filter: str
    decision: str
    reason: str
    count: int
    examples: tuple[str, ...]

    @property
    def ruling(self) -> str:
        """As the filters of the trajectories' table call it."""
        return f"{self.decision}: {self.reason or self.filter} ({self.filter})"


class Exported(NamedTuple):
    """A file of an export. `size` in bytes."""

    format: str
    path: Path
    size: int


def funnel(folder: Path) -> dict[str, Any]:
    """funnel.json of a curated set; ConfigError where it cannot be read."""
    try:
        found = json.loads((folder / "funnel.json").read_bytes())
    except (OSError, ValueError) as e:
        raise ConfigError(f"{folder.name}: funnel.json cannot be read") from e
    if not isinstance(found, dict) or not isinstance(found.get("filters"), list):
        raise ConfigError(f"{folder.name}: funnel.json: expected an object with filters")
    return found


def bars(found: dict[str, Any]) -> list[dict[str, Any]]:
    """For the chart: filter, outcome, count; in the order of the filters."""
    return [{"filter": f["filter"], "outcome": o, "count": f[o]} for f in found["filters"] for o in OUTCOMES if f[o]]


def reasons(found: dict[str, Any]) -> list[Reason]:
    """All reasons, filter by filter."""
    return [
        Reason(f["filter"], r["decision"], r["reason"], r["count"], tuple(r.get("examples", ())))
        for f in found["filters"]
        for r in f["reasons"]
    ]


def account(found: dict[str, Any]) -> list[tuple[str, int, str]]:
    """The way from what was read to what is in the set: name, number, what it means."""
    gold, pool = found["gold"], found["pool"]
    return [
        ("read", found["read"]["trajectories"], "trajectories of the runs"),
        ("kept", pool["kept"], "passed every filter, some of them edited or masked"),
        ("gold", pool["gold"], f"took the places of {gold['dropped']:,} that were dropped"),
        ("chat", pool["chat"], "general chats"),
        ("train", found["train"], "samples to train on"),
        ("validation", found["validation"], "samples held out, by task"),
    ]


def split(example: str, runs: list[str]) -> tuple[str, str] | None:
    """Run and id of an example RUN/ID, if it is of one of these runs."""
    name, slash, id = example.partition("/")
    return (name, id) if slash and name in runs else None


def exports(folder: Path) -> Iterator[Exported]:
    """The files of a set's exports that are not too large to hand out."""
    root = (folder / "export").resolve()
    for path in sorted((folder / "export").glob("*/[!.]*")):
        if path.is_file() and path.resolve().is_relative_to(root) and path.stat().st_size <= LARGEST_FILE:
            yield Exported(path.parent.name, path, path.stat().st_size)
