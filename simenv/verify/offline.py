"""What the offline judge finds of one trajectory: for filters and for people who look at one. No model is asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from simenv.errors import ConfigError
from simenv.knowledge.pool import Pool
from simenv.runs.edits import replaced
from simenv.types import Trajectory
from simenv.verify.actions import repaired
from simenv.verify.judge import OfflineJudge, RoundJudgement
from simenv.verify.library import Library
from simenv.verify.subjects import Subject


def library_of(pool: str, passages: int = 5) -> Library:
    """The passages of a pool, indexed; at most so many are read for a claim. ConfigError where there are none."""
    if not pool:
        raise ConfigError("pool: none given; expected pool=FOLDER, which `simenv knowledge add` makes")
    library = Library(Pool(Path(pool)).readable, passages)
    if not library.passages:
        raise ConfigError(f"{pool}: no passages; `simenv knowledge add documents=… out={pool}` adds some")
    return library


class Offline:
    """Judges trajectories by the passages of a pool. ConfigError where it has none."""

    def __init__(self, pool: str, passages: int = 5) -> None:
        self._judge = OfflineJudge(library_of(pool, passages))

    def rounds(self, t: Trajectory, turns: Sequence[int] = ()) -> list[RoundJudgement]:
        """The rounds of the assistant that claim something, each with its claims judged."""
        return [
            RoundJudgement(message=r.message, turn=r.turn, role=r.role, claims=tuple(map(self._judge.find, r.claims)))
            for r in Subject(t.id, t.messages, t.steps, acts=bool(t.steps)).rounds(("assistant",), turns)
        ]


def mended(t: Trajectory, bad: Sequence[RoundJudgement]) -> Trajectory:
    """The trajectory with what the sources say in place of the claims. A message that nothing is left of loses its loss."""
    messages, empty = repaired(t.messages, bad)
    new = (m.model_copy(update={"train": False}) if i in empty else m for i, m in enumerate(messages))
    return replaced(t, tuple(new))
