"""How much memory the processes of a sandbox hold: by the kernel's account of a control group, or added up from /proc.

Paths are those of a process whose root is a /proc of the sandbox.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from typing import NamedTuple, Protocol

_PAGE = os.sysconf("SC_PAGESIZE")
_NODE = 1536
"""Bytes of the kernel's memory for a file of a tmpfs, about; the limit of files bounds them."""
_SOCKET = 320 << 10
"""Bytes that the buffers of one socket can hold."""
_PIPE, _USUAL_FILES = 32 << 10, 32
"""Bytes that a descriptor of a pipe can hold, and how many descriptors are not counted."""
_STALE = 1.0
"""Seconds until the kernel is asked again to give memory back, and until the shared memory of a process is listed again
though its address space is as large as before."""
_SHARED = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) \S+ \S+ (\S+ \d+) +/(?:dev/zero|SYSV|memfd)", re.MULTILINE)


class Process(NamedTuple):
    """A process, and the bytes that are its own."""

    pid: int
    size: int


class Meter(Protocol):
    """Measures a sandbox. `fds`: the descriptors that it needs."""

    fds: list[int]

    def bytes(self) -> int:
        """Bytes that processes hold, files aside."""

    def processes(self) -> list[Process]:
        """All processes but the first."""


class Account:
    """The account of a control group, by the files that describe it. Memory in files of `tree` is not counted: the limit of
    the tree bounds it."""

    def __init__(self, tree: int, files: dict[str, int], limit: int) -> None:
        self.tree, self.files, self.limit = tree, files, limit
        self.fds = [tree, *files.values()]
        self.reclaimed = 0.0

    def bytes(self) -> int:
        sockets = int(_text(self.files["sockets"])) if "sockets" in self.files else 0
        usage = int(_text(self.files["usage"])) + sockets
        if usage <= self.limit // 2:
            return usage
        space = os.fstatvfs(self.tree)
        in_files = (space.f_blocks - space.f_bfree) * space.f_frsize
        nodes = (space.f_files - space.f_ffree) * _NODE
        rows = dict(line.split() for line in _text(self.files["stat"]).splitlines() if line.count(" ") == 1)
        anonymous = int(rows.get("anon", rows.get("rss", 0))) + max(0, int(rows.get("shmem", 0)) - in_files)
        return anonymous + sockets + max(0, self._kernel(rows, anonymous) - nodes)

    def _kernel(self, rows: dict[str, str], anonymous: int) -> int:
        """Bytes of the kernel's own memory (sockets, pipes, tables) that it cannot give back."""
        if "kernel" in rows:
            return int(rows["kernel"]) + int(rows.get("sock", 0)) - int(rows.get("slab_reclaimable", 0))
        kernel = int(_text(self.files["kernel"]))
        over = anonymous <= self.limit < anonymous + kernel
        if over and kernel > self.limit // 4 and time.monotonic() > self.reclaimed + _STALE:
            _reclaim(self.files["reclaim"])
            self.reclaimed = time.monotonic()
            kernel = int(_text(self.files["kernel"]))
        return kernel

    def processes(self) -> list[Process]:
        return _processes()


class Sum:
    """The sum over all processes, where there is no control group. Buffers count as large as they can be."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.fds: list[int] = []
        self.maps: dict[tuple[int, str], tuple[float, dict[str, int]]] = {}
        """By process and size of its address space: when its shared memory was listed, and what was there."""

    def bytes(self) -> int:
        processes = _processes()
        held = self._shared() + _sockets() * _SOCKET + sum(map(_pipes, processes))
        own = sum(p.size for p in processes)
        if self.limit < own + held < 2 * self.limit:
            own = sum(map(_proportional, processes))
        return own + held

    def processes(self) -> list[Process]:
        return _processes()

    def _shared(self) -> int:
        """Bytes of memory that processes share without a file; each counted once, as large as it may become."""
        sizes: dict[str, int] = {}
        now, known = time.monotonic(), {}
        for pid in _pids():
            key = pid, _read(f"/{pid}/statm").partition(" ")[0]
            known[key] = self.maps.get(key, (0.0, {}))
            if known[key][0] < now - _STALE:
                known[key] = now, _shared(pid)
            for name, size in known[key][1].items():
                sizes[name] = max(sizes.get(name, 0), size)
        self.maps = known
        return sum(sizes.values())


def _text(fd: int) -> str:
    return os.pread(fd, 65_536, 0).decode()


def _reclaim(fd: int) -> None:
    try:
        os.write(fd, b"0")
    except OSError:
        pass


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _pids() -> Iterator[int]:
    return (int(n) for n in os.listdir("/") if n.isdigit() and n != "1")


def _processes() -> list[Process]:
    processes = []
    for pid in _pids():
        sizes = _read(f"/{pid}/statm").split()
        if len(sizes) > 2:
            processes.append(Process(pid, (int(sizes[1]) - int(sizes[2])) * _PAGE))
    return processes


def _proportional(process: Process) -> int:
    """The bytes of a process, with what it shares with others divided among them."""
    match = re.search(r"^Pss_Anon: +(\d+)", _read(f"/{process.pid}/smaps_rollup"), re.MULTILINE)
    return int(match[1]) << 10 if match else process.size


def _shared(pid: int) -> dict[str, int]:
    return {n: int(end, 16) - int(start, 16) for start, end, n in _SHARED.findall(_read(f"/{pid}/maps"))}


def _sockets() -> int:
    match = re.search(r"^sockets: used (\d+)", _read("/self/net/sockstat"), re.MULTILINE)
    return int(match[1]) if match else 0


def _pipes(process: Process) -> int:
    try:
        count = os.stat(f"/{process.pid}/fd").st_size or len(os.listdir(f"/{process.pid}/fd"))
    except OSError:
        return 0
    return max(0, count - _USUAL_FILES) * _PIPE
