"""Hands an episode over to another agent, from the state before its mistake."""

from __future__ import annotations

from typing import Any

from simenv.agent import Agent, StandIn
from simenv.hook import EpisodeView, Hook, Rewind, author_of
from simenv.types import Step


class Handover(Hook):
    """Once an episode, after `first_mistake`: the one agent that `agents` names acts."""

    options: Any
    """`turns`: how many the other agent takes; None: all that are left"""
    rewinds = True
    finds_mistakes = False
    watches_forks = False
    _done = False

    @classmethod
    def needs_mistake(cls, options: Any) -> bool:
        return True

    async def after_step(self, episode: EpisodeView, steps: tuple[Step, ...]) -> Rewind | None:
        mistake = episode.mistake
        if mistake is None or self._done:
            return None
        self._done = True
        [name] = self.agents(self.options)
        agent = StandIn(self.agent(name), author_of(name), self.options.turns, successor=episode.agent)
        return Rewind(episode.turn_of(mistake.step), mistake.reason, agent=agent, author=author_of(name))

    def agent(self, name: str) -> Agent:
        """The agent that takes over."""
        return self.context.agent(name)
