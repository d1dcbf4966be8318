"""HotpotQA's metrics: exact match and F1 of the answer, and the share of answers whose cited source shows them."""

from __future__ import annotations

from typing import Any

_NAMES = {"EM": "em", "F1": "f1", "supported": "supported", "answered": "answered"}
"""Names of the grader's metrics."""


def overall(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Means over all samples; a sample without a result counts 0. `main` is the exact match."""
    metrics = [r["metrics"] for r in results if isinstance(r.get("metrics"), dict)]
    means = {name: _mean([m.get(key) for m in metrics], len(results)) for name, key in _NAMES.items()}
    return {"main": means["EM"], **means}


def _mean(values: list[Any], total: int) -> float:
    return sum(float(v) for v in values if isinstance(v, int | float)) / total if total else 0.0
