"""Drops trajectories in which agent and environment thank each other without end."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from simenv.chat_detection import courtesies
from simenv.filter import Filter, FilterOptions
from simenv.types import Trajectory, Verdict


class ThanksOptions(FilterOptions):
    turns: int = Field(default=2, ge=1)
    """turns of pleasantries without an action, one after the other, from which on to drop"""


class Thanks(Filter):
    """Counts turns in a row that hold pleasantries and no action."""

    Options: ClassVar[type[FilterOptions]] = ThanksOptions
    options: ThanksOptions

    def judge(self, trajectory: Trajectory) -> Verdict:
        acted = {turn.message_index for turn in trajectory.turns if turn.acted}
        row = 0
        for i, message in enumerate(trajectory.messages):
            if message.role != "assistant":
                continue
            polite = i not in acted and not message.calls and courtesies(message.content)
            row = row + 1 if polite else 0
            if row >= self.options.turns:
                return self.drop(trajectory, "thank-you exchange")
        return self.keep(trajectory)
