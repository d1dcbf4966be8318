"""Measures a run: evaluation.json and the report beside its trajectories. `check_held_out` looks for tasks that were
trained on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simenv import plugins
from simenv.containment import boundary
from simenv.data.contamination import DISTINCTIVE, trained_tasks
from simenv.data.made_from import digest, tasks_of
from simenv.errors import ConfigError
from simenv.evaluate import report_page
from simenv.evaluate.aggregate import aggregate
from simenv.evaluate.config import Evaluation
from simenv.evaluate.outcome import Outcome, outcome
from simenv.evaluate.paired_comparison import common_tasks, compare_runs
from simenv.metrics import Metrics
from simenv.rollout.admission_journal import REJECTED, TASKS
from simenv.rollout.report import rejected
from simenv.runs.store import Run, objects
from simenv.source import Rejected
from simenv.types import Task, Trajectory

NAMED = 5
"""An error names this many of the tasks that were trained on."""


def tasks(run: Run) -> dict[str, Task]:
    """The tasks of a run, by id."""
    return {t.id: t for t in run.tasks()}


def check_held_out(settings: Evaluation, run: Run) -> dict[str, list[str]]:
    """Ids of the tasks that occur in the training data, by its folder.

    ConfigError if there are any (unless `force`), or if the run to compare with shares no task.
    """
    if settings.against is not None:
        common_tasks(run, Run.open(Path(settings.against)))
    own = [*tasks(run).values()]
    overlapping = trained_tasks(own, [Path(p) for p in settings.trained_on])
    overlapping |= _of_model(settings, own)
    if overlapping and not settings.force:
        examples = "; ".join(
            f"{folder} holds {len(ids)} of the tasks: {', '.join(ids[:NAMED])}{' …' if len(ids) > NAMED else ''}"
            for folder, ids in overlapping.items()
        )
        raise ConfigError(
            f"the agent was trained on tasks of this evaluation: {examples}; held_out=true leaves them out, force=true "
            "evaluates it all the same"
        )
    return overlapping


def leave_out(settings: Evaluation, run: Run) -> None:
    """Take the tasks that were trained on out of a run that has not begun, and note each as rejected. ConfigError if no other
    is left."""
    places = {
        id: folder
        for folder, ids in trained_tasks([*tasks(run).values()], [Path(p) for p in settings.trained_on]).items()
        for id in ids
    }
    if not places:
        return
    left = [task for task in run.tasks() if task.id not in places]
    if not left:
        raise ConfigError(
            f"held_out: the agent was trained on all {len(places)} tasks of this evaluation; take more episodes, or another "
            "source"
        )
    noted = [
        Rejected(where=id, reason=f"it was trained on: {folder} holds it", cause="duplicate")
        for id, folder in places.items()
    ]
    known = [Rejected.model_validate(item) for item in objects(run.folder / REJECTED)]
    for name, items in ((REJECTED, [*known, *noted]), (TASKS, left)):
        with run.aside(name) as file:
            file.writelines(item.model_dump_json(exclude_defaults=True) + "\n" for item in items)


def _of_model(settings: Evaluation, own: list[Task]) -> dict[str, list[str]]:
    """Ids of the tasks that the folder of the model says it was made from, by that folder; nothing where it says nothing."""
    named = settings.model.options.get("model") if settings.model else None
    folder = Path(str(named)) if named else None
    known = tasks_of(folder) if folder is not None and folder.is_dir() else {}
    digests = {*known.values()}
    found = [t.id for t in own if t.id in known or (len(t.instruction.split()) >= DISTINCTIVE and digest(t) in digests)]
    return {str(folder): found} if found else {}


def outcomes(run: Run) -> Iterator[Outcome]:
    """The outcome of every episode of a run. An error counts only if no later try of that episode succeeded; branches do
    not count. ConfigError for a trajectory whose task is not in tasks.jsonl; Bug if the metrics of an environment fail."""
    tasks_by_id, metrics_by_environment = tasks(run), dict[str, Metrics]()
    finished, errors = set(), {}
    for kind in ("trajectories", "errors"):
        for t in run.read(kind, Trajectory):
            if t.branch is not None:
                continue
            if t.task not in tasks_by_id:
                raise ConfigError(
                    f"{run.folder}: trajectory {t.id} is of task {t.task!r}, which is not in its tasks.jsonl"
                )
            rule = metrics_by_environment.setdefault(t.environment, plugins.environment(t.environment).metrics)
            with boundary("metrics", t.environment):
                measured = outcome(t, tasks_by_id[t.task], rule)
            if kind == "errors":
                errors[t.id] = measured
            else:
                finished.add(t.id)
                yield measured
    yield from (o for id, o in errors.items() if id not in finished)


def evaluate(run: Run, settings: Evaluation, overlapping: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """Measure a run and write evaluation.json, report.md, report.html and plots into its folder; returns the figures.

    `overlapping` are the ids that `check_held_out` returned. ConfigError if the run holds no trajectories; Bug if the
    metrics of an environment fail, as figures without a part of the samples would be wrong.
    """
    evaluation: dict[str, Any] = {"run": run.folder.name, "agent": settings.agent.name, "attempts": settings.attempts}
    evaluation |= aggregate(outcomes(run), settings.ks, settings.divisors) | {"rejected_tasks": rejected(run)}
    if not evaluation["environments"]:
        raise ConfigError(
            f"{run.folder}: holds no trajectories to measure; {evaluation['rejected_tasks']} tasks were rejected"
            f", see its rejected.jsonl"
        )
    if overlapping:
        evaluation["overlap"] = overlapping
    if settings.against is not None:
        evaluation["versus"] = compare_runs(run, Run.open(Path(settings.against)))
    run.write("evaluation.json", json.dumps(evaluation, indent=2) + "\n")
    report_page.write(run, evaluation)
    return evaluation
