"""The batches of a fine-tune: samples are encoded, packed into rows if asked for, and collated. Packed samples cannot attend
to each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from simenv.data.masks import IGNORED, Template, Unmaskable
from simenv.errors import ConfigError
from simenv.finetune.trainers import Finetune
from simenv.types import Sample

TOO_LONG = "too long"
"""The cause for which a sample is left out that has more tokens than a row or the model's context."""
Piece = tuple[np.ndarray, np.ndarray]
"""Tokens and labels of one sample, int32."""


@dataclass
class Encoding:
    """Encoded samples, and counts of those left out by cause. `tokens` counts all tokens, `trained` those under loss."""

    pieces: list[Piece] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    example: str = ""
    """the id of the first sample left out, and the reason"""
    tokens: int = 0
    trained: int = 0

    @classmethod
    def of(cls, samples: Iterable[Sample], template: Template, longest: int) -> Encoding:
        """Encode all samples of at most `longest` tokens that have tokens under loss; count the others."""
        encoding = cls()
        for sample in samples:
            encoding._add(sample, template, longest)
        return encoding

    def _add(self, sample: Sample, template: Template, longest: int) -> None:
        try:
            ids, labels = template.encode(sample)
        except Unmaskable as e:
            return self._leave_out(sample, "no exact loss", str(e))
        # The first token has nothing before it that could predict it.
        labels = [IGNORED, *labels[1:]]
        trained = sum(label != IGNORED for label in labels)
        if len(ids) > longest:
            return self._leave_out(
                sample, TOO_LONG, f"{len(ids)} tokens, more than the {longest} of a row or of the model"
            )
        if not trained:
            return self._leave_out(sample, "nothing to train", "no assistant message in it is marked train")
        self.pieces.append((np.array(ids, np.int32), np.array(labels, np.int32)))
        self.tokens += len(ids)
        self.trained += trained
        return None

    def _leave_out(self, sample: Sample, cause: str, reason: str) -> None:
        self.example = self.example or f"{sample.id}: {reason}"
        self.left_out[cause] += 1

    def figures(self) -> dict[str, Any]:
        """Counts for the model card."""
        left_out = ", ".join(f"{n} {cause}" for cause, n in sorted(self.left_out.items())) or "none"
        tokens = {"tokens": self.tokens, "tokens under loss": self.trained}
        return {"samples": len(self.pieces), "left out": left_out, **tokens}

    def check(self, settings: Finetune, longest: int) -> tuple[str, ...]:
        """A line that says how many samples are left out, and why. ConfigError where they are more than `may_leave_out`."""
        if not self.left_out.total():
            return ()
        count = self.left_out.total() + len(self.pieces)
        told = "; ".join(
            f"{n:,} of {count:,} samples are longer than the {longest:,} tokens of a row or of the model's context"
            if cause == TOO_LONG
            else f"{n:,} of {count:,} samples are left out: {cause}"
            for cause, n in self.left_out.most_common()
        )
        ways = (
            "; sequence_length=… where the model has room, a base with a longer context (simenv tiny context=2048), or "
            "shorter episodes (simenv rollout dialect=short)"
            if TOO_LONG in self.left_out
            else f"; the first: {self.example}"
        )
        if self.left_out.total() > settings.may_leave_out * count:
            raise ConfigError(f"{settings.data}: {told}{ways}; may_leave_out=1 or --yes trains on what is left")
        return (f"{told}; they are left out{ways}",)

    def require_samples(self, name: str) -> Encoding:
        """The encoding itself; ConfigError if it holds no sample. `name` is that of the set."""
        if not self.pieces:
            raise ConfigError(
                f"{name}: none of its {self.left_out.total()} samples can be trained on; the first: {self.example}"
            )
        return self


def pack(pieces: list[Piece], length: int) -> list[list[Piece]]:
    """Pack samples into rows of at most `length` tokens: the longest first, each into the fullest row with room (best fit).

    Rows are indexed by the room left in them, so that a million samples take seconds.
    """
    rows: list[list[Piece]] = []
    rows_by_room: dict[int, list[int]] = {}
    for index in sorted(range(len(pieces)), key=lambda i: (-len(pieces[i][0]), i)):
        piece = pieces[index]
        size = len(piece[0])
        room = next((r for r in range(size, length + 1) if rows_by_room.get(r)), None)
        if room is None:
            rows.append([piece])
            row, room = len(rows) - 1, length
        else:
            row = rows_by_room[room].pop()
            rows[row].append(piece)
        rows_by_room.setdefault(room - size, []).append(row)
    return rows


@dataclass(frozen=True)
class Collate:
    """Makes a batch of rows.

    Positions start at 0 for each sample, by which transformers keeps packed samples apart. A packed batch has no attention
    mask: each token of padding counts as a sample without loss. `pad` is the id of the padding token.
    """

    pad: int
    packed: bool

    def __call__(self, rows: list[list[Piece]]) -> dict[str, Any]:
        size = len(rows), max(sum(len(ids) for ids, _ in row) for row in rows)
        ids, labels = np.full(size, self.pad), np.full(size, IGNORED)
        positions, mask = np.zeros(size, int), np.zeros(size, int)
        for i, row in enumerate(rows):
            at = 0
            for tokens, targets in row:
                end = at + len(tokens)
                ids[i, at:end], labels[i, at:end] = tokens, targets
                positions[i, at:end], mask[i, at:end] = np.arange(len(tokens)), 1
                at = end
        inputs = {"position_ids": positions} if self.packed else {"attention_mask": mask}
        return {name: torch.from_numpy(values) for name, values in inputs.items()} | batch(ids, labels)


def batch(ids: np.ndarray, labels: np.ndarray) -> dict[str, torch.Tensor]:
    """The inputs from which a transformers model computes the loss; `ids` and `labels` are [rows, tokens].

    Logits are as wide as the vocabulary and most of a chat is not under loss, so logits are computed only at positions that
    predict a token under loss. `shift_labels` are the labels at those positions, [rows, positions], already shifted. A row
    with fewer positions is filled up with position 0, without loss.
    """
    predicting = [np.flatnonzero(row[1:] != IGNORED) for row in labels]
    size = len(labels), max(len(at) for at in predicting)
    positions, shifted_labels = np.zeros(size, int), np.full(size, IGNORED)
    for i, at in enumerate(predicting):
        positions[i, : len(at)], shifted_labels[i, : len(at)] = at, labels[i, at + 1]
    targets = torch.from_numpy(shifted_labels)
    return {
        "input_ids": torch.from_numpy(ids),
        "logits_to_keep": torch.from_numpy(positions),
        "labels": targets,
        "shift_labels": targets,
    }
