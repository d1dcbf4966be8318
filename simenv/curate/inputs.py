"""The trajectories of several runs, one by one; torn, foreign and repeated ones are skipped and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from simenv.files import free_name
from simenv.runs import review
from simenv.runs.review import ReviewState
from simenv.runs.store import BadLines, Run, scratch
from simenv.types import Trajectory


class InputTrajectory(NamedTuple):
    """A trajectory with its id among all runs, RUN/ID, and the state of its reviews (None: nobody reviewed it)."""

    id: str
    run: str
    trajectory: Trajectory
    review: ReviewState | None


class RunInputs:
    """An iterator's source that counts what it reads; iterate it once. `runs` is by unique names of their folders."""

    def __init__(self, runs: Sequence[Run], reviews: bool) -> None:
        self.runs, self.reviews = _by_name(runs), reviews
        self.bad = BadLines()
        self._counts: Counter[str] = Counter()
        self._seen = scratch()
        self._seen.execute("CREATE TABLE seen (id TEXT PRIMARY KEY) WITHOUT ROWID")

    @property
    def counts(self) -> Counter[str]:
        """Numbers of `trajectories`, `torn`, `foreign` and `repeated` lines, of `reviewed` trajectories, and of reviews that
        cannot be read (`foreign reviews`)."""
        return self._counts + self.bad.counts

    @property
    def total(self) -> int:
        """Number of lines in all parts of all runs."""
        return sum(_lines(part) for run in self.runs.values() for part in run.parts("trajectories"))

    @property
    def done(self) -> int:
        """Number of lines read so far."""
        return self._counts["trajectories"] + self._counts["repeated"] + self.bad.counts.total()

    def __iter__(self) -> Iterator[InputTrajectory]:
        for name, run in self.runs.items():
            states = review.states(review.read(run.folder, self._counts)) if self.reviews else {}
            self._counts["reviewed"] += len(states)
            for t in run.trajectories(bad=self.bad):
                id = f"{name}/{t.id}"
                if self._seen.execute("INSERT OR IGNORE INTO seen VALUES (?)", (id,)).rowcount:
                    self._counts["trajectories"] += 1
                    yield InputTrajectory(id, name, t, states.get(t.id))
                else:
                    self._counts["repeated"] += 1


def _by_name(runs: Sequence[Run]) -> dict[str, Run]:
    """Runs by the names of their folders, made unique."""
    named: dict[str, Run] = {}
    for run in runs:
        named[free_name(run.folder.resolve().name, named.__contains__)] = run
    return named


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
