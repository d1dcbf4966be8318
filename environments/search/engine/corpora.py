"""Corpora: passages that a task brings, or those of a file that the user named. Each is opened once a process, read-only."""

from __future__ import annotations

import hashlib
import logging
import os
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from pydantic import ValidationError

from simenv.documents import json_lines
from simenv.errors import StoreError, Unreadable, WorldError
from simenv.files import whole_folder
from simenv.options import explain_validation
from simenv.types import digest

from .passages import Passage, passage
from .searcher import Index, LocalSearcher

_log = logging.getLogger(__name__)
_LAYOUT = 1
"""Version of the index on disk: of its words, their order, and the library's files."""
_KEPT = 3
"""Rejected records that are told one by one."""
ON_DISK = 2_000
"""Passages from which on the index of a file is kept on disk."""


class InlineCorpora:
    """Finds the searcher for a task's own passages by the identity of the list, else by its digest. `size`: the most kept.

    A list must not change after its use.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._lists: OrderedDict[int, tuple[list[dict[str, Any]], LocalSearcher]] = OrderedDict()
        self._searchers: OrderedDict[str, LocalSearcher] = OrderedDict()
        self._lock = Lock()

    def searcher(self, records: list[dict[str, Any]]) -> LocalSearcher:
        """The searcher of a task's passages. WorldError if a passage is none."""
        with self._lock:
            if id(records) in self._lists:
                return self._lists[id(records)][1]
            key = digest(records)
            searcher = self._searchers.get(key) or LocalSearcher(key, [_inline(n, r) for n, r in enumerate(records)])
            self._store(self._searchers, key, searcher)
            self._store(self._lists, id(records), (records, searcher))
            return searcher

    def _store(self, entries: OrderedDict[Any, Any], key: Any, value: Any) -> None:
        entries[key] = value
        if len(entries) > self.size:
            entries.popitem(last=False)


def _inline(number: int, record: dict[str, Any]) -> Passage:
    try:
        return passage(record)
    except ValidationError as e:
        raise WorldError(f"search: $.passages[{number}]: {explain_validation(e)}") from e


def named_corpus(paths: Iterable[Path], sha256: str) -> LocalSearcher | None:
    """The corpus of this SHA-256 among the files that the user named; None if it is none of them."""
    return next((corpus(path) for path in paths if checksum(path) == sha256), None)


def checksum(path: Path) -> str:
    """The SHA-256 of a file, read once as long as it stays as it is. WorldError if it cannot be opened."""
    try:
        status = path.stat()
        return _checksum(path.resolve(), status.st_mtime_ns, status.st_size)
    except OSError as e:
        raise WorldError(f"search: the corpus {path} cannot be read: {e.strerror}") from e


@lru_cache(maxsize=64)
def _checksum(path: Path, changed: int, size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_opening = Lock()


def corpus(path: Path) -> LocalSearcher:
    """The searcher of a file of passages, one JSON object a line. WorldError if it cannot be read or holds no passage."""
    with _opening:
        searcher = _opened(path.resolve(), checksum(path))
        _in_use[searcher.identity] = searcher
        return searcher


_in_use: WeakValueDictionary[str, LocalSearcher] = WeakValueDictionary()


def corpus_in_use(sha256: str) -> LocalSearcher | None:
    """The corpus of this SHA-256 if a world of this process has it open."""
    return _in_use.get(sha256)


@lru_cache(maxsize=4)
def _opened(path: Path, sha256: str) -> LocalSearcher:
    passages = _passages(path)
    if len(passages) < ON_DISK:
        return LocalSearcher(sha256, passages)
    return LocalSearcher(sha256, passages, _index(sha256, sorted(passages, key=lambda p: p.id)))


def _passages(path: Path) -> list[Passage]:
    """The passages of a file; a bad record is left out and told, and so is one whose id was there before."""
    passages: dict[str, Passage] = {}
    faults: list[str] = []
    for number, record in json_lines(path):
        place = f"{path}:{number}"
        if isinstance(record, Unreadable):
            faults.append(str(record))
            continue
        try:
            item = passage(record)
        except ValidationError as e:
            faults.append(f"{place}: {explain_validation(e)}")
            continue
        if item.id in passages:
            faults.append(f"{place}: id: {item.id!r:.80} stands there twice; expected one passage of an id")
        else:
            passages[item.id] = item
    if not passages:
        raise WorldError(f"search: the corpus {path} holds no passage; {(faults or ['it is empty'])[0]}")
    if faults:
        told = "; ".join(faults[:_KEPT])
        _log.warning("search: the corpus %s: %d of its records are left out: %s", path, len(faults), told)
    return list(passages.values())


def _index(sha256: str, passages: Sequence[Passage]) -> Index:
    """The index of a file's passages: that on disk, or a new one that is put there if the disk will take it."""
    folder = _cache() / f"{sha256}-{_LAYOUT}-{version('bm25s')}"
    if folder.is_dir():
        try:
            return Index.load(folder)
        except (OSError, ValueError, KeyError) as e:
            _log.warning("search: the index %s cannot be read and is made anew: %s", folder, e)
    index = Index.of(passages)
    try:
        with whole_folder(folder, replace=True) as new:
            index.save(new)
    except (OSError, StoreError) as e:
        _log.warning("search: the index is not kept on disk: %s", e)
    return index


def _cache() -> Path:
    """The folder of indices, outside of any checkout."""
    return Path(os.environ.get("SIMENV_CACHE", "~/.cache/simenv")).expanduser() / "search"
