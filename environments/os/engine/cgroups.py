"""Control groups of a sandbox, where the host allows them: the kernel counts and bounds what its processes hold.

Version 2, or the controllers of version 1; the groups lie below the one that simenv runs in, or below a group above it.
"""

from __future__ import annotations

import itertools
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NAME = "simenv-{pid}-{number}"
_OURS = re.compile(r"simenv-(\d+)-\d+")
_NUMBERS = itertools.count()
_SLACK = 32 << 20
"""Bytes beyond the limits of memory and disk, for the kernel's own tables."""
_FILES = {
    2: {"usage": "memory.current", "stat": "memory.stat"},
    1: {
        "usage": "memory.usage_in_bytes",
        "stat": "memory.stat",
        "kernel": "memory.kmem.usage_in_bytes",
        "sockets": "memory.kmem.tcp.usage_in_bytes",
        "reclaim": "memory.force_empty",
    },
}
"""By version: files that describe the memory of a group."""
_KILL_SECONDS = 5.0
NONE = (
    "none that counts memory can be made (run as root, or in a delegated cgroup v2);"
    " memory is added up from /proc instead"
)
"""Why there may be no group, and what takes its place."""


@dataclass(frozen=True)
class Bounds:
    """Bytes of memory and files, and the number of processes, of one group."""

    memory: int
    disk: int
    processes: int

    def settings(self, version: int) -> list[tuple[str, int | str]]:
        """Files and their values. Swap is set after memory, as version 1 demands; a host without it lacks the file."""
        most = self.memory + self.disk + _SLACK
        if version == 2:
            return [("memory.max", most), ("memory.swap.max", 0), ("pids.max", self.processes)]
        return [
            ("memory.limit_in_bytes", most),
            ("memory.memsw.limit_in_bytes", most),
            ("memory.kmem.tcp.limit_in_bytes", self.memory),
            ("pids.max", self.processes),
        ]


@dataclass(frozen=True)
class Group:
    """The folders of one group, one for each hierarchy; the first of them counts memory, with files of a version."""

    folders: tuple[Path, ...]
    version: int

    def files(self) -> dict[str, str]:
        """The files that the jail needs: `join0` and so on to enter it, and those that tell of memory."""
        joins = {f"join{n}": str(folder / "cgroup.procs") for n, folder in enumerate(self.folders)}
        return joins | {name: str(self.folders[0] / file) for name, file in _FILES[self.version].items()}

    def kill(self) -> None:
        """Kill what lives in the group; it may be a moment until it is gone."""
        for folder in self.folders:
            _kill(folder)

    def close(self) -> None:
        """Kill what lives in the group, and remove it. Idempotent."""
        deadline = time.monotonic() + _KILL_SECONDS
        while any(folder.exists() for folder in self.folders) and time.monotonic() < deadline:
            for folder in self.folders:
                _kill(folder)
                _remove(folder)
            time.sleep(0.001)


def create(bounds: Bounds) -> Group | None:
    """A new group with these bounds; None where the host gives none."""
    name = _NAME.format(pid=os.getpid(), number=next(_NUMBERS))
    for version, parents in _memory_parents():
        for parent in parents:
            _remove_abandoned(parent)
        try:
            folders = tuple(parent / name for parent in parents)
            for folder in folders:
                folder.mkdir()
            for file, value in bounds.settings(version):
                _write([folder / file for folder in folders], value)
            return Group(folders, version)
        except OSError:
            Group(tuple(parent / name for parent in parents), version).close()
    return None


def version() -> int:
    """The version of the control groups that this host gives, 2 or 1; 0 for none."""
    group = create(Bounds(1 << 30, 1 << 20, 64))
    if group is None:
        return 0
    group.close()
    return group.version


def _memory_parents() -> Iterator[tuple[int, list[Path]]]:
    """Version and folders in which a group can be made: version 2 from one's own group upwards, then version 1."""
    mounts, own = _mounts(), _own()
    unified = mounts.get("")
    if unified and "" in own:
        for folder in _upwards(unified, own[""]):
            if _enabled(folder):
                yield 2, [folder]
    if "memory" in mounts and "memory" in own:
        names = [n for n in ("memory", "pids") if n in mounts and n in own]
        parents = [_existing(mounts[n], own[n]) for n in names]
        yield 1, parents + ([_existing(unified, own[""])] if unified and "" in own else [])


def _mounts() -> dict[str, Path]:
    """Where each controller of version 1 is mounted; version 2 under ''."""
    mounts: dict[str, Path] = {}
    try:
        rows = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    except OSError:
        return mounts
    for _, place, kind, options, *_ in (row.split() for row in rows):
        if kind == "cgroup2":
            mounts.setdefault("", Path(place))
        elif kind == "cgroup":
            for name in options.split(","):
                mounts.setdefault(name, Path(place))
    return mounts


def _own() -> dict[str, str]:
    """The path of this process's group by controller; version 2 under ''."""
    try:
        rows = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return {name: path for _, names, path in (row.split(":", 2) for row in rows) for name in names.split(",")}


def _upwards(mount: Path, path: str) -> Iterator[Path]:
    folder = _existing(mount, path)
    yield folder
    while folder != mount:
        folder = folder.parent
        yield folder


def _existing(mount: Path, path: str) -> Path:
    """The folder of a group; the mount itself where a container shows no more than its own part."""
    folder = mount / path.strip("/")
    return folder if ".." not in folder.parts and folder.is_dir() else mount


def _enabled(folder: Path) -> bool:
    """Whether groups below a folder of version 2 have the controllers; they are turned on if that is allowed."""
    switch = folder / "cgroup.subtree_control"
    try:
        if not {"memory", "pids"} <= set(switch.read_text().split()):
            if "memory" not in (folder / "cgroup.controllers").read_text().split():
                return False
            switch.write_text("+memory +pids")
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def _write(files: list[Path], value: int | str) -> None:
    """Write a setting to the first folder that has it."""
    for file in files:
        if file.exists():
            file.write_text(str(value))
            return


def _kill(folder: Path) -> None:
    try:
        if (folder / "cgroup.kill").exists():
            (folder / "cgroup.kill").write_text("1")
        for pid in (folder / "cgroup.procs").read_text().split():
            os.kill(int(pid), 9)
    except OSError:
        pass


def _remove(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        pass


def _remove_abandoned(parent: Path) -> None:
    """Remove empty groups of processes that were killed before they could do so themselves."""
    try:
        names = os.listdir(parent)
    except OSError:
        return
    for match in filter(None, map(_OURS.fullmatch, names)):
        if not os.path.exists(f"/proc/{match[1]}"):
            _remove(parent / match[0])
