"""Reviews of a run's trajectories by people: reviews.jsonl in the run folder, only ever appended to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import ValidationError, model_validator

from simenv.filter import without_loss
from simenv.runs.edits import replaced
from simenv.runs.store import lines
from simenv.runs.writer import append
from simenv.types import Data, Message, Text, Trajectory

FILE = "reviews.jsonl"


class Review(Data):
    """One act of one person on one trajectory. `id` is unique in the file (uuid4 in hex), `time` is ISO 8601 in UTC.

    approve, reject: the last of them counts. label, comment: `text`. edit: `messages` is the whole chat as it should be; the
    last edit counts. mask: the messages, by index in the edited chat, that carry no loss; the last mask counts. undo: takes
    back the review with the id `undoes`, which may itself be an undo. Every action may come with a `text`.
    """

    id: str
    trajectory: str
    reviewer: str
    time: str
    action: Literal["approve", "reject", "label", "comment", "edit", "mask", "undo"]
    text: Text = ""
    messages: tuple[Message, ...] = ()
    mask: tuple[int, ...] = ()
    undoes: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Review:
        field = {"edit": "messages", "undo": "undoes", "label": "text", "comment": "text"}.get(self.action)
        if field and not getattr(self, field):
            raise ValueError(f"a review with action {self.action} needs {field}")
        if any(i < 0 for i in self.mask):
            raise ValueError(f"mask: expected indices of messages, got {min(self.mask)}")
        return self


class ReviewState(NamedTuple):
    """The outcome of all reviews of a trajectory. `approved` is None where nobody approved or rejected it."""

    approved: bool | None = None
    messages: tuple[Message, ...] = ()
    mask: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()

    def applied(self, t: Trajectory) -> Trajectory:
        """The trajectory with the reviewer's chat and masks."""
        return without_loss(replaced(t, self.messages) if self.messages else t, self.mask)


def write(run: Path, review: Review) -> None:
    """Add a review to a run folder. It is on the disk when this returns, and others may write at the same time."""
    append(run / FILE, review)


def read(run: Path, skipped: Counter[str] | None = None) -> Iterator[Review]:
    """The reviews of a run folder in the order of writing. Lines that are none are skipped, and counted in `skipped`."""
    path = run / FILE
    for line in lines(path) if path.exists() else ():
        try:
            yield Review.model_validate_json(line)
        except ValidationError:
            if skipped is not None and line.strip():
                skipped["foreign reviews"] += 1


def effective(reviews: Iterable[Review]) -> list[Review]:
    """The reviews that nobody took back, in their order, without the undos. All of them are held in memory."""
    history = list(reviews)
    undone: set[str] = set()
    for review in reversed(history):  # an undo that was itself undone does nothing
        if review.action == "undo" and review.id not in undone:
            undone.add(review.undoes)
    return [r for r in history if r.action != "undo" and r.id not in undone]


def states(reviews: Iterable[Review]) -> dict[str, ReviewState]:
    """The outcome of the reviews, by trajectory."""
    by_trajectory: dict[str, ReviewState] = {}
    for review in effective(reviews):
        before = by_trajectory.get(review.trajectory, ReviewState())
        reviewers = tuple(dict.fromkeys((*before.reviewers, review.reviewer)))
        by_trajectory[review.trajectory] = _after(before, review)._replace(reviewers=reviewers)
    return by_trajectory


def _after(state: ReviewState, review: Review) -> ReviewState:
    match review.action:
        case "approve" | "reject":
            return state._replace(approved=review.action == "approve")
        case "edit":
            return state._replace(messages=review.messages)
        case "mask":
            return state._replace(mask=review.mask)
        case "label":
            return state._replace(labels=(*state.labels, review.text))
        case _:
            return state._replace(comments=(*state.comments, review.text))
