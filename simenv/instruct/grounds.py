"""What grounds dialogues: the passages and records of a pool, found by topic or taken in their order. They lie on disk."""

from __future__ import annotations

import re

from simenv.knowledge.passage import Passage
from simenv.knowledge.pool import Pool
from simenv.runs.store import scratch

MOST_WORDS = 64
"""Words of a topic that are searched for."""
_WORD = re.compile(r"\w{3,}")


class Grounds:
    """The passages of a pool in an index of their words."""

    def __init__(self, pool: Pool) -> None:
        self._index = scratch()
        self._index.execute(
            "CREATE VIRTUAL TABLE grounds USING fts5(words, item UNINDEXED, file UNINDEXED, tokenize='porter unicode61')"
        )
        self.count = 0
        for passage in pool.readable:
            row = f"{passage.title}\n{passage.text}", passage.model_dump_json(), passage.source.file
            self._index.execute("INSERT INTO grounds(words, item, file) VALUES (?, ?, ?)", row)
            self.count += 1

    def about(self, topic: str, most: int, turn: int) -> tuple[Passage, ...]:
        """The next passages about a topic, the best of them at turn 0; after the last from the best again.

        None where no passage holds a word of it.
        """
        words = list(dict.fromkeys(w.casefold() for w in _WORD.findall(topic)))[:MOST_WORDS]
        matching = " OR ".join(f'"{w}"' for w in words)
        if matching and (found := self._page("grounds MATCH ?", matching, most, turn)):
            return found
        return self._page("instr(lower(words), lower(?))", topic, most, turn)

    def _page(self, condition: str, value: str, most: int, turn: int) -> tuple[Passage, ...]:
        total = self._index.execute(f"SELECT count(*) FROM grounds WHERE {condition}", (value,)).fetchone()[0]
        if not total:
            return ()
        order = "rank" if "MATCH" in condition else "rowid"
        query = f"SELECT item FROM grounds WHERE {condition} ORDER BY {order} LIMIT ? OFFSET ?"
        rows = self._index.execute(query, (value, most, turn * most % total))
        return tuple(Passage.model_validate_json(item) for (item,) in rows)

    def following(self, number: int, most: int) -> tuple[Passage, ...]:
        """Neighbours in one document, another place for each number; after the last passage one further on."""
        laps, place = divmod(number * most, self.count)
        first = (place + laps) % self.count + 1
        query = (
            "SELECT item FROM grounds WHERE rowid BETWEEN ? AND ? AND file = (SELECT file FROM grounds WHERE rowid = ?)"
        )
        rows = self._index.execute(query, (first, first + most - 1, first))
        return tuple(Passage.model_validate_json(item) for (item,) in rows)

    def close(self) -> None:
        """Give the disk back."""
        self._index.close()
