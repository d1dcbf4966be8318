"""Gives every task that changes data the same final answer, `none`, since the data is graded there and not the answer."""

from __future__ import annotations

import json
import re
from typing import ClassVar

from simenv.filter import Filter, FilterOptions
from simenv.types import Message, Stop, Trajectory, Verdict

_ANSWER = re.compile(r"^([ \t]*(?:Action Input|Final Answer):[ \t]*).*", re.MULTILINE | re.DOTALL)
"""The final answer in text dialects, up to the end of the turn."""
_ACTION = re.compile(r"^[ \t]*Action:", re.MULTILINE)
_INPUT = re.compile(r"^[ \t]*Action Input:", re.MULTILINE)


class StandardAnswerOptions(FilterOptions):
    only: tuple[str, ...] = ("db",)
    """environments it judges"""
    kinds: tuple[str, ...] = ("INSERT", "UPDATE", "DELETE")
    """kinds of tasks that change data"""
    answer: str = "none"
    """the answer that all of them get"""


class StandardAnswer(Filter):
    """Edits the last turn, its step and the recorded answer. A turn in an unknown form is kept as it is."""

    Options: ClassVar[type[FilterOptions]] = StandardAnswerOptions
    options: StandardAnswerOptions

    def judge(self, trajectory: Trajectory) -> Verdict:
        t = trajectory
        if t.kind not in self.options.kinds or t.stop is not Stop.submitted or not t.steps:
            return self.keep(t)
        step = t.steps[-1]
        if step.action is None or len(step.action.arguments) != 1 or step.observation.answer == [self.options.answer]:
            return self.keep(t)
        key = next(iter(step.action.arguments))
        arguments = {key: [self.options.answer]}
        message = _with_answer(t.messages[step.message], step.action.name, arguments)
        if message is None:
            return self.keep(t)
        action = step.action.model_copy(update={"arguments": arguments})
        observation = step.observation.model_copy(update={"answer": [self.options.answer]})
        last = step.model_copy(update={"action": action, "observation": observation})
        messages = (*t.messages[: step.message], message, *t.messages[step.message + 1 :])
        edited = t.model_copy(update={"messages": messages, "steps": (*t.steps[:-1], last)})
        return self.edit(t, edited, "answer of a change is none")


def _with_answer(message: Message, name: str, arguments: dict[str, list[str]]) -> Message | None:
    """The turn with another answer in it: in its last call, at the `Action Input:` of its action, or at its `Final Answer:`."""
    if message.calls:
        at = max((i for i, c in enumerate(message.calls) if c.name == name), default=None)
        if at is None:
            return None
        call = message.calls[at].model_copy(update={"arguments": json.dumps(arguments, ensure_ascii=False)})
        calls = (*message.calls[:at], call, *message.calls[at + 1 :])
        return message.model_copy(update={"calls": calls, "author": "filter"})
    value = json.dumps(next(iter(arguments.values())), ensure_ascii=False)
    named = _ACTION.search(message.content)
    at = named.end() if named and _INPUT.search(message.content, named.end()) else 0
    text, count = _ANSWER.subn(lambda m: m[1] + value, message.content[at:], count=1)
    changes = {"content": message.content[:at] + text, "author": "filter"}
    return message.model_copy(update=changes) if count else None
