"""After a mistake the student tries again from the state before it, with a hint; the hint does not stay in the chat."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from simenv.episode import Episode
from simenv.hook import Hook, Rewind
from simenv.hooks._hints import hint
from simenv.options import Options
from simenv.types import Step


class HintOptions(Options):
    tries: int = Field(default=3, ge=1, le=20)
    """hints in one episode; after them the mistake stands, for the next hook to deal with"""


class Hint(Hook):
    """Needs `first_mistake` before it. What the student saw is in `Message.sent`; the hint itself is also recorded."""

    Options: ClassVar[type[Options]] = HintOptions
    options: HintOptions
    rewinds = True
    siblings = False
    _given = 0

    async def after_step(self, episode: Episode, steps: tuple[Step, ...]) -> Rewind | None:
        mistake = episode.mistake
        if mistake is None or self._given >= self.options.tries:
            return None
        self._given += 1
        turn = episode.turn_of(mistake.step)
        said = await hint(self, episode, turn, mistake)
        return Rewind(turn, mistake.reason, note=said, author="teacher")
