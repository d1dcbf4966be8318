"""After a mistake a person acts, from the state before it: in the terminal, or in whatever serves a channel."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from simenv.agent import Agent
from simenv.options import Options
from simenv.trust import DataName

from ._handover import Handover


class HumanOptions(Options):
    """How long a person acts, and how the person is asked."""

    turns: int | None = Field(default=1, ge=1)
    """turns that the person takes before the student goes on; none: all that are left"""
    channel: DataName | None = None
    """a folder through which the person is asked; none: the terminal"""


class Human(Handover):
    """Once an episode, after `first_mistake`."""

    Options: ClassVar[type[Options]] = HumanOptions
    options: HumanOptions

    @classmethod
    def agents(cls, options: HumanOptions) -> tuple[str, ...]:
        return ("human",)

    def agent(self, name: str) -> Agent:
        return self.context.agent(name, channel=self.options.channel)
