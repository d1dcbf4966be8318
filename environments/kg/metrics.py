"""AgentBench's metrics of the knowledge graph task: F1, exact match, and how often there was an answer at all."""

from __future__ import annotations

from typing import Any

_NAMES = {"F1": "f1", "EM": "exact", "executability": "executable"}
"""AgentBench's names, and those of the grader's metrics."""


def overall(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Means over all samples, one without a result counting 0; `main` is the F1."""
    measured = [r["metrics"] for r in results if isinstance(r.get("metrics"), dict)]
    found = {name: _mean([m.get(own) for m in measured], len(results)) for name, own in _NAMES.items()}
    return {"main": found["F1"], **found}


def _mean(values: list[Any], total: int) -> float:
    return sum(float(v) for v in values if isinstance(v, int | float)) / total if total else 0.0
