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
class CachedRow:
    """The tokens of a row and their keys and values."""

    tokens: np.ndarray
    layers: Layers

    @property
    def size(self) -> int:
        """bytes"""
        return self.tokens.nbytes + sum(k.nbytes + v.nbytes for k, v in self.layers)

    def common_prefix(self, tokens: np.ndarray) -> int:
        """How many tokens another row begins with that this one begins with too."""
        length = min(len(self.tokens), len(tokens))
        differ = np.flatnonzero(self.tokens[:length] != tokens[:length])
        return int(differ[0]) if len(differ) else length


class Prefixes:
    """Rows by their tokens, the least recently used given up first, `room` bytes in all."""

    def __init__(self, room: int) -> None:
        self.room = room
        self._rows: list[CachedRow] = []

    def find(self, tokens: list[int]) -> tuple[int, Layers]:
        """The most that is known of the beginning of a prompt: how many tokens, and their keys and values.

        The last token is never among them: reading it gives the first of the answer.
        """
        prompt = np.array(tokens[:-1])
        best = max(self._rows, key=lambda row: row.common_prefix(prompt), default=None)
        length = best.common_prefix(prompt) if best else 0
        if best is None or not length:
            return 0, []
        self._rows.remove(best)
        self._rows.append(best)
        return length, [(k[:, :length], v[:, :length]) for k, v in best.layers]

    def keep(self, tokens: Sequence[int], layers: Layers) -> None:
        """Remember a row, in place of those it goes on from."""
        row = CachedRow(np.array(tokens), layers)
        self._rows = [r for r in self._rows if r.common_prefix(row.tokens) < len(r.tokens)] + [row]
        while sum(r.size for r in self._rows) > self.room:
            self._rows.pop(0)

    def clear(self) -> None:
        self._rows.clear()


class Buffered(DynamicLayer):
    """A layer with its room taken at once: growing by concatenation copies all there is at every token."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def update(self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
            self.buffers = [s.new_empty(*s.shape[:2], self.room, s.shape[3]) for s in (key_states, value_states)]
        start = self.get_seq_length()
        end = start + key_states.shape[2]
        for buffer, states in zip(self.buffers, (key_states, value_states), strict=True):
            buffer[:, :, start:end] = states
        self.keys, self.values = (buffer[:, :, :end] for buffer in self.buffers)
        return self.keys, self.values


def cache(config: Any, room: int) -> DynamicCache | None:
    """An empty cache with room for so many tokens; None for models that keep less than all, or other things (sliding
    windows, recurrent states), which make their own."""
    empty = DynamicCache(config=config)
    if any(type(layer) is not DynamicLayer for layer in empty.layers):
        return None
    empty.layers = [Buffered(room) for _ in empty.layers]
    return empty


def fill(cache: DynamicCache, rows: list[Layers], width: int) -> None:
    """Put what is known of each row of a batch into an empty cache, aligned on the right of `width` tokens."""
    first = next(row for row in rows if row)
    for layer, (keys, values) in enumerate(first):
        sides = []
        for side, like in enumerate((keys, values)):
            parts = [row[layer][side] if row else like[:, :0] for row in rows]
            sides.append(torch.stack([torch.nn.functional.pad(p, (0, 0, width - p.shape[1], 0)) for p in parts]))
        keys, values = sides
        cache.update(keys, values, layer)


def split(cache: DynamicCache, mask: torch.Tensor) -> list[Layers]:
    """Each row of a cache, without the padding that the mask leaves out."""
    places = [mask[row].nonzero()[:, 0] for row in range(len(mask))]
    layers: list[Any] = list(cache.layers)  # each holds keys and values, which transformers' union of layer types hides
    return [[(x.keys[row][:, at], x.values[row][:, at]) for x in layers] for row, at in enumerate(places)]
