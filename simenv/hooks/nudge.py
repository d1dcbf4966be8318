"""Reminds the agent of the format, on the environment's side; the reminder does not stay in the chat.

The study's human-intervention set was made so: the turn after a reminder is well-formed, and is trained on without it.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from simenv.hook import EpisodeView, Hook, Note, Show
from simenv.options import Options
from simenv.prompts import render
from simenv.types import View

_REMINDER = Path(__file__).with_name("nudge.j2")


class NudgeOptions(Options):
    """When the reminder is shown, and its text."""

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
    finds_mistakes = False
    _noted_turn = -1

    async def before_turn(self, episode: EpisodeView, view: View) -> tuple[Note | Show, ...]:
        if not self._due(episode) or not view.messages:
            return ()
        text = self.options.text or render(_REMINDER, actions=list(self.context.dialect.actions))
        *before, last = view.messages
        reminder = last.model_copy(update={"content": f"{last.content}\n\n{text}", "author": "teacher"})
        show = Show(view.model_copy(update={"messages": (*before, reminder)}))
        if self._noted_turn == episode.turn:
            return (show,)
        self._noted_turn = episode.turn
        return (Note("a reminder of the format", text, "teacher"), show)

    def _due(self, episode: EpisodeView) -> bool:
        turn, steps, o = episode.turn, episode.steps, self.options
        unreadable = bool(steps) and steps[-1].action is None
        return turn in o.at or (o.every is not None and (turn + 1) % o.every == 0) or (o.invalid and unreadable)
