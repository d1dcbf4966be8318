"""AgentBench's measures: how an episode ended in its words, what a sample's result holds, what becomes of all results.

An environment that is measured in its own way has a module `metrics.py` with some of these functions:

    def result(task: Task, grade: Grade, answer: Any) -> dict[str, Any]
    def record(sample: Sample) -> dict[str, Any]
    def overall(results: list[dict[str, Any]]) -> dict[str, Any]

The results come back from a client, so `overall` must expect any of them to be {} or to lack what `result` put in.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

from simenv.types import Grade, Message, Step, Stop, Task

Result = dict[str, Any]

STATUS = {
    Stop.submitted: "completed",
    Stop.done: "completed",
    Stop.max_steps: "task limit reached",
    Stop.too_many_invalid: "agent invalid action",
    Stop.invalid_format: "agent validation failed",
    Stop.context_limit: "agent context limit",
    Stop.timeout: "task limit reached",
    Stop.error: "task error",
}
"""AgentBench's sample status (v0.2, src/typings/status.py) for each way an episode ends."""


def result(task: Task, grade: Grade, answer: Any) -> Result:
    """Success as AgentBench writes it, 0 or 1, how far the sample came, and what else the grader measured."""
    return {"result": int(grade.success), "progress": grade.progress, "metrics": grade.metrics}


class Sample(NamedTuple):
    """A sample that was played: its chat and steps, the answer, and the grade."""

    task: Task
    messages: tuple[Message, ...]
    steps: tuple[Step, ...]
    answer: Any
    grade: Grade


def record(sample: Sample) -> Result:
    """What the result of a served sample holds beside `result`, as AgentBench's task of this kind writes it."""
    return {}


def overall(results: list[Result]) -> dict[str, Any]:
    """Successes among all samples, and the mean over all samples of whatever the grader measured, a missing one being 0."""
    total, successes = len(results), sum(r.get("result") == 1 for r in results)
    rate = successes / total if total else 0.0
    counts = {"total": total, "pass": successes, "wrong": total - successes, "acc": rate, "success_rate": rate}
    measures = [r["metrics"] for r in results if isinstance(r.get("metrics"), dict)]
    names = sorted({name for m in measures for name in m})
    return {name: sum(_number(m.get(name)) for m in measures) / total for name in names} | {"overall": counts}


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


class Metrics(NamedTuple):
    """How one environment's samples are measured."""

    result: Callable[[Task, Grade, Any], Result] = result
    """task, grade and answer to the result of a sample"""
    record: Callable[[Sample], Result] = record
    """a played sample to more fields of its result"""
    overall: Callable[[list[Result]], dict[str, Any]] = overall
    """the results of all samples to the measures of a task"""

    @classmethod
    def of(cls, module: ModuleType | None) -> Metrics:
        """The functions of an environment's metrics.py, those above where it has none."""
        return cls(
            getattr(module, "result", result), getattr(module, "record", record), getattr(module, "overall", overall)
        )
