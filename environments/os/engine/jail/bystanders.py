"""Stand-ins: processes that look like those that the agent left running, and do nothing.

The grader's scripts see them in the place of the agent's own, in a process namespace of their own: what they do to them
happens to nobody, and nothing of the agent's is at work while they run.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import linux

_LONGEST = 4096
"""Bytes of a command line that is shown."""


class Bystander(NamedTuple):
    """A process as others see it: its id and its parent's (0: none of these) in its namespace, users, groups, nice value,
    name and command line."""

    pid: int
    parent: int
    uids: tuple[int, int, int]
    gids: tuple[int, int, int]
    nice: int
    name: bytes
    command: bytes


def bystanders(pids: Iterable[int]) -> list[Bystander]:
    """Those of these processes that still run, in order of their ids."""
    return sorted(filter(None, map(_bystander, pids)))


def _bystander(pid: int) -> Bystander | None:
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            status = dict(line.split(b":\t", 1) for line in file.read().splitlines() if b":\t" in line)
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            command = file.read(_LONGEST)
        parent = _id_inside(int(status[b"PPid"]))
        if status[b"State"][:1] == b"Z" or not command:
            return None
        users, groups = _ids(status[b"Uid"]), _ids(status[b"Gid"])
        nice = os.getpriority(os.PRIO_PROCESS, pid)
        return Bystander(int(status[b"NSpid"].split()[-1]), parent, users, groups, nice, status[b"Name"], command)
    except (OSError, LookupError, ValueError):
        return None


def _ids(columns: bytes) -> tuple[int, int, int]:
    """The real, the effective and the saved id."""
    real, effective, saved = map(int, columns.split()[:3])
    return real, effective, saved


def _id_inside(pid: int) -> int:
    with open(f"/proc/{pid}/status", "rb") as file:
        ids = next(line for line in file if line.startswith(b"NSpid:"))
    return int(ids.split()[-1])


def stand_in(others: Sequence[Bystander], parent: int = 0) -> None:
    """Make the children of a parent among them, and theirs. In the namespace's first process: those whose parent is none of
    them are its own."""
    present = {other.pid for other in others}
    for other in others:
        if (other.parent if other.parent in present else 0) == parent and linux.fork_as(other.pid) == 0:
            try:
                stand_in(others, other.pid)
                _stand(other)
            finally:
                os._exit(1)


def _stand(other: Bystander) -> None:
    linux.close_all_but(())
    linux.show_command(other.name, other.command.rstrip(b"\0") + b"\0")
    os.setpriority(os.PRIO_PROCESS, 0, other.nice)
    os.setgroups([])
    os.setresgid(*other.gids)
    os.setresuid(*other.uids)
    linux.restore_signals()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        signal.pause()
