"""Reads samples, gold and general chat alike, from what users bring: files in any known format, runs, curated sets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from simenv.data.chat_formats import Chat, Malformed, recognise
from simenv.data.records import DatasetRef, Record, UnreadRecords, records
from simenv.errors import ConfigError, StoreError, Unreadable
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
_SAMPLE = {"id", "task", "environment", "source", "messages"}
"""Keys of a sample of a curated set."""


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
    cannot be read, or is no gold by its own words, is counted there and passed over, and so are fields that are not read.
    """
    path = source.path
    if path is None or not path.is_dir():
        yield from _file_samples(source, role, accept, unread)
    elif (path / "trajectories").is_dir():
        yield from _run_samples(path, accept)
    elif (path / "train.jsonl").is_file():
        yield from samples(source.model_copy(update={"path": path / "train.jsonl"}), role, accept, unread)
    else:
        raise ConfigError(f"{path}: expected a run folder (trajectories/), a curated set (train.jsonl) or a file")


def _file_samples(source: DatasetRef, role: Role, accept: Acceptance, unread: UnreadRecords | None) -> Iterator[Sample]:
    """The samples of a file's records. ConfigError where there are records and none can be read."""
    count, last = 0, None
    for number, record in enumerate(records(source, unread)):
        try:
            for item in _samples(record, source, role, number, unread):
                count += 1
                if isinstance(item, Sample):
                    yield item
                elif (t := accept(item)) is not None:
                    yield sample(t, f"{Path(source.name).stem}/{t.id}", source.name, "gold")
        except Unreadable as e:
            if unread is None:
                raise
            unread.add(e)
            last = e
    if last is not None and not count:
        raise ConfigError(f"none of its records can be read: {last}")


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
        raise Unreadable("", explain_validation(e, f"{place}: expected a {shape.__name__}")) from e


def _samples(
    record: Record, source: DatasetRef, role: Role, number: int, unread: UnreadRecords | None
) -> Iterator[Sample | Trajectory]:
    """What a record holds: a trajectory, a sample of a curated set, or chats in any known format."""
    value = record.value
    if "steps" in value and "messages" in value:
        yield _valid(Trajectory, migrate.trajectory(value), record.where)
    elif value.keys() >= _SAMPLE:
        yield _valid(Sample, value, record.where).model_copy(update={"source": role, "origin": source.name})
    else:
        yield from _chat_samples(record, source, role, number, unread)


def _chat_samples(
    record: Record, source: DatasetRef, role: Role, number: int, unread: UnreadRecords | None
) -> Iterator[Sample]:
    """The chats of a record. Unreadable where it breaks its format; a chat among several that is no gold is counted alone."""
    form = recognise(record.value, record.where)
    report = UnreadRecords() if unread is None else unread
    for name in form.unknown(record.value):
        report.add_field(f"{form.name}: {name}")
    try:
        for place, chat in enumerate(form.chats(record.value)):
            if fault := _fault(chat):
                if unread is None:
                    raise Unreadable(record.where, fault)
                report.add(Unreadable(record.where, fault))
                continue
            for note in chat.notes:
                report.add_field(f"{form.name}: {note}")
            yield _chat_sample(chat, source, role, f"{number}.{place}" if place else str(number))
    except Malformed as e:
        raise Unreadable(record.where, str(e)) from e


def _fault(chat: Chat) -> str:
    """Why a chat is nothing to learn from, "" where it may be."""
    if chat.failure:
        return f"{chat.failure}, so it is a rejected answer or a failure; expected what is to be learnt"
    return "" if any(m.role == "assistant" for m in chat.messages) else "expected a turn of the assistant, got none"


def _chat_sample(chat: Chat, source: DatasetRef, role: Role, number: str) -> Sample:
    """A published chat as a sample. Its environment is the source's, else its id's, else CHAT."""
    id = f"{Path(source.name).stem}/{chat.id or number}"
    benchmark = _BENCHMARK_ID.match(chat.id)
    environment = source.environment or (_BENCHMARKS[benchmark[1]] if benchmark else CHAT)
    return Sample(
        id=id,
        task=chat.id if chat.id and role == "gold" else id,
        environment=CHAT if role == "chat" else environment,
        kind=source.kind,
        source=role,
        origin=source.name,
        messages=chat.messages,
        tools=chat.tools,
        extra=chat.extra,
    )
