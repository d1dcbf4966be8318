"""Samples on disk with an index of them, on disk too: a million samples must not fill the memory."""

from __future__ import annotations

import json
from hashlib import blake2b
from pathlib import Path
from sqlite3 import Connection
from tempfile import TemporaryFile

from simenv.files import free_name
from simenv.runs.store import scratch
from simenv.types import Sample


def chance(seed: int, *key: object) -> int:
    """A number in 0 … 2⁶³ − 1 that depends on the seed and the key alone: the same in every run, in any order of reading."""
    text = "\x1f".join(map(str, (seed, *key)))
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()) >> 1


class SampleStore:
    """Stores samples and returns their lines by row. `index` is a database with the table `samples`, for other queries."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.seed = seed
        self.index: Connection = scratch()
        self.index.execute(
            "CREATE TABLE samples (row INTEGER PRIMARY KEY, id TEXT UNIQUE, environment TEXT, kind TEXT, task TEXT, "
            "source TEXT, tokens INTEGER, rank INTEGER, split TEXT, used INTEGER DEFAULT 0, place INTEGER, size INTEGER)"
        )
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115
        self._end = 0

    def __len__(self) -> int:
        return int(self.index.execute("SELECT count(*) FROM samples").fetchone()[0])

    def add(self, sample: Sample, tokens: int = 0, split: str = "") -> str:
        """Store a sample with its tokens under loss and its split; returns its id, which is made unique."""
        id = free_name(sample.id, self._holds, separator="~")
        sample = sample if id == sample.id else sample.model_copy(update={"id": id})
        line = sample.model_dump_json(exclude_defaults=True).encode("utf-8", "backslashreplace") + b"\n"
        self._file.seek(self._end)
        self._file.write(line)
        s, rank = sample, chance(self.seed, id)
        self.index.execute(
            "INSERT INTO samples (id, environment, kind, task, source, tokens, rank, split, place, size) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (id, s.environment, s.kind, s.task, s.source, tokens, rank, split, self._end, len(line)),
        )
        self._end += len(line)
        return id

    def _holds(self, id: str) -> bool:
        return self.index.execute("SELECT 1 FROM samples WHERE id = ?", (id,)).fetchone() is not None

    def line(self, row: int, copy: int = 1) -> bytes:
        """The JSON line of the sample in a row; `copy` 2 and more get an id of their own."""
        place, size = self.index.execute("SELECT place, size FROM samples WHERE row = ?", (row,)).fetchone()
        self._file.seek(place)
        line = self._file.read(size)
        if copy == 1:
            return line
        sample = json.loads(line)
        sample["id"] += f"#{copy}"
        return json.dumps(sample, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"

    def sample(self, row: int) -> Sample:
        """The sample in a row."""
        return Sample.model_validate_json(self.line(row))

    def close(self) -> None:
        """Delete what was stored."""
        self.index.close()
        self._file.close()
