"""Drops trajectories with turns that hold no action that can be read."""

from __future__ import annotations

import re
from typing import ClassVar

from pydantic import Field

from simenv.filter import Filter, FilterOptions
from simenv.types import Step, Trajectory, Verdict

UNKNOWN = re.compile(r"unknown (?:action|tool) ")
"""How a dialect answers an action that could be read but does not exist; the filter allowed_actions counts those."""


class ActionFormatOptions(FilterOptions):
    most: int = Field(default=0, ge=0)
    """turns without a readable action that do not drop a trajectory; `mistakes` can mask those"""


class ActionFormat(Filter):
    """Counts the turns under loss whose action could not be read."""

    Options: ClassVar[type[FilterOptions]] = ActionFormatOptions
    options: ActionFormatOptions

    def judge(self, trajectory: Trajectory) -> Verdict:
        unread = (turn for turn in trajectory.turns if turn.message.train and any(map(_is_unread, turn.steps)))
        if sum(1 for _ in unread) <= self.options.most:
            return self.keep(trajectory)
        return self.drop(trajectory, "action cannot be read")


def _is_unread(step: Step) -> bool:
    return step.action is None and not UNKNOWN.match(step.observation.text)
