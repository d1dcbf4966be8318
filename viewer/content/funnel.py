"""The funnel of a curated set: how many trajectories each filter kept, changed or dropped, why, and what was exported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from simenv.documents import object_file
from simenv.errors import ConfigError, Unreadable

OUTCOMES = ("kept", "edited", "masked", "dropped")
LARGEST_FILE = 200_000_000
"""Bytes of a file that a page hands out."""


class Reason(NamedTuple):
    """A reason that a filter gave. `trajectories` is how many it was given for; `examples` are a few of them, as RUN/ID."""

    filter: str
    decision: str
    reason: str
    trajectories: int
    examples: tuple[str, ...]

    @property
    def ruling(self) -> str:
        """The reason as the Trajectories screen lists it among its filters."""
        return f"{self.decision}: {self.reason or self.filter} ({self.filter})"


class ExportedFile(NamedTuple):
    """A file of an export. `size` in bytes."""

    format: str
    path: Path
    size: int


def read_funnel(folder: Path) -> dict[str, Any]:
    """funnel.json of a curated set; ConfigError where it cannot be read."""
    try:
        value = object_file(folder / "funnel.json")
    except Unreadable as e:
        raise ConfigError(f"{folder.name}: funnel.json cannot be read: {e.reason}") from e
    if not isinstance(value.get("filters"), list):
        raise ConfigError(f"{folder.name}: funnel.json: expected an object with filters")
    return value


def bars(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of the funnel chart in the order of the filters: filter, outcome, count; without those of count 0."""
    return [{"filter": f["filter"], "outcome": o, "count": f[o]} for f in report["filters"] for o in OUTCOMES if f[o]]


def reasons(report: dict[str, Any]) -> list[Reason]:
    """Every reason of every filter, in the order of the filters."""
    return [
        Reason(f["filter"], r["decision"], r["reason"], r["count"], tuple(r.get("examples", ())))
        for f in report["filters"]
        for r in f["reasons"]
    ]


def totals(report: dict[str, Any]) -> list[tuple[str, int, str]]:
    """The numbers from the trajectories read to the samples in the set: name, number, meaning."""
    gold, pool = report["gold"], report["pool"]
    return [
        ("read", report["read"]["trajectories"], "trajectories of the runs"),
        ("kept", pool["kept"], "passed every filter, some of them edited or masked"),
        ("gold", pool["gold"], f"took the places of {gold['dropped']:,} that were dropped"),
        ("chat", pool["chat"], "general chats"),
        ("train", report["train"], "samples to train on"),
        ("validation", report["validation"], "samples held out, by task"),
    ]


def split_example(example: str, runs: list[str]) -> tuple[str, str] | None:
    """Run and trajectory id of an example RUN/ID; None where it names none of these runs."""
    name, slash, id = example.partition("/")
    return (name, id) if slash and name in runs else None


def exported_files(folder: Path) -> Iterator[ExportedFile]:
    """The files of a set's exports, by format, up to LARGEST_FILE bytes each; links out of the set are left out."""
    root = (folder / "export").resolve()
    for path in sorted((folder / "export").glob("*/[!.]*")):
        if path.is_file() and path.resolve().is_relative_to(root) and path.stat().st_size <= LARGEST_FILE:
            yield ExportedFile(path.parent.name, path, path.stat().st_size)
