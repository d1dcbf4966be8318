"""Packs, unpacks and lists a file tree. All functions work on `/`, in a process that has the tree as its root."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
import struct
import zlib
from collections.abc import Iterator
from typing import Any

_BLOCK = 512
_SMALL = 2048
_CHUNK = 1 << 20
_MOST_ENTRIES = 262_144
TOO_DEEP = f"the tree has entries deeper than a path can name, or more than {_MOST_ENTRIES}"


class Omissions:
    """Counts the entries that a walk leaves out: those too deep for a path, and all beyond the bound."""

    count = 0


def walk(
    newest_first: bool, top: str = "/", omissions: Omissions | None = None
) -> Iterator[tuple[str, os.stat_result]]:
    """Paths and their stat, a folder before its entries, entries in order of creation."""
    omissions = omissions or Omissions()
    stack, left = [top], _MOST_ENTRIES
    while stack:
        path = stack.pop()
        try:
            info = os.lstat(path)
            names = os.listdir(path) if stat.S_ISDIR(info.st_mode) else []
        except FileNotFoundError:
            continue
        except OSError:
            omissions.count += 1
            continue
        if left <= 0:
            omissions.count += 1 + len(stack)
            return
        left -= 1
        yield path, info
        stack += [os.path.join(path, n) for n in (names if newest_first else reversed(names))]


def pack(newest_first: bool, strict: bool = False) -> bytes:
    """The tree as bytes: names, kinds, modes, owners, times, links, contents. Sockets are omitted. Entries that no path can
    name are omitted too, or with `strict` a ValueError."""
    entries: list[Any] = []
    data: list[bytes] = []
    first: dict[int, str] = {}
    omissions = Omissions()
    for path, info in walk(newest_first, omissions=omissions):
        kind = _kind(info.st_mode)
        extra: Any = None
        if kind == "file" and info.st_nlink > 1 and first.setdefault(info.st_ino, path) != path:
            kind, extra = "hard", first[info.st_ino]
        elif kind == "file":
            content = _extents(path, info)
            if content is None:
                continue
            extra = [info.st_size, [[at, len(piece)] for at, piece in content]]
            data += [piece for _, piece in content]
        elif kind == "link":
            try:
                extra = os.readlink(path)
            except OSError:
                continue
        if kind != "socket":
            entries.append([path, kind, stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid, info.st_mtime_ns, extra])
    if strict and omissions.count:
        raise ValueError(TOO_DEEP)
    index = json.dumps(entries, separators=(",", ":")).encode()
    return zlib.compress(struct.pack(">Q", len(index)) + index + b"".join(data), 1)


def _kind(mode: int) -> str:
    names = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "link", stat.S_IFIFO: "fifo"}
    return names.get(stat.S_IFMT(mode), "socket")


def _extents(path: str, info: os.stat_result) -> list[tuple[int, bytes]] | None:
    """Offset and bytes of the parts of a file that are not holes, so that sparse files are cheap; None if it is gone."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        if info.st_blocks * _BLOCK >= info.st_size:
            return [(0, _read(fd, 0, info.st_size))] if info.st_size else []
        return list(_pieces(fd, info.st_size))
    finally:
        os.close(fd)


def _pieces(fd: int, size: int) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < size:
        try:
            at = os.lseek(fd, at, os.SEEK_DATA)
        except OSError as e:
            if e.errno == errno.ENXIO:
                return
            raise
        end = min(os.lseek(fd, at, os.SEEK_HOLE), size)
        yield at, _read(fd, at, end - at)
        at = end


def _read(fd: int, at: int, size: int) -> bytes:
    parts = []
    while size > 0 and (part := os.pread(fd, min(size, _CHUNK), at)):
        parts.append(part)
        at, size = at + len(part), size - len(part)
    return b"".join(parts)


def unpack(blob: bytes) -> bytes:
    """Build a packed tree on an empty root; ValueError or LookupError if the bytes are no tree."""
    try:
        raw = zlib.decompress(blob)
        (length,) = struct.unpack_from(">Q", raw)
        entries = json.loads(raw[8 : 8 + length])
    except (zlib.error, struct.error) as e:
        raise ValueError(f"no packed tree: {e}") from e
    at, rest = 8 + length, memoryview(raw)
    for path, kind, mode, uid, gid, _, extra in entries:
        if kind == "hard":
            os.link(extra, path, follow_symlinks=False)
            continue
        if kind == "file":
            at = _write(path, rest, at, *extra)
        elif kind == "link":
            os.symlink(extra, path)
        elif kind == "fifo":
            os.mkfifo(path)
        elif path != "/":
            os.mkdir(path)
        os.lchown(path, uid, gid)
        if kind != "link":
            os.chmod(path, mode)
    for path, *_, mtime, _ in reversed(entries):
        os.utime(path, ns=(mtime, mtime), follow_symlinks=False)
    return b""


def _write(path: str, data: memoryview, at: int, size: int, extents: list[list[int]]) -> int:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        for offset, length in extents:
            os.pwrite(fd, data[at : at + length], offset)
            at += length
        os.truncate(fd, size)
    finally:
        os.close(fd)
    return at


def survey(strict: bool = False) -> dict[str, list[Any]]:
    """By path: kind, mode, user id, group id, size (of files), SHA-256 of a file or target of a link, and the text of a small
    text file. Entries that no path can name are omitted, or with `strict` a ValueError."""
    entries = {}
    contents: dict[int, tuple[str, str | None]] = {}
    omissions = Omissions()
    for path, info in walk(False, omissions=omissions):
        kind = _kind(info.st_mode)
        size, content, text = 0, "", None
        if kind == "file":
            known = contents.get(info.st_ino) or _sha(path, info)
            if info.st_nlink > 1:
                contents[info.st_ino] = known
            size, (content, text) = info.st_size, known
        elif kind == "link":
            try:
                content = os.readlink(path)
            except OSError:
                continue
        entries[path] = [kind, stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid, size, content, text]
    if strict and omissions.count:
        raise ValueError(TOO_DEEP)
    return entries


def _sha(path: str, info: os.stat_result) -> tuple[str, str | None]:
    sha, pieces = hashlib.sha256(), _extents(path, info) or []
    for at, piece in pieces:
        if at or len(piece) != info.st_size:
            sha.update(b"%d:%d:" % (at, len(piece)))
        sha.update(piece)
    whole = b"".join(piece for _, piece in pieces) if info.st_size <= _SMALL else b"\0"
    return sha.hexdigest(), None if b"\0" in whole else _decode(whole)


def _decode(content: bytes) -> str | None:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def read(path: str, limit: int) -> bytes:
    """A plus sign and up to `limit` bytes of a regular file; links are followed. b"" if there is none."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except (OSError, ValueError):
        return b""
    try:
        return b"+" + _read(fd, 0, limit) if stat.S_ISREG(os.fstat(fd).st_mode) else b""
    finally:
        os.close(fd)


def newest_first(folder: str) -> bool:
    """Whether this kernel's tmpfs lists the newest entry first."""
    probe = os.path.join(folder, "order")
    os.mkdir(probe)
    for name in ("1", "2"):
        os.mkdir(os.path.join(probe, name))
    return os.listdir(probe) == ["2", "1"]
