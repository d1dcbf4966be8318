"""The trajectory that is open on the Trajectory screen, with everything that its tabs need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simenv.plugins.viewer.content.reviewing import judgements
from simenv.runs.index import Index, Row
from simenv.runs.review import Review, ReviewState, states
from simenv.types import Trajectory

HASH: dict[str | type[Any], Callable[[Any], Any]] = {
    Trajectory: lambda t: (t.id, t.state, t.timing.started, len(t.messages))
}
"""How Streamlit's caches tell trajectories apart."""


@dataclass(frozen=True)
class OpenTrajectory:
    """`original` is the episode as it was recorded, `current` with the edits and masks of people.

    `opinion` is what the reviews of it amount to; `reviews` are all of the run's. Where `blind`, all that could sway the
    reviewer is to be hidden.
    """

    run: str
    index: Index
    row: Row
    original: Trajectory
    current: Trajectory
    opinion: ReviewState
    reviews: list[Review]
    reviewer: str
    blind: bool

    @property
    def folder(self) -> Path:
        """The folder of its run."""
        return self.index.folder

    @classmethod
    def of(cls, run: str, index: Index, row: Row, reviews: list[Review], reviewer: str, blind: bool) -> OpenTrajectory:
        """Read the trajectory of a row. `reviews` are all of the run's; `blind` holds until this reviewer has judged it.

        SimenvError where the run's folder does not hold the trajectory as its index says.
        """
        t = index.read(row)
        opinion = states(r for r in reviews if r.trajectory == t.id or r.action == "undo").get(t.id, ReviewState())
        is_blind = blind and t.id not in judgements(reviews, reviewer)
        return cls(run, index, row, t, opinion.applied(t), opinion, reviews, reviewer, is_blind)
