"""What one episode says about its agent: right or not, in which form, and if not, in what way it failed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from simenv.errors import unknown
from simenv.metrics import STATUS, Metrics
from simenv.types import Data, Grade, Mistake, Stop, Task, Trajectory

FAILURES = {
    "engine or model error": "not the agent's; outside every rate",
    "context limit": "the chat outgrew the model",
    "timeout": "the episode's wall time was over",
    "unreadable": "ended over replies that hold no action",
    "not allowed": "ended over actions that the world does not take",
    "right answer, wrong form": "the right answer was said but not given as one",
    "wrong answer": "an answer was given and is wrong",
    "wrong state": "the world is not as asked for, or more was changed than that",
    "going in circles": "out of turns, the last three actions being the same",
    "out of turns": "ran out of turns otherwise",
}
"""The error taxonomy: every episode without success is in exactly one class."""
CIRCLE = 3
"""Equal actions in a row that count as going in circles (AgentBench's rule for ALFWorld)."""
_WORD = re.compile(r"\w+", re.UNICODE)


class Outcome(Data):
    """One episode, measured. `result` is what AgentBench's metrics of the environment are computed from.

    `readable`: turns whose action could be read; `valid`: turns whose action the world took; `tokens`: read and written.
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
    seconds: float = 0.0
    result: dict[str, Any] = {}

    @property
    def error(self) -> bool:
        """Whether engine or model failed; such an episode is in no rate."""
        return self.status == STATUS[Stop.error]


def outcome(t: Trajectory, task: Task, measured: Metrics) -> Outcome:
    """Measure a trajectory of a task. ValueError if it is of another one."""
    if t.task != task.id:
        raise ValueError(unknown("task", t.task, [task.id]))
    grade = t.grade or Grade(success=False, progress=0.0)
    answer = t.steps[-1].observation.answer if t.steps else None
    turns = t.turns
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
        tokens=t.usage.input_tokens + t.usage.output_tokens,
        cost=t.usage.cost,
        seconds=t.timing.seconds,
        result={} if t.stop is Stop.error else measured.result(task, grade, answer),
    )


def failure(t: Trajectory, task: Task, grade: Grade) -> str:
    """The class of FAILURES that an episode without success is in; the first that holds, in the order of this function."""
    if t.stop is Stop.error:
        return "engine or model error"
    if t.stop in (Stop.context_limit, Stop.timeout):
        return t.stop.value.replace("_", " ")
    if _said(t, task, grade):
        return "right answer, wrong form"
    if t.stop is Stop.invalid_format:
        return "unreadable"
    if t.stop is Stop.too_many_invalid:
        return "unreadable" if t.steps and t.steps[-1].action is None else _stuck(t, "not allowed")
    if t.stop is Stop.submitted:
        return "wrong answer" if not grade.subgoals.get("answer", not grade.subgoals) else "wrong state"
    return _stuck(t, "out of turns")


def _stuck(t: Trajectory, otherwise: str) -> str:
    last = [s.action for s in t.steps[-CIRCLE:]]
    circling = len(last) == CIRCLE and last[0] is not None and all(a == last[0] for a in last)
    return "going in circles" if circling else otherwise


def _said(t: Trajectory, task: Task, grade: Grade) -> bool:
    """Whether the agent's last words hold every value of the gold answer, while all else that was asked for is done.

    Only where the solution submits an answer, and one that says something: a yes, a single digit, or a number that the
    instruction itself names could be there by chance.
    """
    wanted = [_words(str(v)) for v in _values(task.solution[-1].action.arguments)] if task.solution else []
    asked = " ".join(_words(task.instruction))
    telling = [w for w in wanted if len("".join(w)) > 1 and " ".join(w) not in asked]
    words = next((m for m in reversed(t.messages) if m.role == "assistant"), None)
    if not telling or words is None or "answer" not in grade.subgoals:
        return False
    if not all(holds for name, holds in grade.subgoals.items() if name != "answer"):
        return False
    spoken = _words(" ".join([words.content, *(c.arguments for c in words.calls)]))
    return all(_inside(w, spoken) for w in wanted)


def _values(value: Any) -> Iterator[Any]:
    """The leaves of a JSON value."""
    if isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _values(part)
    elif value is not None:
        yield value


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _inside(part: list[str], whole: list[str]) -> bool:
    return any(whole[i : i + len(part)] == part for i in range(len(whole) - len(part) + 1))
