"""Adds documents, data sets and topics to a pool, one source at a time: each is there whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from simenv.errors import ConfigError, Unreadable
from simenv.knowledge.config import Additions, SetRef
from simenv.knowledge.passage import Passage, checksum, document_text, passages
from simenv.knowledge.personal import Recognizer
from simenv.knowledge.pool import Kind, Pool
from simenv.knowledge.readers import FORMATS
from simenv.knowledge.records import Record, records, training_files
from simenv.knowledge.registry import Registry
from simenv.knowledge.scrub import PersonalMap, Scrubber
from simenv.knowledge.topics import topics
from simenv.types import Data, digest


class _Piece(NamedTuple):
    """One file to add: its kind, the name it is called by, licence and domain."""

    path: Path
    kind: Kind
    name: str
    licence: str
    domain: str


@dataclass
class Addition:
    """The work of adding to a pool. `on_source` is called after each file."""

    pool: Pool
    settings: Additions
    registry: Registry = field(default_factory=Registry)
    on_source: Callable[[Path], None] = lambda path: None
    added: int = 0
    known: int = 0
    faults: list[Unreadable] = field(default_factory=list)
    scrubber: Scrubber | None = field(init=False)
    _reported: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        s = self.settings
        self.scrubber = Scrubber(Recognizer(s.scrub, s.scrub_model), PersonalMap(self.pool.folder)) if s.scrub else None

    def pieces(self) -> list[_Piece]:
        """The files of all documents and sets, in order. ConfigError for a path that leads nowhere or holds nothing to read."""
        s = self.settings
        documents = [
            _Piece(path, "passages", name, s.licence, s.domain) for d in s.documents for path, name in _files(Path(d))
        ]
        return [*documents, *(piece for ref in s.sets for piece in self._set(ref))]

    def _set(self, ref: SetRef) -> Iterator[_Piece]:
        root = Path(ref.path)
        if not root.exists():
            raise ConfigError(f"sets: {ref.path}: no such file or folder")
        entry = self.registry.entry(ref.name) if ref.name else None
        licence, domain = ref.licence or (entry.licence if entry else ""), ref.domain or (entry.domain if entry else "")
        if not licence and self.settings.unlicensed == "skip":
            self._fault(
                Unreadable(str(root), "a data set without a licence; give it with sets: [{path: …, licence: …}]")
            )
            return
        for path in training_files(root):
            inside = f"/{path.relative_to(root)}" if path != root else ""
            yield _Piece(path, "records", f"{ref.name or root.name}{inside}", licence, domain)

    def run(self) -> None:
        """Add everything. ConfigError for a withdrawn source, and for what cannot be read where `on_error` is stop; what was
        added before stays."""
        pieces = self.pieces()
        for source in self.settings.readmit:
            self.pool.readmit(source)
        try:
            self._topics()
            for piece in pieces:
                self._add_or_fault(piece)
                self.on_source(piece.path)
        finally:
            self.pool.reject(self.faults)
            self.pool.merge()

    def _add_or_fault(self, piece: _Piece) -> None:
        try:
            self._add(piece)
        except Unreadable as e:
            self._reported = Counter(self.scrubber.counts if self.scrubber else ())
            self._fault(e)

    def _add(self, piece: _Piece) -> None:
        sha = checksum(piece.path)
        if self._is_known(sha):
            return
        items = self._records if piece.kind == "records" else self._passages
        found: list[Data] = list(items(piece, sha))
        if not found:
            raise Unreadable(str(piece.path), "none of its records can be used")
        self.pool.add(piece.kind, piece.name, sha, found, piece.licence, piece.domain, self._counted())
        self.added += 1

    def _is_known(self, sha: str) -> bool:
        """Whether a source is there already. ConfigError where it is there with the personal data that should be taken out."""
        entry = self.pool.known(sha)
        if entry is None:
            return False
        if self.scrubber and entry.scrubbed is None:
            raise ConfigError(
                f"{entry.name}: it is in {self.pool.folder} unscrubbed; scrub into a new pool: out=FOLDER"
            )
        self.known += 1
        return True

    def _counted(self) -> dict[str, int] | None:
        """What was taken out of the source that was just read; the map is written before its items are."""
        if self.scrubber is None:
            return None
        self.scrubber.map.save()
        taken = dict(sorted((self.scrubber.counts - self._reported).items()))
        self._reported.update(taken)
        return taken

    def _passages(self, piece: _Piece, sha: str) -> Iterator[Passage]:
        found = passages(piece.path, piece.name, sha, self.settings.size)
        return self.scrubber.passages(found, document_text(piece.path)) if self.scrubber else found

    def _records(self, piece: _Piece, sha: str) -> Iterator[Record]:
        found = self._usable(piece, sha)
        return self.scrubber.records(found) if self.scrubber else found

    def _usable(self, piece: _Piece, sha: str) -> Iterator[Record]:
        for record in records(piece.path, piece.name, sha):
            if isinstance(record, Unreadable):
                self._fault(record)
            else:
                yield record

    def _topics(self) -> None:
        given = list(topics(self.settings.topics))
        sha = digest([t.model_dump() for t in given])
        if not given or self._is_known(sha):
            return
        if self.scrubber:
            given = [t.model_copy(update={"text": self.scrubber.text(t.text, sha[:12])}) for t in given]
        self.pool.add("topics", "topics", sha, given, scrubbed=self._counted())
        self.added += 1

    def _fault(self, fault: Unreadable) -> None:
        if self.settings.on_error == "stop":
            raise ConfigError(f"{fault}; on_error=skip notes it and goes on")
        self.faults.append(fault)


def _files(path: Path) -> Iterable[tuple[Path, str]]:
    """The documents of a path, each with its name in the sources: that of the file, below that of a folder."""
    if path.is_file():
        return [(path, path.name)]
    if not path.is_dir():
        raise ConfigError(f"documents: {path}: no such file or folder")
    found = sorted(p for p in path.rglob("*") if p.is_file() and not _is_hidden(p.relative_to(path)))
    if not any(p.suffix.lower() in FORMATS for p in found):
        raise ConfigError(f"documents: {path}: holds no document; expected files ending in {', '.join(FORMATS)}")
    return [(p, f"{path.resolve().name}/{p.relative_to(path)}") for p in found]


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
