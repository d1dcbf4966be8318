"""Puts placeholders such as <EMAIL_ADDRESS_1> in the place of personal data, and keeps what they stand for apart.

The map from placeholders to values lies beside the pool, not in it: `POOL.personal.jsonl`, readable by its owner alone. No
other command reads it.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from simenv import files
from simenv.documents import json_lines
from simenv.errors import StoreError, Unreadable
from simenv.knowledge.passage import Passage
from simenv.knowledge.personal import Finding, Recognizer
from simenv.knowledge.records import Record
from simenv.options import explain_validation
from simenv.types import Data, Text


class Placeholder(Data):
    """What a placeholder stands for, and the sources in which it does."""

    placeholder: str = Field(pattern=r"^<[A-Z_]+_[0-9]{1,9}>$")
    kind: str
    value: Text
    sources: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """The number in the placeholder."""
        return int(self.placeholder.strip("<>").rpartition("_")[2])


class PersonalMap:
    """The values that placeholders of a pool stand for; the same value has the same placeholder in all its sources."""

    def __init__(self, pool: Path) -> None:
        self.path = pool.parent / f"{pool.name}.personal.jsonl"
        self._by_value = {(p.kind, p.value): p for p in _read(self.path)}
        self._numbers: Counter[str] = Counter()
        for p in self:
            self._numbers[p.kind] = max(self._numbers[p.kind], p.number)

    def placeholder(self, kind: str, value: str, source: str) -> str:
        """The placeholder of a value that stands in a source."""
        known = self._by_value.get((kind, value))
        if known is None:
            self._numbers[kind] += 1
            known = Placeholder(placeholder=f"<{kind}_{self._numbers[kind]}>", kind=kind, value=value)
        if source not in known.sources:
            known = known.model_copy(update={"sources": (*known.sources, source)})
        self._by_value[kind, value] = known
        return known.placeholder

    def forget(self, source: str) -> None:
        """Take out the values that stand in this source alone."""
        if not self.path.is_file():
            return
        kept = (p.model_copy(update={"sources": tuple(s for s in p.sources if s != source)}) for p in self)
        self._by_value = {(p.kind, p.value): p for p in kept if p.sources}
        self.save()

    def save(self) -> None:
        """Write the map, for its owner alone."""
        with files.whole_file(self.path) as file:
            os.fchmod(file.fileno(), 0o600)
            file.writelines(p.model_dump_json() + "\n" for p in self)

    def __iter__(self) -> Iterator[Placeholder]:
        return iter(self._by_value.values())


class Scrubber:
    """Takes personal data out of the items of sources. `counts`: what was taken out so far, by kind."""

    def __init__(self, recognizer: Recognizer, map: PersonalMap) -> None:
        self._recognizer, self.map = recognizer, map
        self.counts: Counter[str] = Counter()

    def passages(self, passages: Iterable[Passage], document: str) -> Iterator[Passage]:
        """The passages of a document without personal data; their spans count in the document as it is.

        What is looked at is the whole document, so that nothing is missed where it crosses from one passage to the next.
        """
        findings = self._recognizer.find(document)
        for p in passages:
            start, end, id = p.source.start, p.source.end, p.source.sha256[:12]
            inside = [f for f in findings if f.start < end and f.end > start]
            # The whole value is kept in the map, whichever part of it stands in this passage.
            named = [
                (max(0, f.start - start), min(end, f.end) - start, f.kind, document[f.start : f.end]) for f in inside
            ]
            heading = self.text(p.source.heading, id) if p.source.heading else p.source.heading
            source = p.source.model_copy(update={"heading": heading})
            text = self._replaced(p.text, named, id)
            yield p.model_copy(update={"title": self.text(p.title, id), "text": text, "source": source})

    def records(self, records: Iterable[Record]) -> Iterator[Record]:
        """Records of a data set without personal data, the raw records too."""
        for record in records:
            id = record.source.sha256[:12]
            raw = json.dumps(self._value(json.loads(record.raw), id), ensure_ascii=False)
            texts = {k: self.text(getattr(record, k), id) for k in ("question", "answer", "explanation", "context")}
            options = tuple(self.text(option, id) for option in record.options)
            yield record.model_copy(update={**texts, "options": options, "raw": raw})

    def text(self, text: str, source: str) -> str:
        """A text without personal data."""
        found: list[Finding] = self._recognizer.find(text)
        return self._replaced(text, [(f.start, f.end, f.kind, text[f.start : f.end]) for f in found], source)

    def _replaced(self, text: str, named: list[tuple[int, int, str, str]], source: str) -> str:
        parts, at = [], 0
        for start, end, kind, value in named:
            parts += [text[at:start], self.map.placeholder(kind, value, source)]
            at = end
            self.counts[kind] += 1
        return "".join([*parts, text[at:]])

    def _value(self, value: Any, source: str) -> Any:
        if isinstance(value, str):
            return self.text(value, source)
        if isinstance(value, dict):
            return {self.text(k, source): self._value(v, source) for k, v in value.items()}
        if isinstance(value, int | float) and not isinstance(value, bool):
            scrubbed = self.text(str(value), source)
            return value if scrubbed == str(value) else scrubbed
        return [self._value(v, source) for v in value] if isinstance(value, list) else value


def _read(path: Path) -> Iterator[Placeholder]:
    for number, value in json_lines(path) if path.is_file() else ():
        if isinstance(value, Unreadable):
            raise StoreError(str(value))
        try:
            yield Placeholder.model_validate(value)
        except ValidationError as e:
            raise StoreError(explain_validation(e, f"{path}:{number}: expected a placeholder")) from e
