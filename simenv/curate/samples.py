"""Reads samples, gold and general chat alike, from what users bring: files in any known format, runs, curated sets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from simenv.data.chat_formats import Malformed, recognise
from simenv.data.records import DatasetRef, Record, UnreadRecords, records
from simenv.errors import ConfigError, StoreError
from simenv.options import explain_validation
from simenv.runs import migrate
from simenv.runs.store import Run
from simenv.types import CHAT, Sample, Trajectory

M = TypeVar("M", bound=BaseModel)
Role = Literal["gold", "chat"]
"""What a source is for: gold takes the places of dropped trajectories, chat is mixed in beside agent data."""
Acceptance = Callable[[Trajectory], Trajectory | None]
"""Accepts a trajectory as it is or edited, or rejects it with None."""

_BENCHMARKS = {"alfworld": "household", "webshop": "web", "mind2web": "web", "db": "db", "kg": "kg", "os": "os"}
"""Environments by the names in AgentInstruct's and AgentTraj's ids, such as `alfworld_155`."""
_BENCHMARK_ID = re.compile(rf"({'|'.join(_BENCHMARKS)})[_-]\d+\Z")
_IDS = ("id", "item_id", "conversation_id", "idx")


def sample(t: Trajectory, id: str, origin: str, source: Literal["run", "gold"] = "run") -> Sample:
    """A trajectory as a sample: its chat with the loss it carries, without `sent` and `usage`."""
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


def without_reasoning(sample: Sample) -> Sample:
    """A sample of what was said and done alone."""
    if not any(m.reasoning for m in sample.messages):
        return sample
    return sample.model_copy(
        update={"messages": tuple(m.model_copy(update={"reasoning": ()}) for m in sample.messages)}
    )


def succeeded(t: Trajectory) -> Trajectory | None:
    """The trajectory if its grade is a success, else None: without filters, this is what makes an episode gold."""
    return t if t.grade is not None and t.grade.success else None


def samples(
    source: DatasetRef, role: Role, accept: Acceptance = succeeded, unread: UnreadRecords | None = None
) -> Iterator[Sample]:
    """The samples of a source in any known format; of its trajectories, those that `accept` lets pass.

    ConfigError names a line that is wrong, or a folder that is neither a run nor a curated set. With `unread`, a line that
    cannot be read is counted there and passed over.
    """
    path = source.path
    if path is None or not path.is_dir():
        read = (_sample(r, source, role, n, accept) for n, r in enumerate(records(source, unread)))
        yield from (s for s in read if s is not None)
    elif (path / "trajectories").is_dir():
        yield from _run_samples(path, accept)
    elif (path / "train.jsonl").is_file():
        yield from samples(source.model_copy(update={"path": path / "train.jsonl"}), role, accept, unread)
    else:
        raise ConfigError(f"{path}: expected a run folder (trajectories/), a curated set (train.jsonl) or a file")


def _run_samples(folder: Path, accept: Acceptance) -> Iterator[Sample]:
    trajectories = Run(folder).trajectories()
    while True:
        try:
            t = next(trajectories, None)
        except StoreError as e:
            raise ConfigError(str(e)) from e
        if t is None:
            return
        if (accepted := accept(t)) is not None:
            yield sample(accepted, f"{folder.name}/{accepted.id}", str(folder), "gold")


def _valid(shape: type[M], value: dict[str, Any], place: str) -> M:
    try:
        return shape.model_validate(value)
    except ValidationError as e:
        raise ConfigError(explain_validation(e, f"{place}: expected a {shape.__name__}")) from e


def _sample(record: Record, source: DatasetRef, role: Role, number: int, accept: Acceptance) -> Sample | None:
    """A record as a sample: a trajectory, a sample of a curated set, or a chat in any known format."""
    value, origin = record.value, source.name
    if "steps" in value and "messages" in value:
        t = accept(_valid(Trajectory, migrate.trajectory(value), record.where))
        return sample(t, f"{Path(origin).stem}/{t.id}", origin, "gold") if t is not None else None
    if "source" in value and "task" in value and "messages" in value:
        return _valid(Sample, value, record.where).model_copy(update={"source": role, "origin": origin})
    return _chat_sample(record, source, role, number)


def _chat_sample(record: Record, source: DatasetRef, role: Role, number: int) -> Sample:
    """A published chat as a sample. Its environment is the source's, else its id's, else CHAT."""
    value = record.value
    try:
        chat = recognise(value, record.where).read(value)
    except Malformed as e:
        raise ConfigError(f"{record.where}: {e}") from e
    if not any(m.role == "assistant" for m in chat.messages):
        raise ConfigError(f"{record.where}: expected a turn of the assistant, got none")
    own_id = next((str(value[k]) for k in _IDS if value.get(k) is not None), "")
    id = f"{Path(source.name).stem}/{own_id or number}"
    benchmark = _BENCHMARK_ID.match(own_id)
    environment = source.environment or (_BENCHMARKS[benchmark[1]] if benchmark else CHAT)
    return Sample(
        id=id,
        task=own_id if own_id and role == "gold" else id,
        environment=CHAT if role == "chat" else environment,
        kind=source.kind,
        source=role,
        origin=source.name,
        messages=chat.messages,
        tools=chat.tools,
        extra=chat.extra,
    )
