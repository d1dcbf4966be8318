"""AgentBench's two dialects of DBBench: the text of v0.2, and the function calls (FC) of its main branch.

The world has to grade by the same generation: `grader: agentbench-v0.2` with the first, `grader: agentbench` with the second.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from simenv.dialects import Dialect, Parsed, ParsedAction, PromptContext, trimmed
from simenv.dialects.tools import Tools
from simenv.prompts import render
from simenv.types import Action, Call, Message, Move, Observation, Reply, Stop

from .engine.agentbench_grading import fc_values

ROUNDS = 15
_HERE = Path(__file__).parent
_ACTION = re.compile(r"Action: (.*?)\n")
_SQL = re.compile(r"```sql\n([\s\S]*?)\n```")
_ANSWER = re.compile(r"\nFinal Answer:(.*)")
_MARKS = re.compile(r"(Action|Final Answer):")
_CODE = re.compile(r"\AERROR (?=\d+ \(\w+\): )")
"""Prefix of an error in the mysql shell; AgentBench's Python driver writes none."""
_LONGEST = 20_000
"""Characters of an answer that are read as a list."""


class AgentBench(Dialect):
    """`Action: Operation` and a fenced statement, or `Action: Answer` and `Final Answer: [...]`; anything else is the end.

    After 15 operations one more reply is read, for an answer alone. Where AgentBench evaluates the answer as Python, a
    literal is read, so that an expression counts as the text it is.
    """

    name: ClassVar[str] = "agentbench"
    max_turns: ClassVar[int | None] = ROUNDS + 1
    max_invalid: ClassVar[int | None] = None

    def opening(self, brief: PromptContext) -> tuple[Message, ...]:
        return (
            Message(role="user", content=render(_HERE / "agentbench.j2", preface=brief.preface)),
            Message(role="assistant", content="Ok."),
            Message(role="user", content=brief.instruction),
        )

    def parse(self, reply: Reply) -> Parsed:
        action_line = _ACTION.search(reply.text)
        if action_line is None or action_line[1] != "Operation":
            return self._answer(reply, Stop.invalid_format)
        sql = _SQL.search(reply.text)
        thought = reply.text[: action_line.start()].strip()
        if sql is None:
            return Parsed(
                thought=thought, spoken=(_unreadable("an operation without a block of SQL", Stop.invalid_format),)
            )
        query = sql[1].strip().replace("\n", " ")
        return Parsed(
            thought=thought, spoken=(ParsedAction(action=Action(name="execute_sql", arguments={"query": query})),)
        )

    def parse_last(self, reply: Reply) -> Parsed:
        return self._answer(reply, Stop.max_steps)

    @staticmethod
    def _answer(reply: Reply, otherwise: Stop) -> Parsed:
        """The final answer; without one the episode ends."""
        match = _ANSWER.search(reply.text)
        action_line = _ACTION.search(reply.text)
        thought = reply.text[: action_line.start() if action_line else match.start() if match else None].strip()
        if match is None:
            return Parsed(thought=thought, spoken=(_unreadable("neither an operation nor a final answer", otherwise),))
        commit = Action(name="commit_final_answer", arguments={"answers": _items(match[1])})
        return Parsed(thought=thought, spoken=(ParsedAction(action=commit),))

    def render(self, move: Move, turn: int) -> Reply:
        thought = _MARKS.sub(r"\1 -", move.thought).replace("```", "'''")
        if move.action.name == "execute_sql":
            query = str(move.action.arguments.get("query", "")).replace("\n", " ")
            return Reply(text=f"{thought}\nAction: Operation\n```sql\n{query}\n```")
        answers = json.dumps(move.action.arguments.get("answers", []), ensure_ascii=False)
        return Reply(text=f"{thought}\nAction: Answer\nFinal Answer: {answers}")

    def observe(self, observation: Observation, spoken: ParsedAction) -> Message:
        return Message(role="user", content=_CODE.sub("", observation.text))

    def context(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        return trimmed(messages)


class AgentBenchCalls(Tools):
    """All calls of a reply are acted on in order; whatever its name, the first argument of a call is taken."""

    name: ClassVar[str] = "agentbench-fc"
    max_turns: ClassVar[int | None] = ROUNDS
    max_invalid: ClassVar[int | None] = None

    def opening(self, brief: PromptContext) -> tuple[Message, ...]:
        question, _, tables = brief.instruction.partition("\n")
        more = f"Additional table information about the question: {tables}\n" if tables else ""
        return (
            Message(role="system", content=render(_HERE / "agentbench_fc.j2", preface=brief.preface)),
            Message(role="user", content=f"{more}Question: {question}\n"),
        )

    def parse(self, reply: Reply) -> Parsed:
        missing = ParsedAction(action=None, error="Internal error: No tool calls found despite finish reason.")
        return Parsed(thought=reply.text.strip(), spoken=tuple(map(self._read, reply.calls)) or (missing,))

    def _read(self, call: Call) -> ParsedAction:
        try:
            arguments = json.loads(call.arguments or "{}")
        except (ValueError, RecursionError):
            arguments = None
        if not isinstance(arguments, dict) or (call.name in self.actions and not arguments):
            error = "Error: Failed to parse tool call. Tool call format is incorrect."
            return ParsedAction(action=None, error=error, call_id=call.id)
        if call.name not in self.actions:
            error = "Invalid function call. Please call a tool instead."
            return ParsedAction(action=None, error=error, call_id=call.id)
        first = next(iter(arguments.values()))
        values = {"query": str(first)} if call.name == "execute_sql" else {"answers": _submitted(first)}
        return ParsedAction(action=Action(name=call.name, arguments=values), call_id=call.id)

    def observe(self, observation: Observation, spoken: ParsedAction) -> Message:
        text = _CODE.sub("", observation.text) or "No response from database."
        return super().observe(observation.model_copy(update={"text": text}), spoken)


def _unreadable(error: str, stop: Stop) -> ParsedAction:
    return ParsedAction(action=None, error=error, stop=stop)


def _items(text: str) -> list[str]:
    """The items of an answer as Python's list() gives them: characters for a text; what is no literal is one item."""
    try:
        return _texts(list(ast.literal_eval(text.strip(" \t")[:_LONGEST])))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return [text]


def _submitted(value: Any) -> list[str]:
    """What was committed as a list. A text that is a list in writing counts as its values, as in AgentBench."""
    values = fc_values(value) if isinstance(value, str) and value.strip().startswith("[") else None
    return _texts(value) if values is None else values


def _texts(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]
