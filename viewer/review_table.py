"""What people said of a run's trajectories: written for the screen, counted, and compared with one another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, NamedTuple
from uuid import uuid4

from simenv.errors import ConfigError
from simenv.runs import review
from simenv.runs.review import Review, ReviewState, effective, states
from simenv.types import Message, Trajectory

LONGEST_NAME = 60
"""Characters of a reviewer's name."""
State = Literal["approved", "rejected", "unreviewed", "labelled", "edited", "disputed"]


def say(folder: Path, trajectory: str, reviewer: str, action: Any, **what: Any) -> Review:
    """Add a review; ConfigError without a reviewer's name. It is on the disk when this returns."""
    name = " ".join(reviewer.split())
    if not name:
        raise ConfigError("say who you are first: a review has a reviewer's name")
    said = Review(
        id=uuid4().hex,
        trajectory=trajectory,
        reviewer=name[:LONGEST_NAME],
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        action=action,
        **what,
    )
    review.write(folder, said)
    return said


def edited(t: Trajectory, at: int, content: str, arguments: Sequence[str] = ()) -> tuple[Message, ...]:
    """The whole chat with another text, and other arguments of the tool calls, in one message; the person is its author."""
    old = t.messages[at]
    calls = tuple(
        c.model_copy(update={"arguments": a})
        for c, a in zip(old.calls, arguments or [c.arguments for c in old.calls], strict=True)
    )
    if content == old.content and calls == old.calls:
        return t.messages
    new = old.model_copy(update={"content": content, "calls": calls, "author": "human"})
    return (*t.messages[:at], new, *t.messages[at + 1 :])


def toggled(opinion: ReviewState, at: int) -> tuple[int, ...]:
    """The mask with one message more, or less."""
    return tuple(sorted({*opinion.mask} ^ {at}))


def last(said: Iterable[Review], trajectory: str, reviewer: str) -> Review | None:
    """What this reviewer said last of a trajectory and did not take back."""
    mine = [r for r in effective(said) if r.trajectory == trajectory and r.reviewer == reviewer]
    return mine[-1] if mine else None


def judged(said: Iterable[Review], reviewer: str) -> dict[str, bool]:
    """By trajectory, whether this reviewer approves it."""
    return {
        r.trajectory: r.action == "approve"
        for r in effective(said)
        if r.reviewer == reviewer and r.action in ("approve", "reject")
    }


def of(said: Sequence[Review]) -> dict[State, tuple[str, ...]]:
    """The trajectories in each state; `unreviewed` lists those that are not: the ones with a judgement."""
    found: dict[State, set[str]] = defaultdict(set)
    for id, o in states(said).items():
        if o.approved is not None:
            found["approved" if o.approved else "rejected"].add(id)
            found["unreviewed"].add(id)
        if o.labels:
            found["labelled"].add(id)
        if o.messages or o.mask:
            found["edited"].add(id)
    by = [judged(said, name) for name in reviewers(said)]
    for one, other in combinations(by, 2):
        found["disputed"] |= {id for id in one.keys() & other.keys() if one[id] != other[id]}
    return {state: tuple(sorted(ids)) for state, ids in found.items()}


def labels(said: Iterable[Review]) -> dict[str, tuple[str, ...]]:
    """By label, the trajectories that have it."""
    found: dict[str, set[str]] = defaultdict(set)
    for id, o in states(said).items():
        for one in o.labels:
            found[one].add(id)
    return {one: tuple(sorted(ids)) for one, ids in sorted(found.items())}


def reviewers(said: Iterable[Review]) -> list[str]:
    return sorted({r.reviewer for r in said})


# Agreement.


class Agreement(NamedTuple):
    """Two reviewers on the trajectories that both judged: how often they agree, and how far beyond chance (κ)."""

    first: str
    second: str
    both: int
    agreed: float
    kappa: float | None


def agreement(said: Sequence[Review]) -> list[Agreement]:
    """Each pair of reviewers who judged a trajectory in common."""
    by = {name: judged(said, name) for name in reviewers(said)}
    found = []
    for first, second in combinations(by, 2):
        pairs = [(by[first][id], by[second][id]) for id in sorted(by[first].keys() & by[second].keys())]
        if pairs:
            agreed = sum(a == b for a, b in pairs) / len(pairs)
            found.append(Agreement(first, second, len(pairs), agreed, kappa(pairs)))
    return found


def kappa(pairs: Sequence[tuple[Any, Any]]) -> float | None:
    """Cohen's κ (1960): agreement beyond what two raters with these rates would reach by chance; 1 is full, 0 is chance.

    None where it is not defined: no pairs, or both raters gave one and the same judgement throughout.
    """
    if not pairs:
        return None
    n = len(pairs)
    observed = sum(a == b for a, b in pairs) / n
    values = {v for pair in pairs for v in pair}
    chance = sum(sum(a == v for a, _ in pairs) * sum(b == v for _, b in pairs) for v in values) / n**2
    return None if chance == 1 else (observed - chance) / (1 - chance)
