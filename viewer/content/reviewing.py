"""Reviewing a run's trajectories: a review is added, an edit or mask prepared, reviews counted and reviewers compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, NamedTuple
from uuid import uuid4

from simenv.documents import parse
from simenv.errors import ConfigError, Unreadable
from simenv.runs import review
from simenv.runs.review import Review, ReviewState, effective, states
from simenv.types import Call, Message, Trajectory

LONGEST_NAME = 60
"""Characters of a reviewer's name."""
ReviewStatus = Literal["approved", "rejected", "unreviewed", "labelled", "edited", "disputed"]


def add_review(folder: Path, trajectory: str, reviewer: str, action: Any, **content: Any) -> Review:
    """Append a review to a run; it is on the disk when this returns. `content` are further fields of Review that the action
    needs. ConfigError where the reviewer's name is blank; a longer one is cut at LONGEST_NAME."""
    name = " ".join(reviewer.split())
    if not name:
        raise ConfigError("say who you are first: a review has a reviewer's name")
    entry = Review(
        id=uuid4().hex,
        trajectory=trajectory,
        reviewer=name[:LONGEST_NAME],
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        action=action,
        **content,
    )
    review.write(folder, entry)
    return entry


def edited_messages(t: Trajectory, at: int, content: str, arguments: Sequence[str] = ()) -> tuple[Message, ...]:
    """The whole chat with one message changed: its text and, if given, the arguments of each of its tool calls.

    The changed message has a person as its author; where nothing changes, the chat is returned as it is. ConfigError for new
    arguments that are no JSON object, as a model would learn to write such calls.
    """
    old = t.messages[at]
    calls = tuple(_edited(c, a) for c, a in zip(old.calls, arguments or [c.arguments for c in old.calls], strict=True))
    if content == old.content and calls == old.calls:
        return t.messages
    new = old.model_copy(update={"content": content, "calls": calls, "author": "human"})
    return (*t.messages[:at], new, *t.messages[at + 1 :])


def _edited(call: Call, arguments: str) -> Call:
    if arguments == call.arguments:
        return call
    place = f"arguments of {call.name}"
    try:
        value = parse(arguments, place)
    except Unreadable as e:
        raise ConfigError(f"not saved: {e}; expected a JSON object") from e
    if not isinstance(value, dict):
        raise ConfigError(f"not saved: {place}: {arguments!r:.80}: expected a JSON object")
    return call.model_copy(update={"arguments": arguments})


def toggled_mask(opinion: ReviewState, at: int) -> tuple[int, ...]:
    """The mask with the message at this index added, or taken out where it is masked."""
    return tuple(sorted({*opinion.mask} ^ {at}))


def last_review(reviews: Iterable[Review], trajectory: str, reviewer: str) -> Review | None:
    """The newest review by this reviewer of a trajectory that is not undone."""
    own_reviews = [r for r in effective(reviews) if r.trajectory == trajectory and r.reviewer == reviewer]
    return own_reviews[-1] if own_reviews else None


def judgements(reviews: Iterable[Review], reviewer: str) -> dict[str, bool]:
    """For each trajectory that this reviewer judged, whether it is approved."""
    return {
        r.trajectory: r.action == "approve"
        for r in effective(reviews)
        if r.reviewer == reviewer and r.action in ("approve", "reject")
    }


def by_status(reviews: Sequence[Review]) -> dict[ReviewStatus, tuple[str, ...]]:
    """The ids of the trajectories in each status. Mind that `unreviewed` holds those that have been judged: what is to be left
    out in order to see the rest, which reviews do not name."""
    by_status: dict[ReviewStatus, set[str]] = defaultdict(set)
    for id, o in states(reviews).items():
        if o.approved is not None:
            by_status["approved" if o.approved else "rejected"].add(id)
            by_status["unreviewed"].add(id)
        if o.labels:
            by_status["labelled"].add(id)
        if o.messages or o.mask:
            by_status["edited"].add(id)
    by = [judgements(reviews, name) for name in reviewers(reviews)]
    for one, other in combinations(by, 2):
        by_status["disputed"] |= {id for id in one.keys() & other.keys() if one[id] != other[id]}
    return {state: tuple(sorted(ids)) for state, ids in by_status.items()}


def by_label(reviews: Iterable[Review]) -> dict[str, tuple[str, ...]]:
    """The ids of the trajectories with each label."""
    trajectories: dict[str, set[str]] = defaultdict(set)
    for id, o in states(reviews).items():
        for one in o.labels:
            trajectories[one].add(id)
    return {one: tuple(sorted(ids)) for one, ids in sorted(trajectories.items())}


def reviewers(reviews: Iterable[Review]) -> list[str]:
    """The names of all who reviewed, sorted."""
    return sorted({r.reviewer for r in reviews})


# Agreement.


class Agreement(NamedTuple):
    """Two reviewers compared: how many trajectories both judged, the rate of equal judgements (0..1), and Cohen's κ."""

    first: str
    second: str
    judged_by_both: int
    rate: float
    kappa: float | None


def agreements(reviews: Sequence[Review]) -> list[Agreement]:
    """The agreement of each pair of reviewers who judged at least one trajectory in common."""
    by = {name: judgements(reviews, name) for name in reviewers(reviews)}
    results = []
    for first, second in combinations(by, 2):
        pairs = [(by[first][id], by[second][id]) for id in sorted(by[first].keys() & by[second].keys())]
        if pairs:
            rate = sum(a == b for a, b in pairs) / len(pairs)
            results.append(Agreement(first, second, len(pairs), rate, kappa(pairs)))
    return results


def kappa(pairs: Sequence[tuple[Any, Any]]) -> float | None:
    """Cohen's κ (1960): agreement beyond what two raters with these rates would reach by chance; 1 is full, 0 is chance.

    None where it is not defined: no pairs, or both raters gave one and the same judgement throughout.
    """
    if not pairs:
        return None
    n = len(pairs)
    agreement = sum(a == b for a, b in pairs) / n
    values = {v for pair in pairs for v in pair}
    chance = sum(sum(a == v for a, _ in pairs) * sum(b == v for _, b in pairs) for v in values) / n**2
    return None if chance == 1 else (agreement - chance) / (1 - chance)
