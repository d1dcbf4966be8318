"""Handing an episode over to somebody else, from the state before its mistake."""

from __future__ import annotations

from typing import Any

from simenv.agent import Agent, StandIn
from simenv.episode import Episode
from simenv.hook import Hook, Rewind, author
from simenv.types import Step


class Handing(Hook):
    """Once an episode, after `first_mistake`: the one agent that it names acts."""

    options: Any
    """`turns`: how many the other one takes; None: all that are left"""
    rewinds = True
    siblings = False
    _taken = False

    async def after_step(self, episode: Episode, steps: tuple[Step, ...]) -> Rewind | None:
        mistake = episode.mistake
        if mistake is None or self._taken:
            return None
        self._taken = True
        [name] = self.agents(self.options)
        agent = StandIn(self.agent(name), author(name), self.options.turns, then=episode.agent)
        return Rewind(episode.turn_of(mistake.step), mistake.reason, agent=agent, author=author(name))

    def agent(self, name: str) -> Agent:
        return self.seat.agent(name)
