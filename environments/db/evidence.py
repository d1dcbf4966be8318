"""What a solution's statements prove: the answer is all that the last result shows, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simenv.evidence import Evidence, PlayedStep, Playthrough
from simenv.types import Task

from .checking.output_parser import parse_output
from .engine.answers import TOLERANCE, as_strings, number, overlap
from .teacher import json_cell
from .world import LIMIT

_SHOWN = 200
"""Characters of a result in a message."""


class DBEvidence(Evidence):
    """Compares the submitted cells with those of the last result, by the goal's own rules of comparison."""

    def asks(self, goal: Mapping[str, Any], played: Playthrough) -> bool:
        return "answer" in goal

    def failure(self, step: PlayedStep) -> str:
        text = step.observation.text
        return text if text.startswith(LIMIT) else super().failure(step)

    def doubt(self, task: Task, played: Playthrough) -> str:
        if "answer" not in task.goal:
            return ""
        if not played.looks:
            return "the solution gives its answer without running a query that shows it"
        text, answer = played.last_text, as_strings(played.answer) or []
        result = parse_output(text)
        if played.looks[-1].observation.truncated or result is None or result.cut:
            return f"the last result does not show the answer as a whole: {_short(text)}"
        rows = [tuple(map(_cell, row)) for row in result.rows]
        width = len(rows[0]) if rows else task.goal.get("width", 1)
        # No rows show that there is none.
        cells = [cell for row in rows for cell in row] or [None] * (task.goal["answer"] == [None])
        compare, tolerance = task.goal.get("compare", "multiset"), task.goal.get("tolerance", TOLERANCE)
        if overlap(cells, answer, compare, width, tolerance).share == 1:
            return ""
        return (
            f"the last result shows {_short(text)} and the solution submits {_short(repr(answer))}; "
            "the last query must show exactly the answer, all of it and nothing else"
        )


def _cell(value: Any) -> Any:
    """A cell as the answer is compared with it: a text that is a number counts as one."""
    cell = json_cell(value)
    if isinstance(cell, str) and (decimal := number(cell)) is not None:
        return int(decimal) if decimal == decimal.to_integral_value() else float(decimal)
    return cell


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
