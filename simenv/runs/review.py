"""What people said of a run's trajectories: reviews.jsonl in the run folder, only ever appended to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import ValidationError, model_validator

from simenv.runs.edits import replaced
from simenv.runs.store import append, lines
from simenv.types import Data, Message, Text, Trajectory

FILE = "reviews.jsonl"


class Review(Data):
    """One thing one person said of one trajectory. `id` is unique in the file (uuid4 in hex), `time` ISO 8601 in UTC.

    approve, reject: the last of them holds. label, comment: `text`. edit: `messages` is the whole chat as it should be; the
    last one holds. mask: the messages, by index in the edited chat, that carry no loss; the last one holds. undo: takes the
    review with the id `undoes` back, which may itself be an undo. A `text` may stand beside any of them.
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
        wanted = {"edit": self.messages, "undo": self.undoes, "label": self.text, "comment": self.text}
        if not wanted.get(self.action, True):
            what = {"edit": "messages", "undo": "undoes"}.get(self.action, "text")
            raise ValueError(f"a review that is {self.action} needs {what}")
        if any(i < 0 for i in self.mask):
            raise ValueError(f"mask: expected indices of messages, got {min(self.mask)}")
        return self


class ReviewState(NamedTuple):
    """What holds of a trajectory after all reviews of it."""

    approved: bool | None = None
    messages: tuple[Message, ...] = ()
    mask: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()

    def applied(self, t: Trajectory) -> Trajectory:
        """The trajectory with the person's chat and masks; places beyond the chat are nobody's."""
        t = replaced(t, self.messages) if self.messages else t
        if not self.mask:
            return t
        off = set(self.mask)
        messages = (m.model_copy(update={"train": False}) if i in off else m for i, m in enumerate(t.messages))
        return t.model_copy(update={"messages": tuple(messages)})


def write(run: Path, review: Review) -> None:
    """Add a review to a run folder: whole and on the disk when this returns, whoever else writes at the same time."""
    append(run / FILE, review)


def read(run: Path, skipped: Counter[str] | None = None) -> Iterator[Review]:
    """The reviews of a run folder in the order of writing; lines that are none are skipped and counted."""
    path = run / FILE
    for line in lines(path) if path.exists() else ():
        try:
            yield Review.model_validate_json(line)
        except ValidationError:
            if skipped is not None and line.strip():
                skipped["foreign reviews"] += 1


def holding(reviews: Iterable[Review]) -> list[Review]:
    """Those that nobody took back, in their order, without the undos; people write few enough to be held in memory."""
    said = list(reviews)
    undone: set[str] = set()
    for review in reversed(said):  # an undo that was itself undone does nothing
        if review.action == "undo" and review.id not in undone:
            undone.add(review.undoes)
    return [r for r in said if r.action != "undo" and r.id not in undone]


def opinions(reviews: Iterable[Review]) -> dict[str, ReviewState]:
    """By trajectory."""
    found: dict[str, ReviewState] = {}
    for review in holding(reviews):
        found[review.trajectory] = _after(found.get(review.trajectory, ReviewState()), review)
    return found


def _after(o: ReviewState, review: Review) -> ReviewState:
    match review.action:
        case "approve" | "reject":
            return o._replace(approved=review.action == "approve")
        case "edit":
            return o._replace(messages=review.messages)
        case "mask":
            return o._replace(mask=review.mask)
        case "label":
            return o._replace(labels=(*o.labels, review.text))
        case _:
            return o._replace(comments=(*o.comments, review.text))
