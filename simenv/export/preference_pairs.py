"""Preference pairs from forks: siblings that differ from one turn on, one with a better grade. Rows as TRL's DPO reads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from simenv.export.messages import openai_message
from simenv.runs.store import Run
from simenv.types import Message, Trajectory

Span = Literal["turn", "episode"]
"""The part of a sibling that is preferred: the first turn that differs, or all from there on with the world's answers."""
Fork = tuple[str, int]
"""A forked episode, and the turn before which it was forked."""
Score = tuple[bool, float]


def pairs(runs: Iterable[Run], span: Span = "turn") -> Iterator[dict[str, Any]]:
    """Rows of `prompt`, `chosen`, `rejected` and `tools`: the best sibling of each fork paired with each that is worse.

    The forked episode counts as a sibling. Forks lie within a run: equal ids in two runs are two episodes. A run is read
    twice: for the scores, then for the chats. StoreError names a line that cannot be read.
    """
    for run in runs:
        yield from _pairs(run, span)


def _pairs(run: Run, span: Span) -> Iterator[dict[str, Any]]:
    ranked = _ranked(run)
    partners: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for pair in ranked:
        for id in pair:
            partners[id].append(pair)
    open_: dict[str, Trajectory] = {}
    unwritten = {id: len(pairs) for id, pairs in partners.items()}
    for trajectory in run.trajectories():
        if trajectory.id not in partners or trajectory.id in open_:
            continue
        open_[trajectory.id] = trajectory
        for better, worse in partners[trajectory.id]:
            if better in open_ and worse in open_:
                yield from _row(open_[better], open_[worse], span)
                for id in (better, worse):
                    unwritten[id] -= 1
        for id in [id for id in open_ if not unwritten[id]]:
            del open_[id], partners[id]


def _ranked(run: Run) -> list[tuple[str, str]]:
    """Ids of the better and the worse one of each pair."""
    forks: dict[Fork, set[str]] = defaultdict(set)
    scores: dict[str, Score] = {}
    for raw in run.raw("trajectories"):
        if grade := raw.get("grade"):
            scores[raw["id"]] = (grade["success"], grade["progress"])
        if branch := raw.get("branch"):
            forks[branch["parent"], branch["turn"]].add(raw["id"])
    ranked = []
    for (parent, _), ids in sorted(forks.items()):
        graded = sorted((id for id in {parent, *ids} if id in scores), key=lambda id: (scores[id], id))
        ranked += [(graded[-1], id) for id in graded[:-1] if scores[id] < scores[graded[-1]]]
    return ranked


def _row(better: Trajectory, worse: Trajectory, span: Span) -> Iterator[dict[str, Any]]:
    """The pair, unless the chats are equal or first differ in the world's answer: then neither agent answer is the cause."""
    a, b = (t.messages for t in (better, worse))
    same = next(
        (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if _content(x) != _content(y)), min(len(a), len(b))
    )
    ends = [m[same : same + 1] if span == "turn" else m[same:] for m in (a, b)]
    if all(end and end[0].role == "assistant" for end in ends):
        chosen, rejected = ([openai_message(m.acted_part) for m in end] for end in ends)
        row = {"prompt": [openai_message(m) for m in a[:same]], "chosen": chosen, "rejected": rejected}
        yield row | ({"tools": list(better.tools)} if better.tools else {})


def _content(m: Message) -> tuple[Any, ...]:
    return m.role, m.content, tuple((c.name, c.arguments) for c in m.calls)
