"""Asks again if a turn holds no action, or none that is allowed; the discarded turns stay in the record."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from simenv.hook import EpisodeView, Hook, Retry
from simenv.options import Options
from simenv.types import Turn

from ._turn_faults import fault


class ResampleOptions(Options):
    """How often a turn is asked for again, and for what."""

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
    finds_mistakes = False
    _turn = -1
    _tries = 0

    async def after_turn(self, episode: EpisodeView, turn: Turn) -> Retry | None:
        reason = fault(episode, turn, self.options.choices)
        if episode.turn != self._turn:
            self._turn, self._tries = episode.turn, 0
        if not reason or self._tries >= self.options.tries:
            self._turn = -1
            return None
        self._tries += 1
        return Retry(reason, reason if self.options.tell else "")
