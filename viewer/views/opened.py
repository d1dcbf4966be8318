"""One trajectory that is open on the screen, with everything its views need."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from simenv.index import Index, Row
from simenv.plugins.viewer.reviews import judged
from simenv.review import Opinion, Review, opinions
from simenv.types import Trajectory


class Opened(NamedTuple):
    """`recorded` is the episode as it was, `edited` as people want it; `blind`: what could sway a reviewer is hidden."""

    run: str
    index: Index
    row: Row
    recorded: Trajectory
    edited: Trajectory
    opinion: Opinion
    said: list[Review]
    reviewer: str
    blind: bool

    @property
    def folder(self) -> Path:
        return self.index.folder

    @classmethod
    def of(
        cls, run: str, index: Index, row: Row, t: Trajectory, said: list[Review], reviewer: str, blind: bool
    ) -> Opened:
        """Blind until this reviewer has judged it."""
        opinion = opinions(r for r in said if r.trajectory == t.id or r.action == "undo").get(t.id, Opinion())
        hidden = blind and t.id not in judged(said, reviewer)
        return cls(run, index, row, t, opinion.applied(t), opinion, said, reviewer, hidden)
