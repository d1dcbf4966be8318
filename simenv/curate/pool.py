"""The pool of samples that a mix chooses from: none of them overlaps with an evaluation task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from simenv.curate.mix import Mix
from simenv.curate.sample_store import SampleStore
from simenv.data.contamination import WordOverlap
from simenv.data.tokens import Tokens
from simenv.types import Sample, Verdict


class Pool:
    """Samples on disk with their tokens under loss and their split. `counts` and `overlapping` are by group: kept, gold, chat.

    `on_verdict` hears of every sample that overlaps with an evaluation task and so is not in the pool.
    """

    def __init__(
        self, folder: Path, mix: Mix, tokens: Tokens, overlap: WordOverlap, on_verdict: Callable[[Verdict], None]
    ) -> None:
        self.store = SampleStore(folder, mix.seed)
        self.counts: Counter[str] = Counter()
        self.overlapping: Counter[str] = Counter()
        self._mix, self._tokens, self._overlap, self._on_verdict = mix, tokens, overlap, on_verdict

    def add(self, sample: Sample, group: str) -> str:
        """Put a sample into the pool, unless it overlaps with an evaluation task; returns its id there."""
        self.counts[group] += 1
        if self._overlap.tasks and self._overlap.meets(sample.messages):
            self.overlapping[group] += 1
            self._on_verdict(Verdict(trajectory=sample.id, filter="overlap", decision="drop", reason="evaluation task"))
            return sample.id
        return self.store.add(sample, self._tokens.trained(sample.messages), self._mix.split(sample.task))
