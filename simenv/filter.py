"""The contract of filters: a filter judges one trajectory. The filters themselves are files in filters/."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from typing import ClassVar

from simenv.options import Named, Options
from simenv.types import Trajectory, Verdict


class FilterOptions(Options):
    """Options of every filter."""

    only: tuple[str, ...] = ()
    """environments it judges (none named: all); trajectories of others are kept"""


class Filter(Named, ABC):
    """Keeps, edits, masks or drops a trajectory. Reasons are counted, so they hold no values of the trajectory."""

    Options: ClassVar[type[FilterOptions]] = FilterOptions
    options: FilterOptions

    def __init__(self, options: FilterOptions | None = None) -> None:
        self.options = options or self.Options()

    @abstractmethod
    def judge(self, trajectory: Trajectory) -> Verdict:
        """Judge a trajectory: by it and the options alone, and if the filter documents it, by earlier trajectories.

        ConfigError where an option turns out to be unusable.
        """

    def keep(self, t: Trajectory) -> Verdict:
        """Keep the trajectory as it is."""
        return Verdict(trajectory=t.id, filter=self.name, decision="keep")

    def drop(self, t: Trajectory, reason: str) -> Verdict:
        """Drop the trajectory."""
        return Verdict(trajectory=t.id, filter=self.name, decision="drop", reason=reason)

    def mask(self, t: Trajectory, messages: Iterable[int], reason: str) -> Verdict:
        """Take the loss off messages, by index; a keep if none of them carries loss."""
        places = tuple(sorted({i for i in messages if t.messages[i].train}))
        if not places:
            return self.keep(t)
        return Verdict(trajectory=t.id, filter=self.name, decision="mask", reason=reason, mask=places)

    def edit(self, t: Trajectory, edited: Trajectory, reason: str) -> Verdict:
        """Replace the trajectory by an edited one with the same id."""
        return Verdict(trajectory=t.id, filter=self.name, decision="edit", reason=reason, edited=edited)


def applied(verdict: Verdict, t: Trajectory) -> Trajectory:
    """The trajectory after a verdict: edited, masked, or as it was (also if it is dropped)."""
    if verdict.edited is not None:
        return verdict.edited
    return without_loss(t, verdict.mask)


def without_loss(t: Trajectory, messages: Collection[int]) -> Trajectory:
    """The trajectory with the loss taken off some messages, by index; indices beyond the chat do nothing."""
    if not messages:
        return t
    masked = (m.model_copy(update={"train": False}) if i in messages else m for i, m in enumerate(t.messages))
    return t.model_copy(update={"messages": tuple(masked)})
