"""After a mistake the teacher acts on, from the state before it."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from simenv.episode import Episode
from simenv.hook import Hook, Rewind
from simenv.options import Options
from simenv.types import Step

from ._handing import hand_over


class TakeoverOptions(Options):
    by: str = "teacher"
    """who takes over: teacher (its model, else the expert), or any agent"""
    turns: int | None = Field(default=None, ge=1)
    """turns after which the student goes on; none: to the end"""


class Takeover(Hook):
    """Once an episode, after `first_mistake`. The student's discarded turns are kept aside, the teacher's bear its name."""

    Options: ClassVar[type[Options]] = TakeoverOptions
    options: TakeoverOptions
    rewinds = True
    siblings = False
    _taken = False

    @classmethod
    def agents(cls, options: TakeoverOptions) -> tuple[str, ...]:
        return (options.by,)

    async def after_step(self, episode: Episode, steps: tuple[Step, ...]) -> Rewind | None:
        if episode.mistake is None or self._taken:
            return None
        self._taken = True
        return hand_over(self, episode, episode.mistake, self.options.by, self.options.turns)
