"""AgentBench's fields of a WebShop and of a Mind2Web sample."""

from __future__ import annotations

from typing import Any

from simenv import metrics
from simenv.metrics import Sample


def record(sample: Sample) -> dict[str, Any]:
    """`reward`, and `history` with a line for each round."""
    history = [
        {
            "observation": sample.messages[step.message - 1].content if step.message else "",
            "response": sample.messages[step.message].content,
            "action": _call(step.action) if step.action else None,
        }
        for step in sample.steps
    ]
    return {"reward": sample.grade.metrics.get("reward", float(sample.grade.success)), "history": history}


def overall(results: list[dict[str, Any]]) -> dict[str, Any]:
    """The measures of any environment; of served samples also the mean `reward`, a missing one being 0."""
    rewards = [r["reward"] for r in results if isinstance(r.get("reward"), int | float)]
    return metrics.overall(results) | ({"reward": sum(rewards) / len(results)} if rewards else {})


def _call(action: Any) -> str:
    return f"{action.name}[{', '.join(map(str, action.arguments.values()))}]"
