"""What is verified: the chats of a run, as its reviewers left them, or of a curated set; and the claims of their rounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from simenv.documents import json_lines
from simenv.errors import ConfigError, StoreError, Unreadable
from simenv.options import explain_validation
from simenv.runs import review
from simenv.runs.store import Run
from simenv.types import CHAT, Message, Sample, Step, Trajectory
from simenv.verify.claims import Claim, claims, thought_claims

SPLITS = ("train.jsonl", "validation.jsonl")


class Round(NamedTuple):
    """A message with claims: its index in the chat, the round it is in, from 1, and whose it is."""

    message: int
    turn: int
    role: str
    claims: list[Claim]


class Subject(NamedTuple):
    """One chat: the id of the trajectory or sample, its messages, the steps that came from them, and whether an agent acts in
    it, who also says what it plans."""

    id: str
    messages: tuple[Message, ...]
    steps: Sequence[Step] = ()
    acts: bool = False

    def rounds(self, roles: Sequence[str], turns: Sequence[int] = ()) -> Iterator[Round]:
        """The messages of these roles that claim something. A round ends with the assistant's message."""
        turn = 1
        for index, message in enumerate(self.messages):
            if message.role in roles and (not turns or turn in turns) and (found := self._claims(index)):
                yield Round(index, turn, message.role, found)
            turn += message.role == "assistant"

    def _claims(self, index: int) -> list[Claim]:
        """The claims of a message: of one that acted, only those of its thoughts and its answer."""
        content = self.messages[index].content
        steps = [s for s in self.steps if s.message == index and s.action is not None]
        if not steps:
            return thought_claims(content) if self.acts else claims(content)
        found = [c for s in steps for c in _placed(thought_claims, s.thought, content)]
        return found + [c for s in steps for c in _placed(claims, s.observation.answer, content)]


def _placed(read: Callable[[str], list[Claim]], part: object, content: str) -> list[Claim]:
    """The claims of a part of a message, by their places in the message."""
    if not isinstance(part, str) or not part or (at := content.find(part)) < 0:
        return []
    return [Claim(at + c.start, at + c.end, c.text) for c in read(part)]


def is_set(folder: Path) -> bool:
    """Whether a folder is a curated set; ConfigError where it is no run either."""
    if (folder / SPLITS[0]).is_file():
        return True
    if not (folder / "config.yaml").is_file():
        raise ConfigError(
            f"{folder}: expected a run folder (config.yaml, trajectories/) or a curated set (train.jsonl)"
        )
    return False


def subjects(folder: Path) -> Iterator[Subject]:
    """The chats of a run or a curated set, in their order."""
    if is_set(folder):
        yield from (
            Subject(s.id, s.messages, acts=s.environment != CHAT) for split in SPLITS for s in samples(folder / split)
        )
        return
    for t in reviewed(folder):
        yield Subject(t.id, t.messages, t.steps, acts=bool(t.steps))


def reviewed(folder: Path) -> Iterator[Trajectory]:
    """The trajectories of a run with what people changed in them."""
    states = review.states(review.read(folder))
    for t in Run.open(folder).trajectories(bad="skip"):
        yield states[t.id].applied(t) if t.id in states else t


def samples(path: Path) -> Iterator[Sample]:
    """The samples of a split; none where there is no such file. StoreError names a line that is none."""
    for number, value in json_lines(path) if path.is_file() else ():
        if isinstance(value, Unreadable):
            raise StoreError(str(value))
        try:
            yield Sample.model_validate(value)
        except ValidationError as e:
            raise StoreError(explain_validation(e, f"{path}:{number}: expected a sample")) from e
