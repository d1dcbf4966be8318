"""After a mistake the teacher acts on, from the state before it."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from simenv.options import Options
from simenv.trust import PluginName

from ._handover import Handover


class TakeoverOptions(Options):
    """Who takes over, and for how long."""

    by: PluginName = "teacher"
    """who takes over: teacher (its model, else the expert), or any agent"""
    turns: int | None = Field(default=None, ge=1)
    """turns after which the student goes on; none: to the end"""


class Takeover(Handover):
    """Once an episode, after `first_mistake`. The student's discarded turns stay in the record, the teacher's bear its name."""

    Options: ClassVar[type[Options]] = TakeoverOptions
    options: TakeoverOptions

    @classmethod
    def agents(cls, options: TakeoverOptions) -> tuple[str, ...]:
        return (options.by,)
