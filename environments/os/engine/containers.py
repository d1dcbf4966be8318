"""The sandbox in a container of Docker or Podman, through the `docker` SDK. Isolation is the container engine's.

It is weaker than bubblewrap in three respects: `tree` lists only the differences from the image, checks use the image's
tools as the agent left them (in a copy of the container), and a command that takes too long ends the shell.
"""

from __future__ import annotations

import io
import json
import re
import select
import shlex
import struct
import tarfile
import time
import zlib
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib import import_module
from secrets import token_hex
from typing import Any

from simenv.errors import ConfigError, WorldError
from simenv.network import is_offline

from .sandbox import Ending, Entry, Limits, Output, Sandbox, Script, ScriptResult

_KEPT, _FLOOD, _SMALL = 65_536, 8_388_608, 2048
_MIB = 1 << 20
_STATE = "{ declare -p; declare -f; alias -p; shopt -p; umask -p; builtin printf 'cd %q\\n' \"$PWD\"; } 2>/dev/null"
_BASH = ["bash", "--norc", "--noprofile", "--noediting", "-i"]
_KINDS = {tarfile.REGTYPE: "file", tarfile.AREGTYPE: "file", tarfile.DIRTYPE: "directory", tarfile.SYMTYPE: "link"}
_ENDINGS: dict[int, Ending] = {0: "timeout", -1: "died"}
"""By channel that `_frame` reports."""


class Container(Sandbox):
    """One container with one bash, driven as in bubblewrap's jail."""

    def __init__(self, limits: Limits, image: str) -> None:
        self.limits, self.image = limits, image
        self._container: Any = None
        try:
            self._docker = import_module("docker")
        except ImportError as e:
            raise ConfigError("environments/os: engine docker needs the docker SDK; install simenv[docker]") from e
        self._errors = (self._docker.errors.DockerException, OSError)
        try:
            self._client = self._docker.from_env()
            self._client.ping()
        except self._errors as e:
            raise ConfigError(f"environments/os: no Docker or Podman engine answers: {e}") from e

    def start(self, spec: dict[str, Any], cwd: str, environment: dict[str, str]) -> None:
        self.close()
        self._cwd, self._environment = cwd, {"TERM": "dumb", "PS1": "", "PS2": ""} | environment
        try:
            self._create()
            for command in _commands(spec, cwd):
                self._execute(command)
            self._boot()
        except self._errors as e:
            self.close()
            raise WorldError(f"environments/os: the container cannot be set up: {e}") from e

    def _create(self) -> None:
        if is_offline():  # the engine itself would fetch an image that is not there
            self._client.images.get(self.image)
        self._container = self._client.containers.run(
            self.image, ["sleep", "infinity"], detach=True, **self._limits_options()
        )

    def _limits_options(self) -> dict[str, Any]:
        limits = self.limits
        cpu = self._docker.types.Ulimit(name="cpu", soft=limits.cpu, hard=limits.cpu)
        size = self._docker.types.Ulimit(name="fsize", soft=limits.disk * _MIB, hard=limits.disk * _MIB)
        return {
            "network_mode": "none",
            "mem_limit": f"{limits.memory}m",
            "memswap_limit": f"{limits.memory}m",
            "pids_limit": limits.processes,
            "ulimits": [cpu, size],
            "security_opt": ["no-new-privileges"],
            "init": True,
        }

    def _execute(self, command: list[str]) -> None:
        code, output = self._container.exec_run(command, user="root")
        if code != 0:
            raise WorldError(f"environments/os: {shlex.join(command)[:200]} ended with {code}: {output[-300:]!r}")

    def _boot(self) -> None:
        process = self._client.api.exec_create(
            self._container.id, _BASH, stdin=True, environment=self._environment, workdir=self._cwd, user="root"
        )
        stream = self._client.api.exec_start(process["Id"], socket=True)
        self._socket = getattr(stream, "_sock", stream)
        self._exchange("set +o history", 10)

    def run(self, script: str, seconds: float | None = None) -> Output:
        try:
            return self._exchange(script, self.limits.seconds if seconds is None else seconds)
        except self._errors as e:
            raise WorldError(f"environments/os: the container does not answer: {e}") from e

    def _exchange(self, script: str, seconds: float, max_bytes: int = _KEPT) -> Output:
        secret = token_hex(12)
        mark, end = re.compile(rf"\x1e{secret} (\d{{1,3}})\x1e".encode()), None
        last = f"builtin printf '\\036{secret} %d\\036' $? >&2\n"
        self._socket.sendall(f"eval {shlex.quote(script)} </dev/null 2>&1\n{last}".encode("utf-8", "replace"))
        text, control, count, deadline = b"", b"", 0, time.monotonic() + seconds
        ending: Ending | None = None
        while not ending and not (end := mark.search(control)):
            channel, data = self._frame(deadline)
            if channel == 2:
                control = (control + data)[-_KEPT:]
            else:
                count, text = count + len(data), text + data[: max(0, max_bytes - len(text))]
            ending = _ENDINGS.get(channel, "flood" if count > _FLOOD else None)
        if ending:
            self._socket.close()
            self._container.restart(timeout=0)
            self._boot()
        status = 137 if ending or end is None else int(end[1]) % 256
        return Output(
            text=text, status=status, ending=ending or "done", restarted=bool(ending), complete=count == len(text)
        )

    def _frame(self, deadline: float) -> tuple[int, bytes]:
        """Channel and data of the next frame; channel 0 if it comes too late, -1 if the shell has ended."""
        head = self._receive(8, deadline)
        if not head:
            return (-1 if head is None else 0), b""
        channel, size = struct.unpack(">BxxxL", head)
        return channel, self._receive(size, deadline) or b""

    def _receive(self, size: int, deadline: float) -> bytes | None:
        data = b""
        while len(data) < size:
            if not select.select([self._socket], [], [], max(0.0, deadline - time.monotonic()))[0]:
                return b""
            part = self._socket.recv(size - len(data))
            if not part:
                return None
            data += part
        return data

    def cwd(self) -> str:
        return self._exchange("builtin pwd", 5).text.decode("utf-8", "replace").removesuffix("\n")

    def _changes(self) -> Iterator[tuple[tarfile.TarInfo, bytes, str]]:
        """Entries that differ from the image: entry, contents, path."""
        for change in self._container.diff() or []:
            if change["Kind"] != 2:
                for member, content in self._read_entry(change["Path"]):
                    yield member, content, change["Path"]

    def _read_entry(self, path: str) -> list[tuple[tarfile.TarInfo, bytes]]:
        """One entry, read by the container engine and not by the agent's tools; an empty list if there is none."""
        try:
            parts, _ = self._container.get_archive(path)
        except self._docker.errors.NotFound:
            return []
        with tarfile.open(fileobj=io.BytesIO(b"".join(parts))) as archive:
            member = archive.next()
            file = archive.extractfile(member) if member and member.isreg() else None
            return [(member, file.read() if file else b"")] if member else []

    def tree(self, strict: bool = False) -> dict[str, Entry]:
        return {path: _entry(member, content) for member, content, path in self._changes()}

    def base_tree(self) -> dict[str, Entry]:
        return {}

    def read(self, path: str, limit: int = 1_000_000) -> bytes | None:
        entries = self._read_entry(path)
        return entries[0][1][:limit] if entries and entries[0][0].isreg() else None

    def check(self, scripts: Sequence[Script], parameters: Sequence[str]) -> list[ScriptResult]:
        image, arguments, results = self._container.commit(), list(parameters), []
        try:
            for script in scripts:
                program = (
                    ["python3", "-I", "-c", script.code]
                    if script.language == "python"
                    else ["bash", "-c", script.code, "--"]
                )
                results.append(self._run_check(image, [*program, *arguments]))
                arguments.append(results[-1].output)
                if results[-1].status != 0:
                    break
        finally:
            self._client.images.remove(image.id, force=True)
        return results

    def _run_check(self, image: Any, command: list[str]) -> ScriptResult:
        container = self._client.containers.run(
            image.id, command, detach=True, entrypoint="", working_dir="/root", **self._limits_options()
        )
        try:
            status = container.wait(timeout=self.limits.seconds)["StatusCode"]
            out, errors = container.logs(stdout=True, stderr=False), container.logs(stdout=False, stderr=True)
            return ScriptResult(status=status, output=_text(out[:_KEPT]), errors=_text(errors[:4096]))
        except (ConnectionError, TimeoutError, *self._errors):
            return ScriptResult(status=124, output="")
        finally:
            container.remove(force=True)

    def save(self) -> bytes:
        state = self._exchange(_STATE, 5, 4 * _MIB).text
        changes = self._container.diff() or []
        removed = [c["Path"] for c in changes if c["Kind"] == 2]
        head = json.dumps({"state": _text(state), "gone": removed}).encode()
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for member, content, path in self._changes():
                member.name = path.lstrip("/")
                archive.addfile(member, io.BytesIO(content) if member.isreg() else None)
        return zlib.compress(struct.pack(">I", len(head)) + head + buffer.getvalue(), 1)

    def load(self, blob: bytes) -> None:
        try:
            raw = zlib.decompress(blob)
            (length,) = struct.unpack_from(">I", raw)
            head = json.loads(raw[4 : 4 + length])
        except (zlib.error, struct.error, ValueError) as e:
            raise WorldError(f"environments/os: this is no snapshot: {e}") from e
        self.close()
        self._create()
        for path in head["gone"]:
            self._execute(["rm", "-rf", "--", path])
        self._container.put_archive("/", raw[4 + length :])
        self._boot()
        self._exchange(f"eval {shlex.quote(head['state'])} >/dev/null 2>&1", 5)

    def close(self) -> None:
        container, self._container = self._container, None
        if container is not None:
            container.remove(force=True)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _entry(member: tarfile.TarInfo, content: bytes) -> Entry:
    kind = _KINDS.get(member.type, "fifo")
    content_id = {"file": sha256(content).hexdigest(), "link": member.linkname}.get(kind, "")
    text = _text(content) if kind == "file" and len(content) <= _SMALL and b"\0" not in content else None
    size = len(content) if kind == "file" else 0
    return Entry(kind=kind, mode=member.mode, uid=member.uid, gid=member.gid, size=size, content=content_id, text=text)


def _commands(spec: dict[str, Any], cwd: str) -> Iterator[list[str]]:
    """Commands that set up the machine, with the image's own useradd and chmod."""
    for group in spec.get("groups", []):
        yield ["groupadd", *(["-g", str(group["gid"])] if "gid" in group else []), group["name"]]
    for user in spec.get("users", []):
        options = ["-m", "-d", user.get("home", f"/home/{user['name']}"), "-s", user.get("shell", "/bin/bash")]
        options += ["-u", str(user["uid"])] if "uid" in user else []
        options += ["-g", user["group"]] if "group" in user else ["-U"]
        options += ["-G", ",".join(user["groups"])] if user.get("groups") else []
        yield ["useradd", *options, user["name"]]
    for entry in (*spec.get("directories", []), *spec.get("files", [])):
        path = shlex.quote(entry["path"])
        if "content" in entry or entry in spec.get("files", []):
            text, decode = shlex.quote(entry.get("content", "")), entry.get("encoding") == "base64"
            make = f"mkdir -p $(dirname {path}) && printf %s {text} {'| base64 -d ' if decode else ''}> {path}"
            mode = entry.get("mode", "644")
        else:
            make, mode = f"mkdir -p {path}", entry.get("mode", "755")
        owner = entry.get("owner", "root") + (f":{entry['group']}" if "group" in entry else ":")
        when = f" && touch -d @{entry['mtime']} {path}" if "mtime" in entry else ""
        when = f" && touch -d '-{entry['age']} seconds' {path}" if "age" in entry else when
        yield ["sh", "-c", f"{make} && chown {owner} {path} && chmod {mode} {path}{when}"]
    for link in spec.get("links", []):
        path = shlex.quote(link["path"])
        yield ["sh", "-c", f"mkdir -p $(dirname {path}) && ln -s {shlex.quote(link['target'])} {path}"]
    yield ["mkdir", "-p", cwd]
