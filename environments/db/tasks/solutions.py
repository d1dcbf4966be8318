"""Gold solutions, move by move with thoughts in the first person: explore, run the statement, commit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from numpy.random import Generator

from simenv.types import Action, Move

from .sampling import bernoulli, choose

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


def query_move(thought: str, sql: str) -> Move:
    """A move that runs one statement."""
    return Move(thought=thought, action=Action(name="execute_sql", arguments={"query": sql}))


def commit_move(thought: str, answers: Sequence[str]) -> Move:
    """A move that commits the final answer."""
    return Move(thought=thought, action=Action(name="commit_final_answer", arguments={"answers": list(answers)}))


def sql_of(move: Move) -> str | None:
    """The statement of a move; None for a commit."""
    sql = move.action.arguments.get("query") if move.action.name == "execute_sql" else None
    return sql if isinstance(sql, str) else None


def is_read_only(sql: str) -> bool:
    """Whether a statement surely changes nothing."""
    return _READS.match(sql) is not None


def answer_texts(cells: Sequence[Any]) -> list[str]:
    """Typed cells as the strings an agent commits."""
    return ["null" if cell is None else str(cell) for cell in cells]


def final_move(goal: dict[str, Any], rng: Generator | None = None) -> Move:
    """The commit that ends a solved task; `rng` chooses the thought, without it the first is taken."""
    number = int(rng.integers(3)) if rng is not None else 0
    if "answer" not in goal:
        return commit_move(_DONE[number], ["done"])
    answers = answer_texts(goal["answer"])
    return commit_move(_ANSWERS[number].format(answer=", ".join(answers) or "nothing"), answers)


def build_solution(
    sql: str, plan: str, goal: dict[str, Any], exploration: Sequence[str], check: str, rng: Generator
) -> tuple[Move, ...]:
    """All moves of a solution: up to two of the exploratory statements, the gold one, perhaps a check, and the commit.

    How much is explored and whether a change is checked is drawn at random.
    """
    statements = list(exploration[: int(rng.integers(0, min(2, len(exploration)) + 1))])
    moves = [query_move(_before(text, rng), text) for text in statements]
    moves.append(query_move(choose(rng, _QUERY).format(plan=plan), sql))
    if check and bernoulli(rng, 0.4):
        moves.append(query_move(choose(rng, ("I check that the change is right.", "Let me verify the result.")), check))
    return (*moves, final_move(goal, rng))


def _before(sql: str, rng: Generator) -> str:
    words = sql.split()
    if words[0] == "DESCRIBE":
        return choose(rng, (f"I look at the columns of {words[1]} first.", f"First I check how {words[1]} is built."))
    if words[1] == "DISTINCT":
        return f"Before I filter on {words[2]}, I want to see how its values are written."
    if "LIMIT" in words:
        table = words[words.index("FROM") + 1]
        return choose(rng, (f"Let me look at a few rows of {table}.", f"I start with a glance at {table}."))
    return "Let me look at that row first."
