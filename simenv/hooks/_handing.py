"""Handing an episode over to somebody else, from the state before its mistake."""

from __future__ import annotations

from typing import Any

from simenv.agent import StandIn
from simenv.cast import author
from simenv.episode import Episode
from simenv.hook import Hook, Rewind
from simenv.types import Mistake


def hand_over(
    hook: Hook, episode: Episode, mistake: Mistake, name: str, turns: int | None = None, **options: Any
) -> Rewind:
    """Go back to before the mistake, and let another agent act: for so many turns, or to the end."""
    agent = StandIn(hook.seat.agent(name, **options), author(name), turns, then=episode.agent)
    return Rewind(episode.turn_of(mistake.step), mistake.reason, agent=agent, author=author(name))
