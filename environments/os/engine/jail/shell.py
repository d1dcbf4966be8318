"""A persistent bash that runs scripts, in bubblewrap."""

from __future__ import annotations

import os
import re
import select
import signal
import time
from collections.abc import Callable
from typing import Any

import linux
from launcher import Launcher, Limits

TICK = 0.1
_PATIENCE = 5.0
"""Seconds that an interrupted command gets to end."""
_BOOT = 10.0
_SECRET, _NOISE = 12, 65_536
"""Bytes of the secret of a script, and of what is kept of the shell's own messages."""
_MARK = re.compile(rb"\x1e([0-9a-f]+) (\d{1,3})\x1e")
_OUTPUT = 250
"""The shell's descriptor for the output of its commands: high, so that no script closes it by accident."""
_NO_TERMINAL = re.compile(rb"^bash: \[\d+: \d+ \(\d+\)\] tcsetattr: .*\n", re.M)
"""What an interactive bash without a terminal says each time that a program ends by a signal."""


class Reader:
    """Reads a pipe: stores its first `max_bytes`, or with `last` its last, and counts all bytes."""

    def __init__(self, fd: int, max_bytes: int, last: bool = False) -> None:
        self.fd, self.max_bytes, self.last = fd, max_bytes, last
        self.text, self.count, self.open = bytearray(), 0, True

    def take(self) -> None:
        """Read what is available now."""
        try:
            data = os.read(self.fd, 65_536)
        except BlockingIOError:
            return
        except ConnectionResetError:
            data = b""
        self.open = bool(data)
        self.count += len(data)
        self.text += data if self.last else data[: max(0, self.max_bytes - len(self.text))]
        if self.last:
            del self.text[: -self.max_bytes]

    def drain(self) -> None:
        """Read all that was written so far, at most 64 times 64 KiB."""
        for _ in range(64):
            before = self.count
            self.take()
            if self.count == before:
                return


def quote(text: str) -> str:
    """The text as one word of bash."""
    return "'" + text.replace("'", "'\\''") + "'"


class Shell:
    """A bash that runs one script after the other, and keeps its folder, variables, functions and background processes.

    Scripts are arguments of `eval`, so that unfinished quotes and here-documents end with them. A script is a line on the
    shell's own standard input, and its end and status come on the shell's own standard error, with a secret that is drawn for
    each script. Scripts and their children hold neither, and as these are sockets, no path opens them. An end counts only
    while the shell waits for its next line, which the kernel tells: whatever a script writes, it goes on until it has ended.
    The shell is interactive because an interactive bash survives errors and an interrupt.
    """

    def __init__(self, launcher: Launcher, limits: Limits, exit_if_orphaned: Callable[[], None]) -> None:
        self.launcher, self.limits, self.exit_if_orphaned = launcher, limits, exit_if_orphaned
        self.status, self.first, self.bash, self.own_input = 0, 0, 0, ""
        output, lines, control = os.pipe(), linux.socket_pair(), linux.socket_pair()
        bash = ["bash", "--norc", "--noprofile", "--noediting", "-i"]
        files = {0: lines[1], 1: output[1], 2: control[1], _OUTPUT: output[1]}
        self.pid = launcher.start(bash, files, limits)
        for fd in (lines[1], output[1], control[1]):
            os.close(fd)
        self.input, self.output, self.control = lines[0], output[0], control[0]
        for fd in (self.input, self.output, self.control):
            os.set_blocking(fd, False)
        self.dead = False
        self.noise = self.run("set +o history; unset HISTFILE", _BOOT)["noise"]
        self.first, self.bash = self._find_processes()
        self.own_input = self._standard_input()

    def _find_processes(self) -> tuple[int, int]:
        """The first process of the namespace and the bash; 0 for both if there are none. While processes end, the kernel's
        list may lack some."""
        deadline = time.monotonic() + _BOOT
        while not self.dead and time.monotonic() < deadline:
            processes = linux.descendants(self.pid)
            if len(processes) > 1:
                return processes[0], processes[1]
        return 0, 0

    def run(self, script: str, seconds: float, max_bytes: int = 0) -> dict[str, Any]:
        """Run a script: its `output`, `count` (bytes), `status`, `noise`, and `ending` (done, timeout, flood, died)."""
        if self.dead:
            raise OSError("there is no shell")
        secret = os.urandom(_SECRET).hex()
        last = f"_() {{ unset -f _; return {self.status}; }}; _\n" if self.status else ""
        end = f"builtin printf '\\036{secret} %d\\036' $? >&2\n"
        lines = f"{last}eval {quote(script)} </dev/null >&{_OUTPUT} 2>&1 {_OUTPUT}>&-\n{end}"
        pending = lines.encode("utf-8", "surrogateescape")
        output, control = (
            Reader(self.output, max_bytes or self.limits.max_bytes),
            Reader(self.control, _NOISE, last=True),
        )
        before, marks = set(linux.descendants(self.pid)), list[bytes]()
        is_lost, ending, deadline, stopping = False, "done", time.monotonic() + seconds, 0.0
        while True:
            said = control.count
            pending = self._exchange(pending, output, control)
            if control.count > said:
                marks = [status for by, status in _MARK.findall(control.text) if by == secret.encode()]
            if marks and not pending and self._is_waiting():
                self.status = int(marks[-1]) % 256
                break
            if not (output.open and control.open):
                is_lost, ending = True, "died"
                break
            now = time.monotonic()
            if not stopping and (now > deadline or output.count > self.limits.flood):
                ending, stopping = "timeout" if now > deadline else "flood", now
            if stopping:
                if now - stopping > _PATIENCE:
                    is_lost = True
                    break
                self._interrupt(before, hard=now - stopping > _PATIENCE / 25)
            self.exit_if_orphaned()
        output.drain()
        if is_lost:
            self.close()
        text = _NO_TERMINAL.sub(b"", output.text)
        return {
            "output": bytes(text),
            "count": output.count - len(output.text) + len(text),
            "status": self.status,
            "ending": ending,
            "noise": bytes(control.text),
        }

    def _is_waiting(self) -> bool:
        """Whether the shell waits for its next line: it has read all others, and does not run a script, which would have
        /dev/null for standard input."""
        return not linux.unread(self.input) and self._standard_input() == self.own_input

    def _standard_input(self) -> str:
        try:
            return os.readlink(f"/proc/{self.bash}/fd/0") if self.bash else ""
        except OSError:
            return ""

    def ask(self, script: str, max_bytes: int = 0) -> bytes:
        """The output of an internal script, which leaves the shell's status as it was; b"" if it is not complete."""
        status = self.status
        result = self.run(script, _BOOT / 2, max_bytes)
        self.status = status
        return result["output"] if result["ending"] == "done" and result["count"] == len(result["output"]) else b""

    def _exchange(self, pending: bytes, output: Reader, control: Reader) -> bytes:
        """Write and read what is possible, or wait a little; the bytes that remain to be written."""
        readable, writable, _ = select.select([output.fd, control.fd], [self.input] if pending else [], [], TICK)
        if writable:
            try:
                pending = pending[os.write(self.input, pending) :]
            except (BrokenPipeError, ConnectionResetError):
                pending = b""
        if output.fd in readable:
            output.take()
        if control.fd in readable:
            control.take()
        return pending

    def _interrupt(self, before: set[int], hard: bool) -> None:
        """Interrupt the shell and the processes started since; with `hard`, kill those processes."""
        now = linux.descendants(self.pid)
        for pid in [p for p in now if p not in before]:
            _signal(pid, signal.SIGKILL if hard else signal.SIGINT)
        for pid in now[1:2]:
            _signal(pid, signal.SIGINT)

    def others(self) -> list[int]:
        """The processes that its scripts have left running."""
        own = (self.first, self.bash)
        return [] if self.dead else [pid for pid in linux.descendants(self.pid) if pid not in own]

    def close(self) -> None:
        """End the shell and all its processes. Idempotent."""
        if not self.dead:
            self.dead = True
            stop(self.pid)
            for fd in (self.input, self.output, self.control):
                os.close(fd)


def stop(pid: int, grace: float = 0.0) -> int | None:
    """Wait `grace` seconds for a bubblewrap, then kill it with all its processes. Its wait status if it ended by itself."""
    status = _wait(pid, grace)
    if status is None:
        first = linux.descendants(pid)[:1]
        for target in (*first, pid):
            _signal(target, signal.SIGKILL)
        os.waitpid(pid, 0)
    return status


def _wait(pid: int, seconds: float) -> int | None:
    deadline = time.monotonic() + seconds
    while True:
        exited, status = os.waitpid(pid, os.WNOHANG)
        if exited:
            return status
        if time.monotonic() >= deadline:
            return None
        time.sleep(0.0005)


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
