"""What a filter is: it judges one trajectory. The filters themselves are files in filters/."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from typing import ClassVar

from simenv.options import Named, Options
from simenv.types import Trajectory, Verdict


class FilterOptions(Options):
    """What every filter can be told."""

    only: tuple[str, ...] = ()
    """environments it judges; none named: all. Trajectories of others are kept"""


class Filter(Named, ABC):
    """Keeps, edits, masks or drops; the reason of everything but a keep is one that can be counted: no values in it."""

    Options: ClassVar[type[FilterOptions]] = FilterOptions
    options: FilterOptions

    def __init__(self, options: FilterOptions | None = None) -> None:
        self.options = options or self.Options()

    @abstractmethod
    def judge(self, trajectory: Trajectory) -> Verdict:
        """A verdict that depends on nothing but the trajectory, the options and, if the filter says so, what it saw before."""

    def keep(self, t: Trajectory) -> Verdict:
        return Verdict(trajectory=t.id, filter=self.name, decision="keep")

    def drop(self, t: Trajectory, reason: str) -> Verdict:
        return Verdict(trajectory=t.id, filter=self.name, decision="drop", reason=reason)

    def mask(self, t: Trajectory, messages: Iterable[int], reason: str) -> Verdict:
        """Takes the loss off messages; a keep where none of them carries loss."""
        places = tuple(sorted({i for i in messages if t.messages[i].train}))
        if not places:
            return self.keep(t)
        return Verdict(trajectory=t.id, filter=self.name, decision="mask", reason=reason, mask=places)

    def edit(self, t: Trajectory, edited: Trajectory, reason: str) -> Verdict:
        return Verdict(trajectory=t.id, filter=self.name, decision="edit", reason=reason, edited=edited)


def applied(verdict: Verdict, t: Trajectory) -> Trajectory:
    """The trajectory as a verdict leaves it; a dropped one as it was."""
    if verdict.edited is not None:
        return verdict.edited
    return without_loss(t, verdict.mask)


def without_loss(t: Trajectory, messages: Collection[int]) -> Trajectory:
    """The trajectory with the loss taken off some messages, by index; indices beyond the chat do nothing."""
    if not messages:
        return t
    masked = (m.model_copy(update={"train": False}) if i in messages else m for i, m in enumerate(t.messages))
    return t.model_copy(update={"messages": tuple(masked)})
