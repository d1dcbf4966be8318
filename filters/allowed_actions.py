"""Drops trajectories with actions that do not exist, that the environment refused, or that the user does not want."""

from __future__ import annotations

import re
from typing import ClassVar

from pydantic import Field

from simenv.filter import Filter, FilterOptions
from simenv.types import Trajectory, Verdict

_UNKNOWN = re.compile(r"unknown (?:action|tool) ")


class AllowedActionsOptions(FilterOptions):
    actions: dict[str, tuple[str, ...]] = {}
    """the only names allowed, by environment; for others the tools of the trajectory, or any name"""
    refused: int | None = Field(default=None, ge=0)
    """most actions refused by the environment that do not drop a trajectory; none: any number"""
    unknown: int = Field(default=0, ge=0)
    """most actions that do not exist that do not drop a trajectory; `mistakes` can mask those"""


class AllowedActions(Filter):
    """Checks action names against the environment's list, else the tools sent with the chat, else the dialect's answer."""

    Options: ClassVar[type[FilterOptions]] = AllowedActionsOptions
    options: AllowedActionsOptions

    def judge(self, trajectory: Trajectory) -> Verdict:
        names = self.options.actions.get(trajectory.environment, ())
        names = names or tuple(t.get("function", t).get("name", "") for t in trajectory.tools)
        unknown = refused = 0
        for step in trajectory.steps:
            if not trajectory.messages[step.message].train:
                continue
            if step.action is None:
                unknown += bool(_UNKNOWN.match(step.observation.text))
            elif names and step.action.name not in names:
                unknown += 1
            else:
                refused += step.observation.invalid
        if unknown > self.options.unknown:
            return self.drop(trajectory, "action does not exist")
        if self.options.refused is not None and refused > self.options.refused:
            return self.drop(trajectory, "action refused by the environment")
        return self.keep(trajectory)
