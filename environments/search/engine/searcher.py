"""Searchers: what finds pages for the words of a query. The local one ranks the passages of a corpus by BM25 (bm25s)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import bm25s
import numpy as np
from bm25s.tokenization import Tokenized

from simenv.errors import WorldError

from .bm25 import K1, B, Ranking, indexed_words
from .passages import Passage
from .words import index_words, plain


class Searcher(Protocol):
    """Finds pages. The world knows nothing of where they come from."""

    @property
    def identity(self) -> Any:
        """A JSON value that is equal where equal pages are searched in an equal way."""

    def search(self, query: str, limit: int) -> tuple[Passage, ...]:
        """At most `limit` pages, the best first; () where none fits. WorldError if the searcher itself fails."""

    def page(self, id: str) -> Passage | None:
        """The page of an id; None if there is none."""

    def titled(self, title: str) -> tuple[Passage, ...]:
        """All pages of a title, which is compared without case and punctuation."""


class LocalSearcher:
    """Searches passages that are held in memory. Read-only, so that episodes and threads share it.

    Words of a title count as those of the text do. Pages of equal score come by id, so that the order never varies.
    """

    def __init__(self, identity: Any, passages: Sequence[Passage], index: Index | None = None) -> None:
        self.identity = identity
        self.passages = tuple(sorted(passages, key=lambda p: p.id))
        self._pages = {p.id: p for p in self.passages}
        if len(self._pages) < len(self.passages):
            twice = next(a.id for a, b in zip(self.passages, self.passages[1:], strict=False) if a.id == b.id)
            raise WorldError(f"search: $.passages: the id {twice!r:.80} stands there twice")
        self._titles: defaultdict[str, list[Passage]] = defaultdict(list)
        for p in self.passages:
            self._titles[plain(p.title)].append(p)
        self._index = index or Index.of(self.passages)

    @cached_property
    def ranking(self) -> Ranking:
        """What the order of found pages follows from."""
        return Ranking.of(self.passages)

    def search(self, query: str, limit: int) -> tuple[Passage, ...]:
        return tuple(self.passages[n] for n in self._index.best(index_words(query), limit))

    def page(self, id: str) -> Passage | None:
        return self._pages.get(id)

    def titled(self, title: str) -> tuple[Passage, ...]:
        return tuple(self._titles.get(plain(title), ()))


class Index:
    """The words of passages, by number in the order of their ids, with the weight that BM25 gives each in each passage."""

    def __init__(self, weights: bm25s.BM25, words: dict[str, int]) -> None:
        self._weights, self._words = weights, words

    @classmethod
    def of(cls, passages: Sequence[Passage]) -> Index:
        """The index of passages, made in memory."""
        words: dict[str, int] = {}
        numbers = [[words.setdefault(w, len(words)) for w in indexed_words(p)] for p in passages]
        weights = bm25s.BM25(k1=K1, b=B)
        if words:
            weights.index(Tokenized(ids=numbers, vocab=words), create_empty_token=False, show_progress=False)
        return cls(weights, words)

    @classmethod
    def load(cls, folder: Path) -> Index:
        """The index that `save` wrote, its weights read from the disk as they are needed."""
        weights = bm25s.BM25.load(folder, mmap=True, show_progress=False)
        return cls(weights, weights.vocab_dict)

    def save(self, folder: Path) -> None:
        """Write the index into an empty folder."""
        self._weights.save(folder, show_progress=False)

    def best(self, words: Sequence[str], limit: int) -> Iterator[int]:
        """The numbers of the best passages, the best first, those of equal score in their order."""
        known = sorted({self._words[w] for w in words if w in self._words})
        if not known:
            return iter(())
        scores = self._weights.get_scores_from_ids(np.array(known))
        last = max(0, len(scores) - limit)
        least = np.partition(scores, last)[last]
        candidates = np.flatnonzero((scores >= least) & (scores > 0))
        ranks = np.lexsort((candidates, -scores[candidates]))[:limit]
        return (int(n) for n in candidates[ranks])
