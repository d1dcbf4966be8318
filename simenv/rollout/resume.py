"""Resuming a run: which episodes its folder lacks, and in which order they are played. A new run lacks all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from simenv.runs.store import Run
from simenv.types import Task


def finished_ids(run: Run) -> set[str]:
    """Ids of the episodes that the folder holds, forks among them. Episodes in `errors/` are not finished."""
    return {item["id"] for item in run.raw("trajectories")}


def episodes_to_play(
    run: Run, finished: Collection[str], environments: Collection[str], attempts: int
) -> Iterator[tuple[Task, int]]:
    """Each task with the number of an attempt (from 0) that is not finished.

    Episodes that failed in an earlier run come last, so that a task that always fails does not hold up the rest. Tasks of other
    environments than `environments` are skipped; a resume elsewhere takes them.
    """
    failed = {item["id"].partition("~")[0] for item in run.raw("errors")}.difference(finished)
    for is_late in (False, True) if failed else (False,):
        for task in run.tasks():
            if task.environment not in environments:
                continue
            for attempt in range(attempts):
                id = f"{task.id}.{attempt}"
                if id not in finished and (id in failed) == is_late:
                    yield task, attempt
