"""What a sweep came to: a row for each setting, repetitions pooled, success by environment with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simenv.runs.store import Run, objects
from simenv.statistics import wilson
from simenv.sweep import Sweep
from simenv.sweep.plan import Cell, Stage
from simenv.sweep.scheduler import done, product
from simenv.types import Data, digest

ALL = "all"
RESAMPLES = 4000
Matrix = np.ndarray
"""Successes, 0..1: a row a repetition, a column a task."""
Labels = tuple[tuple[str, str], ...]
"""Axes and the levels on them."""
Results = dict[tuple[str, str], tuple[float, float]]
"""Mean success and progress by environment and task."""


class Rate(Data):
    """A mean over repetitions and tasks, with its 95 % interval; `each` is the mean of every repetition."""

    mean: float
    low: float
    high: float
    each: tuple[float, ...]
    tasks: int


class Row(Data):
    """One setting of the grid. `above` is the difference to the row above, on the same tasks of the same repetitions,
    over all environments."""

    labels: dict[str, str]
    success: dict[str, Rate] = {}
    progress: dict[str, float] = {}
    above: Rate | None = None
    failed: tuple[str, ...] = ()


def rows(sweep: Sweep, folder: Path, cells: Sequence[tuple[Cell, Stage]], failed: dict[str, str]) -> list[Row]:
    """The rows in the order of the grid."""
    groups: dict[Labels, dict[Labels, Stage]] = {}
    for cell, last in cells:
        kept = tuple((axis, label) for axis, label in cell.labels.items() if axis not in sweep.over)
        repetition = tuple((axis, label) for axis, label in cell.labels.items() if axis in sweep.over)
        groups.setdefault(kept, {})[repetition] = last
    found: list[Row] = []
    before: dict[Labels, Results] = {}
    for labels, stages in groups.items():
        now = {label: _read(Run(product(folder, s))) for label, s in stages.items() if done(folder, s)}
        row = _row(dict(labels), list(now.values()))
        why = tuple(dict.fromkeys(failed[s.key] for s in stages.values() if s.key in failed))
        found.append(row.model_copy(update={"failed": why, "above": _difference(before, now)}))
        before = now
    return found


def _row(labels: dict[str, str], read: list[Results]) -> Row:
    environments = sorted({environment for one in read for environment, _ in one})
    success, progress = {}, {}
    for name in [*environments, *([ALL] if len(environments) > 1 else [])]:
        tasks = sorted({key for one in read for key in one if name in (key[0], ALL)})
        if not tasks:
            continue
        table = np.array([[one.get(task, (np.nan, np.nan)) for task in tasks] for one in read])
        success[name], progress[name] = rate(table[:, :, 0]), float(np.nanmean(table[:, :, 1]))
    return Row(labels=labels, success=success, progress=progress)


def _read(run: Run) -> Results:
    """Errors of engine or model do not count, nor do branches. A task is known by what it is: one id can stand for others."""
    tasks = {task["id"]: f"{task['id']} {digest(task)}" for task in objects(run.folder / "tasks.jsonl")}
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for t in run.raw("trajectories"):
        if t.get("branch"):
            continue
        grade = t.get("grade") or {"success": False, "progress": 0.0}
        found.setdefault((t["environment"], tasks[t["task"]]), []).append((grade["success"], grade["progress"]))
    return {key: tuple(np.mean(values, axis=0)) for key, values in found.items()}  # type: ignore[misc]


def rate(matrix: Matrix, signed: bool = False) -> Rate:
    """Of one repetition, or where all came out alike, Wilson's interval over tasks; else the pigeonhole bootstrap, which
    draws repetitions and tasks (Owen, Annals of Applied Statistics 1, 2007)."""
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
        drawn = matrix[rng.integers(repetitions, size=repetitions)][:, rng.integers(tasks, size=tasks)]
        if not np.isnan(drawn).all():  # repetitions may have tasks of their own
            means.append(np.nanmean(drawn))
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def _difference(before: dict[Labels, Results], now: dict[Labels, Results]) -> Rate | None:
    """Of the repetitions and the tasks that both have."""
    common = {label: before[label].keys() & now[label].keys() for label in now if label in before}
    tasks = sorted({task for both in common.values() for task in both})
    gained = [
        [now[label][task][0] - before[label][task][0] if task in both else np.nan for task in tasks]
        for label, both in common.items()
        if both
    ]
    return rate(np.array(gained), signed=True) if gained else None


def best(found: Sequence[Row]) -> Row | None:
    """The row with the highest success overall."""
    return max((row for row in found if row.success), key=lambda row: overall(row).mean, default=None)


def overall(row: Row) -> Rate:
    return row.success.get(ALL) or next(iter(row.success.values()))


def shown(found: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
    """The table as texts: its head and its rows, the best one in bold."""
    axes = list(dict.fromkeys(axis for row in found for axis in row.labels))
    environments = list(dict.fromkeys(name for row in found for name in row.success))
    top = best(found) if len(found) > 1 else None
    lines = []
    for row in found:
        labels = [row.labels.get(axis, "") for axis in axes]
        if row is top and labels:
            labels[0] = f"**{labels[0]}**"
        lacking = "failed" if row.failed else "–"
        rates = [_rate(row.success[name]) if name in row.success else lacking for name in environments]
        lines.append([*labels, *rates, _signed(row.above) if row.above else ""])
    return [*axes, *environments, "to the row above"], lines


def markdown(found: Sequence[Row]) -> str:
    """The table, ready to paste."""
    head, lines = shown(found)
    axes = len(found[0].labels) if found else 0
    rule = ["---"] * axes + ["---:"] * (len(head) - axes)
    return "".join(f"{_line(cells)}\n" for cells in (head, rule, *lines))


def _rate(r: Rate) -> str:
    return f"{100 * r.mean:.1f} ({100 * r.low:.0f}–{100 * r.high:.0f})"


def _signed(r: Rate) -> str:
    return f"{100 * r.mean:+.1f} ({100 * r.low:+.0f} to {100 * r.high:+.0f})"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(c.replace('|', chr(92) + '|') for c in cells)} |"


def summary(sweep: Sweep, found: Sequence[Row], cells: Sequence[tuple[Cell, Stage]]) -> dict[str, Any]:
    """What sweep.json holds."""
    top = best(found)
    return {
        "name": sweep.name,
        "rows": [row.model_dump(mode="json") for row in found],
        "best": top.labels if top else None,
        "cells": [{"labels": cell.labels, "stages": {s.name: s.key for s in last.all()}} for cell, last in cells],
    }
