"""Two agents on the same tasks, task by task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from simenv.errors import ConfigError
from simenv.runs.store import Run, objects
from simenv.statistics import paired
from simenv.types import digest

EXAMPLES = 10
"""Tasks named on each side."""


def rates(run: Run) -> dict[str, float]:
    """Success rate of each task, of the episodes that did not end in an error."""
    found: dict[str, list[bool]] = defaultdict(list)
    for t in run.raw("trajectories"):
        if t["stop"] != "error" and not t.get("branch"):
            found[t["task"]].append(bool((t.get("grade") or {}).get("success")))
    return {task: sum(won) / len(won) for task, won in found.items()}


def shared(first: Run, second: Run) -> set[str]:
    """Ids of the tasks that two runs share: one id can stand for other worlds in each. ConfigError where there are none."""
    one, other = _tasks(first), _tasks(second)
    found = {id for id in one.keys() & other.keys() if one[id] == other[id]}
    if not found:
        raise ConfigError(f"{first.folder} and {second.folder} have no task in common, so they cannot be compared")
    return found


def _tasks(run: Run) -> dict[str, str]:
    """Digests of the tasks of a run by id."""
    return {task["id"]: digest(task) for task in objects(run.folder / "tasks.jsonl")}


def versus(first: Run, second: Run) -> dict[str, Any]:
    """The paired comparison of two runs as JSON, `difference` being first minus second; ConfigError without common tasks."""
    a, b = rates(first), rates(second)
    common = sorted(shared(first, second) & a.keys() & b.keys())
    if not common:
        raise ConfigError(
            f"{first.folder} and {second.folder} have finished no common task, so they cannot be compared"
        )
    found = paired([a[t] for t in common], [b[t] for t in common])
    return {
        "first": first.folder.name,
        "second": second.folder.name,
        "tasks": found.tasks,
        "left_out": len(a.keys() | b.keys()) - found.tasks,
        "success": [_mean(a[t] for t in common), _mean(b[t] for t in common)],
        "difference": found.difference._asdict(),
        "only_first": found.only_first,
        "only_second": found.only_second,
        "p_mcnemar": found.p_mcnemar,
        "p_bootstrap": found.p_bootstrap,
        "better": {
            "first": [t for t in common if a[t] > b[t]][:EXAMPLES],
            "second": [t for t in common if b[t] > a[t]][:EXAMPLES],
        },
    }


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)
