"""The rows a model is trained on: encoded samples, alone or packed several to a row, each blind to its neighbours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from simenv.data.masks import IGNORED, Template, Unmaskable
from simenv.errors import ConfigError
from simenv.types import Sample

Piece = tuple[np.ndarray, np.ndarray]
"""Tokens and labels of one sample, int32."""


@dataclass
class Encoding:
    """Encoded samples and what was left out. `tokens` counts all, `trained` those under loss."""

    pieces: list[Piece] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    example: str = ""
    """the first sample that was left out, and why"""
    tokens: int = 0
    trained: int = 0

    @classmethod
    def of(cls, samples: Iterable[Sample], template: Template, longest: int) -> Encoding:
        """All samples that fit `longest` tokens and bear loss."""
        encoding = cls()
        for sample in samples:
            encoding._add(sample, template, longest)
        return encoding

    def _add(self, sample: Sample, template: Template, longest: int) -> None:
        try:
            ids, labels = template.encode(sample)
        except Unmaskable as e:
            return self._leave(sample, "no exact loss", str(e))
        # The first token has nothing before it that could predict it.
        labels = [IGNORED, *labels[1:]]
        trained = sum(label != IGNORED for label in labels)
        if len(ids) > longest:
            return self._leave(
                sample, "too long", f"{len(ids)} tokens, more than the {longest} of a row or of the model"
            )
        if not trained:
            return self._leave(sample, "nothing to train", "no assistant message in it is marked train")
        self.pieces.append((np.array(ids, np.int32), np.array(labels, np.int32)))
        self.tokens += len(ids)
        self.trained += trained
        return None

    def _leave(self, sample: Sample, cause: str, why: str) -> None:
        self.example = self.example or f"{sample.id}: {why}"
        self.left_out[cause] += 1

    def figures(self) -> dict[str, Any]:
        """What the model card says of it."""
        left_out = ", ".join(f"{n} {cause}" for cause, n in sorted(self.left_out.items())) or "none"
        tokens = {"tokens": self.tokens, "tokens under loss": self.trained}
        return {"samples": len(self.pieces), "left out": left_out, **tokens}

    def required(self, where: str) -> Encoding:
        """Itself; ConfigError where nothing is left."""
        if not self.pieces:
            raise ConfigError(
                f"{where}: none of its {self.left_out.total()} samples can be trained on; the first: {self.example}"
            )
        return self


def pack(pieces: list[Piece], length: int) -> list[list[Piece]]:
    """Rows of at most `length` tokens: the longest first, each into the fullest row that still has room (best fit).

    Rooms are kept by size, so that a million pieces take seconds.
    """
    rows: list[list[Piece]] = []
    room: dict[int, list[int]] = {}
    for place in sorted(range(len(pieces)), key=lambda i: (-len(pieces[i][0]), i)):
        piece = pieces[place]
        size = len(piece[0])
        left = next((r for r in range(size, length + 1) if room.get(r)), None)
        if left is None:
            rows.append([piece])
            at, left = len(rows) - 1, length
        else:
            at = room[left].pop()
            rows[at].append(piece)
        room.setdefault(left - size, []).append(at)
    return rows


@dataclass(frozen=True)
class Collate:
    """Rows as one batch.

    Positions begin anew with each sample, which is how transformers keeps packed samples apart. A batch has no attention mask
    when packed: each token of padding is one more sample, without loss.
    """

    pad: int
    packed: bool

    def __call__(self, rows: list[list[Piece]]) -> dict[str, Any]:
        size = len(rows), max(sum(len(ids) for ids, _ in row) for row in rows)
        ids, labels = np.full(size, self.pad), np.full(size, IGNORED)
        positions, mask = np.zeros(size, int), np.zeros(size, int)
        for i, row in enumerate(rows):
            at = 0
            for tokens, wanted in row:
                end = at + len(tokens)
                ids[i, at:end], labels[i, at:end] = tokens, wanted
                positions[i, at:end], mask[i, at:end] = np.arange(len(tokens)), 1
                at = end
        asked = {"position_ids": positions} if self.packed else {"attention_mask": mask}
        return {name: torch.from_numpy(values) for name, values in asked.items()} | batch(ids, labels)


def batch(ids: np.ndarray, labels: np.ndarray) -> dict[str, torch.Tensor]:
    """What a model of transformers computes the loss from; `ids` and `labels` are [rows, tokens].

    Logits are as wide as the vocabulary, and most of a chat is not under loss: they are asked for at the places that predict a
    token under loss and nowhere else. Labels stand beside the places, [rows, places], and are not shifted any more; a row
    with fewer has its first place again, without loss.
    """
    found = [np.flatnonzero(row[1:] != IGNORED) for row in labels]
    size = len(labels), max(len(at) for at in found)
    places, told = np.zeros(size, int), np.full(size, IGNORED)
    for i, at in enumerate(found):
        places[i, : len(at)], told[i, : len(at)] = at, labels[i, at + 1]
    wanted = torch.from_numpy(told)
    return {
        "input_ids": torch.from_numpy(ids),
        "logits_to_keep": torch.from_numpy(places),
        "labels": wanted,
        "shift_labels": wanted,
    }
