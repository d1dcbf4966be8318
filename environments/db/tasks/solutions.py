"""How a DB task is solved, step by step and in the first person: look around, run the statement, commit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from numpy.random import Generator

from simenv.types import Action, Move

from .populate import chance, pick

_READS = re.compile(r"\s*(?:SELECT|DESCRIBE|DESC|SHOW|EXPLAIN)\b", re.I)

_QUERY = (
    "I need to {plan}.",
    "One statement is enough to {plan}.",
    "Now I can {plan}.",
    "To do this I {plan}.",
)
_ANSWERS = (
    "The query returned what was asked for: {answer}. I commit it.",
    "That gives {answer}, which is my final answer.",
    "So the answer is {answer}.",
)
_DONE = (
    "The change is made, so I can finish.",
    "The table now holds what was asked for. I commit.",
    "Everything that was asked for is done.",
)


def query(thought: str, sql: str) -> Move:
    return Move(thought=thought, action=Action(name="execute_sql", arguments={"query": sql}))


def commit(thought: str, answers: Sequence[str]) -> Move:
    return Move(thought=thought, action=Action(name="commit_final_answer", arguments={"answers": list(answers)}))


def sql_of(move: Move) -> str | None:
    """The statement of a move; None for a commit."""
    found = move.action.arguments.get("query") if move.action.name == "execute_sql" else None
    return found if isinstance(found, str) else None


def reads(sql: str) -> bool:
    """Whether a statement surely changes nothing."""
    return _READS.match(sql) is not None


def written(cells: Sequence[Any]) -> list[str]:
    """Typed cells as the strings an agent commits."""
    return ["null" if cell is None else str(cell) for cell in cells]


def final(goal: dict[str, Any], rng: Generator | None = None) -> Move:
    """The last move of whoever has solved the task."""
    number = int(rng.integers(3)) if rng is not None else 0
    if "answer" not in goal:
        return commit(_DONE[number], ["done"])
    answers = written(goal["answer"])
    return commit(_ANSWERS[number].format(answer=", ".join(answers) or "nothing"), answers)


def solve(
    sql: str, plan: str, goal: dict[str, Any], look: Sequence[str], check: str, rng: Generator
) -> tuple[Move, ...]:
    """The whole way. How much one looks around before, and whether one checks a change, is left to chance."""
    shown = list(look[: int(rng.integers(0, min(2, len(look)) + 1))])
    moves = [query(_before(text, rng), text) for text in shown]
    moves.append(query(pick(rng, _QUERY).format(plan=plan), sql))
    if check and chance(rng, 0.4):
        moves.append(query(pick(rng, ("I check that the change is right.", "Let me verify the result.")), check))
    return (*moves, final(goal, rng))


def _before(sql: str, rng: Generator) -> str:
    words = sql.split()
    if words[0] == "DESCRIBE":
        return pick(rng, (f"I look at the columns of {words[1]} first.", f"First I check how {words[1]} is built."))
    if words[1] == "DISTINCT":
        return f"Before I filter on {words[2]}, I want to see how its values are written."
    if "LIMIT" in words:
        table = words[words.index("FROM") + 1]
        return pick(rng, (f"Let me look at a few rows of {table}.", f"I start with a glance at {table}."))
    return "Let me look at that row first."
