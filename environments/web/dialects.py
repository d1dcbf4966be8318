"""The dialects of benchmarks: AgentBench's WebShop (text or tool calls) and Mind2Web's multiple choice."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from pydantic_core import from_json

from simenv.dialects import Dialect, Parsed, ParsedAction, PromptContext
from simenv.errors import ConfigError
from simenv.prompts import render
from simenv.types import Action, Call, Message, Move, Observation, Reply, Stop

_HERE = Path(__file__).parent
_ACTION = re.compile(r"[Aa]ction: *\n* *((search|click)\[(.+?)])")
"""AgentBench v0.2, tasks/webshop."""
_LETTER = re.compile(r"Answer: (A|B|C|D|E|F)")
_OPERATION = re.compile(r"Action: (CLICK|SELECT|TYPE)")
_VALUE = re.compile(r"Value: (.*)$", re.M)
"""AgentBench v0.2, tasks/mind2web."""


def _available(choices: Sequence[str]) -> str:
    """WebShop's dictionary of available actions, as Python prints it."""
    list_clickables = [c[len("click[") : -1] for c in choices if c.startswith("click[")]
    return str({"has_search_bar": "search[keywords]" in choices, "clickables": list_clickables})


def _require_view(view: str, condition: bool, name: str) -> None:
    if not condition:
        raise ConfigError(f"web: dialect {name!r} shows pages as {view!r}: set web.world.observe={view}")


def _shop(action: str, value: str) -> Action:
    """`search[…]` or `click[…]` as an action of the world, which finds elements by their label."""
    return Action(name=action, arguments={"query" if action == "search" else "element": value})


def _write_action(action: Action) -> str:
    return f"{action.name}[{next(iter(action.arguments.values()), '')}]"


class Webshop(Dialect):
    """WebShop in AgentBench v0.2: a thought and `search[…]` or `click[…]`; a reply without one ends the episode.

    The benchmark's demonstration is left out, as in AgentInstruct.
    """

    name: ClassVar[str] = "webshop"
    max_turns: ClassVar[int | None] = 10

    def opening(self, context: PromptContext) -> tuple[Message, ...]:
        _require_view("text", any(c.startswith(("search[", "click[")) for c in context.observation.choices), self.name)
        return (
            Message(role="user", content=render(_HERE / "webshop.j2", preface=context.preface)),
            Message(role="assistant", content="Ok."),
            Message(role="user", content=self._describe(context.observation)),
        )

    @staticmethod
    def _describe(observation: Observation) -> str:
        return f"Observation:\n{observation.text}\n\nAvailable Actions:\n{_available(observation.choices)}"

    def parse(self, reply: Reply) -> Parsed:
        match = _ACTION.search(reply.text)
        thought = (reply.text[: match.start()] if match else reply.text).strip().removeprefix("Thought:").strip()
        if match is None:
            error = "no action found; expected `Action:` and search[keywords] or click[value]"
            return Parsed(thought=thought, spoken=(ParsedAction(action=None, error=error, stop=Stop.invalid_format),))
        return Parsed(thought=thought, spoken=(ParsedAction(action=_shop(match[2], match[3])),))

    def render(self, move: Move, turn: int) -> Reply:
        return Reply(text=f"Thought:\n{move.thought}\n\nAction:\n{_write_action(move.action)}")

    def observe(self, observation: Observation, parsed: ParsedAction) -> Message:
        return Message(role="user", content=self._describe(observation))


def _tool(name: str, description: str, argument: str, meaning: str) -> dict[str, Any]:
    properties = {argument: {"type": "string", "description": meaning}}
    parameters = {"type": "object", "properties": properties, "required": [argument]}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


class WebshopTools(Dialect):
    """WebShop in AgentBench's function-calling version: `search_action` and `click_action`; the first call counts."""

    name: ClassVar[str] = "webshop-fc"
    max_turns: ClassVar[int | None] = 20
    arguments: ClassVar[dict[str, tuple[str, str]]] = {
        "search_action": ("search", "keywords"),
        "click_action": ("click", "value"),
    }

    @property
    def tools(self) -> tuple[dict[str, Any], ...]:
        search = _tool(
            "search_action", "Search the shop, where there is a search bar.", "keywords", "What to search for."
        )
        click = _tool("click_action", "Click one of the clickables.", "value", "The clickable, as it is listed.")
        return search, click

    def opening(self, context: PromptContext) -> tuple[Message, ...]:
        _require_view("text", any(c.startswith(("search[", "click[")) for c in context.observation.choices), self.name)
        system = render(_HERE / "webshop_fc.j2", preface=context.preface)
        observation = context.observation
        first = f"The initial observation:\n{observation.text}\n\nAvailable Actions:\n{_available(observation.choices)}"
        return Message(role="system", content=system), Message(role="user", content=first)

    def parse(self, reply: Reply) -> Parsed:
        thought = reply.text.strip()
        if not reply.calls:
            error = "No executable tool calls found. Please call a tool instead"
            return Parsed(thought=thought, spoken=(ParsedAction(action=None, error=error),))
        call = reply.calls[0]
        return Parsed(thought=thought, spoken=(self._read(call),))

    def _read(self, call: Call) -> ParsedAction:
        if call.name not in self.arguments:
            return ParsedAction(action=None, error="Invalid function call. Please call a tool instead", call_id=call.id)
        action, argument = self.arguments[call.name]
        try:
            arguments = from_json(call.arguments or "{}")
        except ValueError:
            arguments = None
        value = arguments.get(argument) if isinstance(arguments, dict) else None
        if not isinstance(value, str):
            return ParsedAction(action=None, error=f"{call.name} needs {argument!r}, a text", call_id=call.id)
        return ParsedAction(action=_shop(action, value), call_id=call.id)

    def render(self, move: Move, turn: int) -> Reply:
        value = next(iter(move.action.arguments.values()), "")
        argument = "keywords" if move.action.name == "search" else "value"
        call = Call(
            id=f"call_{turn}",
            name=f"{move.action.name}_action",
            arguments=json.dumps({argument: str(value)}, ensure_ascii=False),
        )
        return Reply(text=move.thought, calls=(call,), finish="tool_calls")

    def observe(self, observation: Observation, parsed: ParsedAction) -> Message:
        if parsed.action is None:
            return Message(role="tool" if parsed.call_id else "user", content=observation.text, call_id=parsed.call_id)
        text = f"Action: {_write_action(parsed.action)}\n\nObservation:\n{observation.text}"
        text += f"\n\nAvailable Actions:\n{_available(observation.choices)}"
        return Message(role="tool", content=text, call_id=parsed.call_id)


class Mind2Web(Dialect):
    """Mind2Web's multiple choice as AgentBench asks it. Each question is sent alone, without earlier ones.

    A reply without a letter counts as A, `None of the above`. The benchmark's demonstrations are left out.
    """

    name: ClassVar[str] = "mind2web"
    max_turns: ClassVar[int | None] = 200

    def opening(self, context: PromptContext) -> tuple[Message, ...]:
        _require_view("choices", "Please select from the following choices" in context.observation.text, self.name)
        system = Message(role="system", content=render(_HERE / "mind2web.j2", preface=context.preface))
        return system, Message(role="user", content=context.observation.text)

    def context(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        return messages[0], messages[-1]

    def parse(self, reply: Reply) -> Parsed:
        letter = _LETTER.search(reply.text)
        operation, value = _OPERATION.search(reply.text), _VALUE.search(reply.text)
        head = reply.text[: letter.start()] if letter else reply.text
        thought = head.strip().removeprefix("Thought:").strip()
        element, text = letter[1] if letter else "A", value[1].strip() if value else ""
        operation_name = operation[1] if operation and element != "A" else "CLICK"
        arguments = {"CLICK": {}, "TYPE": {"text": text}, "SELECT": {"option": text}}[operation_name]
        action = Action(name=operation_name.lower(), arguments={"element": element, **arguments})
        return Parsed(thought=thought, spoken=(ParsedAction(action=action),))

    def render(self, move: Move, turn: int) -> Reply:
        arguments = dict(move.action.arguments)
        letter = arguments.pop("element", "A")
        lines = [f"Thought: {move.thought}", f"Answer: {letter}."]
        lines += [f"Action: {move.action.name.upper()}"] if letter != "A" else []
        lines += [f"Value: {v}" for v in arguments.values()]
        return Reply(text="\n".join(lines))

    def observe(self, observation: Observation, parsed: ParsedAction) -> Message:
        return Message(role="user", content=observation.text)
