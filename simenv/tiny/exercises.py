"""Exercises in reading: a chat shows pieces of text, each behind a cue, and one of them is to be said after its cue.

Nothing in them tells what to do in an environment: their pieces are random tokens, numbers, and spans of what worlds show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from torch.utils.data import IterableDataset

from simenv.data.masks import IGNORED
from simenv.finetune.batches import batch
from simenv.tiny import Practice

LONGEST = 5
"""Tokens of a piece."""
NARROW, WIDE = 24, 256
"""Tokens of a row, from the easiest to the hardest exercises."""
NUMBERS, RANDOM = 0.3, 0.2
"""Shares of pieces that are numbers and random tokens; the others are spans of texts."""


@dataclass(frozen=True)
class Words:
    """The tokens that exercises are made of; `texts` are token rows that worlds have shown."""

    user: int
    assistant: int
    end: int
    first_digits: list[int]
    digits: list[int]
    tokens: list[int]
    texts: list[list[int]]


class Exercises(IterableDataset):  # type: ignore[type-arg]
    """Batches, harder as they go on."""

    def __init__(self, words: Words, practice: Practice, rng: Generator) -> None:
        self.words, self.practice, self.rng = words, practice, rng

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        hardest = max(1, int(self.practice.easy * self.practice.steps))
        for step in range(self.practice.steps):
            level = min(1.0, step / hardest)
            width = int(NARROW + (WIDE - NARROW) * level * self.rng.random())
            rows = [self._row(width, level) for _ in range(max(1, self.practice.tokens // width))]
            yield batch(*(np.array(side) for side in zip(*rows, strict=True)))

    def _row(self, width: int, level: float) -> tuple[list[int], list[int]]:
        ids: list[int] = []
        labels: list[int] = []
        while len(ids) < width:
            shown, said = self._chat(level)
            ids += shown + said
            labels += [IGNORED] * len(shown) + said
        return ids[:width], labels[:width]

    def _chat(self, level: float) -> tuple[list[int], list[int]]:
        """What is shown, up to the cue, and what is to be said."""
        w, shown = self.words, [self.words.user]
        answers = []
        for _ in range(1 + int(self.rng.random() * (1 + (self.practice.pieces - 1) * level))):
            cue, piece = self._piece()[0], self._piece()
            shown += [cue, *piece]
            answers.append((cue, piece))
        cue, piece = answers[int(self.rng.integers(len(answers)))]
        return [*shown, w.assistant, cue], [*piece, w.end]

    def _piece(self) -> list[int]:
        w, rng, draw = self.words, self.rng, self.rng.random()
        length = int(rng.integers(1, LONGEST + 1))
        if draw < NUMBERS:
            return [_pick(w.first_digits, rng), *(_pick(w.digits, rng) for _ in range(length - 1))]
        if draw < NUMBERS + RANDOM or not w.texts:
            return [_pick(w.tokens, rng) for _ in range(length)]
        text = w.texts[int(rng.integers(len(w.texts)))]
        start = int(rng.integers(max(1, len(text) - length)))
        return text[start : start + length]


def _pick(options: list[int], rng: Generator) -> int:
    return options[int(rng.integers(len(options)))]
