"""One trajectory that is open on the screen, with everything its views need."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from simenv.plugins.viewer.review_table import judged
from simenv.runs.index import Index, Row
from simenv.runs.review import Review, ReviewState, states
from simenv.types import Trajectory


class Opened(NamedTuple):
    """`recorded` is the episode as it was, `edited` as people want it; `blind`: what could sway a reviewer is hidden."""

    run: str
    index: Index
    row: Row
    recorded: Trajectory
    edited: Trajectory
    opinion: ReviewState
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
        opinion = states(r for r in said if r.trajectory == t.id or r.action == "undo").get(t.id, ReviewState())
        hidden = blind and t.id not in judged(said, reviewer)
        return cls(run, index, row, t, opinion.applied(t), opinion, said, reviewer, hidden)
