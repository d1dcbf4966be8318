"""The strict grader: answers by type, tables row by row; tables that the goal does not name must not change."""

from __future__ import annotations

from typing import Any

from simenv.types import Grade

from .answers import TOLERANCE, Overlap, as_strings, overlap
from .state import Tables, differences, distance, target


def grade_strictly(goal: dict[str, Any], answer: Any, initial: Tables, final: Tables) -> Grade:
    """Grade an answer and a final state; see goal.schema.json for the goal.

    Progress is the answer's overlap with the gold one, or the share of the required row changes that were made minus
    wrong ones beside them, or the mean of both where the goal asks for both. Where only the state is asked for, the
    answer is free and need not be given.
    """
    parts: dict[str, float] = {}
    reasons: list[str] = []
    metrics: dict[str, float] = {}
    expected = target(goal, initial)
    wrong = differences(final, expected)
    wrong_rows = sum(d.size for d in wrong.values())
    if "answer" in goal:
        matches = _overlap(goal, answer)
        parts["answer"] = matches.share if matches else 0.0
        reasons += _answer_reasons(goal, answer, matches)
        metrics |= {"precision": matches.precision, "recall": matches.recall} if matches else {}
    if "tables" in goal:
        parts |= {f"table {name}": float(name not in wrong) for name in sorted(goal["tables"])}
        reasons += [f"table {name}: {_difference_text(d)}" for name, d in wrong.items() if name in goal["tables"]]
    unrelated = {name: d for name, d in wrong.items() if name not in goal.get("tables", {})}
    parts["nothing else changed"] = float(not unrelated)
    reasons += [f"table {name} should not have changed: {_difference_text(d)}" for name, d in unrelated.items()]
    subgoals = {name: part == 1 for name, part in parts.items()}
    success = all(subgoals.values())
    progress = (
        1.0
        if success
        else min(_progress(goal, parts.get("answer", 0.0), wrong_rows, distance(initial, expected)), 0.999)
    )
    return Grade(
        success=success,
        progress=progress,
        subgoals=subgoals,
        reasons=tuple(reasons),
        metrics={**metrics, "wrong_rows": float(wrong_rows)},
    )


def _progress(goal: dict[str, Any], answer_share: float, wrong_rows: int, required_rows: int) -> float:
    state_share = max(0.0, 1 - wrong_rows / required_rows) if required_rows else 1 / (1 + wrong_rows)
    if "tables" not in goal:
        return answer_share * state_share
    return (answer_share + state_share) / 2 if "answer" in goal else state_share


def _overlap(goal: dict[str, Any], answer: Any) -> Overlap | None:
    values = as_strings(answer)
    if values is None:
        return None
    compare, width = goal.get("compare", "multiset"), goal.get("width", 1)
    return overlap(goal["answer"], values, compare, width, goal.get("tolerance", TOLERANCE))


def _answer_reasons(goal: dict[str, Any], answer: Any, matches: Overlap | None) -> list[str]:
    if matches is None:
        return ["no answer was given"]
    if matches.share == 1:
        return []
    compare = goal.get("compare", "multiset")
    texts = f"answer {_short(answer)} is not {_short(goal['answer'])} ({compare})"
    return [f"{texts}: {matches.matches} of {matches.gold_rows} rows match"]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else text[:200] + "…"


def _difference_text(difference: Any) -> str:
    shape = "missing, unwanted or of other columns; " if difference.shape else ""
    return f"{shape}{difference.missing.total()} rows missing, {difference.extra.total()} rows too many"
