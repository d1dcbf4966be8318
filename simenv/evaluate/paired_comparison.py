"""Paired comparison of two runs on the tasks they share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from simenv.errors import ConfigError
from simenv.runs.store import Run, objects
from simenv.statistics import paired
from simenv.types import digest

EXAMPLES = 10
"""Tasks that a comparison names on each side."""


def success_rates(run: Run) -> dict[str, float]:
    """Success rate in 0..1 by task id, over the episodes that ended without an error; branches do not count."""
    successes: dict[str, list[bool]] = defaultdict(list)
    for t in run.raw("trajectories"):
        if t["stop"] != "error" and not t.get("branch"):
            successes[t["task"]].append(bool((t.get("grade") or {}).get("success")))
    return {task: sum(results) / len(results) for task, results in successes.items()}


def common_tasks(first: Run, second: Run) -> set[str]:
    """Ids of the tasks that two runs share; ConfigError if there are none. Tasks with the same id but different content,
    such as another world, are not shared."""
    a, b = _tasks(first), _tasks(second)
    ids = {id for id in a.keys() & b.keys() if a[id] == b[id]}
    if not ids:
        raise ConfigError(f"{first.folder} and {second.folder} have no task in common, so they cannot be compared")
    return ids


def _tasks(run: Run) -> dict[str, str]:
    """Digests of the tasks of a run, by id."""
    return {task["id"]: digest(task) for task in objects(run.folder / "tasks.jsonl")}


def compare_runs(first: Run, second: Run) -> dict[str, Any]:
    """The paired comparison of two runs as JSON; ConfigError if they share no task. `difference` is first minus second."""
    a, b = success_rates(first), success_rates(second)
    common = sorted(common_tasks(first, second) & a.keys() & b.keys())
    if not common:
        raise ConfigError(
            f"{first.folder} and {second.folder} have finished no common task, so they cannot be compared"
        )
    result = paired([a[t] for t in common], [b[t] for t in common])
    return {
        "first": first.folder.name,
        "second": second.folder.name,
        "tasks": result.tasks,
        "left_out": len(a.keys() | b.keys()) - result.tasks,
        "success": [_mean(a[t] for t in common), _mean(b[t] for t in common)],
        "difference": result.difference._asdict(),
        "only_first": result.only_first,
        "only_second": result.only_second,
        "p_mcnemar": result.p_mcnemar,
        "p_bootstrap": result.p_bootstrap,
        "better": {
            "first": [t for t in common if a[t] > b[t]][:EXAMPLES],
            "second": [t for t in common if b[t] > a[t]][:EXAMPLES],
        },
    }


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return sum(numbers) / len(numbers)
