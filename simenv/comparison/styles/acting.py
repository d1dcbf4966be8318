"""An agent that thinks and acts, step by step, until it finishes; what both styles with agents share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from pydantic import Field

from simenv.comparison.styles.style import Chat, Workshop, asked
from simenv.knowledge.records import Record
from simenv.model import Request, ask
from simenv.prompts import fenced, render
from simenv.types import Data, Message, Text

FINISH = "finish"
SHOWN = 2000
"""Characters of an observation; a longer one is cut, and says so."""
Tool = Callable[[str], str]


class Move(Data):
    """One step of the agent."""

    thought: Text = Field(min_length=1)
    action: Text
    input: Text = ""


async def act(record: Record, workshop: Workshop, prompt: Path, tools: Mapping[str, Tool]) -> tuple[Chat, str]:
    """The chat of an agent with these tools, and its answer.

    It ends with `finish`, or after the last step that the workshop allows.
    """
    names = [*tools, FINISH]
    question = asked(record)
    chat = [Message(role="user", content=question)]
    steps: list[dict[str, str]] = []
    answer = ""
    for left in range(workshop.steps, 0, -1):
        text = render(prompt, question=fenced(question), steps=steps, left=left)
        request = Request(messages=(Message(role="user", content=text),))
        move = await ask(workshop.model, request, Move, faults=partial(_faults, names=names, last=left == 1))
        said = f"Thought: {move.thought}\nAction: {move.action}[{move.input}]"
        chat.append(Message(role="assistant", content=said, author="model", train=True))
        if move.action == FINISH:
            answer = move.input
            break
        seen = _cut(tools[move.action](move.input))
        chat.append(Message(role="user", content=f"Observation: {seen}"))
        steps.append({"said": fenced(said), "seen": fenced(seen)})
    return tuple(chat), answer


def _faults(move: Move, names: list[str], last: bool) -> list[str]:
    if move.action not in names:
        return [f"action: expected one of {', '.join(names)}"]
    return ["action: this is the last step; expected finish"] if last and move.action != FINISH else []


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} … (cut after {SHOWN} characters)"
