"""What a solution's calls prove: the answer is the last variable that they made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from simenv.evidence import Evidence, Playthrough
from simenv.types import Task
from simenv.world import Engine

_MADE = re.compile(r"variable (#\d+), which")
_NAMED = 5
"""Members that a message names."""


class KGEvidence(Evidence):
    """The members of a variable are computed by the graph, so the question is only whether it is the right variable."""

    def asks(self, goal: Mapping[str, Any], played: Playthrough) -> bool:
        return True

    def doubt(self, task: Task, played: Playthrough) -> str:
        made = [m[1] for step in played.looks if (m := _MADE.match(step.observation.text))]
        given = str(played.steps[-1].action.arguments.get("variable", "")) if played.steps else ""
        if not made or given.removeprefix("variable ").strip() == made[-1]:
            return ""
        return (
            f"the solution answers with {given}, and the last variable that it made is {made[-1]}; answer with the last"
        )

    def difference(self, world: Engine, task: Task, answer: Any) -> str:
        given, expected = set(answer or ()), set(task.goal["answers"])
        entities = task.spec.get("graph", {}).get("entities", {})
        parts = [
            f"{words} {_names(members, entities)}"
            for words, members in (
                ("the goal lists, but the solution's variable does not hold", expected - given),
                ("the solution's variable holds, but the goal does not list", given - expected),
            )
            if members
        ]
        return "; ".join(parts)


def _names(members: set[str], entities: Mapping[str, Any]) -> str:
    names = [f"{m} ({entities[m]['name']})" if "name" in entities.get(m, {}) else m for m in sorted(members)]
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
