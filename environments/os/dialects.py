"""AgentBench's two dialects of OS interaction: the text of v0.2, and the function calls (FC) of its main branch."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from simenv.dialects import Dialect, Parsed, ParsedAction, PromptContext, trimmed
from simenv.dialects.tools import Tools
from simenv.prompts import render
from simenv.types import Action, Call, Message, Move, Observation, Reply, Stop

ROUNDS = 8
_HERE = Path(__file__).parent
_NEW = "Now, I will start a new problem in a new OS. My problem is:\n\n"
_THINK = re.compile(r"Think:\s*(.+)")
_ACT = re.compile(r"Act:\s*(.+)")
_BASH = re.compile(r"```bash\n(.*?)\n```", re.S)
_ANSWER = re.compile(r"\((.*)\)", re.S)
_MARKS = re.compile(r"(Think|Act):")
_LISTING = "adduser.conf\nalternatives\napt\nbash.bashrc\n" + "…\n" * 3 + "[truncated because the output is too long]"
_EXAMPLE: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("I list the folder first.", "bash", {"script": "ls /etc"}, _LISTING),
    ("The list was cut, so I let the shell count its lines.", "bash", {"script": "ls -1 /etc | wc -l"}, "220"),
    ("The count is 220.", "answer", {"answer": "220"}, ""),
)
"""Thought, action, arguments, and the shell's output."""


class AgentBench(Dialect):
    """`Think:` and `Act: bash` with a fenced script, `Act: answer(...)` or `Act: finish`; the last valid act counts.

    A reply without an act ends the episode. Several scripts of one reply are run as one.
    """

    name: ClassVar[str] = "agentbench"
    max_turns: ClassVar[int | None] = ROUNDS
    max_invalid: ClassVar[int | None] = None

    def opening(self, context: PromptContext) -> tuple[Message, ...]:
        rules = render(_HERE / "agentbench.j2", preface=context.preface)
        question = 'Now, my problem is:\n\nhow many files are there in the directory "/etc"?'
        return (
            Message(role="user", content=f"{rules}\n\n{question}"),
            *self._example(),
            Message(role="user", content=_NEW + context.instruction),
        )

    def _example(self) -> list[Message]:
        messages = []
        for thought, name, arguments, output in _EXAMPLE:
            reply = self.render(Move(thought=thought, action=Action(name=name, arguments=arguments)), 0)
            messages.append(Message(role="assistant", content=reply.text))
            if output:
                messages.append(self.observe(Observation(text=output), ParsedAction(action=None)))
        return messages

    def parse(self, reply: Reply) -> Parsed:
        thought = "\n".join(_THINK.findall(reply.text))
        for act in reversed(_ACT.findall(reply.text)):
            if action := self._read(act, reply.text):
                return Parsed(thought=thought, spoken=(ParsedAction(action=action),))
        missing = ParsedAction(action=None, error="no act that is bash, answer or finish", stop=Stop.too_many_invalid)
        return Parsed(thought=thought, spoken=(missing,))

    @staticmethod
    def _read(act: str, text: str) -> Action | None:
        word = act.strip().casefold()
        if word.startswith("bash"):
            return Action(name="bash", arguments={"script": "\n\n".join(_BASH.findall(text))})
        if word.startswith("finish"):
            return Action(name="finish")
        answer = _ANSWER.search(act) if word.startswith("answer") else None
        return Action(name="answer", arguments={"answer": answer[1]}) if answer else None

    def render(self, move: Move, turn: int) -> Reply:
        thought = _MARKS.sub(r"\1 -", " ".join(move.thought.split()))
        think = f"Think: {thought}" if thought else ""
        arguments = move.action.arguments
        if move.action.name == "bash":
            act = f"Act: bash\n\n```bash\n{arguments.get('script', '')}\n```"
        elif move.action.name == "answer":
            act = f"Act: answer({' '.join(str(arguments.get('answer', '')).splitlines())})"
        else:
            act = "Act: finish"
        return Reply(text="\n\n".join(filter(None, (think, act))))

    def observe(self, observation: Observation, parsed: ParsedAction) -> Message:
        return Message(role="user", content=_describe_output(observation))

    def context(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        return trimmed(messages)


_TOOLS = {
    "bash_action": ("Run a bash script in the shell of the OS and see what it prints.", "script", "the script"),
    "finish_action": ("Say that the task is done, where it asks for no answer.", "thought", "why it is done"),
    "answer_action": ("Give the answer to the question.", "answer", "the answer"),
}
"""By name of each tool, as in AgentBench: description, its one argument, and the argument's description."""


class AgentBenchCalls(Tools):
    """AgentBench's own three tools. The first call of a reply counts; the thought of `finish_action` is taken as the answer."""

    name: ClassVar[str] = "agentbench-fc"
    max_turns: ClassVar[int | None] = ROUNDS
    max_invalid: ClassVar[int | None] = None

    @cached_property
    def tools(self) -> tuple[dict[str, Any], ...]:
        return tuple(_tool(name, *description) for name, description in _TOOLS.items())

    def opening(self, context: PromptContext) -> tuple[Message, ...]:
        return (
            Message(role="system", content=render(_HERE / "agentbench_fc.j2", preface=context.preface)),
            Message(role="user", content=_NEW + context.instruction),
        )

    def parse(self, reply: Reply) -> Parsed:
        if not reply.calls:
            missing = ParsedAction(action=None, error="No executable tool calls found. Please call a tool instead")
            return Parsed(thought=reply.text.strip(), spoken=(missing,))
        return Parsed(thought=reply.text.strip(), spoken=(self._read_call(reply.calls[0]),))

    @staticmethod
    def _read_call(call: Call) -> ParsedAction:
        try:
            arguments = json.loads(call.arguments or "{}")
        except (ValueError, RecursionError):
            arguments = None
        if call.name not in _TOOLS or not isinstance(arguments, dict) or _TOOLS[call.name][1] not in arguments:
            return ParsedAction(action=None, error="Invalid function call. Please call a tool instead", call_id=call.id)
        value = str(arguments[_TOOLS[call.name][1]])
        if call.name == "bash_action":
            return ParsedAction(action=Action(name="bash", arguments={"script": value}), call_id=call.id)
        return ParsedAction(action=Action(name="answer", arguments={"answer": value}), call_id=call.id)

    def render(self, move: Move, turn: int) -> Reply:
        name = f"{move.action.name}_action"
        value = next(iter(move.action.arguments.values()), move.thought)
        arguments = json.dumps({_TOOLS[name][1]: value}, ensure_ascii=False)
        return Reply(
            text=move.thought, calls=(Call(id=f"call_{turn}", name=name, arguments=arguments),), finish="tool_calls"
        )

    def observe(self, observation: Observation, parsed: ParsedAction) -> Message:
        text = observation.text if parsed.action is None else _describe_output(observation)
        return super().observe(observation.model_copy(update={"text": text}), parsed)


def _describe_output(observation: Observation) -> str:
    if not observation.text:
        return "The output of the OS is empty."
    return f"The output of the OS:\n\n{observation.text}"


def _tool(name: str, description: str, argument: str, meaning: str) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {argument: {"type": "string", "description": meaning}},
        "required": [argument],
    }
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}
