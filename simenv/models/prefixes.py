"""What a model has read already: keys and values of earlier prompts, so that a chat that has grown is not read again.

An episode sends its whole chat at every turn; all but its end was in the prompt before. What is kept is found by its tokens
alone, so episodes of one environment share its opening too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

Layers = list[tuple[torch.Tensor, torch.Tensor]]
"""Keys and values of one row, [heads, tokens, size], a pair each layer."""


@dataclass(frozen=True, eq=False)
class Known:
    """The tokens of a row and their keys and values."""

    tokens: np.ndarray
    layers: Layers

    def shared(self, tokens: np.ndarray) -> int:
        """How many tokens another row begins with that this one begins with too."""
        length = min(len(self.tokens), len(tokens))
        differ = np.flatnonzero(self.tokens[:length] != tokens[:length])
        return int(differ[0]) if len(differ) else length


class Prefixes:
    """Rows by their tokens, the least recently used given up first, `room` tokens in all."""

    def __init__(self, room: int) -> None:
        self.room = room
        self._rows: list[Known] = []

    def find(self, tokens: list[int]) -> tuple[int, Layers]:
        """The most that is known of the beginning of a prompt: how many tokens, and their keys and values.

        The last token is never among them: reading it gives the first of the answer.
        """
        asked = np.array(tokens[:-1])
        best = max(self._rows, key=lambda row: row.shared(asked), default=None)
        length = best.shared(asked) if best else 0
        if best is None or not length:
            return 0, []
        self._rows.remove(best)
        self._rows.append(best)
        return length, [(k[:, :length], v[:, :length]) for k, v in best.layers]

    def keep(self, tokens: Sequence[int], layers: Layers) -> None:
        """Remember a row, in place of those it goes on from."""
        row = Known(np.array(tokens), layers)
        self._rows = [r for r in self._rows if r.shared(row.tokens) < len(r.tokens)] + [row]
        while sum(len(r.tokens) for r in self._rows) > self.room:
            self._rows.pop(0)

    def clear(self) -> None:
        self._rows.clear()


def stack(rows: list[Layers], lengths: list[int], config: Any) -> DynamicCache:
    """The cache of a batch from its rows, aligned on the right; a row that knows nothing is all padding."""
    width, cache = max(lengths), DynamicCache(config=config)
    layers = len(next(row for row in rows if row))
    like = next(row for row in rows if row)[0][0]
    for layer in range(layers):
        pair = []
        for side in (0, 1):
            parts = [row[layer][side] if row else like[:, :0] for row in rows]
            pair.append(torch.stack([torch.nn.functional.pad(p, (0, 0, width - p.shape[1], 0)) for p in parts]))
        cache.update(*pair, layer)
    return cache


def split(cache: Any, mask: torch.Tensor) -> list[Layers] | None:
    """Each row of a cache without its padding; None where its layers keep less than all (sliding windows, states)."""
    if not isinstance(cache, DynamicCache) or any(type(layer) is not DynamicLayer for layer in cache.layers):
        return None
    kept = [mask[row].nonzero()[:, 0] for row in range(len(mask))]
    return [[(x.keys[row][:, at], x.values[row][:, at]) for x in cache.layers] for row, at in enumerate(kept)]
