"""An evaluation: a rollout over held-out tasks, and the report of what came of it. The run folder holds both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PositiveFloat

from simenv import plugins
from simenv.config import Experiment
from simenv.data.contamination import trained_tasks
from simenv.errors import ConfigError
from simenv.evaluate import report_page
from simenv.evaluate.figures import DIVISORS, measure
from simenv.evaluate.outcome import Outcome, outcome
from simenv.evaluate.paired import shared, versus
from simenv.metrics import Metrics, metrics
from simenv.rollout.report import rejected
from simenv.runs.store import Run, lines
from simenv.types import Task, Trajectory

NAMED = 5
"""Overlapping tasks that an error names."""


class Evaluation(Experiment):
    """A rollout and how it is measured. `attempts` is the n of pass@k."""

    name: str = Field(default="evaluation", pattern=r"^[\w][\w.-]*$")
    """name of the run folder"""
    k: tuple[Annotated[int, Field(ge=1)], ...] = ()
    """the ks of pass@k and pass^k; none: 1 and the number of attempts"""
    trained_on: tuple[str, ...] = ()
    """runs and curated sets that the agent was trained on; an overlap with the tasks is refused"""
    force: bool = False
    """evaluate in spite of an overlap; the report names it"""
    against: str | None = None
    """the run folder of another agent on the same tasks, to compare with"""
    divisors: dict[str, PositiveFloat] = DIVISORS
    """per cent by which AgentBench's overall score weighs each environment"""

    @property
    def ks(self) -> tuple[int, ...]:
        return self.k or tuple(sorted({1, self.attempts}))


def tasks(run: Run) -> dict[str, Task]:
    """The tasks of a run by id."""
    return {t.id: t for t in map(Task.model_validate_json, lines(run.folder / "tasks.jsonl"))}


def check(settings: Evaluation, run: Run) -> dict[str, list[str]]:
    """Tasks that are in what the agent was trained on; ConfigError where there are any and nothing forces it, or where
    the run to compare with has none of the tasks."""
    if settings.against is not None:
        shared(run, Run.open(Path(settings.against)))
    found = trained_tasks([*tasks(run).values()], [Path(p) for p in settings.trained_on])
    if found and not settings.force:
        told = "; ".join(
            f"{folder} holds {len(ids)} of the tasks: {', '.join(ids[:NAMED])}{' …' if len(ids) > NAMED else ''}"
            for folder, ids in found.items()
        )
        raise ConfigError(f"the agent was trained on what it is to be evaluated on: {told}; force=true goes on")
    return found


def outcomes(run: Run) -> Iterator[Outcome]:
    """Every episode of a run, measured; of the errors, those that no later attempt made good. Branches are not measured."""
    known, ways = tasks(run), dict[str, Metrics]()
    done, failed = set(), {}
    for kind in ("trajectories", "errors"):
        for t in run.read(kind, Trajectory):
            if t.branch is not None:
                continue
            if t.task not in known:
                raise ConfigError(
                    f"{run.folder}: trajectory {t.id} is of task {t.task!r}, which tasks.jsonl does not hold"
                )
            way = ways.setdefault(t.environment, metrics(plugins.environment(t.environment)))
            if kind == "errors":
                failed[t.id] = outcome(t, known[t.task], way)
            else:
                done.add(t.id)
                yield outcome(t, known[t.task], way)
    yield from (o for id, o in failed.items() if id not in done)


def evaluate(run: Run, settings: Evaluation, overlapping: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """Measure a run and write evaluation.json, report.md, report.html and the plots beside it; returns the figures."""
    found: dict[str, Any] = {"run": run.folder.name, "agent": settings.agent.name, "attempts": settings.attempts}
    found |= measure(outcomes(run), settings.ks, settings.divisors) | {"rejected_tasks": rejected(run)}
    if not found["environments"]:
        raise ConfigError(
            f"{run.folder}: holds no trajectories to measure; {found['rejected_tasks']} tasks were rejected"
            f", see its rejected.jsonl"
        )
    if overlapping:
        found["overlap"] = overlapping
    if settings.against is not None:
        found["versus"] = versus(run, Run.open(Path(settings.against)))
    run.write("evaluation.json", json.dumps(found, indent=2) + "\n")
    report_page.write(run, found)
    return found
