"""AgentBench's fields of an ALFWorld sample: the first observation, and a log with a line for each step."""

from __future__ import annotations

from typing import Any

from simenv.metrics import Sample


def record(sample: Sample) -> dict[str, Any]:
    """`init_prompt`, and `log`: the reply of each round, the command made of it, and what the game answered."""
    last = len(sample.steps) - 1
    log = [
        {
            "round": number + 1,
            "output": sample.messages[step.message].content,
            "action": step.action.arguments.get("action", step.action.name) if step.action else "",
            "admissible_commands": list(sample.steps[number - 1].observation.choices) if number else [],
            "observation": step.observation.text,
            "done": sample.grade.success and number == last,
        }
        for number, step in enumerate(sample.steps)
    ]
    before = sample.steps[0].message - 1 if sample.steps else len(sample.messages) - 1
    return {"init_prompt": sample.messages[before].content if before >= 0 else "", "log": log}
