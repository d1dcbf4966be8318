"""Drops trajectories in which agent and environment thank each other without end."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from simenv.chat_detection import courtesies
from simenv.filter import Filter, FilterOptions
from simenv.types import Trajectory, Verdict


class ThanksOptions(FilterOptions):
    turns: int = Field(default=2, ge=1)
    """pleasantries without an action, one after the other, that make an exchange"""


class Thanks(Filter):
    """Looks at turns in a row that hold no action and nothing but pleasantries."""

    Options: ClassVar[type[FilterOptions]] = ThanksOptions
    options: ThanksOptions

    def judge(self, trajectory: Trajectory) -> Verdict:
        acted = {s.message for s in trajectory.steps if s.action is not None}
        row = 0
        for i, message in enumerate(trajectory.messages):
            if message.role != "assistant":
                continue
            polite = i not in acted and not message.calls and courtesies(message.content)
            row = row + 1 if polite else 0
            if row >= self.options.turns:
                return self.drop(trajectory, "thank-you exchange")
        return self.keep(trajectory)
