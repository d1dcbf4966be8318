"""A line an action and nothing else: few tokens a turn, for small models that are trained on it."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from pydantic_core import from_json

from simenv.dialects import Dialect, Parsed, ParsedAction, PromptContext, extent
from simenv.errors import InvalidAction, unknown
from simenv.types import Action, Message, Move, Observation, Reply
from simenv.world import ActionSpec


class Short(Dialect):
    """`name value` on one line; a value is bare text or JSON. No thoughts.

    Nothing tells the agent what it can do: the chat begins with the task. Whoever speaks this has learnt it.
    """

    name: ClassVar[str] = "short"

    def opening(self, brief: PromptContext) -> tuple[Message, ...]:
        parts = filter(None, [brief.preface, brief.instruction, brief.observation.text])
        return (Message(role="user", content="\n".join(parts)),)

    def parse(self, reply: Reply) -> Parsed:
        text = reply.text.strip()
        first, *others = text.splitlines() or [""]
        others = [line for line in others if line.strip()]
        several = bool(others) and all(line.split()[0] in self.actions for line in others)
        try:
            spoken = ParsedAction(action=self._read(first.strip() if several else text))
        except InvalidAction as e:
            return Parsed(thought="", spoken=(ParsedAction(action=None, error=str(e)),))
        acted = extent(reply.text, text[len(first) :]) if several else None
        return Parsed(thought="", spoken=(spoken,), acted=acted, surplus=len(others) if several else 0)

    def _read(self, text: str) -> Action:
        name, _, value = text.partition(" ")
        spec = self.actions.get(name)
        if spec is None:
            raise InvalidAction(unknown("action", name[:40], self.actions))
        if "\n" in value:
            raise InvalidAction(f"{name}: expected one line")
        return Action(name=name, arguments=_arguments(spec, value.strip()))

    def render(self, move: Move, turn: int) -> Reply:
        spec, arguments = self.actions[move.action.name], move.action.arguments
        values = list(arguments.values())
        if len(values) == 1 == len(spec.parameters):
            value = values[0] if _bare(spec) and _survives(values[0]) else _json(values[0])
        else:
            value = _json(arguments) if arguments else ""
        return Reply(text=f"{spec.name} {value}".rstrip())

    def observe(self, observation: Observation, spoken: ParsedAction) -> Message:
        return Message(role="user", content=observation.text)


def _arguments(spec: ActionSpec, text: str) -> dict[str, Any]:
    """The value as arguments: an only parameter takes it whole, several take the fields of an object."""
    if _bare(spec) and not text.startswith('"'):
        return {spec.parameters[0]: text}
    try:
        value = from_json(text) if text else {}
    except ValueError:
        value = text
    if len(spec.parameters) == 1:
        return {spec.parameters[0]: value}
    if isinstance(value, dict):
        return value
    raise InvalidAction(f"{spec.name}: expected a JSON object with {', '.join(spec.parameters) or 'nothing'}")


def _bare(spec: ActionSpec) -> bool:
    """Whether the action takes one text, which needs no quotes."""
    parameters = spec.parameters
    return len(parameters) == 1 and spec.schema["properties"][parameters[0]].get("type") == "string"


def _survives(value: Any) -> bool:
    return isinstance(value, str) and value == value.strip() and not value.startswith('"') and "\n" not in value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
