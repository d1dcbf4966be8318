"""A person: reads the chat and types actions at the terminal, or answers through a channel, a folder that a program watches.

For every turn that is due the agent puts `ID.ask.json`, a View as JSON, into the channel. The program puts `ID.answer.json`
beside it, a Turn as JSON (`{"text": …}`), written under another name and renamed. Both files are removed when the answer is
read.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

from simenv.agent import Agent, AgentContext
from simenv.documents import json_file, parse
from simenv.errors import ModelError, Unreadable
from simenv.options import Options
from simenv.trust import DataName
from simenv.types import Action, Move, Turn, View

POLL_SECONDS = 0.2


class HumanOptions(Options):
    """How the person is asked."""

    channel: DataName | None = None
    """a folder through which the person is asked; none: the terminal"""


class Human(Agent):
    """Types `ACTION VALUE`, or `ACTION {"name": "value"}`; a line without an action's name is the turn as it is."""

    Options: ClassVar[type[Options]] = HumanOptions
    options: HumanOptions
    concurrent: ClassVar[bool] = False

    def __init__(self, options: HumanOptions, context: AgentContext) -> None:
        super().__init__(options, context)
        self._shown = 0

    async def act(self, view: View) -> Turn:
        if self.options.channel is not None:
            turn = await _through(Path(self.options.channel), view)
            return turn.model_copy(update={"author": "human"})
        for message in view.messages[self._shown :]:
            if message.role != "assistant":
                print(f"\n[{message.role}] {_plain(message.content)}", file=sys.stderr)
        self._shown = len(view.messages)
        line = await asyncio.to_thread(_ask, f"\nturn {view.turn + 1} of {view.max_turns}> ")
        return self._turn(line, view).model_copy(update={"author": "human"})

    def _turn(self, line: str, view: View) -> Turn:
        name, _, rest = line.strip().partition(" ")
        if name not in self.context.dialect.actions:
            return Turn(text=line)
        arguments = _arguments(self.context.dialect.actions[name].parameters, rest.strip())
        move = Move(thought="", action=Action(name=name, arguments=arguments))
        return Turn(**dict(self.context.dialect.render(move, view.turn)))


def _arguments(parameters: list[str], text: str) -> dict[str, Any]:
    try:
        value = parse(text, "arguments") if text[:1] in ("{", "[") else text
    except Unreadable:
        value = text
    if isinstance(value, dict):
        return value
    return {parameters[0]: value} if parameters else {}


async def _through(channel: Path, view: View) -> Turn:
    """The answer that the program puts into the channel. ModelError if it is no turn, or the folder cannot be used."""
    id = uuid4().hex
    question, answer, part = channel / f"{id}.ask.json", channel / f"{id}.answer.json", channel / f".{id}.tmp"
    try:
        channel.mkdir(parents=True, exist_ok=True)
        part.write_text(view.model_dump_json(), encoding="utf-8")
        part.replace(question)
        while not answer.exists():
            await asyncio.sleep(POLL_SECONDS)
        return Turn.model_validate(json_file(answer))
    except OSError as e:
        raise ModelError(f"channel {channel}: {e.strerror}") from e
    except (Unreadable, ValueError) as e:
        raise ModelError(f'{answer}: no turn; expected JSON such as {{"text": …}}: {e}') from e
    finally:
        for file in (part, question, answer):
            file.unlink(missing_ok=True)


def _ask(prompt: str) -> str:
    try:
        return input(prompt)
    except EOFError as e:
        raise ModelError("the person at the terminal left") from e


def _plain(text: str) -> str:
    """Text of worlds and models without control characters, which a terminal would obey."""
    return "".join(c for c in text if c in "\n\t" or c.isprintable())
