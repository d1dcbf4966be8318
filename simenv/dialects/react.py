"""ReAct text (Yao et al., arXiv 2210.03629): Thought, Action, Action Input in the reply, Observation in the answer."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, ClassVar

from pydantic_core import from_json

from simenv.dialects import Dialect, Parsed, ParsedAction, PromptContext
from simenv.errors import InvalidAction, unknown
from simenv.prompts import render
from simenv.types import Action, Message, Move, Observation, Reply

_SYSTEM = Path(__file__).with_name("react.j2")
_ACTION = re.compile(r"^[ \t]*Action:[ \t]*(.*?)[ \t]*$", re.M)
_INPUT = re.compile(r"^[ \t]*Action Input:[ \t]*", re.M)
_NEXT = re.compile(r"^[ \t]*(?:Observation|Thought|Action):", re.M)
_FENCE = re.compile(r"\A```[\w-]*\n(.*?)\n?```\Z", re.S)


class React(Dialect):
    """`Thought: …`, `Action: name`, `Action Input: …` with a JSON object, or the bare value of an only argument.

    What follows a made-up `Observation:` or a second action is not read: the world, not the agent, says what happened.
    """

    name: ClassVar[str] = "react"
    stops: ClassVar[tuple[str, ...]] = ("\nObservation:",)

    def opening(self, brief: PromptContext) -> tuple[Message, ...]:
        system = render(_SYSTEM, overview=brief.overview, preface=brief.preface, actions=list(self.actions.values()))
        user = "\n\n".join(filter(None, [brief.instruction, brief.observation.text]))
        return Message(role="system", content=system), Message(role="user", content=user)

    def parse(self, reply: Reply) -> Parsed:
        match = _ACTION.search(reply.text)
        thought = (reply.text[: match.start()] if match else reply.text).strip().removeprefix("Thought:").strip()
        try:
            if match is None:
                raise InvalidAction(
                    "no action found; expected a line `Action: <name>` and a line `Action Input: <input>`"
                )
            return Parsed(
                thought=thought, spoken=(ParsedAction(action=self._read(match[1], reply.text[match.end() :])),)
            )
        except InvalidAction as e:
            return Parsed(thought=thought, spoken=(ParsedAction(action=None, error=str(e)),))

    def _read(self, name: str, rest: str) -> Action:
        spec = self.actions.get(name)
        if spec is None:
            raise InvalidAction(unknown("action", name, self.actions))
        start, other = _INPUT.search(rest), _NEXT.search(rest)
        if start and other and other.start() < start.start():
            start = None  # the input of something else
        text = rest[start.end() :] if start else ""
        end = _NEXT.search(text)
        text = (text[: end.start()] if end else text).strip()
        block = _FENCE.match(text)
        return Action(name=name, arguments=self._arguments(name, block[1] if block else text))

    def _arguments(self, name: str, text: str) -> dict[str, Any]:
        spec = self.actions[name]
        parameters = spec.parameters
        textual = len(parameters) == 1 and spec.schema["properties"][parameters[0]].get("type") == "string"
        try:
            value = text if textual and text[:1] not in ("{", '"') else from_json(text)
        except ValueError:
            value = text
        if isinstance(value, dict):
            return value
        if not parameters and not value:
            return {}
        if len(parameters) == 1:
            return {parameters[0]: value}
        raise InvalidAction(f"{name}: expected a JSON object with {', '.join(parameters) or 'nothing'} as Action Input")

    def render(self, move: Move, turn: int) -> Reply:
        arguments = move.action.arguments
        values = list(arguments.values())
        plain = values[0] if len(values) == 1 == len(self.actions[move.action.name].parameters) else None
        if isinstance(plain, str) and self._survives(plain):
            text = plain
        else:
            text = json.dumps(plain if isinstance(plain, list) else arguments, ensure_ascii=False)
        return Reply(text=f"Thought: {move.thought}\nAction: {move.action.name}\nAction Input: {text}")

    @staticmethod
    def _survives(text: str) -> bool:
        """Whether a bare value is read back as it is."""
        return text == text.strip() and not _NEXT.search(text) and not text.startswith(("{", "[", '"', "```"))

    def observe(self, observation: Observation, spoken: ParsedAction) -> Message:
        return Message(role="user", content=f"Observation: {observation.text}")
