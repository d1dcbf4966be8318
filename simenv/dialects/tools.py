"""Actions as tool calls (OpenAI function calling, Anthropic tool use): the schemas travel beside the messages."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from pydantic_core import from_json

from simenv.dialects import Dialect, Parsed, ParsedAction, PromptContext
from simenv.errors import unknown
from simenv.prompts import render
from simenv.types import Action, Call, Extent, Message, Move, Observation, Reply

_SYSTEM = Path(__file__).with_name("tools.j2")


class Tools(Dialect):
    """The first tool call of a reply is acted on, and the others are told so; the text beside them is the thought."""

    name: ClassVar[str] = "tools"

    @cached_property
    def tools(self) -> tuple[dict[str, Any], ...]:
        return tuple(spec.tool for spec in self.actions.values())

    def opening(self, brief: PromptContext) -> tuple[Message, ...]:
        system = render(_SYSTEM, overview=brief.overview, preface=brief.preface)
        user = "\n\n".join(filter(None, [brief.instruction, brief.observation.text]))
        return Message(role="system", content=system), Message(role="user", content=user)

    def parse(self, reply: Reply) -> Parsed:
        thought = reply.text.strip()
        if not reply.calls:
            missing = ParsedAction(action=None, error="no tool call found; act by calling one of the tools")
            return Parsed(thought=thought, spoken=(missing,))
        first, *others = reply.calls
        acted = Extent(characters=len(reply.text), calls=1) if others else None
        return Parsed(thought=thought, spoken=(self._read(first),), acted=acted, surplus=len(others))

    def _read(self, call: Call) -> ParsedAction:
        if call.name not in self.actions:
            return ParsedAction(action=None, error=unknown("tool", call.name, self.actions), call_id=call.id)
        try:
            arguments = from_json(call.arguments or "{}")
        except ValueError as e:
            return ParsedAction(action=None, error=f"{call.name}: arguments are no JSON: {e}", call_id=call.id)
        if not isinstance(arguments, dict):
            return ParsedAction(action=None, error=f"{call.name}: arguments must be a JSON object", call_id=call.id)
        return ParsedAction(action=Action(name=call.name, arguments=arguments), call_id=call.id)

    def render(self, move: Move, turn: int) -> Reply:
        arguments = json.dumps(move.action.arguments, ensure_ascii=False)
        call = Call(id=f"call_{turn}", name=move.action.name, arguments=arguments)
        return Reply(text=move.thought, calls=(call,), finish="tool_calls")

    def observe(self, observation: Observation, spoken: ParsedAction) -> Message:
        return Message(
            role="user" if spoken.call_id is None else "tool", content=observation.text, call_id=spoken.call_id
        )
