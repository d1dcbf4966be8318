"""Preference pairs from forks: siblings that part at one turn, of which one came out better. Rows as TRL's DPO reads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from simenv.export.formats import said
from simenv.runs.store import Run
from simenv.types import Message, Trajectory

Span = Literal["turn", "episode"]
"""What is preferred: the turn at which the siblings part, or all that came after, the world's answers with it."""
Fork = tuple[str, int]
"""The episode that was forked, and before which of its turns."""
Score = tuple[bool, float]


def pairs(runs: Iterable[Run], span: Span = "turn") -> Iterator[dict[str, Any]]:
    """`prompt`, `chosen`, `rejected`, `tools` of every fork whose ends differ: its best sibling beside each that is worse.

    The forked episode is a sibling too, where its run holds it. Forks lie within a run; the same ids in another are other
    episodes. A run is read twice: for the scores, then for the chats.
    """
    for run in runs:
        yield from _pairs(run, span)


def _pairs(run: Run, span: Span) -> Iterator[dict[str, Any]]:
    wanted = _wanted(run)
    partners: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for pair in wanted:
        for id in pair:
            partners[id].append(pair)
    open_: dict[str, Trajectory] = {}
    left = {id: len(found) for id, found in partners.items()}
    for trajectory in run.trajectories():
        if trajectory.id not in partners or trajectory.id in open_:
            continue
        open_[trajectory.id] = trajectory
        for better, worse in partners[trajectory.id]:
            if better in open_ and worse in open_:
                yield from _row(open_[better], open_[worse], span)
                for id in (better, worse):
                    left[id] -= 1
        for id in [id for id in open_ if not left[id]]:
            del open_[id], partners[id]


def _wanted(run: Run) -> list[tuple[str, str]]:
    """Ids of the better and the worse one of each pair."""
    forks: dict[Fork, set[str]] = defaultdict(set)
    scores: dict[str, Score] = {}
    for raw in run.raw("trajectories"):
        if grade := raw.get("grade"):
            scores[raw["id"]] = (grade["success"], grade["progress"])
        if branch := raw.get("branch"):
            forks[branch["parent"], branch["turn"]].add(raw["id"])
    found = []
    for (parent, _), ids in sorted(forks.items()):
        graded = sorted((id for id in {parent, *ids} if id in scores), key=lambda id: (scores[id], id))
        found += [(graded[-1], id) for id in graded[:-1] if scores[id] < scores[graded[-1]]]
    return found


def _row(better: Trajectory, worse: Trajectory, span: Span) -> Iterator[dict[str, Any]]:
    """The pair, unless the two say the same, or part in what the world said: then neither answer is to praise or blame."""
    a, b = (t.messages for t in (better, worse))
    same = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if _said(x) != _said(y)), min(len(a), len(b)))
    ends = [m[same : same + 1] if span == "turn" else m[same:] for m in (a, b)]
    if all(end and end[0].role == "assistant" for end in ends):
        chosen, rejected = ([said(m) for m in end] for end in ends)
        row = {"prompt": [said(m) for m in a[:same]], "chosen": chosen, "rejected": rejected}
        yield row | ({"tools": list(better.tools)} if better.tools else {})


def _said(m: Message) -> tuple[Any, ...]:
    return m.role, m.content, tuple((c.name, c.arguments) for c in m.calls)
