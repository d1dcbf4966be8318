"""Splits siblings off an episode, from the state before its mistake or before chosen turns; each is played on and graded."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from simenv.agent import StandIn
from simenv.episode import Episode
from simenv.episode import Fork as EpisodeFork
from simenv.hook import Hook, HookContext, Rewind, author
from simenv.hooks._hints import hint
from simenv.options import Options
from simenv.types import Step

Continuation = Literal["student", "hint", "teacher", "human"]


class ForkOptions(Options):
    ways: tuple[Continuation, ...] = Field(default=("student", "teacher"), min_length=1)
    """who goes on: student (drawn anew), hint (the student with a hint), teacher, human"""
    copies: int = Field(default=1, ge=1, le=64)
    """siblings of each way"""
    turns: tuple[int, ...] = ()
    """turns before which to fork, counted from 0; none: before the first mistake, which `first_mistake` finds"""


class Fork(Hook):
    """The episode itself goes on as if nothing had happened; its siblings are played after it."""

    Options: ClassVar[type[Options]] = ForkOptions
    options: ForkOptions
    rewinds = True
    siblings = False

    def __init__(self, options: ForkOptions, seat: HookContext) -> None:
        super().__init__(options, seat)
        self._forked: set[int] = set()

    @classmethod
    def agents(cls, options: ForkOptions) -> tuple[str, ...]:
        return tuple("student" if way == "hint" else way for way in options.ways)

    async def after_step(self, episode: Episode, steps: tuple[Step, ...]) -> Rewind | None:
        mistake = episode.mistake
        if self.options.turns:
            due = episode.env.turn - 1
            wanted = due in self.options.turns
        else:
            due = episode.turn_of(mistake.step) if mistake else -1
            wanted = mistake is not None and not self._forked
        if wanted and due not in self._forked:
            self._forked.add(due)
            for way in self.options.ways:
                for _ in range(self.options.copies):
                    await self._fork(episode, due, way)
        return None

    async def _fork(self, episode: Episode, turn: int, way: Continuation) -> None:
        name = "student" if way == "hint" else way
        agent = StandIn(self.seat.agent(name), author(name))
        note = await hint(self, episode, turn, episode.mistake) if way == "hint" else ""
        episode.fork(EpisodeFork(turn, way, agent, name, author(name), note))
