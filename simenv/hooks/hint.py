"""After a mistake the student tries again from the state before it, with a hint; the hint does not stay in the chat."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from simenv.hook import EpisodeView, Hook, Note, Rewind
from simenv.hooks._hints import write_hint
from simenv.options import Options
from simenv.types import Step


class HintOptions(Options):
    """How often a hint is given."""

    tries: int = Field(default=3, ge=1, le=20)
    """hints in one episode; after them the mistake stands, for the next hook to deal with"""


class Hint(Hook):
    """Needs `first_mistake` before it. What the student saw is in `Message.sent`; the hint itself is also recorded."""

    Options: ClassVar[type[Options]] = HintOptions
    options: HintOptions
    finds_mistakes = False
    rewinds = True
    watches_forks = False
    _hints = 0

    @classmethod
    def needs_mistake(cls, options: HintOptions) -> bool:
        return True

    async def after_step(self, episode: EpisodeView, steps: tuple[Step, ...]) -> tuple[Note | Rewind, ...]:
        mistake = episode.mistake
        if mistake is None or self._hints >= self.options.tries:
            return ()
        self._hints += 1
        turn = episode.turn_of(mistake.step)
        text, notes = await write_hint(self, episode, turn, mistake)
        return (*notes, Rewind(turn, mistake.reason, note=text, author="teacher"))
