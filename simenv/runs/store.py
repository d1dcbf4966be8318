"""The run folder, the only place where stages meet: append-only JSON lines, one writer a part, durable item by item.

runs/<id>/config.yaml, tasks.jsonl (admitted) and rejected.jsonl, trajectories/part-*.jsonl, errors/part-*.jsonl (episodes
that failed through no fault of the agent; a resumed run tries them again), report.json.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO, TypeVar

from pydantic import BaseModel, ValidationError

from simenv.errors import ConfigError, StoreError

M = TypeVar("M", bound=BaseModel)


class Writer:
    """Appends items to a part of its own. An awaited `append` is on the disk; concurrent ones share one fsync."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: BinaryIO | None = None
        self._size = 0
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._flusher: asyncio.Task[None] | None = None

    async def append(self, *items: BaseModel) -> None:
        """Write items in one block; StoreError if the disk will not take it, and then the part still ends with a whole line."""
        block = "".join(f"{item.model_dump_json(exclude_defaults=True)}\n" for item in items)
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((block.encode("utf-8", "backslashreplace"), done))
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush())
        await done

    async def _flush(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(self._write, b"".join(line for line, _ in batch))
            except OSError as e:
                error = StoreError(f"{self.folder}: cannot write: {e.strerror}; what was finished is kept")
                error.__cause__ = e
                for _, done in batch:
                    if not done.done():
                        done.set_exception(error)
            else:
                for _, done in batch:
                    if not done.done():
                        done.set_result(None)

    def _write(self, block: bytes) -> None:
        if self._file is None:
            self._file = self._open()
        try:
            rest = memoryview(block)
            while rest:  # a disk that is nearly full takes a part of it without an error
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except OSError:
            self._file.seek(self._size)
            self._file.truncate()
            raise
        self._size += len(block)

    def _open(self) -> BinaryIO:
        """A part nobody writes yet: a torn line of a killed process stays the last one of its own part."""
        self.folder.mkdir(parents=True, exist_ok=True)
        number = len(list(self.folder.glob("part-*.jsonl")))
        while True:
            try:
                return (self.folder / f"part-{number:05d}.jsonl").open("xb", buffering=0)
            except FileExistsError:
                number += 1

    async def close(self) -> None:
        """Write what waits, though its writers may be cancelled, and close the part. Idempotent."""
        if self._flusher is not None:
            await asyncio.wait([self._flusher])
        if self._file is not None:
            self._file.close()
            self._file = None


def append(path: Path, item: BaseModel) -> None:
    """Add one line, durably, to a file that several processes may write to; a torn line before it stays its own line."""
    line = item.model_dump_json(exclude_defaults=True).encode("utf-8", "backslashreplace") + b"\n"
    try:
        with path.open("ab+", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            end = file.seek(0, os.SEEK_END)
            if end:
                file.seek(end - 1)
                line = line if file.read(1) == b"\n" else b"\n" + line
            rest = memoryview(line)
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
    except OSError as e:
        raise StoreError(f"{path}: cannot write: {e.strerror}") from e


def scratch() -> sqlite3.Connection:
    """A database for what a long pass must remember and memory must not hold: a nameless file, gone with the process.

    It lies in SQLite's temporary folder (SQLITE_TMPDIR, TMPDIR, /var/tmp …); memory holds 64 MB of it.
    """
    database = sqlite3.connect("", isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-65536"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("BEGIN")  # never to be committed: each commit would go through all pages that are in memory
    return database


def lines(path: Path) -> Iterator[bytes]:
    """The whole lines of a JSONL file; a last line without its newline is torn and dropped."""
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield line


def objects(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a JSONL file, in the order of writing; foreign lines are skipped. None where there is no file."""
    for line in lines(path) if path.is_file() else ():
        try:
            item = json.loads(line)
        except ValueError:
            continue
        if isinstance(item, dict):
            yield item


def make(folder: Path) -> None:
    """A folder, where it is not there yet; StoreError where it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise StoreError(f"{folder}: cannot make the folder: {e.strerror}") from e


class Run:
    """One run folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: BinaryIO | None = None

    @classmethod
    def open(cls, folder: Path, config: str = "config.yaml") -> Run:
        """An existing run; ConfigError names what is missing."""
        if not (folder / config).is_file():
            raise ConfigError(f"{folder}: no run here; expected a folder with {config} in it")
        return cls(folder)

    @classmethod
    def create(cls, runs: Path, name: str, config: str, file: str = "config.yaml") -> Run:
        """A new folder below `runs`, numbered where the name is taken, with its config written."""
        try:
            runs.mkdir(parents=True, exist_ok=True)
            number = 1
            while True:
                folder = runs / (name if number == 1 else f"{name}-{number}")
                try:
                    folder.mkdir()
                    break
                except FileExistsError:
                    number += 1
            run = cls(folder)
            run.write(file, config)
        except OSError as e:
            raise StoreError(f"{runs}: cannot make a run folder: {e.strerror}") from e
        return run

    def lock(self, tries: int = 10) -> None:
        """Keep other processes from writing to this run until this one ends; StoreError if one does already.

        It tries for 0.2 seconds, since `busy` holds the lock for a moment.
        """
        self._lock = (self.folder / ".lock").open("wb")
        for left in reversed(range(tries)):
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as e:
                if not left:
                    raise StoreError(f"{self.folder}: another process is writing to this run") from e
                time.sleep(0.02)
            else:
                return

    @contextmanager
    def locked(self) -> Iterator[Run]:
        """The run, locked for the length of the block."""
        self.lock()
        try:
            yield self
        finally:
            self.unlock()

    def busy(self) -> bool:
        """Whether a process is writing to this run now."""
        probe = Run(self.folder)
        try:
            probe.lock(tries=1)
        except (StoreError, OSError):
            return True
        probe.unlock()
        return False

    def unlock(self) -> None:
        """Let others write. Idempotent."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def writer(self, kind: str) -> Writer:
        """A writer of a new part of trajectories, errors …"""
        return Writer(self.folder / kind)

    @contextmanager
    def aside(self, name: str) -> Iterator[TextIO]:
        """A file that is in its place, whole and durable, only if the block ends well."""
        path = self.folder / name
        part = path.with_name(f".{name}.tmp")
        try:
            with part.open("w", encoding="utf-8", errors="backslashreplace") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as e:
            raise StoreError(f"{path}: cannot write: {e.strerror}") from e

    def write(self, name: str, text: str) -> None:
        """Put a whole file in place at once."""
        with self.aside(name) as file:
            file.write(text)

    def raw(self, kind: str) -> Iterator[dict[str, Any]]:
        """The items of all parts as plain JSON, in the order of writing; foreign lines are skipped."""
        for part in sorted((self.folder / kind).glob("part-*.jsonl")):
            yield from objects(part)

    def read(self, kind: str, shape: type[M]) -> Iterator[M]:
        """The items of all parts, validated; StoreError names the item that breaks the format."""
        for item in self.raw(kind):
            try:
                yield shape.model_validate(item)
            except ValidationError as e:
                raise StoreError(f"{self.folder}/{kind}: item {item.get('id')!r}: {e}") from e
