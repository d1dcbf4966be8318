"""After a mistake a person acts, from the state before it: in the terminal, or in whatever serves a channel."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from simenv.episode import Episode
from simenv.hook import Hook, Rewind
from simenv.options import Options
from simenv.types import Step

from ._handing import hand_over


class HumanOptions(Options):
    turns: int | None = Field(default=1, ge=1)
    """turns that the person takes before the student goes on; none: all that are left"""
    channel: str | None = None
    """a folder through which the person is asked; none: the terminal"""


class Human(Hook):
    """Once an episode, after `first_mistake`."""

    Options: ClassVar[type[Options]] = HumanOptions
    options: HumanOptions
    rewinds = True
    siblings = False
    _taken = False

    @classmethod
    def agents(cls, options: HumanOptions) -> tuple[str, ...]:
        return ("human",)

    async def after_step(self, episode: Episode, steps: tuple[Step, ...]) -> Rewind | None:
        if episode.mistake is None or self._taken:
            return None
        self._taken = True
        o = self.options
        return hand_over(self, episode, episode.mistake, "human", o.turns, channel=o.channel)
