"""Drops what did not succeed."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from simenv.filter import Filter
from simenv.options import Options
from simenv.types import Trajectory, Verdict


class WrongAnswerOptions(Options):
    progress: float = Field(default=1.0, ge=0, le=1)
    """least progress that is kept"""


class WrongAnswer(Filter):
    """Keeps trajectories whose grade reaches the progress asked for; those without a grade are dropped."""

    Options: ClassVar[type[Options]] = WrongAnswerOptions
    name: ClassVar[str] = "wrong_answer"
    options: WrongAnswerOptions

    def judge(self, trajectory: Trajectory) -> Verdict:
        grade = trajectory.grade
        kept = grade is not None and grade.progress >= self.options.progress
        reason = "" if kept else "no grade" if grade is None else "wrong answer"
        return Verdict(trajectory=trajectory.id, filter=self.name, decision="keep" if kept else "drop", reason=reason)
