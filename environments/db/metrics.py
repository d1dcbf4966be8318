"""DBBench's metrics (AgentBench, Liu et al., arXiv 2308.03688): accuracy by type of question, and the mean of three groups."""

from __future__ import annotations

from typing import Any

from simenv.types import Grade, Task

from .tasks.dbbench import TYPES

_CHANGES = ("INSERT", "UPDATE")


def result(task: Task, grade: Grade, answer: Any) -> dict[str, Any]:
    """The answer as text, as DBBench keeps it, and whether it is right."""
    return {"answer": "" if answer is None else str(answer), "type": task.kind, "error": "", "result": grade.success}


def overall(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Accuracy of each type; SELECT is whatever is neither INSERT nor UPDATE. A sample without a type counts nowhere."""
    samples = [(str(r["type"]), r.get("result") is True) for r in results if r.get("type")]
    kinds = list(dict.fromkeys((*TYPES, *(kind for kind, _ in samples))))
    shares = {f"{kind}_accuracy": _share([right for k, right in samples if k == kind]) for kind in kinds}
    shares["SELECT_accuracy"] = _share([right for k, right in samples if k not in _CHANGES])
    groups = ("SELECT_accuracy", "INSERT_accuracy", "UPDATE_accuracy")
    return shares | {"overall_cat_accuracy": sum(shares[g] for g in groups) / len(groups)}


def _share(right: list[bool]) -> float:
    return sum(right) / len(right) if right else 0.0
