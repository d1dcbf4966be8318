"""The sandbox on bubblewrap, host side: it starts the jail process, maps its users and sends it requests.

If the host's user is root, each sandbox gets 65536 user ids that are unused on the host. An ordinary user's sandbox gets
the ids of /etc/subuid through newuidmap (Debian package uidmap); without them root is the only user inside.
"""

from __future__ import annotations

import getpass
import json
import os
import platform
import select
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from simenv.errors import ConfigError, WorldError
from simenv.world import Protection

from . import cgroups, seccomp
from .sandbox import Entry, Limits, MachineBroken, Output, Sandbox, Script, ScriptResult

_JAIL = Path(__file__).parent / "jail"
_MIB = 1 << 20
_RANGE, _FIRST, _SLOTS = 65_536, 1 << 30, 16_384
"""User ids of a sandbox, the first of them on the host, and the number of such ranges."""
_GRACE = 60.0
"""Seconds that the jail gets to answer, beyond those of the command."""
_MAP = "newuidmap"
_HOSTS_PROGRAMS = (
    "/usr is this host's, read-only, so what is in it differs from host to host; engine: docker has an image"
)
_SETTING_UP = ("enter", "settle", "build")
"""Requests that no script of an agent comes before."""


class Bubblewrap(Sandbox):
    """One jail process, which outlives the shells in it. Killing it ends the whole sandbox."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        if reason := self.missing():
            raise ConfigError(f"environments/os: {reason}")
        self._bwrap = str(shutil.which("bwrap"))
        self._process: subprocess.Popen[bytes] | None = None
        self._groups: list[cgroups.Group] = []
        self._broken = ""
        self._base_tree: dict[str, Entry] = {}
        self._errors: IO[bytes]

    @staticmethod
    def missing() -> str:
        """What to install on this host; '' for nothing."""
        return "" if shutil.which("bwrap") else "no bwrap; install the package bubblewrap, or set engine: docker"

    @staticmethod
    def protections() -> dict[str, Protection]:
        """What bounds the sandbox on this host."""
        several = os.geteuid() == 0 or _delegated_ids() is not None
        no_users = (
            "root is the only user inside; install uidmap, and give the user a range in /etc/subuid and /etc/subgid"
        )
        version, filtered = cgroups.version(), bool(seccomp.program())
        return {
            "bubblewrap": Protection(not Bubblewrap.missing(), Bubblewrap.missing()),
            "user namespaces": Protection(not (reason := _no_user_namespaces()), reason),
            "users of its own": Protection(several, "" if several else no_users),
            "seccomp": Protection(filtered, "" if filtered else f"no filter of system calls for {platform.machine()}"),
            "control groups": Protection(version > 0, f"version {version}" if version else cgroups.NONE),
            "programs of its own": Protection(False, _HOSTS_PROGRAMS),
        }

    def start(self, spec: dict[str, Any], cwd: str, environment: dict[str, str]) -> None:
        self.close()
        self._broken = ""
        self._errors = TemporaryFile()  # noqa: SIM115
        command = [sys.executable, "-E", "-s", "-S", str(_JAIL / "__main__.py")]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd="/",
            env={"PATH": os.defpath},
            start_new_session=True,
            bufsize=0,
        )
        try:
            self._groups = self._make_groups()
            self._enter()
            self._ask("build", spec=spec, cwd=cwd, environment=environment)
        except WorldError:
            self.close()
            raise

    def _make_groups(self) -> list[cgroups.Group]:
        """The control groups of shell and checks; none where the host gives none."""
        bounds = cgroups.Bounds(self.limits.memory * _MIB, self.limits.disk * _MIB, self.limits.processes)
        groups: list[cgroups.Group] = []
        for _ in range(2):
            if group := cgroups.create(bounds):
                groups.append(group)
        return groups if len(groups) == 2 else []

    def _enter(self) -> None:
        assert self._process is not None
        limits = {
            "memory": self.limits.memory * _MIB,
            "disk": self.limits.disk * _MIB,
            "processes": self.limits.processes,
            "cpu": self.limits.cpu,
        }
        first = _FIRST + self._process.pid % _SLOTS * _RANGE if os.geteuid() == 0 else None
        self._ask(
            "enter",
            uid=first,
            limits=limits,
            bwrap=self._bwrap,
            filter=seccomp.program().hex(),
            groups=[group.files() for group in self._groups],
        )
        _map(self._process.pid, first)
        self._ask("settle")

    def run(self, script: str, seconds: float | None = None) -> Output:
        seconds = self.limits.seconds if seconds is None else seconds
        reply, text = self._call("run", seconds, script=script.encode("utf-8", "replace").decode(), seconds=seconds)
        return Output(
            text=text,
            status=reply["status"],
            ending=reply["ending"],
            restarted=reply["restarted"],
            complete=reply["count"] == len(text),
        )

    def cwd(self) -> str:
        return str(self._ask("folder")["cwd"])

    def tree(self, strict: bool = False) -> dict[str, Entry]:
        return _entries(self._call("survey", strict=strict)[1])

    def base_tree(self) -> dict[str, Entry]:
        if not self._base_tree:
            self._base_tree = _entries(self._call("base_tree")[1])
        return self._base_tree

    def read(self, path: str, limit: int = 1_000_000) -> bytes | None:
        reply, content = self._call("read", path=path, limit=limit)
        return content if reply["found"] else None

    def check(self, scripts: Sequence[Script], parameters: Sequence[str]) -> list[ScriptResult]:
        seconds = self.limits.seconds
        reply, _ = self._call(
            "check",
            seconds * len(scripts),
            scripts=[s.model_dump() for s in scripts],
            parameters=list(parameters),
            seconds=seconds,
        )
        return [ScriptResult(**end) for end in reply["done"]]

    def save(self) -> bytes:
        return self._call("save")[1]

    def load(self, blob: bytes) -> None:
        self._call("load", blob=blob)

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        for group in self._groups:
            group.kill()
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        for group in self._groups:
            group.close()
        self._groups = []
        self._errors.close()

    def _ask(self, op: str, **arguments: Any) -> dict[str, Any]:
        return self._call(op, **arguments)[0]

    def _call(
        self, op: str, within: float = 0.0, *, blob: bytes = b"", **arguments: Any
    ) -> tuple[dict[str, Any], bytes]:
        """Send one request to the jail. MachineBroken if it fails or does not answer in time, WorldError if the jail ends."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise (
                MachineBroken(self._broken)
                if self._broken
                else WorldError("environments/os: the sandbox is not started")
            )
        head = json.dumps({"op": op} | arguments).encode()
        wire = _Connection(process.stdin.fileno(), process.stdout.fileno(), time.monotonic() + within + _GRACE)
        try:
            wire.send(struct.pack(">II", len(head), len(blob)) + head + blob)
            size, body_size = struct.unpack(">II", wire.receive(8))
            reply, body = json.loads(wire.receive(size)), wire.receive(body_size)
        except TimeoutError as e:
            self.close()
            self._broken = f"environments/os: {op}: no answer in time"
            raise MachineBroken(self._broken) from e
        except (OSError, EOFError, ValueError) as e:
            self._errors.seek(0)
            message = self._errors.read()[-300:].decode("utf-8", "replace").strip()
            self.close()
            raise WorldError(f"environments/os: the sandbox does not answer {op!r}: {e}; {message}") from e
        if "fault" in reply:
            kind = WorldError if op in _SETTING_UP else MachineBroken
            raise kind(f"environments/os: {op}: {reply['fault']}")
        return reply, body


def _no_user_namespaces() -> str:
    command = ["bwrap", "--unshare-user", "--unshare-pid", "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=10)
    except (OSError, subprocess.SubprocessError) as e:
        reason = getattr(e, "stderr", b"") or str(e).encode()
        return f"none can be made: {reason.decode('utf-8', 'replace').strip()[-200:]}"
    return ""


def _entries(survey: bytes) -> dict[str, Entry]:
    names = ("kind", "mode", "uid", "gid", "size", "content", "text")
    return {path: Entry(**dict(zip(names, row, strict=True))) for path, row in json.loads(survey).items()}


class _Connection:
    """Two pipes to the jail, and a deadline."""

    def __init__(self, into: int, out: int, deadline: float) -> None:
        self._into, self._out, self._deadline = into, out, deadline

    def _wait(self, reading: bool) -> None:
        seconds = max(0.0, self._deadline - time.monotonic())
        fds = ([self._out], []) if reading else ([], [self._into])
        if not any(select.select(*fds, [], seconds)):
            raise TimeoutError("no answer")

    def send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            self._wait(reading=False)
            view = view[os.write(self._into, view[: select.PIPE_BUF]) :]

    def receive(self, size: int) -> bytes:
        parts, remaining = [], size
        while remaining:
            self._wait(reading=True)
            part = os.read(self._out, min(remaining, _MIB))
            if not part:
                raise EOFError("it has ended")
            parts.append(part)
            remaining -= len(part)
        return b"".join(parts)


def _map(pid: int, first: int | None) -> None:
    """Map the users of a new user namespace to users of the host."""
    try:
        if first is not None:
            for kind in ("uid", "gid"):
                Path(f"/proc/{pid}/{kind}_map").write_text(f"0 {first} {_RANGE}")
        elif ids := _delegated_ids():
            for (kind, host_id), start in zip((("uid", os.geteuid()), ("gid", os.getegid())), ids, strict=True):
                command = [f"new{kind}map", str(pid), "0", str(host_id), "1", "1", str(start), str(_RANGE - 1)]
                subprocess.run(command, check=True, capture_output=True, timeout=10)
        else:
            Path(f"/proc/{pid}/setgroups").write_text("deny")
            Path(f"/proc/{pid}/uid_map").write_text(f"0 {os.geteuid()} 1")
            Path(f"/proc/{pid}/gid_map").write_text(f"0 {os.getegid()} 1")
    except (OSError, subprocess.SubprocessError) as e:
        raise WorldError(f"environments/os: cannot map the sandbox's users: {e}") from e


def _delegated_ids() -> tuple[int, int] | None:
    """The first subordinate user and group id of an ordinary user; None if there are not enough of both."""
    if shutil.which(_MAP) is None:
        return None
    starts = []
    for path in ("/etc/subuid", "/etc/subgid"):
        try:
            rows = [row.split(":") for row in Path(path).read_text(encoding="utf-8").splitlines()]
        except OSError:
            return None
        ranges = [int(r[1]) for r in rows if r[0] in (_user_name(), str(os.geteuid())) and int(r[2]) >= _RANGE - 1]
        starts += ranges[:1]
    return (starts[0], starts[1]) if len(starts) == 2 else None


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.geteuid())
