"""AgentBench's two protocols of its knowledge graph task: text (v0.2), and function calling. The wording is our own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar

from pydantic_core import from_json

from simenv.dialects import Dialect, Parsed, ParsedAction, PromptContext
from simenv.prompts import render
from simenv.trimming import trimmed
from simenv.types import Action, Call, Message, Move, Observation, Reply, Stop

from .engine import tool_calls
from .world import FAILED, UNLIKE

_HERE = Path(__file__).parent
_TURNS = 15
_READY = "Understood. I am ready for the question."
_FINAL = re.compile(r"(?:Find|Final) Answer: #(\d+)", re.A)
_LINE = re.compile(r"Action.*?:")
_NAME = re.compile(r"(\w+)\(")
_NO_ACTION = "No executable function found! Need to recheck the action."
_NO_CALL = "Function is not executed!"
_SYNTAX = (
    "I may make a syntax error when calling {name} (e.g., unmatched parenthesis). I need to fix it and reuse the tool"
)
_NO_CALLS = "No valid function calls found! Need to recheck the function calls."
_NO_FUNCTION = "Provide an invalid function name. Function {name} does not exist"
_NO_MATCH = "Arguments do not match the function signature. Expected {expected}"


class AgentBench(Dialect):
    """Thought and Action as text, after instruction and one example.

    Where a line holds several calls, the first that can be read is taken; AgentBench takes the first that succeeds.
    """

    name: ClassVar[str] = "agentbench"
    stops: ClassVar[tuple[str, ...]] = ("Observation:",)
    max_turns: ClassVar[int | None] = _TURNS
    max_invalid: ClassVar[int | None] = None

    def opening(self, brief: PromptContext) -> tuple[Message, ...]:
        rules = render(_HERE / "agentbench.j2", calls=False, turns=_TURNS, preface=brief.preface)
        start = Message(role="user", content=rules), Message(role="assistant", content=_READY)
        return (*start, *_example(self), _asked("A new question", brief.instruction, brief.observation.text))

    def parse(self, reply: Reply) -> Parsed:
        text = reply.text.partition("Observation:")[0].replace("\\_", "_")
        if final := _FINAL.search(text):
            return Parsed(thought=_thought(text[: final.start()]), spoken=(ParsedAction(action=_answer(final[1])),))
        lines = text.split("\n")
        at = next((i for i, line in enumerate(lines) if _LINE.match(line)), None)
        if at is None:
            return Parsed(thought=_thought(text), spoken=(ParsedAction(action=None, error=_NO_ACTION),))
        return Parsed(thought=_thought("\n".join(lines[:at])), spoken=(self._first(lines[at]),))

    @staticmethod
    def _first(line: str) -> ParsedAction:
        """The first call in a line that can be read, or what is wrong with the last."""
        error = _NO_CALL
        for name in _NAME.findall(line):
            found = re.search(rf"{name}\((.+?)\)", line)
            if name not in tool_calls.PARAMETERS or found is None:
                error = _SYNTAX.format(name=name)
                continue
            arguments = tool_calls.split(found[1])
            try:
                return ParsedAction(action=tool_calls.action(name, arguments))
            except ValueError:
                words = UNLIKE if name == "intersection" else FAILED
                error = words.format(call=f"{name}({', '.join(arguments)})")
        return ParsedAction(action=None, error=error)

    def render(self, move: Move, turn: int) -> Reply:
        """What has a comma or a bracket in it, or a line break in a thought, does not come back from `parse`."""
        return Reply(
            text=f"Thought: {move.thought}\n{_said(move.action) or f'Action: {tool_calls.write(move.action)}'}"
        )

    def observe(self, observation: Observation, spoken: ParsedAction) -> Message:
        return Message(role="user", content=_seen(observation))

    def context(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        return trimmed(messages)


class AgentBenchCalls(Dialect):
    """The seven tools as functions; the answer is a line of plain text, and a text without one ends the episode."""

    name: ClassVar[str] = "agentbench-fc"
    max_turns: ClassVar[int | None] = _TURNS
    max_invalid: ClassVar[int | None] = None

    @cached_property
    def tools(self) -> tuple[dict[str, Any], ...]:  # type: ignore[override]
        return tuple(spec.tool for spec in self.actions.values() if not spec.submit)

    def opening(self, brief: PromptContext) -> tuple[Message, ...]:
        rules = render(_HERE / "agentbench.j2", calls=True, turns=_TURNS, preface=brief.preface)
        asked = _asked("A new question", brief.instruction, brief.observation.text)
        return (Message(role="system", content=rules), *_example(self), asked)

    def parse(self, reply: Reply) -> Parsed:
        if reply.calls:
            return Parsed(thought=reply.text.strip(), spoken=tuple(self._read(call) for call in reply.calls))
        if final := _FINAL.search(reply.text):
            return Parsed(
                thought=_thought(reply.text[: final.start()]), spoken=(ParsedAction(action=_answer(final[1])),)
            )
        return Parsed(
            thought=_thought(reply.text),
            spoken=(ParsedAction(action=None, error=_NO_CALLS, stop=Stop.invalid_format),),
        )

    @staticmethod
    def _read(call: Call) -> ParsedAction:
        expected = tool_calls.PARAMETERS.get(call.name)
        if expected is None:
            return ParsedAction(action=None, error=_NO_FUNCTION.format(name=call.name), call_id=call.id)
        try:
            arguments = from_json(call.arguments or "{}")
        except ValueError as e:
            return ParsedAction(action=None, error=f"Error processing tool call: {e}", call_id=call.id)
        if not isinstance(arguments, dict) or set(arguments) != set(expected):
            return ParsedAction(action=None, error=_NO_MATCH.format(expected=", ".join(expected)), call_id=call.id)
        return ParsedAction(action=Action(name=call.name, arguments=arguments), call_id=call.id)

    def render(self, move: Move, turn: int) -> Reply:
        if final := _said(move.action):
            return Reply(text=f"Thought: {move.thought}\n{final}")
        arguments = json.dumps(move.action.arguments, ensure_ascii=False)
        call = Call(id=f"call_{turn}", name=move.action.name, arguments=arguments)
        return Reply(text=move.thought, calls=(call,), finish="tool_calls")

    def observe(self, observation: Observation, spoken: ParsedAction) -> Message:
        return Message(
            role="user" if spoken.call_id is None else "tool", content=_seen(observation), call_id=spoken.call_id
        )


def _answer(number: str) -> Action:
    return Action(name="answer", arguments={"variable": f"#{number}"})


def _said(action: Action) -> str:
    """An answer as it is written; '' for all other actions."""
    return f"Final Answer: {action.arguments.get('variable')}" if action.name == "answer" else ""


def _seen(observation: Observation) -> str:
    return observation.text if observation.invalid else f"Observation: {observation.text}"


def _thought(text: str) -> str:
    return text.strip().removeprefix("Thought:").strip()


def _asked(what: str, question: str, entities: str) -> Message:
    return Message(role="user", content=f"{what}: {question}\n{entities}")


@cache
def _steps() -> dict[str, Any]:
    return json.loads((_HERE / "agentbench.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _example(dialect: Dialect) -> Iterator[Message]:
    """The example as a chat in a dialect: question, seven calls with their observations, answer."""
    example = _steps()
    yield _asked("Question", example["question"], f"Entities: [{', '.join(example['entities'])}]")
    for turn, step in enumerate(example["steps"]):
        name, _, rest = step["call"].partition("(")
        variable = {"variable": rest.rstrip(")")}
        action = Action(name=name, arguments=variable) if name == "answer" else tool_calls.read(step["call"])
        reply = dialect.render(
            Move(thought=step["thought"], action=action), 100 + turn
        )  # ids unlike those of the episode
        yield Message(role="assistant", content=reply.text, calls=reply.calls)
        if step["observation"]:
            call_id = reply.calls[0].id if reply.calls else None
            yield dialect.observe(Observation(text=step["observation"]), ParsedAction(action=action, call_id=call_id))
