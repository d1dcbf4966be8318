"""The first process of an agent's process namespace: it collects ended processes, and bounds the memory of the others.

It runs outside the agent's rights: in no file tree but /proc, with no memory that root in the sandbox can read or write,
and not counted as the agent's. When it ends, the kernel ends every process of the namespace.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence

import linux
from bystanders import Bystander, stand_in
from memory import Meter, Process

_SHORTEST, _LONGEST = 0.002, 0.1
"""Seconds between two looks at memory."""
_RATE = 8 << 30
"""Bytes that processes can claim in a second, at most: it decides when to look again."""
_SHELL = 2
"""The process id of the program that the namespace was made for."""


def start(folder: str, meter: Callable[[], Meter], limit: int, others: Sequence[Bystander] = ()) -> int:
    """Start it in a new process namespace, as a child of this process; a descriptor of the namespace.

    `folder` is an empty folder to see /proc in, `others` are the processes to have stand-ins for. It ends
    with this process. OSError if it cannot start.
    """
    go, ready = os.pipe(), os.pipe()
    linux.show_memory(True)
    first = linux.fork_into(linux.NEWPID)
    if first == 0:
        try:
            os.close(go[1])
            _Init(meter(), limit).settle(folder, go[0], ready[1], others)
        finally:
            os._exit(1)
    os.close(ready[1])
    try:
        namespace = os.open(f"/proc/{first}/ns/pid", os.O_RDONLY)
        os.write(go[1], b"+")
        if not os.read(ready[0], 1):
            raise OSError("the first process does not start")
    finally:
        for fd in (*go, ready[0]):
            os.close(fd)
    return namespace


class _Init:
    def __init__(self, meter: Meter, limit: int) -> None:
        self.meter, self.limit = meter, limit
        self.dying: set[int] = set()

    def settle(self, folder: str, go: int, ready: int, others: Sequence[Bystander]) -> None:
        """Leave all that the agent must not reach by way of this process, tell that it is so, and watch."""
        linux.die_with_parent()
        if not os.read(go, 1):
            return
        linux.show_memory(False)
        signal.pthread_sigmask(signal.SIG_SETMASK, {signal.SIGCHLD})
        linux.rename(b"init")
        linux.unshare(linux.NEWNS)
        linux.mount("proc", folder)
        os.chroot(folder)
        os.chdir("/")
        stand_in(others)
        os.write(ready, b"+")
        linux.close_all_but(self.meter.fds)
        self.watch()

    def watch(self) -> None:
        """Collect and measure for ever. When to measure is a matter of time alone: no event puts it off."""
        due = 0.0
        while True:
            wait = max(0.0, due - time.monotonic())
            if wait:
                signal.sigtimedwait({signal.SIGCHLD}, wait)
            _collect()
            if time.monotonic() >= due:
                due = time.monotonic() + self.look()

    def look(self) -> float:
        """Measure, and kill what is too much; seconds until the next look."""
        room = self.limit - self.meter.bytes()
        if room >= 0:
            self.dying.clear()
            return min(_LONGEST, max(_SHORTEST, room / _RATE))
        self._make_room(-room)
        return _SHORTEST

    def _make_room(self, excess: int) -> None:
        """Kill the largest processes, a small shell last. What is held but by no process (buffers, queues) is freed with its
        processes: then all of them are killed."""
        processes = sorted(
            self.meter.processes(), key=lambda p: (p.pid == _SHELL and p.size < self.limit // 4, -p.size)
        )
        self.dying &= {p.pid for p in processes}
        excess -= sum(p.size for p in processes if p.pid in self.dying)
        for process in processes:
            if excess <= 0 or (process.pid == _SHELL and self.dying):
                return
            if process.pid not in self.dying:
                _kill(process)
                self.dying.add(process.pid)
                excess -= process.size


def _kill(process: Process) -> None:
    """Kill a process and take its memory at once: on a busy machine it may be long before it runs again to give it back."""
    try:
        os.kill(process.pid, signal.SIGKILL)
        linux.release_memory(process.pid)
    except OSError:
        pass


def _collect() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
