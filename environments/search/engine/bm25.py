"""How much a word counts, in numbers that somebody can add up who ranks pages without the index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log
from typing import NamedTuple

from .passages import Passage
from .words import COMMON, index_words

K1, B = 1.5, 0.75
"""How fast a word that stands often in a page stops to count more; how much a long page makes of its length."""


class Ranking(NamedTuple):
    """What the order of found pages follows from: the sum of weight · n / (n + factor) over the words of a query."""

    weights: dict[int, float]
    """the weight of a word, by the number of pages that have it; of the numbers that there are"""
    factors: dict[str, float]
    """the factor of each page, by id"""
    common: list[str]
    """the words that do not count"""

    @classmethod
    def of(cls, pages: Sequence[Passage]) -> Ranking:
        """The ranking of all pages of a corpus."""
        words = [indexed_words(p) for p in pages]
        counts = Counter(w for of_page in words for w in set(of_page))
        weights = {n: log(1 + (len(pages) - n + 0.5) / (n + 0.5)) for n in sorted(set(counts.values()))}
        mean = sum(map(len, words)) / max(1, len(words)) or 1
        factors = {p.id: K1 * (1 - B + B * len(w) / mean) for p, w in zip(pages, words, strict=True)}
        return cls(weights, factors, sorted(COMMON))


def indexed_words(page: Passage) -> list[str]:
    """The words by which a page is found: those of its title count as those of its text."""
    return index_words(f"{page.title}\n{page.text}")
