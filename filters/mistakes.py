"""Takes the loss off the turns that were wrong and leaves it on the recovery."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from simenv.filter import Filter, FilterOptions
from simenv.types import Trajectory, Verdict


class MistakesOptions(FilterOptions):
    invalid: bool = True
    """mask turns in which every action was the agent's mistake and changed nothing"""
    first: bool = True
    """mask the first mistake that a hook found, and all that follows a fatal one until another takes over"""


class Mistakes(Filter):
    """Masks, step by step: invalid turns and the turn of the first mistake. Drops nothing."""

    Options: ClassVar[type[FilterOptions]] = MistakesOptions
    options: MistakesOptions

    def judge(self, trajectory: Trajectory) -> Verdict:
        invalid = {turn.message_index for turn in trajectory.turns if turn.invalid} if self.options.invalid else set()
        first = set(_mistaken(trajectory)) if self.options.first else set()
        wrong = invalid | first
        reason = "invalid turn and first mistake" if invalid and first else "first mistake" if first else "invalid turn"
        return self.mask(trajectory, wrong, reason)


def _mistaken(t: Trajectory) -> Iterator[int]:
    """The turn of the first mistake; where it was fatal, also the turns after it until somebody else acts.

    A turn that was only read or edited by another (a parser, a filter) is still the turn of the one who made it.
    """
    if t.mistake is None or t.mistake.step >= len(t.steps):
        return
    at = t.steps[t.mistake.step].message
    yield at
    if t.mistake.severity == "fatal":
        others = {"teacher", "human"} - {t.messages[at].author}
        put = [i.step for i in t.interventions if i.kind == "substitute" and i.step < len(t.steps)]
        read = {t.steps[step].message for step in put}
        for i in range(at + 1, len(t.messages)):
            if t.messages[i].role == "assistant":
                if t.messages[i].author in others and i not in read:
                    return
                yield i
