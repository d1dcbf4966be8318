"""Drops trajectories with turns that hold no action that can be read."""

from __future__ import annotations

import re
from typing import ClassVar

from pydantic import Field

from simenv.filter import Filter, FilterOptions
from simenv.types import Trajectory, Verdict

UNKNOWN = re.compile(r"unknown (?:action|tool) ")
"""How a dialect answers an action that could be read and does not exist; that is another filter's."""


class ActionFormatOptions(FilterOptions):
    most: int = Field(default=0, ge=0)
    """turns without a readable action that are still kept; `mistakes` can mask those"""


class ActionFormat(Filter):
    """Counts the turns under loss whose action could not be read."""

    Options: ClassVar[type[FilterOptions]] = ActionFormatOptions
    options: ActionFormatOptions

    def judge(self, trajectory: Trajectory) -> Verdict:
        unread = {
            s.message
            for s in trajectory.steps
            if s.action is None and trajectory.messages[s.message].train and not UNKNOWN.match(s.observation.text)
        }
        if len(unread) <= self.options.most:
            return self.keep(trajectory)
        return self.drop(trajectory, "action cannot be read")
