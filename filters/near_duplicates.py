"""Drops trajectories that are nearly the same as one kept before."""

from __future__ import annotations

import re
from functools import cached_property
from hashlib import blake2b
from itertools import pairwise
from sqlite3 import Connection
from typing import ClassVar

import numpy as np
from pydantic import Field
from rensa import RMinHash

from simenv.filter import Filter, FilterOptions
from simenv.runs.store import scratch
from simenv.types import Trajectory, Verdict

PERMUTATIONS, BANDS = 128, 16
"""16 bands of 8: two texts share a band with a probability of 1 − (1 − s⁸)¹⁶, which is 0.95 at a similarity s of 0.8."""
_WORD = re.compile(r"\w+")


class NearDuplicatesOptions(FilterOptions):
    similarity: float = Field(default=0.8, gt=0, le=1)
    """least estimated Jaccard similarity of three-word shingles that makes a trajectory a duplicate"""
    seed: int = Field(default=0, ge=0)
    """seed of the hash functions"""


class NearDuplicates(Filter):
    """Compares trajectories with those it kept by MinHash signatures (Broder 1997) and their bands, on disk. Reads the first
    user message and the agent's turns, since environments repeat themselves. Of two duplicates the first is kept."""

    Options: ClassVar[type[FilterOptions]] = NearDuplicatesOptions
    options: NearDuplicatesOptions

    @cached_property
    def _kept(self) -> Connection:
        database = scratch()
        database.execute("CREATE TABLE bands (band INTEGER PRIMARY KEY, row INTEGER)")
        database.execute("CREATE TABLE signatures (row INTEGER PRIMARY KEY, signature BLOB)")
        return database

    def judge(self, trajectory: Trajectory) -> Verdict:
        signature = self._signature(trajectory)
        bands = [
            int.from_bytes(blake2b(part.tobytes(), digest_size=8, salt=bytes([i])).digest(), signed=True)
            for i, part in enumerate(signature.reshape(BANDS, -1))
        ]
        if any(np.mean(signature == other) >= self.options.similarity for other in self._near(bands)):
            return self.drop(trajectory, "near duplicate")
        row = self._kept.execute("INSERT INTO signatures(signature) VALUES (?)", [signature.tobytes()]).lastrowid
        self._kept.executemany("INSERT OR IGNORE INTO bands VALUES (?, ?)", [(band, row) for band in bands])
        return self.keep(trajectory)

    def _near(self, bands: list[int]) -> list[np.ndarray]:
        """Signatures that share a band, the first of each band."""
        marks = ",".join("?" * len(bands))
        query = f"SELECT signature FROM signatures WHERE row IN (SELECT row FROM bands WHERE band IN ({marks}))"
        return [np.frombuffer(blob, np.uint32) for (blob,) in self._kept.execute(query, bands)]

    def _signature(self, t: Trajectory) -> np.ndarray:
        task = next((m.content for m in t.messages if m.role == "user"), "")
        turns = [
            m.content + " ".join(c.name + c.arguments for c in m.calls) for m in t.messages if m.role == "assistant"
        ]
        words = _WORD.findall(" ".join([t.environment, task, *turns]))
        shingles = [f"{a} {b} {c}" for (a, b), (_, c) in pairwise(pairwise(words))]
        sketch = RMinHash(PERMUTATIONS, self.options.seed)
        sketch.update(shingles or words)
        return np.array(sketch.digest(), np.uint32)
