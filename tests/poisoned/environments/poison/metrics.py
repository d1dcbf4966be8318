"""Metrics with a bug, which shows where the variable POISONED_METRICS names the function."""

from __future__ import annotations

import os
from typing import Any

from simenv.types import Grade, Task


def result(task: Task, grade: Grade, answer: Any) -> dict[str, Any]:
    """Success, unless the bug shows."""
    _maybe("result")
    return {"result": int(grade.success)}


def overall(results: list[dict[str, Any]]) -> dict[str, Any]:
    """The number of results, unless the bug shows."""
    _maybe("overall")
    return {"overall": {"total": len(results)}}


def _maybe(where: str) -> None:
    if os.environ.get("POISONED_METRICS") == where:
        raise KeyError(where)
