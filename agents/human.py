"""A person at the terminal: reads the chat, types actions."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any, ClassVar

from simenv.agent import Agent, Seat
from simenv.errors import ModelError
from simenv.options import Options
from simenv.types import Action, Move, Turn, View


class Human(Agent):
    """Types `ACTION VALUE`, or `ACTION {"name": "value"}`; a line that starts with no action's name is said as it is."""

    concurrent: ClassVar[bool] = False

    def __init__(self, options: Options, seat: Seat) -> None:
        super().__init__(options, seat)
        self._shown = 0

    async def act(self, view: View) -> Turn:
        for message in view.messages[self._shown :]:
            if message.role != "assistant":
                print(f"\n[{message.role}] {_plain(message.content)}", file=sys.stderr)
        self._shown = len(view.messages)
        line = await asyncio.to_thread(_ask, f"\nturn {view.turn + 1} of {view.max_turns}> ")
        return self._turn(line, view).model_copy(update={"author": "human"})

    def _turn(self, line: str, view: View) -> Turn:
        name, _, rest = line.strip().partition(" ")
        if name not in self.seat.dialect.actions:
            return Turn(text=line)
        arguments = _arguments(self.seat.dialect.actions[name].parameters, rest.strip())
        move = Move(thought="", action=Action(name=name, arguments=arguments))
        return Turn(**dict(self.seat.dialect.write(move, view.turn)))


def _arguments(parameters: list[str], text: str) -> dict[str, Any]:
    try:
        value = json.loads(text) if text[:1] in ("{", "[") else text
    except ValueError:
        value = text
    if isinstance(value, dict):
        return value
    return {parameters[0]: value} if parameters else {}


def _ask(prompt: str) -> str:
    try:
        return input(prompt)
    except EOFError as e:
        raise ModelError("the person at the terminal left") from e


def _plain(text: str) -> str:
    """Text of worlds and models without control characters, which a terminal would obey."""
    return "".join(c for c in text if c in "\n\t" or c.isprintable())
