"""Forks an episode, at the state before its mistake or before chosen turns; each fork is played on and graded."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from simenv.agent import StandIn
from simenv.hook import EpisodeView, Hook, HookContext, Note, StartFork, author_of
from simenv.hooks._hints import write_hint
from simenv.options import Options
from simenv.types import Step

Continuation = Literal["student", "hint", "teacher", "human"]


class ForkOptions(Options):
    """Where an episode is forked, and who plays the forks."""

    continuations: tuple[Continuation, ...] = Field(default=("student", "teacher"), min_length=1)
    """who goes on: student (drawn anew), hint (the student with a hint), teacher, human"""
    copies: int = Field(default=1, ge=1, le=64)
    """forks of each continuation"""
    turns: tuple[int, ...] = ()
    """turns before which to fork, counted from 0; none: before the first mistake, which `first_mistake` finds"""


class Fork(Hook):
    """The episode itself goes on as if nothing had happened; its forks are played after it."""

    Options: ClassVar[type[Options]] = ForkOptions
    options: ForkOptions
    finds_mistakes = False
    rewinds = True
    watches_forks = False

    def __init__(self, options: ForkOptions, context: HookContext) -> None:
        super().__init__(options, context)
        self._turns: set[int] = set()
        """turns that were forked at"""

    @classmethod
    def agents(cls, options: ForkOptions) -> tuple[str, ...]:
        return tuple(_agent(continuation) for continuation in options.continuations)

    @classmethod
    def needs_mistake(cls, options: ForkOptions) -> bool:
        return not options.turns

    async def after_step(self, episode: EpisodeView, steps: tuple[Step, ...]) -> list[Note | StartFork]:
        turn = self._due(episode)
        if turn is None or turn in self._turns:
            return []
        self._turns.add(turn)
        changes: list[Note | StartFork] = []
        for continuation in self.options.continuations:
            for _ in range(self.options.copies):
                changes += await self._fork(episode, turn, continuation)
        return changes

    def _due(self, episode: EpisodeView) -> int | None:
        """The turn to fork at, if there is one now."""
        if self.options.turns:
            turn = episode.turn - 1
            return turn if turn in self.options.turns else None
        mistake = episode.mistake
        return episode.turn_of(mistake.step) if mistake and not self._turns else None

    async def _fork(self, episode: EpisodeView, turn: int, continuation: Continuation) -> list[Note | StartFork]:
        name = _agent(continuation)
        agent = StandIn(self.context.agent(name), author_of(name))
        text, notes = "", tuple[Note, ...]()
        if continuation == "hint":
            text, notes = await write_hint(self, episode, turn, episode.mistake)
        return [*notes, StartFork(turn, continuation, agent, name, author_of(name), text)]


def _agent(continuation: Continuation) -> str:
    """The role that goes on."""
    return "student" if continuation == "hint" else continuation
