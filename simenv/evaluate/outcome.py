"""The outcome of one episode for its agent: success, form of its turns, and the class of a failure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from simenv.errors import unknown
from simenv.metrics import STATUS, Metrics
from simenv.types import Data, Grade, Mistake, Stop, Task, Trajectory

FAILURES = {
    "engine or model error": "not the agent's fault; in no rate",
    "context limit": "the chat grew longer than the model's context",
    "timeout": "the episode ran out of wall time",
    "unreadable": "ended because replies held no action",
    "not allowed": "ended because of actions that the world does not allow",
    "right answer, wrong form": "the last words hold the right answer, but it was not submitted in the required form",
    "wrong answer": "an answer was given and is wrong",
    "wrong state": "the world is not as required, or more than that was changed",
    "going in circles": "out of turns, the last three actions being the same",
    "out of turns": "ran out of turns otherwise",
}
"""The failure classes: every episode without success is in exactly one."""
CIRCLE = 3
"""This many equal actions in a row count as going in circles (AgentBench's rule for ALFWorld)."""
_WORD = re.compile(r"\w+", re.UNICODE)


class Outcome(Data):
    """One episode, measured.

    `turns` counts all, `readable` those whose action could be parsed, `valid` those with an action that the world accepted.
    `progress` is in 0..1, `tokens` are input and output, `cost` is in dollars. `failure` is one of FAILURES, or '' for
    a success. `result` is the input of AgentBench's metrics of the environment.
    """

    task: str
    attempt: int
    environment: str
    kind: str
    success: bool
    progress: float
    status: str
    failure: str = ""
    turns: int
    readable: int
    valid: int
    finished: bool
    subgoals: dict[str, bool] = {}
    mistake: Mistake | None = None
    tokens: int = 0
    cost: float = 0.0
    teacher_tokens: int = 0
    teacher_cost: float = 0.0
    seconds: float = 0.0
    result: dict[str, Any] = {}

    @property
    def error(self) -> bool:
        """Whether the engine or a model failed; such an episode is in no rate."""
        return self.status == STATUS[Stop.error]


def outcome(t: Trajectory, task: Task, metrics: Metrics) -> Outcome:
    """Measure a trajectory of a task; `metrics` are those of its environment. ValueError for the trajectory of another task."""
    if t.task != task.id:
        raise ValueError(unknown("task", t.task, [task.id]))
    grade = t.grade or Grade(success=False, progress=0.0)
    answer = t.steps[-1].observation.answer if t.steps else None
    turns, own = t.turns, t.usage - t.teacher_usage
    return Outcome(
        task=t.task,
        attempt=t.attempt,
        environment=t.environment,
        kind=t.kind,
        success=grade.success,
        progress=grade.progress,
        status=STATUS[t.stop],
        failure="" if grade.success else failure(t, task, grade),
        turns=len(turns),
        readable=sum(all(s.action is not None for s in turn.steps) for turn in turns),
        valid=sum(any(s.action is not None and not s.observation.invalid for s in turn.steps) for turn in turns),
        finished=t.stop.terminal,
        subgoals=grade.subgoals,
        mistake=t.mistake,
        tokens=own.input_tokens + own.output_tokens,
        cost=own.cost,
        teacher_tokens=t.teacher_usage.input_tokens + t.teacher_usage.output_tokens,
        teacher_cost=t.teacher_usage.cost,
        seconds=t.timing.seconds,
        result={} if t.stop is Stop.error else metrics.result(task, grade, answer),
    )


def failure(t: Trajectory, task: Task, grade: Grade) -> str:
    """The class in FAILURES of an episode without success: the first that applies, in the order of this function."""
    if t.stop is Stop.error:
        return "engine or model error"
    if t.stop in (Stop.context_limit, Stop.timeout):
        return t.stop.value.replace("_", " ")
    if _states_answer(t, task, grade):
        return "right answer, wrong form"
    if t.stop is Stop.invalid_format:
        return "unreadable"
    if t.stop is Stop.too_many_invalid:
        return "unreadable" if t.steps and t.steps[-1].action is None else _turn_limit_failure(t, "not allowed")
    if t.stop is Stop.submitted:
        return "wrong answer" if not grade.subgoals.get("answer", not grade.subgoals) else "wrong state"
    return _turn_limit_failure(t, "out of turns")


def _turn_limit_failure(t: Trajectory, otherwise: str) -> str:
    last = [s.action for s in t.steps[-CIRCLE:]]
    circling = len(last) == CIRCLE and last[0] is not None and all(a == last[0] for a in last)
    return "going in circles" if circling else otherwise


def _states_answer(t: Trajectory, task: Task, grade: Grade) -> bool:
    """Whether the agent's last message holds every value of the gold answer and all other sub-goals are reached.

    False if the task asks for no answer, or if its answer could be in the message by chance: a single character, or a
    value that the instruction names.
    """
    expected = [_words(str(v)) for v in _values(task.solution[-1].action.arguments)] if task.solution else []
    instruction = " ".join(_words(task.instruction))
    distinctive = [w for w in expected if len("".join(w)) > 1 and " ".join(w) not in instruction]
    message = next((m for m in reversed(t.messages) if m.role == "assistant"), None)
    if not distinctive or message is None or "answer" not in grade.subgoals:
        return False
    if not all(reached for name, reached in grade.subgoals.items() if name != "answer"):
        return False
    text = _words(" ".join([message.content, *(c.arguments for c in message.calls)]))
    return all(_contains(text, w) for w in expected)


def _values(value: Any) -> Iterator[Any]:
    """The leaves of a JSON value."""
    if isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _values(part)
    elif value is not None:
        yield value


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _contains(whole: list[str], part: list[str]) -> bool:
    return any(whole[i : i + len(part)] == part for i in range(len(whole) - len(part) + 1))
