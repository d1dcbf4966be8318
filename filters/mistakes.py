"""Takes the loss off wrong turns and leaves it on the recovery."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from simenv.filter import Filter, FilterOptions
from simenv.types import Trajectory, Verdict


class MistakesOptions(FilterOptions):
    invalid: bool = True
    """mask turns in which every action was the agent's mistake and changed nothing"""
    first: bool = True
    """mask the turn of the first mistake that a hook found, and after a fatal one all turns until another author takes over"""


class Mistakes(Filter):
    """Masks invalid turns and the turn of the first mistake. Drops nothing."""

    Options: ClassVar[type[FilterOptions]] = MistakesOptions
    options: MistakesOptions

    def judge(self, trajectory: Trajectory) -> Verdict:
        invalid = {turn.message_index for turn in trajectory.turns if turn.invalid} if self.options.invalid else set()
        first = set(_first_mistake(trajectory)) if self.options.first else set()
        wrong = invalid | first
        reason = "invalid turn and first mistake" if invalid and first else "first mistake" if first else "invalid turn"
        return self.mask(trajectory, wrong, reason)


def _first_mistake(t: Trajectory) -> Iterator[int]:
    """The turn of the first mistake; if it was fatal, also the turns after it until another author acts.

    A turn that a parser or a filter only rewrote is still its first author's turn.
    """
    if t.mistake is None or t.mistake.step >= len(t.steps):
        return
    at = t.steps[t.mistake.step].message
    yield at
    if t.mistake.severity == "fatal":
        others = {"teacher", "human"} - {t.messages[at].author}
        rewrites = (i.step for i in t.interventions if i.kind == "substitute" and i.step < len(t.steps))
        rewritten = {t.steps[step].message for step in rewrites}
        for i in range(at + 1, len(t.messages)):
            if t.messages[i].role == "assistant":
                if t.messages[i].author in others and i not in rewritten:
                    return
                yield i
