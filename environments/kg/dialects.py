"""AgentBench's two protocols for its knowledge graph task, text (v0.2) and function calling, in our own wording."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar

from pydantic_core import from_json

from simenv.dialects import Dialect, Parsed, ParsedAction, PromptContext, trimmed
from simenv.prompts import render
from simenv.types import Action, Call, Message, Move, Observation, Reply, Stop

from .engine import tool_calls
from .world import CANNOT_EXECUTE, UNEQUAL_TYPES

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
    """Thought and Action as text, after the instruction and one example.

    Of several calls in a line, the first readable one counts; AgentBench takes the first that succeeds.
    """

    name: ClassVar[str] = "agentbench"
    stops: ClassVar[tuple[str, ...]] = ("Observation:",)
    max_turns: ClassVar[int | None] = _TURNS
    max_invalid: ClassVar[int | None] = None

    def opening(self, brief: PromptContext) -> tuple[Message, ...]:
        rules = render(_HERE / "agentbench.j2", calls=False, turns=_TURNS, preface=brief.preface)
        start = Message(role="user", content=rules), Message(role="assistant", content=_READY)
        return (*start, *_example(self), _question("A new question", brief.instruction, brief.observation.text))

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
        """The first readable call in a line; if there is none, the error of the last."""
        error = _NO_CALL
        for name in _NAME.findall(line):
            match = re.search(rf"{name}\((.+?)\)", line)
            if name not in tool_calls.PARAMETERS or match is None:
                error = _SYNTAX.format(name=name)
                continue
            arguments = tool_calls.split_arguments(match[1])
            try:
                return ParsedAction(action=tool_calls.make_call(name, arguments))
            except ValueError:
                words = UNEQUAL_TYPES if name == "intersection" else CANNOT_EXECUTE
                error = words.format(call=f"{name}({', '.join(arguments)})")
        return ParsedAction(action=None, error=error)

    def render(self, move: Move, turn: int) -> Reply:
        """A move as text. `parse` does not recover arguments with commas or brackets, nor thoughts with line breaks."""
        return Reply(
            text=f"Thought: {move.thought}\n{_final_answer(move.action) or f'Action: {tool_calls.render_call(move.action)}'}"
        )

    def observe(self, observation: Observation, spoken: ParsedAction) -> Message:
        return Message(role="user", content=_observation_text(observation))

    def context(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        return trimmed(messages)


class AgentBenchCalls(Dialect):
    """The seven tools as functions. The answer is a line of plain text; a text without it ends the episode."""

    name: ClassVar[str] = "agentbench-fc"
    max_turns: ClassVar[int | None] = _TURNS
    max_invalid: ClassVar[int | None] = None

    @cached_property
    def tools(self) -> tuple[dict[str, Any], ...]:
        return tuple(spec.tool for spec in self.actions.values() if not spec.submit)

    def opening(self, brief: PromptContext) -> tuple[Message, ...]:
        rules = render(_HERE / "agentbench.j2", calls=True, turns=_TURNS, preface=brief.preface)
        question = _question("A new question", brief.instruction, brief.observation.text)
        return (Message(role="system", content=rules), *_example(self), question)

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
        parameters = tool_calls.PARAMETERS.get(call.name)
        if parameters is None:
            return ParsedAction(action=None, error=_NO_FUNCTION.format(name=call.name), call_id=call.id)
        try:
            arguments = from_json(call.arguments or "{}")
        except ValueError as e:
            return ParsedAction(action=None, error=f"Error processing tool call: {e}", call_id=call.id)
        if not isinstance(arguments, dict) or set(arguments) != set(parameters):
            return ParsedAction(action=None, error=_NO_MATCH.format(expected=", ".join(parameters)), call_id=call.id)
        return ParsedAction(action=Action(name=call.name, arguments=arguments), call_id=call.id)

    def render(self, move: Move, turn: int) -> Reply:
        if final := _final_answer(move.action):
            return Reply(text=f"Thought: {move.thought}\n{final}")
        arguments = json.dumps(move.action.arguments, ensure_ascii=False)
        call = Call(id=f"call_{turn}", name=move.action.name, arguments=arguments)
        return Reply(text=move.thought, calls=(call,), finish="tool_calls")

    def observe(self, observation: Observation, spoken: ParsedAction) -> Message:
        return Message(
            role="user" if spoken.call_id is None else "tool",
            content=_observation_text(observation),
            call_id=spoken.call_id,
        )


def _answer(number: str) -> Action:
    return Action(name="answer", arguments={"variable": f"#{number}"})


def _final_answer(action: Action) -> str:
    """The text of an answer; '' for all other actions."""
    return f"Final Answer: {action.arguments.get('variable')}" if action.name == "answer" else ""


def _observation_text(observation: Observation) -> str:
    return observation.text if observation.invalid else f"Observation: {observation.text}"


def _thought(text: str) -> str:
    return text.strip().removeprefix("Thought:").strip()


def _question(label: str, question: str, entities: str) -> Message:
    return Message(role="user", content=f"{label}: {question}\n{entities}")


@cache
def _example_data() -> dict[str, Any]:
    example: dict[str, Any] = json.loads((_HERE / "agentbench.json").read_text(encoding="utf-8"))
    return example


def _example(dialect: Dialect) -> Iterator[Message]:
    """The example as a chat in a dialect: the question, seven calls with their observations, and the answer."""
    example = _example_data()
    yield _question("Question", example["question"], f"Entities: [{', '.join(example['entities'])}]")
    for turn, step in enumerate(example["steps"]):
        name, _, rest = step["call"].partition("(")
        variable = {"variable": rest.rstrip(")")}
        action = Action(name=name, arguments=variable) if name == "answer" else tool_calls.parse_call(step["call"])
        # Turns from 100 on give call ids that differ from those of the episode.
        reply = dialect.render(Move(thought=step["thought"], action=action), 100 + turn)
        yield Message(role="assistant", content=reply.text, calls=reply.calls)
        if step["observation"]:
            call_id = reply.calls[0].id if reply.calls else None
            yield dialect.observe(Observation(text=step["observation"]), ParsedAction(action=action, call_id=call_id))
