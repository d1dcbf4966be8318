"""Reminds the agent of the format, on the environment's side; the reminder does not stay in the chat.

The study's human-intervention set was made so: what follows a reminder is well-formed, and is trained on without it.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from simenv.episode import Episode
from simenv.hook import Hook
from simenv.options import Options
from simenv.prompts import render
from simenv.types import View

_REMINDER = Path(__file__).with_name("nudge.j2")


class NudgeOptions(Options):
    at: tuple[int, ...] = ()
    """turns before which it is shown, counted from 0"""
    every: int | None = Field(default=None, ge=1)
    """before each n-th turn"""
    invalid: bool = True
    """after a turn that could not be read"""
    text: str = ""
    """the reminder; '' names the actions and asks for the format described at the beginning"""


class Nudge(Hook):
    """`Message.sent` of the turn that follows keeps what was shown; the trajectory's messages do not hold it."""

    Options: ClassVar[type[Options]] = NudgeOptions
    options: NudgeOptions
    _noted = -1

    async def before_turn(self, episode: Episode, view: View) -> View | None:
        if not self._due(episode) or not view.messages:
            return None
        said = self.options.text or render(_REMINDER, actions=list(self.seat.dialect.actions))
        if self._noted != episode.env.turn:
            self._noted = episode.env.turn
            episode.record(self, "note", "a reminder of the format", "teacher", said)
        *before, last = view.messages
        shown = last.model_copy(update={"content": f"{last.content}\n\n{said}", "author": "teacher"})
        return view.model_copy(update={"messages": (*before, shown)})

    def _due(self, episode: Episode) -> bool:
        turn, steps, o = episode.env.turn, episode.env.steps, self.options
        unread = bool(steps) and steps[-1].action is None
        return turn in o.at or (o.every is not None and (turn + 1) % o.every == 0) or (o.invalid and unread)
