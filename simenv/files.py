"""Files and folders that are in place whole or not at all, free numbered names, and locks between processes."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, BinaryIO, TextIO, cast

from simenv.errors import StoreError


def _no_link(path: str, flags: int) -> int:
    """Open a file, but none that a link leads to: whoever sent a folder with links in it must not choose what is written."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o666)


def own_file(path: Path) -> BinaryIO:
    """A file of a folder, for locks and for lines at its end, made where it is missing. OSError where it is a link."""
    return cast(BinaryIO, open(path, "ab+", buffering=0, opener=_no_link))


@contextmanager
def whole_file(path: Path, durable: bool = True) -> Iterator[TextIO]:
    """A text file that is at `path`, whole, only if the block ends well; an older one stays there until then.

    `durable`: it is also on the disk by then. StoreError where the disk will not take it.
    """
    aside = path.with_name(f".{path.name}.tmp")
    try:
        try:
            with open(aside, "w", encoding="utf-8", errors="backslashreplace", opener=_no_link) as file:
                yield file
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as e:
        raise StoreError(f"{path}: cannot write: {e.strerror or e}") from e


def write_whole(path: Path, text: str, durable: bool = True) -> None:
    """Put a whole text file in place at once; StoreError where the disk will not take it."""
    with whole_file(path, durable) as file:
        file.write(text)


@contextmanager
def whole_folder(path: Path, replace: bool = False) -> Iterator[Path]:
    """An empty folder to write into, which is at `path` only if the block ends well.

    `replace`: a folder that lies there gives way to it, after the block. StoreError where the disk will not take it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as e:
        raise StoreError(f"{path}: cannot make the folder: {e.strerror or e}") from e
    try:
        yield aside
        aside.chmod(0o755)
        if replace:
            shutil.rmtree(path, ignore_errors=True)
        aside.rename(path)
    except OSError as e:
        raise StoreError(f"{path}: cannot write: {e.strerror or e}") from e
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def open_to_append(path: Path) -> int:
    """The descriptor of a file of lines, made with its folder where it is missing; what is written to it begins on a line of
    its own, even after a line that was torn. OSError where it cannot be opened."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        os.write(file, b"\n")
    return file


def append_line(path: Path, line: bytes) -> None:
    """Add a line, which ends in a line break, at the end of a file. OSError where it cannot be written."""
    file = open_to_append(path)
    try:
        os.write(file, line)
    finally:
        os.close(file)


def make_folder(folder: Path) -> None:
    """A folder and those above it, where they are missing; StoreError where they cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise StoreError(f"{folder}: cannot make the folder: {e.strerror}") from e


def free_name(
    name: str, is_taken: Callable[[str], bool], separator: str = "-", ending: str = "", first: bool = True
) -> str:
    """NAME+ENDING or, where that is taken, the first free one of NAME-2+ENDING, NAME-3+ENDING …

    `first`: whether the bare name may be had; without it the numbers begin at 1. `is_taken` may claim a name as it looks.
    """
    number = 1
    candidate = name + ending if first else f"{name}{separator}{number}{ending}"
    while is_taken(candidate):
        number += 1
        candidate = f"{name}{separator}{number}{ending}"
    return candidate


def new_folder(parent: Path, name: str, first: bool = True) -> Path:
    """Make an empty folder below `parent`, numbered where its name is taken; two processes never get the same one.

    OSError where the disk will not take it.
    """
    parent.mkdir(parents=True, exist_ok=True)

    def is_taken(candidate: str) -> bool:
        try:
            (parent / candidate).mkdir()
        except FileExistsError:
            return True
        return False

    return parent / free_name(name, is_taken, first=first)


def lock(file: IO[bytes], wait: bool = True, shared: bool = False) -> bool:
    """Lock an open file against other processes until it is closed; `shared` lets other shared locks beside it.

    False, at once, where `wait` is off and another process holds it.
    """
    mode = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
    try:
        fcntl.flock(file, mode)
    except BlockingIOError:
        return False
    return True


def has_content(path: Path) -> bool:
    """Whether a path is a file that is not empty."""
    return path.is_file() and path.stat().st_size > 0
