"""AgentBench's two protocols for ALFWorld: the text of v0.2, and the function calls (FC) of its main branch.

To follow AgentBench in full, set the world's options `closest: true` and `repeats: 3` as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import ClassVar

from simenv.dialects import Dialect, Parsed, ParsedAction, PromptContext, trimmed
from simenv.dialects.tools import Tools
from simenv.prompts import render
from simenv.types import Action, Call, Message, Move, Observation, Reply, Stop

AVAILABLE = "AVAILABLE ACTIONS"
_HERE = Path(__file__).parent
_ACTION = re.compile(r"ACTION:(.*)")


class AgentBench(Dialect):
    """Text of `THOUGHT: …` and `ACTION: …`, or the action alone. A reply without an action ends the episode as invalid.

    Only the newest message lists the available actions.
    """

    name: ClassVar[str] = "agentbench"
    max_turns: ClassVar[int | None] = 35
    max_invalid: ClassVar[int | None] = None

    def opening(self, brief: PromptContext) -> tuple[Message, ...]:
        acknowledgement = "OK. I'll follow your instructions and try my best to solve the task."
        texts = [
            render(_HERE / "agentbench.j2", preface=brief.preface),
            acknowledgement,
            *_example(brief.kind),
            _task(brief),
        ]
        return tuple(Message(role="assistant" if n % 2 else "user", content=text) for n, text in enumerate(texts))

    def parse(self, reply: Reply) -> Parsed:
        match = _ACTION.search(reply.text)
        thought = reply.text[: match.start() if match else None].strip().removeprefix("THOUGHT:").strip()
        command = match[1].strip().lower() if match else ""
        if not command:
            error = "no `ACTION: …` in the reply"
            return Parsed(thought=thought, spoken=(ParsedAction(action=None, error=error, stop=Stop.too_many_invalid),))
        return Parsed(thought=thought, spoken=(ParsedAction(action=_take(command)),))

    def render(self, move: Move, turn: int) -> Reply:
        command = move.action.arguments.get("action", "")
        thought = move.thought.replace("ACTION:", "Action:")
        return Reply(text=f"THOUGHT: {thought}\n ACTION: {command}" if thought else f"ACTION: {command}")

    def observe(self, observation: Observation, spoken: ParsedAction) -> Message:
        return Message(role="user", content=_with_choices(observation.text, observation))

    def context(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        *earlier, newest = messages
        return trimmed([*map(_without_choices, earlier), newest])


class AgentBenchCalls(Tools):
    """Function calls. The first argument of the first call is the command, whatever the tool and the argument are called."""

    name: ClassVar[str] = "agentbench-fc"
    max_turns: ClassVar[int | None] = 20
    max_invalid: ClassVar[int | None] = None

    def opening(self, brief: PromptContext) -> tuple[Message, ...]:
        return (
            Message(role="system", content=render(_HERE / "agentbench_fc.j2", preface=brief.preface)),
            Message(role="user", content=_task(brief)),
        )

    def parse(self, reply: Reply) -> Parsed:
        thought = reply.text.strip()
        if not reply.calls:
            error = "No executable tool calls found. Please call a tool instead"
            return Parsed(thought=thought, spoken=(ParsedAction(action=None, error=error),))
        first, *ignored_calls = reply.calls
        # Chat APIs require an answer to each tool call.
        errors = (
            ParsedAction(action=None, error="Only the first tool call counts.", call_id=c.id) for c in ignored_calls
        )
        return Parsed(thought=thought, spoken=(self._read(first), *errors))

    def _read(self, call: Call) -> ParsedAction:
        try:
            command = next(iter(json.loads(call.arguments).values()))
        except (ValueError, AttributeError, StopIteration, RecursionError):
            command = None
        if not isinstance(command, str) or not command.strip():
            error = "No valid tool calls found. Please call a tool instead."
            return ParsedAction(action=None, error=error, call_id=call.id)
        return ParsedAction(action=_take(command.strip().lower().partition("\n")[0]), call_id=call.id)

    def observe(self, observation: Observation, spoken: ParsedAction) -> Message:
        if spoken.action is None:
            return super().observe(observation, spoken)
        text = _with_choices(observation.text, observation)
        return super().observe(observation.model_copy(update={"text": text}), spoken)


def _take(command: str) -> Action:
    return Action(name="take_action", arguments={"action": command})


def _task(brief: PromptContext) -> str:
    text = f"Here is your task. {brief.observation.text}\nYour task is to: {brief.instruction}"
    return _with_choices(text, brief.observation)


def _with_choices(text: str, observation: Observation) -> str:
    return f"{text} {AVAILABLE}: " + "\n".join(observation.choices) + "\n"


def _without_choices(message: Message) -> Message:
    if message.role != "user" or AVAILABLE not in message.content:
        return message
    return message.model_copy(update={"content": message.content.partition(AVAILABLE)[0]})


def _example(kind: str) -> list[str]:
    """A solved task of the same kind as texts of user and agent in turn; [] for a kind without an example."""
    texts = list(_examples().get(kind, ()))
    return [f"Here is one example.\n{texts[0]}", *texts[1:]] if texts else []


@cache
def _examples() -> dict[str, list[str]]:
    examples: dict[str, list[str]] = json.loads((_HERE / "agentbench.json").read_text(encoding="utf-8"))
    return examples
