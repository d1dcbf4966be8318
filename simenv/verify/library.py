"""The user's sources, searchable: the sentences that may bear a claim out, each with its way back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from math import log
from typing import NamedTuple

import bm25s
import numpy as np
from bm25s.tokenization import Tokenized

from simenv.knowledge.passage import Passage, Source
from simenv.types import Data, Text
from simenv.verify.claims import sentences
from simenv.verify.quantities import without_quantities
from simenv.verify.wording import denials, stems

QUOTE = 5
"""A claim of so many words that stands in a passage as it is, is a quote."""


class Evidence(Data):
    """A span of a source: `source.start` and `source.end` count characters in the text of the whole document."""

    text: Text
    title: Text = ""
    source: Source


class Found(NamedTuple):
    """An evidence with the share of the claim's words that it holds, rare words weighing more, 0..1."""

    evidence: Evidence
    coverage: float


class Library:
    """Passages, indexed by BM25 once and shared by all who ask. Memory grows with the passages."""

    def __init__(self, passages: Iterable[Passage], limit: int = 5) -> None:
        self.passages, self.limit = tuple(passages), limit
        self._numbers: dict[str, int] = {}
        self._occurrences: Counter[str] = Counter()
        rows = []
        for p in self.passages:
            words = stems(f"{p.title}\n{p.text}")
            self._occurrences.update(set(words))
            rows.append([self._numbers.setdefault(w, len(self._numbers)) for w in words])
        self._index = bm25s.BM25()
        if self._numbers:
            self._index.index(Tokenized(ids=rows, vocab=self._numbers), create_empty_token=False, show_progress=False)

    def search(self, claim: str) -> list[Found]:
        """The sentences of the best passages, that which holds most of the claim first; [] where no word is known."""
        wanted = set(stems(without_quantities(claim))) or set(stems(claim))
        found = [self._found(e, wanted) for p in self._best(stems(claim)) for e in _spans(p)]
        return sorted(found, key=lambda f: -f.coverage)[: self.limit]

    def quoted(self, claim: str) -> Evidence | None:
        """The place from which a claim is copied, blanks aside; None where its sentence denied something before."""
        words = claim.strip(" \n\"“”'‘’").split()
        if len(words) < QUOTE:
            return None
        copy = re.compile(r"(?<!\w)" + r"\s+".join(map(re.escape, words)) + r"(?!\w)", re.IGNORECASE)
        for p in self._best(stems(claim)):
            if (place := copy.search(p.text)) and not denials(re.split(r"[.!?]\s", p.text[: place.start()])[-1]):
                return _cut(p, place.start(), place.end())
        return None

    def passages_for(self, claim: str) -> list[Evidence]:
        """The best passages, whole."""
        return [Evidence(text=p.text, title=p.title, source=p.source) for p in self._best(stems(claim))]

    def _best(self, words: list[str]) -> list[Passage]:
        known = sorted({self._numbers[w] for w in words if w in self._numbers})
        if not known:
            return []
        scores = self._index.get_scores_from_ids(np.array(known))
        least = np.partition(scores, -self.limit)[-self.limit] if len(scores) > self.limit else 0
        ahead = np.flatnonzero((scores >= least) & (scores > 0))
        return [self.passages[n] for n in ahead[np.argsort(-scores[ahead], kind="stable")][: self.limit]]

    def _found(self, evidence: Evidence, wanted: set[str]) -> Found:
        held = set(stems(f"{evidence.title}\n{evidence.text}"))
        total = sum(map(self._weight, wanted))
        share = sum(self._weight(w) for w in wanted if w in held)
        return Found(evidence, share / total if total else 0.0)

    def _weight(self, word: str) -> float:
        """How much a word tells: log of one in so many passages; one that no passage holds tells as much as the rarest."""
        return log(1 + (len(self.passages) + 1) / (self._occurrences[word] + 1))


def _spans(passage: Passage) -> list[Evidence]:
    return [_cut(passage, s.start, s.end) for s in sentences(passage.text)]


def _cut(passage: Passage, start: int, end: int) -> Evidence:
    """A part of a passage, from one of its characters to another."""
    first = passage.source.start
    source = passage.source.model_copy(update={"start": first + start, "end": first + end})
    return Evidence(text=passage.text[start:end], title=passage.title, source=source)
