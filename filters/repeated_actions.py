"""Drops trajectories that go round in circles."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from pydantic import Field

from simenv.filter import Filter, FilterOptions
from simenv.types import Trajectory, Verdict, canonical


class RepeatedActionsOptions(FilterOptions):
    in_a_row: int = Field(default=3, ge=2)
    """times the same action, with the same arguments and the same answer, one after the other (AgentBench's ALFWorld: 3)"""
    in_all: int = Field(default=6, ge=2)
    """times the same action with the same answer in the whole episode"""


class RepeatedActions(Filter):
    """An action counts as repeated where its arguments and what the environment answered are the same."""

    Options: ClassVar[type[FilterOptions]] = RepeatedActionsOptions
    options: RepeatedActionsOptions

    def judge(self, trajectory: Trajectory) -> Verdict:
        seen: Counter[tuple[str, str, str]] = Counter()
        before, row = None, 0
        for step in trajectory.steps:
            if step.action is None:
                before, row = None, 0
                continue
            done = (step.action.name, canonical(step.action.arguments), step.observation.text)
            row = row + 1 if done == before else 1
            seen[done] += 1
            before = done
            if row >= self.options.in_a_row:
                return self.drop(trajectory, "repeated in a row")
            if seen[done] >= self.options.in_all:
                return self.drop(trajectory, "repeated too often")
        return self.keep(trajectory)
