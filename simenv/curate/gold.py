"""Gold: samples known to be good, read from what users bring, which take the places of what was dropped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from simenv.curate.sample_store import CHAT, SampleStore
from simenv.data.chat_formats import Malformed, recognise
from simenv.data.records import DatasetRef, Record, records
from simenv.errors import ConfigError
from simenv.options import explain_validation
from simenv.runs.store import lines
from simenv.types import Sample, Trajectory

M = TypeVar("M", bound=BaseModel)
MatchLevel = Literal["twin", "kind", "environment"]
"""Which gold takes a place: of the same task; of the same environment and kind; of the same environment."""

_BENCHMARKS = {"alfworld": "household", "webshop": "web", "mind2web": "web", "db": "db", "kg": "kg", "os": "os"}
"""AgentInstruct and AgentTraj name a record `alfworld_155`."""
_NAMED = re.compile(rf"({'|'.join(_BENCHMARKS)})[_-]\d+\Z")
_IDS = ("id", "item_id", "conversation_id", "idx")


def sample(t: Trajectory, id: str, origin: str, source: Literal["run", "gold"] = "run") -> Sample:
    """A trajectory as a datum: its chat with the loss it carries, without what the model saw and what it cost."""
    messages = tuple(
        m if m.sent is None and m.usage is None else m.model_copy(update={"sent": None, "usage": None})
        for m in t.messages
    )
    return Sample(
        id=id,
        task=t.task,
        environment=t.environment,
        kind=t.kind,
        source=source,
        origin=origin,
        messages=messages,
        tools=t.tools,
    )


Acceptance = Callable[[Trajectory], Trajectory | None]
"""Lets a trajectory pass as it is or edited, or not at all."""


def succeeded(t: Trajectory) -> Trajectory | None:
    """What makes an episode gold."""
    return t if t.grade is not None and t.grade.success else None


def samples(source: DatasetRef, role: Literal["gold", "chat"], judge: Acceptance = succeeded) -> Iterator[Sample]:
    """The samples of a source, whatever its format; of trajectories, those that pass. ConfigError names a wrong line."""
    path = source.path
    if path is None or not path.is_dir():
        found = (_sample(r, source, role, n, judge) for n, r in enumerate(records(source)))
        yield from (s for s in found if s is not None)
    elif (path / "trajectories").is_dir():
        for part in sorted((path / "trajectories").glob("part-*.jsonl")):
            for number, line in enumerate(lines(part), 1):
                if (t := judge(_valid(Trajectory, line, f"{part}:{number}"))) is not None:
                    yield sample(t, f"{path.name}/{t.id}", str(path), "gold")
    elif (path / "train.jsonl").is_file():
        yield from samples(source.model_copy(update={"path": path / "train.jsonl"}), role, judge)
    else:
        raise ConfigError(f"{path}: expected a run folder (trajectories/), a curated set (train.jsonl) or a file")


def _valid(shape: type[M], line: bytes | dict[str, object], where: str) -> M:
    try:
        return shape.model_validate_json(line) if isinstance(line, bytes) else shape.model_validate(line)
    except ValidationError as e:
        raise ConfigError(explain_validation(e, f"{where}: expected a {shape.__name__}")) from e


def _sample(
    record: Record, source: DatasetRef, role: Literal["gold", "chat"], number: int, judge: Acceptance
) -> Sample | None:
    value, origin = record.value, source.name
    if "steps" in value and "messages" in value:
        t = judge(_valid(Trajectory, value, record.where))
        return sample(t, f"{Path(origin).stem}/{t.id}", origin, "gold") if t is not None else None
    if "source" in value and "task" in value and "messages" in value:
        return _valid(Sample, value, record.where).model_copy(update={"source": role, "origin": origin})
    try:
        chat = recognise(value, record.where).read(value)
    except Malformed as e:
        raise ConfigError(f"{record.where}: {e}") from e
    if not any(m.role == "assistant" for m in chat.messages):
        raise ConfigError(f"{record.where}: expected a turn of the assistant, got none")
    given = next((str(value[k]) for k in _IDS if value.get(k) is not None), "")
    id = f"{Path(origin).stem}/{given or number}"
    named = _NAMED.match(given)
    environment = CHAT if role == "chat" else source.environment or (_BENCHMARKS[named[1]] if named else CHAT)
    return Sample(
        id=id,
        task=given if given and role == "gold" else id,
        environment=environment,
        kind=source.kind,
        source=role,
        origin=origin,
        messages=chat.messages,
        tools=chat.tools,
        extra=chat.extra,
    )


class Dropped(NamedTuple):
    """A trajectory that was dropped: what can take its place."""

    trajectory: str
    environment: str
    kind: str
    task: str


class Gold:
    """A shelf of gold. What takes a place is used up, unless it may be used again."""

    def __init__(self, folder: Path, seed: int, reuse: bool) -> None:
        self.shelf, self.reuse = SampleStore(folder, seed), reuse
        for columns in ("task", "kind"):
            self.shelf.index.execute(f"CREATE INDEX by_{columns} ON samples (environment, {columns}, used)")
        self.counts: Counter[str] = Counter()

    def add(self, found: Iterable[Sample]) -> Iterator[Sample]:
        """Put samples on the shelf, one at a time as they are asked for."""
        for item in found:
            self.shelf.add(item)
            self.counts["read"] += 1
            yield item

    def instead(
        self, lost: Iterable[Dropped], ways: Sequence[MatchLevel]
    ) -> Iterator[tuple[Dropped, Sample | None, str]]:
        """For each of the lost its gold, or None, and the way it was found. Twins go to their own before all else.

        `lost` is gone through once a way, so it must be possible to go through it again.
        """
        placed = self.shelf.index
        placed.execute("CREATE TABLE placed (trajectory TEXT PRIMARY KEY)")
        for way in ways:
            for item in lost:
                if placed.execute("SELECT 1 FROM placed WHERE trajectory = ?", (item.trajectory,)).fetchone():
                    continue
                if (row := self._take(item, way)) is not None:
                    placed.execute("INSERT INTO placed VALUES (?)", (item.trajectory,))
                    self.counts[way] += 1
                    yield item, self.shelf.sample(row), way
        for item in lost:
            if not placed.execute("SELECT 1 FROM placed WHERE trajectory = ?", (item.trajectory,)).fetchone():
                self.counts["left_out"] += 1
                yield item, None, "left_out"

    def _take(self, lost: Dropped, way: MatchLevel) -> int | None:
        column, value = {"twin": ("task", lost.task), "kind": ("kind", lost.kind)}.get(
            way, ("environment", lost.environment)
        )
        free = "" if self.reuse else "AND used = 0"
        found = self.shelf.index.execute(
            f"SELECT row FROM samples WHERE environment = ? AND {column} = ? {free} ORDER BY used, rank LIMIT 1",
            (lost.environment, value),
        ).fetchone()
        if found is None:
            return None
        self.shelf.index.execute("UPDATE samples SET used = used + 1 WHERE row = ?", found)
        return int(found[0])

    def unused(self) -> Iterator[Sample]:
        """Gold that took nobody's place."""
        for (row,) in self.shelf.index.execute("SELECT row FROM samples WHERE used = 0 ORDER BY row"):
            yield self.shelf.sample(row)
