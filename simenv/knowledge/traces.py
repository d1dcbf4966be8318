"""What a source leaves behind in what is made from it: its SHA-256, the ids of its items, and runs of its words.

Runs of words that another source of the pool has as well tell nothing and do not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from simenv.documents import parse
from simenv.knowledge.passage import Passage
from simenv.knowledge.pool import Pool, SourceEntry
from simenv.knowledge.records import Record
from simenv.knowledge.topics import Topic

RUN = 8
"""Words in a row that tell a source."""
SHORTEST = 5
"""Words of a sentence that tells it as a whole, where it has fewer than RUN."""
_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
Words = tuple[str, ...]


class Traces:
    """The traces of one source. `id`: the first digits of its SHA-256, as the ids of its items begin."""

    def __init__(self, sha256: str, id: str, name: str, texts: Iterable[str], others: Iterable[str]) -> None:
        self.sha256, self.id, self.name = sha256, id, name
        self._runs = {run for text in texts for run in _told(text)}
        self._index()
        self._runs -= {run for text in others for run in self._found(_words(text))}
        self._index()

    @classmethod
    def of(cls, pool: Pool, entry: SourceEntry) -> Traces:
        """The traces of a source of a pool that is not withdrawn yet."""
        others = (e for e in pool.sources.values() if e.id != entry.id and not e.withdrawn)
        return cls(
            entry.sha256, entry.id, entry.name, _texts(pool, entry), (text for e in others for text in _texts(pool, e))
        )

    def in_text(self, text: str) -> bool:
        """Whether a text holds anything of the source."""
        return self.id in text or self.in_words(text)

    def in_words(self, text: str) -> bool:
        """Whether a text holds words of the source."""
        return next(self._found(_words(text)), None) is not None

    def in_value(self, value: Any) -> bool:
        """Whether a JSON value holds anything of the source, in its keys or in its texts."""
        return any(self.in_text(text) for text in strings(value))

    def _index(self) -> None:
        """The first two words of the runs, by which most words of a text are passed over, and the lengths there are."""
        self._starts = {run[:2] for run in self._runs}
        self._lengths = sorted({len(run) for run in self._runs})

    def _found(self, words: list[str]) -> Iterator[Words]:
        for i, pair in enumerate(pairwise(words)):
            if pair in self._starts:
                for length in self._lengths:
                    if (run := tuple(words[i : i + length])) in self._runs:
                        yield run


def strings(value: Any) -> Iterator[str]:
    """All texts of a JSON value, keys too."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            yield from item
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item


def _told(text: str) -> Iterator[Words]:
    """The runs of words by which a text is known: RUN in a row, and shorter sentences as a whole."""
    words = _words(text)
    yield from (tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1))
    for sentence in _SENTENCE.split(text):
        short = _words(sentence)
        if SHORTEST <= len(short) < RUN:
            yield tuple(short)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _texts(pool: Pool, entry: SourceEntry) -> Iterator[str]:
    for item in pool.items_of(entry):
        yield from _texts_of(item)


def _texts_of(item: Passage | Record | Topic) -> Iterator[str]:
    if isinstance(item, Record):
        yield from (item.question, item.answer, *item.options, item.context, item.explanation)
        yield from strings(parse(item.raw, item.id))
    else:
        yield item.text
