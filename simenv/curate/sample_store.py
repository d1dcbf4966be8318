"""Samples on disk, found by what they are; so is the index of them, for a million samples must not fill the memory."""

from __future__ import annotations

import json
from hashlib import blake2b
from pathlib import Path
from sqlite3 import Connection
from tempfile import TemporaryFile

from simenv.runs.store import scratch
from simenv.types import Sample

CHAT = "chat"
"""The environment of general chat."""


def chance(seed: int, *what: object) -> int:
    """A number in 0 … 2⁶³ − 1 that depends on the seed and the words alone: the same in every run, in any order of reading."""
    text = "\x1f".join(map(str, (seed, *what)))
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()) >> 1


class SampleStore:
    """Takes samples, hands out their lines. `index` is the table `samples`, for whoever asks by more than a number."""

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
        """Put a sample there; returns its id, which is made unique."""
        id, number = sample.id, 1
        while self.index.execute("SELECT 1 FROM samples WHERE id = ?", (id,)).fetchone():
            number += 1
            id = f"{sample.id}~{number}"
        sample = sample if number == 1 else sample.model_copy(update={"id": id})
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

    def line(self, row: int, copy: int = 1) -> bytes:
        """The line of a sample; further copies have an id of their own."""
        place, size = self.index.execute("SELECT place, size FROM samples WHERE row = ?", (row,)).fetchone()
        self._file.seek(place)
        line = self._file.read(size)
        if copy == 1:
            return line
        sample = json.loads(line)
        sample["id"] += f"#{copy}"
        return json.dumps(sample, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"

    def sample(self, row: int) -> Sample:
        return Sample.model_validate_json(self.line(row))

    def close(self) -> None:
        self.index.close()
        self._file.close()
