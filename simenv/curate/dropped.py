"""The trajectories that filters dropped, on disk: what gold has to replace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from simenv.runs.store import scratch
from simenv.types import Trajectory


class Dropped(NamedTuple):
    """A dropped trajectory: its id among all runs, and what a replacement has in common with it."""

    trajectory: str
    environment: str
    kind: str
    task: str


class DroppedTrajectories:
    """Dropped trajectories in the order of dropping. It may be iterated any number of times."""

    def __init__(self) -> None:
        self._database = scratch()
        self._database.execute(
            "CREATE TABLE dropped (trajectory TEXT, run TEXT, environment TEXT, kind TEXT, task TEXT)"
        )
        self._database.execute("CREATE INDEX dropped_tasks ON dropped (run, task)")

    def add(self, id: str, run: str, t: Trajectory) -> None:
        """Note a trajectory under its id among all runs; `run` is the name of its run."""
        row = (id, run, t.environment, t.kind, t.task)
        self._database.execute("INSERT INTO dropped VALUES (?, ?, ?, ?, ?)", row)

    def holds_task(self, run: str, task: str) -> bool:
        """Whether a trajectory of this task of this run was dropped."""
        query = "SELECT 1 FROM dropped WHERE run = ? AND task = ?"
        return self._database.execute(query, (run, task)).fetchone() is not None

    def __len__(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM dropped").fetchone()[0])

    def __iter__(self) -> Iterator[Dropped]:
        query = "SELECT trajectory, environment, kind, task FROM dropped ORDER BY rowid"
        return map(Dropped._make, self._database.execute(query))
