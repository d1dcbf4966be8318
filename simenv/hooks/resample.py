"""Asks again where a turn holds no action, or none that is allowed; the turns that were not taken are kept aside."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from simenv.episode import Episode
from simenv.hook import Hook, Retry
from simenv.options import Options
from simenv.types import Turn

from ._turn_faults import fault


class ResampleOptions(Options):
    tries: int = Field(default=5, ge=1, le=50)
    """how often a turn is asked for again; the study's limit is 5"""
    choices: bool = True
    """whether a command that the world does not list as possible counts as not allowed"""
    tell: bool = False
    """whether the agent is told what was wrong; the study asks again without a word"""


class Resample(Hook):
    """After the last try the turn is taken as it is, and the world says what is wrong with it."""

    Options: ClassVar[type[Options]] = ResampleOptions
    options: ResampleOptions
    _turn = -1
    _asked = 0

    async def after_turn(self, episode: Episode, turn: Turn) -> Retry | None:
        why = fault(episode, turn, self.options.choices)
        if episode.env.turn != self._turn:
            self._turn, self._asked = episode.env.turn, 0
        if not why or self._asked >= self.options.tries:
            self._turn = -1
            return None
        self._asked += 1
        return Retry(why, why if self.options.tell else "")
