"""Copying exercises: a chat shows pieces of text, each behind a cue, and the model must repeat one of them after its cue.

The pieces are random tokens, numbers, and spans of observations, so they teach nothing about acting in an environment.
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

MAX_PIECE = 5
"""Most tokens of a piece."""
NARROW, WIDE = 24, 256
"""Tokens of a row in the easiest and in the hardest exercises."""
NUMBERS, RANDOM = 0.3, 0.2
"""Shares of pieces that are numbers, and random tokens; the rest are spans of texts."""


@dataclass(frozen=True)
class ExerciseTokens:
    """The token ids of exercises. `texts` are the token rows of observations; `first_digits` are digits that start a word."""

    user: int
    assistant: int
    end: int
    first_digits: list[int]
    digits: list[int]
    tokens: list[int]
    texts: list[list[int]]


class Exercises(IterableDataset[dict[str, torch.Tensor]]):
    """Batches of exercises that grow harder from step to step."""

    def __init__(self, vocabulary: ExerciseTokens, practice: Practice, rng: Generator) -> None:
        self.vocabulary, self.practice, self.rng = vocabulary, practice, rng

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
            prompt, answer = self._chat(level)
            ids += prompt + answer
            labels += [IGNORED] * len(prompt) + answer
        return ids[:width], labels[:width]

    def _chat(self, level: float) -> tuple[list[int], list[int]]:
        """The prompt, up to the cue, and the answer."""
        v, prompt = self.vocabulary, [self.vocabulary.user]
        answers = []
        for _ in range(1 + int(self.rng.random() * (1 + (self.practice.pieces - 1) * level))):
            cue, piece = self._piece()[0], self._piece()
            prompt += [cue, *piece]
            answers.append((cue, piece))
        cue, piece = answers[int(self.rng.integers(len(answers)))]
        return [*prompt, v.assistant, cue], [*piece, v.end]

    def _piece(self) -> list[int]:
        v, rng, draw = self.vocabulary, self.rng, self.rng.random()
        length = int(rng.integers(1, MAX_PIECE + 1))
        if draw < NUMBERS:
            return [_pick(v.first_digits, rng), *(_pick(v.digits, rng) for _ in range(length - 1))]
        if draw < NUMBERS + RANDOM or not v.texts:
            return [_pick(v.tokens, rng) for _ in range(length)]
        text = v.texts[int(rng.integers(len(v.texts)))]
        start = int(rng.integers(max(1, len(text) - length)))
        return text[start : start + length]


def _pick(options: list[int], rng: Generator) -> int:
    return options[int(rng.integers(len(options)))]
