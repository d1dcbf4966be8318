"""Finds duplicate tasks: exact ones by digest, near ones by MinHash (Broder 1997) over world and instruction."""

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
class Fingerprint:
    """The parts of a task by which a duplicate is recognised.

    `number` is that of the task's assignment, `exact` a digest, `near` a MinHash signature.
    """

    number: int
    id: str
    instruction: str
    exact: str
    near: RMinHash


def fingerprint(task: Task, number: int) -> Fingerprint:
    """The fingerprint of a task; its near part ignores case and punctuation."""
    words = [w.lower() for w in WORD.findall(f"{task.instruction}\n{canonical(task.spec)}")]
    shingles = {" ".join(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))}
    near = RMinHash(PERMUTATIONS, 1)
    near.update(sorted(shingles))
    return Fingerprint(number, task.id, task.instruction, digest([task.instruction, task.spec]), near)


@dataclass
class DuplicateIndex:
    """The admitted tasks of one environment, in the order of their numbers.

    `similarity` is the estimated Jaccard similarity (0 to 1) from which two tasks are near duplicates.
    """

    similarity: float
    fingerprints: list[Fingerprint] = field(default_factory=list)

    def add(self, task: Task, number: int) -> None:
        """Add an admitted task under the number of its assignment."""
        insort(self.fingerprints, fingerprint(task, number), key=lambda p: p.number)

    def last(self, count: int, until: int) -> list[str]:
        """The last `count` instructions of tasks numbered below `until`."""
        instructions = [p.instruction for p in self.fingerprints if p.number < until]
        return instructions[-count:] if count else []

    def find_duplicate(self, task: Task, number: int, until: int) -> tuple[Cause, str] | None:
        """Cause and reason if the task duplicates one numbered below `until`, else None."""
        candidate = fingerprint(task, number)
        earlier = [p for p in self.fingerprints if p.number < until]
        same = next((p for p in earlier if p.exact == candidate.exact), None)
        if same:
            return "duplicate", f"world and instruction are those of {same.id}"
        pairs = ((p.near.jaccard(candidate.near), p) for p in earlier)
        similarity, closest = max(pairs, key=lambda pair: pair[0], default=(0.0, None))
        if closest and similarity >= self.similarity:
            description = f"{closest.id} ({closest.instruction[:120]!r})"
            return "near_duplicate", f"world and instruction are {similarity:.0%} those of {description}"
        return None
