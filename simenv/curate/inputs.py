"""The trajectories of several runs, one by one: what is torn, foreign or there twice is skipped and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from simenv.runs import review
from simenv.runs.review import ReviewState
from simenv.runs.store import Run, scratch
from simenv.types import Trajectory

SHOWN = 10
"""Foreign lines whose places are kept."""


class InputTrajectory(NamedTuple):
    """A trajectory with the id it has among all runs, RUN/ID, and what people said of it."""

    id: str
    run: str
    trajectory: Trajectory
    opinion: ReviewState | None


class RunInputs:
    """Counts while it is gone through, which it can be once. `foreign` names the first lines that were none."""

    def __init__(self, runs: Sequence[Run], reviews: bool) -> None:
        self.runs, self.reviews = _named(runs), reviews
        self.counts: Counter[str] = Counter()
        self.foreign: list[str] = []
        self._seen = scratch()
        self._seen.execute("CREATE TABLE seen (id TEXT PRIMARY KEY) WITHOUT ROWID")

    @property
    def total(self) -> int:
        """Lines there are."""
        return sum(_lines(part) for run in self.runs.values() for part in _parts(run))

    @property
    def done(self) -> int:
        """Lines gone through."""
        return sum(self.counts[k] for k in ("trajectories", "torn", "foreign", "repeated"))

    def __iter__(self) -> Iterator[InputTrajectory]:
        for name, run in self.runs.items():
            said = review.opinions(review.read(run.folder, self.counts)) if self.reviews else {}
            self.counts["reviewed"] += len(said)
            for part in _parts(run):
                for t in self._read(part):
                    id = f"{name}/{t.id}"
                    if self._seen.execute("INSERT OR IGNORE INTO seen VALUES (?)", (id,)).rowcount:
                        self.counts["trajectories"] += 1
                        yield InputTrajectory(id, name, t, said.get(t.id))
                    else:
                        self.counts["repeated"] += 1

    def _read(self, part: Path) -> Iterator[Trajectory]:
        with part.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    self.counts["torn"] += 1
                    continue
                try:
                    t = Trajectory.model_validate_json(line)
                except ValidationError:
                    self.counts["foreign"] += 1
                    if len(self.foreign) < SHOWN:
                        self.foreign.append(f"{part}:{number}")
                else:
                    yield t


def _named(runs: Sequence[Run]) -> dict[str, Run]:
    """Runs by the names of their folders, made unique."""
    named: dict[str, Run] = {}
    for run in runs:
        name = base = run.folder.resolve().name
        number = 1
        while name in named:
            number += 1
            name = f"{base}-{number}"
        named[name] = run
    return named


def _parts(run: Run) -> list[Path]:
    return sorted((run.folder / "trajectories").glob("part-*.jsonl"))


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
