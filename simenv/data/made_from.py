"""What a curated set was made from: its runs and every task of theirs, so that a later evaluation can tell them.

The file lies in the set, and a fine-tune takes it along into the folder of the model. It names no path to open.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from simenv.documents import json_file
from simenv.runs.store import Run
from simenv.types import Task

FILE = "made_from.json"
EVALUATION = "evaluation.json"
"""What marks a run folder as an evaluation."""


def is_evaluation(folder: Path) -> bool:
    """Whether a run folder is an evaluation, whose tasks are not to be trained on."""
    return (folder / EVALUATION).is_file()


def made_from(runs: Iterable[Run], gold: Iterable[str]) -> dict[str, Any]:
    """Runs with their tasks, and the sources of gold, as the file holds them."""
    rows = [
        {
            "run": run.folder.resolve().name,
            "evaluation": is_evaluation(run.folder),
            "tasks": {task.id: digest(task) for task in run.tasks()} if (run.folder / "tasks.jsonl").is_file() else {},
        }
        for run in runs
    ]
    return {"runs": rows, "gold": [*gold]}


def tasks_of(folder: Path) -> dict[str, str]:
    """The tasks that a set or a model was made from, each id with its digest; none where nothing is recorded."""
    path = folder / FILE
    record = json_file(path) if path.is_file() else None
    rows = record.get("runs", []) if isinstance(record, dict) else []
    found = (row.get("tasks", {}) for row in rows if isinstance(row, dict))
    return {str(id): str(d) for tasks in found if isinstance(tasks, dict) for id, d in tasks.items()}


def digest(task: Task) -> str:
    """SHA-256 of environment and instruction, the first 16 digits; blanks and case do not count."""
    text = " ".join(task.instruction.casefold().split())
    return hashlib.sha256(f"{task.environment}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
