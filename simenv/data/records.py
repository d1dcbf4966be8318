"""Reads users' data one record at a time: JSON lines, JSON (one record or an array), Parquet, datasets of the Hub."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field, model_validator

from simenv.data.chat_formats import inspect_json
from simenv.documents import Row, is_file, rows
from simenv.errors import ConfigError, Unreadable
from simenv.options import Options
from simenv.trust import DataPath, WeightsName

EXAMPLES = 10
"""Unread records that are named."""
FIELDS = 100
"""Unread fields that are named."""


class DatasetRef(Options):
    """A file or a dataset: `chat.jsonl`, `{path: gold.json, environment: db}` or `{dataset: teknium/OpenHermes-2.5}`."""

    path: DataPath | None = None
    """a file (.jsonl, .json, .parquet, with or without .gz, .traj, .eval), a run folder or a curated set"""
    dataset: WeightsName | None = None
    """a dataset that the package `datasets` finds, by name or folder"""
    split: str = "train"
    """the split of the dataset"""
    environment: str | None = None
    """environment of its samples; none: their own, or by the names of AgentInstruct's ids, or chat"""
    kind: str = ""
    """kind of its samples that have none of their own"""
    limit: int | None = Field(default=None, ge=1)
    """records to read; none: all"""

    @model_validator(mode="before")
    @classmethod
    def _as_mapping(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str | Path) else value

    @model_validator(mode="after")
    def _one(self) -> DatasetRef:
        if (self.path is None) == (self.dataset is None):
            raise ValueError("expected either a path or a dataset")
        return self

    @property
    def name(self) -> str:
        """The dataset's name, or the path."""
        return self.dataset or str(self.path)


class Record(NamedTuple):
    """One record and where it begins: `gold.json:12`, or `chat.parquet: row 7`."""

    where: str
    value: dict[str, Any]


class UnreadRecords:
    """Records that were passed over because they cannot be read: their number, and the first of them, with place and reason.

    `fields` counts what was not read of the others: fields that their format does not know, and what has no place in a chat.
    """

    def __init__(self) -> None:
        self.count = 0
        self.examples: list[str] = []
        self.fields: Counter[str] = Counter()

    def add(self, fault: Unreadable) -> None:
        """Count one."""
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(str(fault).partition("\n")[0])

    def add_field(self, name: str) -> None:
        """Count a field; of thousands of names, as hostile files have, the later ones are counted as one."""
        self.fields[name if name in self.fields or len(self.fields) < FIELDS else "others"] += 1


def records(source: DatasetRef, unread: UnreadRecords | None = None) -> Iterator[Record]:
    """The records of a source, at most `limit`. ConfigError names the place that is wrong and what was expected.

    With `unread`, one that cannot be read is counted there and passed over, unless none can be read.
    """
    count = 0
    for place, value in _hub(source) if source.dataset else _file(source.path or Path()):
        if count == source.limit:
            return
        if isinstance(value, Unreadable):
            if unread is None:
                raise value
            unread.add(value)
        else:
            count += 1
            yield _record(place, value)
    if unread is not None and unread.count and not count:
        raise ConfigError(f"none of its records can be read: {unread.examples[0]}")


def _file(path: Path) -> Iterator[Row]:
    if not is_file(path):
        raise ConfigError(f"{path}: no such file")
    return iter([Row(str(path), inspect_json(path))]) if path.suffix == ".eval" else rows(path)


def _hub(source: DatasetRef) -> Iterator[Row]:
    try:
        from datasets import load_dataset
    except ImportError as e:
        raise ConfigError(f"dataset {source.dataset}: pip install 'simenv[train]'") from e
    try:
        rows = load_dataset(source.dataset, split=source.split, streaming=True)
    except (OSError, ValueError) as e:  # what `datasets` raises for names, splits and connections
        raise ConfigError(f"dataset {source.dataset}: cannot be loaded: {e}") from e
    for number, row in enumerate(rows):
        yield Row(f"{source.dataset}: row {number}", row)


def _record(place: str, value: Any) -> Record:
    if not isinstance(value, dict):
        raise ConfigError(f"{place}: expected a JSON object, got {type(value).__name__}: {value!r:.60}")
    return Record(place, value)
