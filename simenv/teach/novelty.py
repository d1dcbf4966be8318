"""What was written already: exact copies by digest, near copies by MinHash (Broder 1997) over world and instruction."""

from __future__ import annotations

import re
from bisect import insort
from dataclasses import dataclass, field

from rensa import RMinHash

from simenv.source import Cause
from simenv.types import Task, canonical, digest

PERMUTATIONS, SHINGLE = 256, 3
"""Hashes of a signature (standard error of a similarity of 0.8: 0.025), and words in a shingle."""
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Print:
    """What is kept of a task to recognise it."""

    number: int
    id: str
    instruction: str
    exact: str
    near: RMinHash


def fingerprint(task: Task, number: int) -> Print:
    """The prints of a task; case and punctuation do not count for the near one."""
    words = [w.lower() for w in WORD.findall(f"{task.instruction}\n{canonical(task.spec)}")]
    shingles = {" ".join(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))}
    near = RMinHash(PERMUTATIONS, 1)
    near.update(sorted(shingles))
    return Print(number, task.id, task.instruction, digest([task.instruction, task.spec]), near)


@dataclass
class DuplicateIndex:
    """The tasks of one environment that were admitted, in the order of their numbers."""

    similarity: float
    prints: list[Print] = field(default_factory=list)

    def add(self, task: Task, number: int) -> None:
        insort(self.prints, fingerprint(task, number), key=lambda p: p.number)

    def last(self, count: int, until: int) -> list[str]:
        """The last instructions among those numbered below `until`."""
        known = [p.instruction for p in self.prints if p.number < until]
        return known[-count:] if count else []

    def copies(self, task: Task, number: int, until: int) -> tuple[Cause, str] | None:
        """Of what, numbered below `until`, the task is a copy, and why one thinks so."""
        mine = fingerprint(task, number)
        known = [p for p in self.prints if p.number < until]
        same = next((p for p in known if p.exact == mine.exact), None)
        if same:
            return "duplicate", f"world and instruction are those of {same.id}"
        alike, close = max(((p.near.jaccard(mine.near), p) for p in known), key=lambda x: x[0], default=(0.0, None))
        if close and alike >= self.similarity:
            what = f"{close.id} ({close.instruction[:120]!r})"
            return "near_duplicate", f"world and instruction are {alike:.0%} those of {what}"
        return None
