"""Gold: samples known to be good, which take the places of dropped trajectories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from simenv.curate.dropped import Dropped
from simenv.curate.sample_store import SampleStore
from simenv.types import Sample

MatchLevel = Literal["task", "kind", "environment"]
"""What gold must have in common with the trajectory it replaces: the task; environment and kind; the environment."""
LEFT_OUT = "left_out"
"""The match of a trajectory that nothing replaces."""


class Gold:
    """A store of gold. A sample that replaced a trajectory is used up, unless `reuse` is set."""

    def __init__(self, folder: Path, seed: int, reuse: bool) -> None:
        self.store, self.reuse = SampleStore(folder, seed), reuse
        for column in ("task", "kind"):
            self.store.index.execute(f"CREATE INDEX by_{column} ON samples (environment, {column}, used)")
        self.counts: Counter[str] = Counter()

    def add(self, samples: Iterable[Sample]) -> Iterator[Sample]:
        """Put samples into the store, one at a time as they are asked for."""
        for sample in samples:
            self.store.add(sample)
            self.counts["read"] += 1
            yield sample

    def match(
        self, dropped: Iterable[Dropped], levels: Sequence[MatchLevel]
    ) -> Iterator[tuple[Dropped, Sample | None, str]]:
        """Yield every dropped trajectory with its replacement (or None) and the level of the match (or LEFT_OUT).

        Levels are tried in their order over all trajectories, so matches of the first level are assigned first. `dropped` is
        iterated once a level and once more, so it must not be an iterator.
        """
        index = self.store.index
        index.execute("CREATE TABLE placed (trajectory TEXT PRIMARY KEY)")
        for level in levels:
            for item in self._unplaced(dropped):
                if (row := self._take(item, level)) is not None:
                    index.execute("INSERT INTO placed VALUES (?)", (item.trajectory,))
                    self.counts[level] += 1
                    yield item, self.store.sample(row), level
        for item in self._unplaced(dropped):
            self.counts[LEFT_OUT] += 1
            yield item, None, LEFT_OUT

    def _unplaced(self, dropped: Iterable[Dropped]) -> Iterator[Dropped]:
        query = "SELECT 1 FROM placed WHERE trajectory = ?"
        return (item for item in dropped if not self.store.index.execute(query, (item.trajectory,)).fetchone())

    def _take(self, item: Dropped, level: MatchLevel) -> int | None:
        """Use up a sample that matches; returns its row, None where none is left."""
        value: str = getattr(item, level)
        free = "" if self.reuse else "AND used = 0"
        row = self.store.index.execute(
            f"SELECT row FROM samples WHERE environment = ? AND {level} = ? {free} ORDER BY used, rank LIMIT 1",
            (item.environment, value),
        ).fetchone()
        if row is None:
            return None
        self.store.index.execute("UPDATE samples SET used = used + 1 WHERE row = ?", row)
        return int(row[0])

    def unused(self) -> Iterator[Sample]:
        """Gold that replaced nothing."""
        for (row,) in self.store.index.execute("SELECT row FROM samples WHERE used = 0 ORDER BY row"):
            yield self.store.sample(row)
