"""Reads users' data one record at a time: JSON lines, JSON (one record or an array), Parquet, datasets of the Hub."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from pydantic import Field, model_validator

from simenv.errors import ConfigError
from simenv.options import Options
from simenv.trust import DataPath, WeightsName

_CHUNK = 1 << 20
_LONGEST = 1 << 28
"""Most characters of one record of a JSON array; a longer one counts as a broken file."""


class DatasetRef(Options):
    """A file or a dataset: `chat.jsonl`, `{path: gold.json, environment: db}` or `{dataset: teknium/OpenHermes-2.5}`."""

    path: DataPath | None = None
    """a file (.jsonl, .json, .parquet, with or without .gz), a run folder or a curated set"""
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


def records(source: DatasetRef) -> Iterator[Record]:
    """The records of a source, at most `limit`. ConfigError names the place that is wrong and what was expected."""
    rows = _hub(source) if source.dataset else _file(source.path or Path())
    for number, record in enumerate(rows):
        if source.limit is not None and number >= source.limit:
            return
        yield record


def _file(path: Path) -> Iterator[Record]:
    if not path.is_file():
        raise ConfigError(f"{path}: no such file")
    name = path.name.removesuffix(".gz")
    if name.endswith(".parquet"):
        yield from _parquet(path)
        return
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        try:
            yield from _lines(path, file) if name.endswith(".jsonl") else _json(path, file)
        except (UnicodeDecodeError, gzip.BadGzipFile, EOFError) as e:
            raise ConfigError(f"{path}: no text in UTF-8: {e}") from e


def _lines(path: Path, file: TextIO) -> Iterator[Record]:
    for number, line in enumerate(file, 1):
        if line.strip():
            try:
                value = json.loads(line)
            except ValueError as e:
                raise ConfigError(f"{path}:{number}: expected a JSON object on this line: {e}") from e
            yield _record(f"{path}:{number}", value)


def _json(path: Path, file: TextIO) -> Iterator[Record]:
    """The objects of an array, parsed piece by piece; objects one after the other, and a single one, work too."""
    decoder, text, line, array = json.JSONDecoder(), "", 1, None
    while True:
        more = file.read(_CHUNK + len(text))
        text += more
        while True:
            rest = text.lstrip(" \t\r\n,") if array is not False else text.lstrip()
            line += text.count("\n", 0, len(text) - len(rest))
            text = rest
            if array is None and text.startswith("["):
                array, text = True, text[1:]
                continue
            if not text or text.startswith("]"):
                break
            array = bool(array)
            try:
                value, end = decoder.raw_decode(text)
            except ValueError as e:
                if more and len(text) < _LONGEST:
                    break  # perhaps it goes on
                raise ConfigError(f"{path}:{line}: expected a JSON object here: {e}") from e
            yield _record(f"{path}:{line}", value)
            line, text = line + text.count("\n", 0, end), text[end:]
        if not more:
            if array and not text.startswith("]"):
                raise ConfigError(f"{path}:{line}: the array does not end; expected `]`")
            return


def _parquet(path: Path) -> Iterator[Record]:
    try:
        from pyarrow import ArrowInvalid
        from pyarrow.parquet import ParquetFile
    except ImportError as e:
        raise ConfigError(f"{path}: Parquet needs pyarrow: pip install 'simenv[train]'") from e
    try:
        rows = (row for batch in ParquetFile(path).iter_batches(1000) for row in batch.to_pylist())
        for number, row in enumerate(rows):
            yield Record(f"{path}: row {number}", row)
    except ArrowInvalid as e:
        raise ConfigError(f"{path}: no Parquet file: {e}") from e


def _hub(source: DatasetRef) -> Iterator[Record]:
    try:
        from datasets import load_dataset
    except ImportError as e:
        raise ConfigError(f"dataset {source.dataset}: pip install 'simenv[train]'") from e
    try:
        rows = load_dataset(source.dataset, split=source.split, streaming=True)
    except (OSError, ValueError) as e:  # what `datasets` raises for names, splits and connections
        raise ConfigError(f"dataset {source.dataset}: cannot be loaded: {e}") from e
    for number, row in enumerate(rows):
        yield _record(f"{source.dataset}: row {number}", row)


def _record(place: str, value: Any) -> Record:
    if not isinstance(value, dict):
        raise ConfigError(f"{place}: expected a JSON object, got {type(value).__name__}: {value!r:.60}")
    return Record(place, value)
