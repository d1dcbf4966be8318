"""AgentBench's metrics of the knowledge graph task: F1, exact match, and the share of samples with an answer."""

from __future__ import annotations

from typing import Any

from simenv.metrics import Sample

from .engine.tool_calls import render_call

_NAMES = {"F1": "f1", "EM": "exact", "executability": "executable"}
"""AgentBench's names for the grader's metrics."""


def record(sample: Sample) -> dict[str, Any]:
    """`predict`, the members of the answer, and `actions`, the calls that were made."""
    calls = [step.action for step in sample.steps if step.action and not step.observation.invalid]
    actions = [render_call(call) for call in calls if call.name != "answer"]
    return {"predict": sample.answer if isinstance(sample.answer, list) else [], "actions": actions}


def overall(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Means over all samples; a sample without a result counts 0. `main` is the F1."""
    metrics = [r["metrics"] for r in results if isinstance(r.get("metrics"), dict)]
    means = {name: _mean([m.get(key) for m in metrics], len(results)) for name, key in _NAMES.items()}
    return {"main": means["F1"], **means}


def _mean(values: list[Any], total: int) -> float:
    return sum(float(v) for v in values if isinstance(v, int | float)) / total if total else 0.0
