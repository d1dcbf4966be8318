"""The table of a sweep: a row for each setting, with success by environment and intervals; repetitions are pooled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simenv.runs.store import Run, objects
from simenv.statistics import wilson
from simenv.sweep.config import Sweep
from simenv.sweep.plan import Cell, Stage
from simenv.sweep.scheduler import is_done, product_folder
from simenv.types import Data, digest

ALL = "all"
RESAMPLES = 4000
Matrix = np.ndarray
"""Success rates in 0..1: rows are repetitions, columns are tasks; NaN where a repetition lacks the task."""
Labels = tuple[tuple[str, str], ...]
"""(axis, level) pairs."""
Results = dict[tuple[str, str], tuple[float, float]]
"""(mean success, mean progress) by (environment, task)."""


class Rate(Data):
    """A mean over repetitions and tasks, with its 95 % interval; `each` holds the mean of each repetition."""

    mean: float
    low: float
    high: float
    each: tuple[float, ...]
    tasks: int


class Row(Data):
    """One setting of the grid. `above` is the difference to the row above, over the tasks and repetitions that both have, in
    all environments. `failed` holds error messages."""

    labels: dict[str, str]
    success: dict[str, Rate] = {}
    progress: dict[str, float] = {}
    above: Rate | None = None
    failed: tuple[str, ...] = ()


def rows(sweep: Sweep, folder: Path, cells: Sequence[tuple[Cell, Stage]], failed: dict[str, str]) -> list[Row]:
    """The rows, in the order of the grid. `cells` are the cells with the stages that measure them, `failed` error messages by
    the key of a stage."""
    groups: dict[Labels, dict[Labels, Stage]] = {}
    for cell, last in cells:
        setting = tuple((axis, label) for axis, label in cell.labels.items() if axis not in sweep.over)
        repetition = tuple((axis, label) for axis, label in cell.labels.items() if axis in sweep.over)
        groups.setdefault(setting, {})[repetition] = last
    table: list[Row] = []
    previous: dict[Labels, Results] = {}
    for labels, stages in groups.items():
        results = {label: _read(Run(product_folder(folder, s))) for label, s in stages.items() if is_done(folder, s)}
        row = _row(dict(labels), list(results.values()))
        errors = tuple(dict.fromkeys(failed[s.key] for s in stages.values() if s.key in failed))
        table.append(row.model_copy(update={"failed": errors, "above": _difference(previous, results)}))
        previous = results
    return table


def _row(labels: dict[str, str], repetitions: list[Results]) -> Row:
    environments = sorted({environment for results in repetitions for environment, _ in results})
    success, progress = {}, {}
    for name in [*environments, *([ALL] if len(environments) > 1 else [])]:
        tasks = sorted({key for results in repetitions for key in results if name in (key[0], ALL)})
        if not tasks:
            continue
        matrix = np.array([[results.get(task, (np.nan, np.nan)) for task in tasks] for results in repetitions])
        success[name], progress[name] = rate(matrix[:, :, 0]), float(np.nanmean(matrix[:, :, 1]))
    return Row(labels=labels, success=success, progress=progress)


def _read(run: Run) -> Results:
    """Results of a run; errors of engine or model and branches do not count. A task is identified by its id and a digest, since
    in another run the id can belong to another task."""
    tasks = {task["id"]: f"{task['id']} {digest(task)}" for task in objects(run.folder / "tasks.jsonl")}
    grades: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for t in run.raw("trajectories"):
        if t.get("branch"):
            continue
        grade = t.get("grade") or {"success": False, "progress": 0.0}
        grades.setdefault((t["environment"], tasks[t["task"]]), []).append((grade["success"], grade["progress"]))
    means = {key: np.mean(values, axis=0) for key, values in grades.items()}
    return {key: (float(success), float(progress)) for key, (success, progress) in means.items()}


def rate(matrix: Matrix, signed: bool = False) -> Rate:
    """The mean of a matrix with its interval: Wilson's over tasks for one repetition, or if all results are equal; else the
    pigeonhole bootstrap, which draws repetitions and tasks (Owen, Annals of Applied Statistics 1, 2007).

    `signed`: the values are differences in -1..1, for which Wilson's interval does not hold.
    """
    repetitions, tasks = matrix.shape
    mean = float(np.nanmean(matrix))
    each = tuple(float(x) for x in np.nanmean(matrix, axis=1))
    if not signed and (repetitions == 1 or mean in (0.0, 1.0)):
        low, high = wilson(round(mean * tasks), tasks)
    else:
        low, high = _bootstrap(matrix)
    return Rate(mean=mean, low=low, high=high, each=each, tasks=tasks)


def _bootstrap(matrix: Matrix) -> tuple[float, float]:
    rng = np.random.default_rng(0)
    repetitions, tasks = matrix.shape
    means = []
    for _ in range(RESAMPLES):
        sample = matrix[rng.integers(repetitions, size=repetitions)][:, rng.integers(tasks, size=tasks)]
        if not np.isnan(sample).all():  # repetitions may have tasks of their own
            means.append(np.nanmean(sample))
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def _difference(first: dict[Labels, Results], second: dict[Labels, Results]) -> Rate | None:
    """Second minus first, over the repetitions and tasks that both have."""
    common = {label: first[label].keys() & second[label].keys() for label in second if label in first}
    tasks = sorted({task for keys in common.values() for task in keys})
    differences = [
        [second[label][task][0] - first[label][task][0] if task in keys else np.nan for task in tasks]
        for label, keys in common.items()
        if keys
    ]
    return rate(np.array(differences), signed=True) if differences else None


def best(table: Sequence[Row]) -> Row | None:
    """The row with the highest success overall."""
    return max((row for row in table if row.success), key=lambda row: overall(row).mean, default=None)


def overall(row: Row) -> Rate:
    """The success of a row over all its environments."""
    return row.success.get(ALL) or next(iter(row.success.values()))


def cells_as_text(table: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
    """The table as texts: the head, and the rows with the best one in bold."""
    axes = list(dict.fromkeys(axis for row in table for axis in row.labels))
    environments = list(dict.fromkeys(name for row in table for name in row.success))
    top = best(table) if len(table) > 1 else None
    lines = []
    for row in table:
        labels = [row.labels.get(axis, "") for axis in axes]
        if row is top and labels:
            labels[0] = f"**{labels[0]}**"
        missing = "failed" if row.failed else "–"
        rates = [_rate_text(row.success[name]) if name in row.success else missing for name in environments]
        lines.append([*labels, *rates, _difference_text(row.above) if row.above else ""])
    return [*axes, *environments, "to the row above"], lines


def markdown(table: Sequence[Row]) -> str:
    """The table as Markdown."""
    head, lines = cells_as_text(table)
    axes = len(table[0].labels) if table else 0
    rule = ["---"] * axes + ["---:"] * (len(head) - axes)
    return "".join(f"{_line(cells)}\n" for cells in (head, rule, *lines))


def _rate_text(r: Rate) -> str:
    return f"{100 * r.mean:.1f} ({100 * r.low:.0f}–{100 * r.high:.0f})"


def _difference_text(r: Rate) -> str:
    return f"{100 * r.mean:+.1f} ({100 * r.low:+.0f} to {100 * r.high:+.0f})"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(c.replace('|', chr(92) + '|') for c in cells)} |"


def summary(sweep: Sweep, table: Sequence[Row], cells: Sequence[tuple[Cell, Stage]]) -> dict[str, Any]:
    """The content of sweep.json."""
    top = best(table)
    return {
        "name": sweep.name,
        "rows": [row.model_dump(mode="json") for row in table],
        "best": top.labels if top else None,
        "cells": [{"labels": cell.labels, "stages": {s.name: s.key for s in last.all()}} for cell, last in cells],
    }
