"""Withdraws a source: out of the pool, and with it whatever was made from it in runs and curated sets.

What was made from a source is found by its SHA-256, which tasks carry in their world, and by the ids of such tasks, which
trajectories, reviews and samples carry.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simenv import files
from simenv.documents import Row, json_lines, opened_text, rows
from simenv.errors import ConfigError, Unreadable, unknown
from simenv.knowledge.pool import Pool, SourceEntry
from simenv.knowledge.scrub import PersonalMap

_INDEX = "index.sqlite"
PACKED = (".parquet", ".arrow")


def find(pool: Pool, name: str) -> SourceEntry:
    """The source of a name or id; ConfigError with the nearest one, or where it is withdrawn already."""
    entry = pool.sources.get(name) or next((s for s in pool.sources.values() if s.name == name), None)
    if entry is None:
        raise ConfigError(f"{pool.folder}: {unknown('source', name, [s.name for s in pool.sources.values()])}")
    if entry.withdrawn:
        raise ConfigError(f"{entry.name} was withdrawn on {entry.withdrawn[:10]}")
    return entry


def withdraw(pool: Pool, name: str, folders: Iterable[Path], reason: str = "") -> dict[str, int]:
    """Withdraw a source; how many lines were taken out of each file. What was made from it is searched in `folders`.

    The pool is changed last: a withdrawal that dies half-way is done again from the start.
    """
    entry = find(pool, name)
    derived = Derived(entry.sha256)
    folders = list(folders)
    jsonl = [path for folder in folders for path in _files(folder, ".jsonl")]
    for path in jsonl:
        derived.learn(path)
    removed = {str(path): count for path in jsonl if (count := derived.clean(path))}
    packed = [path for folder in folders for path in _files(folder, *PACKED)]
    removed |= {str(path): count for path in packed if (count := derived.remove_packed(path))}
    pool.withdraw(entry, reason, removed)
    PersonalMap(pool.folder).forget(entry.id)
    return removed


def _files(folder: Path, *endings: str) -> list[Path]:
    if not folder.is_dir():
        raise ConfigError(f"folders: {folder}: no such folder")
    return sorted(p for p in folder.rglob("*") if p.suffix in endings and p.is_file() and not p.is_symlink())


@dataclass
class Derived:
    """What was made from a source: lines that hold its SHA-256, and those that name a task or a trajectory of such a line."""

    sha256: str
    tasks: set[tuple[str, str]] = field(default_factory=set)
    """environment and id"""

    def learn(self, path: Path) -> None:
        """Remember the tasks of a file that hold the source."""
        with opened_text(path) as file:
            if not any(self.sha256 in line for line in file):
                return
        for _, value in json_lines(path):
            if isinstance(value, dict) and "spec" in value and self.sha256 in json.dumps(value):
                self.tasks.add((str(value.get("environment")), str(value.get("id"))))

    def clean(self, path: Path) -> int:
        """Write a file without the lines that come from the source; how many those were. A file without any is not touched."""
        lines = sum(1 for line in self._lines(path) if line is None)
        if lines:
            with files.whole_file(path) as file:
                file.writelines(line for line in self._lines(path) if line is not None)
            for index in (path.parent / _INDEX, path.parent.parent / _INDEX):
                index.unlink(missing_ok=True)
        return lines

    def remove_packed(self, path: Path) -> int:
        """Remove an export in Parquet or Arrow that holds anything of the source, whole, as it is made anew from the set; how
        many of its rows came from the source, or 1."""
        count = sum(map(self._is_derived, rows(path))) if path.suffix == ".parquet" else self._stands_in(path)
        if count:
            path.unlink()
        return count

    def _is_derived(self, row: Row) -> bool:
        line = json.dumps(row.value, default=str)
        return not isinstance(row.value, Unreadable) and (self.sha256 in line or self._names_task(line))

    def _stands_in(self, path: Path) -> int:
        """Whether texts of an Arrow file, which are not packed, hold the source or the id of a task of it."""
        names = [self.sha256.encode(), *(id.encode() for _, id in self.tasks)]
        if not path.stat().st_size:
            return 0
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return int(any(content.find(name) >= 0 for name in names))

    def _lines(self, path: Path) -> Iterator[str | None]:
        """The lines of a file, None in place of one that comes from the source."""
        with opened_text(path) as file:
            for line in file:
                yield None if self.sha256 in line or self._names_task(line) else line

    def _names_task(self, line: str) -> bool:
        if not self.tasks or not any(id in line for _, id in self.tasks):
            return False
        try:
            value: Any = json.loads(line)
        except (ValueError, RecursionError):
            return False
        return isinstance(value, dict) and any(self._is_of(value, e, id) for e, id in self.tasks)

    @staticmethod
    def _is_of(value: dict[str, Any], environment: str, id: str) -> bool:
        """Whether a record is a trajectory or a sample of a task, or a review or an edit of such a trajectory."""
        if value.get("environment") == environment:
            return value.get("task") == id
        return str(value.get("trajectory", "")).startswith(f"{id}.")
