"""Grades an answer as a set against the gold set, as AgentBench's knowledge graph task does."""

from __future__ import annotations

from typing import Any

from simenv.types import Grade

_SUBGOAL_PROGRESS = 0.9
"""Progress with every sub-goal reached and no answer given."""


def f1(answer: set[str], gold: set[str]) -> float:
    """Harmonic mean of precision and recall, 0 to 1."""
    hits = len(answer & gold)
    return 2 * hits / (len(answer) + len(gold)) if hits else 0.0


def grade(gold: set[str], answer: Any, subgoals: dict[str, bool]) -> Grade:
    """The grade of an answer. Success is the exact set; an answer that is no list of ids and values counts as empty.

    Progress is F1, or before an answer the share of sub-goals reached. Metrics, each 0 to 1: f1, exact, and executable,
    AgentBench's word for an answer that is not empty.
    """
    members = {x for x in answer if isinstance(x, str)} if isinstance(answer, list) else set()
    readable = isinstance(answer, list) and len(members) == len(answer)
    score = f1(members, gold) if readable else 0.0
    success = readable and members == gold
    subgoal_progress = _SUBGOAL_PROGRESS * sum(subgoals.values()) / len(subgoals) if subgoals else 0.0
    return Grade(
        success=success,
        progress=1.0 if success else subgoal_progress if answer is None else min(score, 0.999),
        subgoals=subgoals,
        reasons=() if success else (_reason(answer, members, gold),),
        metrics={"f1": score, "exact": float(success), "executable": float(readable and bool(members))},
    )


def _reason(answer: Any, members: set[str], gold: set[str]) -> str:
    if answer is None:
        return "no answer was given"
    if not isinstance(answer, list) or not members:
        return "the answer holds no member"
    missing, extra = len(gold - members), len(members - gold)
    return f"of {len(gold)} members {missing} are missing; {extra} of the answer are wrong"
