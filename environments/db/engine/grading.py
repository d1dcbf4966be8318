"""The strict grader: answers by type, tables row by row, and whatever the goal does not name must stay as it was."""

from __future__ import annotations

from typing import Any

from simenv.types import Grade

from .answers import TOLERANCE, Overlap, listed, overlap
from .state import Tables, differences, distance, target


def strict(goal: dict[str, Any], answer: Any, initial: Tables, final: Tables) -> Grade:
    """Grade an answer and a final state; see goal.schema.json for the goal.

    Progress is the answer's overlap with the gold one, or the share of the required row changes that were made minus the
    wrong ones made beside them, or the mean of both where the goal asks for both. Where only the state is asked for, the
    answer is free and need not be given.
    """
    parts: dict[str, float] = {}
    reasons: list[str] = []
    metrics: dict[str, float] = {}
    wanted = target(goal, initial)
    wrong = differences(final, wanted)
    left = sum(d.size for d in wrong.values())
    if "answer" in goal:
        found = _overlap(goal, answer)
        parts["answer"] = found.share if found else 0.0
        reasons += _complaints(goal, answer, found)
        metrics |= {"precision": found.precision, "recall": found.recall} if found else {}
    if "tables" in goal:
        parts |= {f"table {name}": float(name not in wrong) for name in sorted(goal["tables"])}
        reasons += [f"table {name}: {_wrong(d)}" for name, d in wrong.items() if name in goal["tables"]]
    spoiled = {name: d for name, d in wrong.items() if name not in goal.get("tables", {})}
    parts["nothing else changed"] = float(not spoiled)
    reasons += [f"table {name} should not have changed: {_wrong(d)}" for name, d in spoiled.items()]
    subgoals = {name: part == 1 for name, part in parts.items()}
    success = all(subgoals.values())
    progress = (
        1.0 if success else min(_progress(goal, parts.get("answer", 0.0), left, distance(initial, wanted)), 0.999)
    )
    return Grade(
        success=success,
        progress=progress,
        subgoals=subgoals,
        reasons=tuple(reasons),
        metrics={**metrics, "wrong_rows": float(left)},
    )


def _progress(goal: dict[str, Any], answered: float, left: int, needed: int) -> float:
    made = max(0.0, 1 - left / needed) if needed else 1 / (1 + left)
    if "tables" not in goal:
        return answered * made
    return (answered + made) / 2 if "answer" in goal else made


def _overlap(goal: dict[str, Any], answer: Any) -> Overlap | None:
    given = listed(answer)
    if given is None:
        return None
    compare, width = goal.get("compare", "multiset"), goal.get("width", 1)
    return overlap(goal["answer"], given, compare, width, goal.get("tolerance", TOLERANCE))


def _complaints(goal: dict[str, Any], answer: Any, found: Overlap | None) -> list[str]:
    if found is None:
        return ["no answer was given"]
    if found.share == 1:
        return []
    how = goal.get("compare", "multiset")
    return [
        f"answer {_short(answer)} is not {_short(goal['answer'])} ({how}): {found.matched} of {found.wanted} rows match"
    ]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else text[:200] + "…"


def _wrong(difference: Any) -> str:
    shape = "missing, unwanted or of other columns; " if difference.shape else ""
    return f"{shape}{difference.missing.total()} rows missing, {difference.extra.total()} rows too many"
