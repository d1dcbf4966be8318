"""A hook with a bug in one of its methods, in every fifth task."""

from __future__ import annotations

from typing import Any, ClassVar

from simenv.hook import Hook
from simenv.options import Options


class BreakingOptions(Options):
    where: str = "after_turn"
    """before_turn, after_turn, after_step"""


class Breaking(Hook):
    Options: ClassVar[type[Options]] = BreakingOptions

    def _maybe(self, where: str, episode: Any) -> None:
        if where == self.options.where and int(episode.task.id.rpartition("-")[2]) % 5 == 0:
            raise AttributeError("no such thing")

    async def before_turn(self, episode: Any, view: Any) -> None:
        self._maybe("before_turn", episode)

    async def after_turn(self, episode: Any, turn: Any) -> None:
        self._maybe("after_turn", episode)

    async def after_step(self, episode: Any, steps: Any) -> None:
        self._maybe("after_step", episode)
