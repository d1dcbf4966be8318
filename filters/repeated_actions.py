"""Drops trajectories that repeat an action without a new answer."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from pydantic import Field

from simenv.filter import Filter, FilterOptions
from simenv.types import Trajectory, Verdict, canonical


class RepeatedActionsOptions(FilterOptions):
    in_a_row: int = Field(default=3, ge=2)
    """times that the same action gets the same answer one after the other, from which on to drop (AgentBench's ALFWorld: 3)"""
    in_all: int = Field(default=6, ge=2)
    """times that the same action gets the same answer in the whole episode, from which on to drop"""


class RepeatedActions(Filter):
    """Counts an action as repeated if its name, its arguments and the environment's answer are the same."""

    Options: ClassVar[type[FilterOptions]] = RepeatedActionsOptions
    options: RepeatedActionsOptions

    def judge(self, trajectory: Trajectory) -> Verdict:
        seen: Counter[tuple[str, str, str]] = Counter()
        before, row = None, 0
        for step in trajectory.steps:
            if step.action is None:
                before, row = None, 0
                continue
            event = (step.action.name, canonical(step.action.arguments), step.observation.text)
            row = row + 1 if event == before else 1
            seen[event] += 1
            before = event
            if row >= self.options.in_a_row:
                return self.drop(trajectory, "repeated in a row")
            if seen[event] >= self.options.in_all:
                return self.drop(trajectory, "repeated too often")
        return self.keep(trajectory)
