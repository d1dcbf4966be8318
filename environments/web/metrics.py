"""AgentBench's fields of a WebShop and of a Mind2Web sample."""

from __future__ import annotations

from typing import Any

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


def _call(action: Any) -> str:
    return f"{action.name}[{', '.join(map(str, action.arguments.values()))}]"
