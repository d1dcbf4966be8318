"""Drops trajectories that did not succeed."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from simenv.filter import Filter, FilterOptions
from simenv.types import Trajectory, Verdict


class WrongAnswerOptions(FilterOptions):
    progress: float = Field(default=1.0, ge=0, le=1)
    """least progress (0..1) that is kept"""


class WrongAnswer(Filter):
    """Keeps trajectories whose grade reaches the progress asked for; those without a grade are dropped."""

    Options: ClassVar[type[FilterOptions]] = WrongAnswerOptions
    options: WrongAnswerOptions

    def judge(self, trajectory: Trajectory) -> Verdict:
        grade = trajectory.grade
        if grade is None:
            return self.drop(trajectory, "no grade")
        kept = grade.progress >= self.options.progress
        return self.keep(trajectory) if kept else self.drop(trajectory, "wrong answer")
