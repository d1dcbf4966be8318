"""Judges an answer: a set against a set, as AgentBench's knowledge graph task does."""

from __future__ import annotations

from typing import Any

from simenv.types import Grade

_AHEAD = 0.9
"""Progress with every sub-goal reached and no answer given."""


def f1(found: set[str], gold: set[str]) -> float:
    """Harmonic mean of precision and recall; 0 where they share nothing."""
    shared = len(found & gold)
    return 2 * shared / (len(found) + len(gold)) if shared else 0.0


def grade(gold: set[str], answer: Any, subgoals: dict[str, bool]) -> Grade:
    """Success is the exact set. An answer is a list of ids and values; anything else answers nothing.

    Before an answer progress is the share of sub-goals, afterwards F1. Metrics, each 0 to 1: f1, exact, and executable,
    which is AgentBench's word for an answer with anything in it.
    """
    found = {x for x in answer if isinstance(x, str)} if isinstance(answer, list) else set()
    readable = isinstance(answer, list) and len(found) == len(answer)
    score = f1(found, gold) if readable else 0.0
    success = readable and found == gold
    ahead = _AHEAD * sum(subgoals.values()) / len(subgoals) if subgoals else 0.0
    return Grade(
        success=success,
        progress=1.0 if success else ahead if answer is None else min(score, 0.999),
        subgoals=subgoals,
        reasons=() if success else (_reason(answer, found, gold),),
        metrics={"f1": score, "exact": float(success), "executable": float(readable and bool(found))},
    )


def _reason(answer: Any, found: set[str], gold: set[str]) -> str:
    if answer is None:
        return "no answer was given"
    if not isinstance(answer, list) or not found:
        return "the answer holds no member"
    missing, extra = len(gold - found), len(found - gold)
    return f"of {len(gold)} members {missing} are missing; {extra} of the answer are wrong"
