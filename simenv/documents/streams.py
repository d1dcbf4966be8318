"""Bytes and lines of a file, plain or packed with gzip: bounds on lines, whole files, and on what a packed one unpacks to."""

from __future__ import annotations

import gzip
import io
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple, TextIO

from simenv.documents.json_text import parse
from simenv.errors import Unreadable

LONGEST = 64 << 20
"""Bytes of one line."""
LARGEST = 256 << 20
"""Bytes of a file that is read as a whole."""
_FREE, _RATIO, _UNPACKED = 64 << 20, 200, 256 << 30
"""Bytes that a packed file may always unpack to, how many times its size beyond, and the most. JSON packs 5- to 50-fold."""
_BOM = b"\xef\xbb\xbf"


class NumberedLine(NamedTuple):
    """A line by its number from 1, without a mark of the byte order before the first; or why it cannot be read."""

    number: int
    data: bytes
    fault: Unreadable | None = None


class _Unpacked(io.RawIOBase):
    """A gzip file that stops where it unpacks to more than such a file may."""

    def __init__(self, path: Path) -> None:
        self._path, self._size = path, 0
        self._packed = path.open("rb")
        self._file = gzip.GzipFile(fileobj=self._packed)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            count = self._file.readinto(buffer)
        except (EOFError, OSError, zlib.error) as e:
            raise Unreadable(str(self._path), f"damaged gzip file: {e}; get it again, or unpack it with gzip -d") from e
        self._size += count
        if self._size > max(_FREE, min(_RATIO * self._packed.tell(), _UNPACKED)):
            raise Unreadable(
                str(self._path),
                f"it unpacks to more than {self._size >> 20} MB, over {_RATIO} times its size, the most that is allowed; "
                "if you know it, unpack it with gzip -d",
            )
        return count

    def close(self) -> None:
        self._packed.close()
        super().close()


def _opened(path: Path) -> BinaryIO:
    """A file for reading, unpacked if its name ends in .gz; Unreadable where it cannot be opened or is no file."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "a pipe, a socket or a device"
            raise Unreadable(str(path), f"{kind}; expected a file")
        return io.BufferedReader(_Unpacked(path), 1 << 16) if path.name.endswith(".gz") else path.open("rb")
    except (OSError, ValueError) as e:
        raise Unreadable(str(path), getattr(e, "strerror", None) or str(e)) from e


def bounded_lines(file: IO[bytes], longest: int = LONGEST) -> Iterator[tuple[bytes, int]]:
    """Each line with its length in bytes, the newline included; of one longer than `longest` only the beginning."""
    while data := file.readline(longest):
        length = len(data)
        if length == longest and not data.endswith(b"\n"):
            while more := file.readline(1 << 20):
                length += len(more)
                if more.endswith(b"\n"):
                    break
        yield data, length


def too_long(length: int, longest: int = LONGEST) -> str:
    """What to say of a line of so many bytes."""
    return f"a line of {length} bytes; at most {longest} are read, so split it"


def text_lines(path: Path) -> Iterator[NumberedLine]:
    """The lines of a file. Where the rest of it cannot be read, the last one says so."""
    number = 0
    try:
        with _opened(path) as file:
            for number, (data, length) in enumerate(bounded_lines(file), 1):
                if length > len(data):
                    yield NumberedLine(number, b"", Unreadable(f"{path}:{number}", too_long(length)))
                else:
                    yield NumberedLine(number, data.removeprefix(_BOM) if number == 1 else data)
    except Unreadable as e:
        yield NumberedLine(number + 1, b"", Unreadable(f"{path}:{number + 1}" if number else str(path), e.reason))
    except OSError as e:
        yield NumberedLine(number + 1, b"", Unreadable(f"{path}:{number + 1}", e.strerror or str(e)))


def json_lines(path: Path) -> Iterator[tuple[int, Any | Unreadable]]:
    """Number and value of each line of a JSONL file that is not blank; Unreadable in place of the value of a bad one."""
    for number, data, fault in text_lines(path):
        if fault is not None:
            yield number, fault
        elif line := data.rstrip():
            try:
                yield number, parse(line, f"{path}:{number}")
            except Unreadable as e:
                yield number, e


def content(path: Path, largest: int = LARGEST) -> bytes:
    """All bytes of a file, without a mark of the byte order; Unreadable where it holds more than `largest`."""
    try:
        with _opened(path) as file:
            data = file.read(largest + 1)
    except OSError as e:
        raise Unreadable(str(path), e.strerror or str(e)) from e
    if len(data) > largest:
        raise Unreadable(
            str(path), f"more than {largest} bytes, the most that is read; split it, or make it JSON lines"
        )
    return data.removeprefix(_BOM)


def file_text(path: Path, largest: int = LARGEST) -> str:
    """The text of a file in UTF-8; Unreadable where it is none."""
    data = content(path, largest)
    try:
        return data.decode()
    except UnicodeDecodeError as e:
        line = data.count(b"\n", 0, e.start) + 1
        raise Unreadable(f"{path}:{line}", f"no UTF-8 ({e.reason}); save the file as UTF-8") from e


def json_file(path: Path, largest: int = LARGEST) -> Any:
    """The value of a JSON file; Unreadable where it is none."""
    return parse(content(path, largest), str(path))


def is_file(path: Path) -> bool:
    """Whether a name that comes from a file leads to one; False too for what no file can be called."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


@contextmanager
def opened_text(path: Path) -> Iterator[TextIO]:
    """A file as text; bytes that are no UTF-8 come as lone surrogates, and go back to bytes by `surrogateescape`."""
    with _opened(path) as file, io.TextIOWrapper(file, "utf-8-sig", "surrogateescape") as text:
        yield text


def object_file(path: Path, largest: int = LARGEST) -> dict[str, Any]:
    """The object of a JSON file; Unreadable where it is none."""
    value = json_file(path, largest)
    if not isinstance(value, dict):
        raise Unreadable(str(path), f"expected a JSON object, got {type(value).__name__}")
    return value


def head(path: Path, size: int) -> str:
    """The first bytes of a file as text, whatever they are, to recognise a format by; '' where it cannot be read."""
    try:
        with _opened(path) as file:
            return file.read(size).removeprefix(_BOM).decode("utf-8", "replace")
    except (Unreadable, OSError):
        return ""
