"""The pool: a folder of sources, and what all of them hold, merged without doubles. Every item leads back to its source.

pools/<name>/sources.jsonl lists the sources; items/<source>.jsonl holds what each one gave, a passage, a record or a topic a
line; passages.jsonl, records.jsonl and topics.jsonl are made from those: each item once, in the order of the sources. What
cannot be read is in rejected.jsonl, what was withdrawn in withdrawals.jsonl.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import ValidationError

from simenv import files
from simenv.documents import json_lines
from simenv.errors import ConfigError, StoreError, Unreadable
from simenv.knowledge.duplicates import SeenTexts
from simenv.knowledge.passage import Passage
from simenv.knowledge.records import Record
from simenv.knowledge.topics import Topic
from simenv.options import explain_validation
from simenv.types import Data, Text

D = TypeVar("D", bound=Data)
Kind = Literal["passages", "records", "topics"]
SHAPES: dict[Kind, type[Passage] | type[Record] | type[Topic]] = {
    "passages": Passage,
    "records": Record,
    "topics": Topic,
}


class SourceEntry(Data):
    """A source of a pool: a document, a data set or topics. `items`: how many it gave; `licence`: as the user or the registry
    says; `withdrawn`: the day it was; `scrubbed`: personal data that was taken out, by kind, None where none was looked for."""

    id: str
    kind: Kind
    name: str
    sha256: str
    items: int
    licence: Text = ""
    domain: Text = ""
    added: str
    withdrawn: str = ""
    scrubbed: dict[str, int] | None = None


class Withdrawal(Data):
    """The record of a source that was withdrawn: when, why, what was taken out where, and which models were trained on it."""

    source: str
    name: str
    sha256: str
    at: str
    reason: Text = ""
    removed: dict[str, int] = {}
    trained: tuple[str, ...] = ()


class Pool:
    """A folder of sources. ConfigError for a folder that holds something else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if folder.exists() and not self._list.is_file() and any(folder.iterdir()):
            raise ConfigError(f"{folder}: no pool; expected a folder with sources.jsonl in it, or an empty or new one")
        self.sources = {entry.id: entry for entry in _lines(self._list, SourceEntry)}

    @property
    def _list(self) -> Path:
        return self.folder / "sources.jsonl"

    def items(self, entry: SourceEntry) -> Path:
        """The file of what a source gave."""
        return self.folder / "items" / f"{entry.id}.jsonl"

    def items_of(self, entry: SourceEntry) -> Iterator[Passage | Record | Topic]:
        """What a source gave, doubles of other sources too."""
        yield from _lines(self.items(entry), SHAPES[entry.kind])

    def merged(self, kind: Kind) -> Path:
        """The file of all items of a kind, without doubles."""
        return self.folder / f"{kind}.jsonl"

    @property
    def passages(self) -> Iterator[Passage]:
        """All passages, in the order of their sources."""
        return _lines(self.merged("passages"), Passage)

    @property
    def records(self) -> Iterator[Record]:
        """All records of data sets."""
        return _lines(self.merged("records"), Record)

    @property
    def readable(self) -> Iterator[Passage]:
        """All passages, and each record as one: its question, context, answer and explanation."""
        yield from self.passages
        for r in self.records:
            text = "\n".join(t for t in (r.question, r.context, r.answer, r.explanation) if t)
            yield Passage(id=r.id, title=r.question[:200], text=text, source=r.source)

    @property
    def topics(self) -> Iterator[Topic]:
        """All topics."""
        return _lines(self.merged("topics"), Topic)

    @property
    def faults(self) -> Iterator[Fault]:
        """What could not be read when something was added."""
        return _lines(self.folder / "rejected.jsonl", Fault)

    @property
    def withdrawals(self) -> list[Withdrawal]:
        """The withdrawn sources with their dates, the oldest first."""
        return list(_lines(self.folder / "withdrawals.jsonl", Withdrawal))

    def known(self, sha256: str) -> SourceEntry | None:
        """The source with this content; ConfigError if it was withdrawn, so that it does not come back by accident."""
        gone = next((w for w in self.withdrawals if w.sha256 == sha256), None)
        if gone is not None:
            why = f" ({gone.reason})" if gone.reason else ""
            raise ConfigError(
                f"{gone.name}: withdrawn on {gone.at[:10]}{why}; it comes back only with readmit=[{gone.source}]"
            )
        return next((s for s in self.sources.values() if s.sha256 == sha256 and not s.withdrawn), None)

    def readmit(self, source: str) -> None:
        """Allow a withdrawn source again. ConfigError for one that was not withdrawn."""
        left = [w for w in self.withdrawals if source not in (w.source, w.name)]
        if len(left) == len(self.withdrawals):
            raise ConfigError(f"readmit: {source}: no withdrawn source of {self.folder}")
        _write(self.folder / "withdrawals.jsonl", left)

    def add(
        self,
        kind: Kind,
        name: str,
        sha256: str,
        items: Iterable[Data],
        licence: str = "",
        domain: str = "",
        scrubbed: dict[str, int] | None = None,
    ) -> SourceEntry:
        """Add a source with its items; it is in place whole or not at all. `merge` then makes the merged files anew."""
        entry = SourceEntry(
            id=sha256[:12], kind=kind, name=name, sha256=sha256, items=0, licence=licence, domain=domain, added=now(),
            scrubbed=scrubbed,
        )  # fmt: skip
        files.make_folder(self.folder / "items")
        count = _write(self.items(entry), items)
        entry = entry.model_copy(update={"items": count})
        self.sources[entry.id] = entry
        self._save()
        return entry

    def reject(self, faults: Iterable[Unreadable]) -> None:
        """Note what could not be read beside what could not be read before."""
        path = self.folder / "rejected.jsonl"
        known = list(self.faults)
        new = [Fault(place=f.place, reason=f.reason) for f in faults]
        files.make_folder(self.folder)
        _write(path, [*known, *(f for f in new if f not in known)])

    def withdraw(self, entry: SourceEntry, reason: str, removed: dict[str, int], trained: Iterable[str] = ()) -> None:
        """Take a source and its items out, and write down that it was withdrawn."""
        self.items(entry).unlink(missing_ok=True)
        self.sources[entry.id] = entry.model_copy(update={"withdrawn": now(), "items": 0})
        record = Withdrawal(
            source=entry.id, name=entry.name, sha256=entry.sha256, at=now(), reason=reason,
            removed={**removed, str(self.folder): entry.items}, trained=tuple(trained),
        )  # fmt: skip
        _write(self.folder / "withdrawals.jsonl", [*self.withdrawals, record])
        self._save()
        self.merge()

    def merge(self) -> dict[Kind, int]:
        """Make the merged files anew, and the list of sources where none was added yet; the number of items in each."""
        if not self._list.is_file():
            self._save()
        return {kind: _write(self.merged(kind), self._unique(kind)) for kind in SHAPES}

    def _unique(self, kind: Kind) -> Iterator[Data]:
        seen = SeenTexts()
        for entry in self.sources.values():
            if entry.kind == kind and not entry.withdrawn:
                for item in self.items_of(entry):
                    if seen.adds(item.question if isinstance(item, Record) else item.text):
                        yield item

    def _save(self) -> None:
        _write(self._list, self.sources.values())


class Fault(Data):
    """A file or a line that could not be read, and why."""

    place: str
    reason: str


def now() -> str:
    """The time in UTC, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _lines(path: Path, shape: type[D]) -> Iterator[D]:
    """The records of a file of the pool; none where it is missing. StoreError names a line that is wrong."""
    if not path.is_file():
        return
    for number, value in json_lines(path):
        if isinstance(value, Unreadable):
            raise StoreError(str(value))
        try:
            yield shape.model_validate(value)
        except ValidationError as e:
            raise StoreError(explain_validation(e, f"{path}:{number}: expected a {shape.__name__}")) from e


def _write(path: Path, items: Iterable[Data]) -> int:
    """Put a file of records in place, whole; how many there are."""
    count = 0
    with files.whole_file(path) as file:
        for item in items:
            file.write(item.model_dump_json(exclude_defaults=True) + "\n")
            count += 1
    return count
