"""An agent with a bug: it cannot answer one target, and can fail in many ways."""

from __future__ import annotations

import asyncio
import sys
from typing import Any, ClassVar

from simenv.agent import Agent
from simenv.errors import InvalidAction
from simenv.options import Options
from simenv.types import Turn, View


class StumblingOptions(Options):
    how: str = "key"
    """key, none, exit, cancelled, refusal, group, init"""


class Stumbling(Agent):
    Options: ClassVar[type[Options]] = StumblingOptions

    def __init__(self, options: Any, context: Any) -> None:
        super().__init__(options, context)
        if options.how == "init" and context.rng.integers(3) == 0:
            raise KeyError("init")

    async def act(self, view: View) -> Turn:
        if "to 20" in view.instruction:
            await self._fail()
            return None
        return Turn(text="Thought: so.\nAction: report\nAction Input: 5")

    async def _fail(self) -> None:
        match self.options.how:
            case "key":
                raise KeyError("agent")
            case "exit":
                sys.exit(3)
            case "refusal":
                raise InvalidAction("me")
            case "cancelled":
                task = asyncio.create_task(asyncio.sleep(9))
                task.cancel()
                await task
            case "group":
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._broken())

    async def _broken(self) -> None:
        raise OSError("in a group")
