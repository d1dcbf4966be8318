"""Appends items to the parts of a run, each on the disk before its writer goes on, and lines to shared files."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel

from simenv import files
from simenv.errors import StoreError


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
        block = b"".join(_line(item) for item in items)
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((block, done))
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
            _write_all(self._file, block)
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
    line = _line(item)
    try:
        with files.own_file(path) as file:
            files.lock(file)
            end = file.seek(0, os.SEEK_END)
            if end:
                file.seek(end - 1)
                line = line if file.read(1) == b"\n" else b"\n" + line
            _write_all(file, line)
    except OSError as e:
        raise StoreError(f"{path}: cannot write: {e.strerror}") from e


def _line(item: BaseModel) -> bytes:
    return item.model_dump_json(exclude_defaults=True).encode("utf-8", "backslashreplace") + b"\n"


def _write_all(file: BinaryIO, block: bytes) -> None:
    """Write and sync a block; a disk that is nearly full takes a part of it without an error."""
    rest = memoryview(block)
    while rest:
        rest = rest[file.write(rest) :]
    os.fsync(file.fileno())
