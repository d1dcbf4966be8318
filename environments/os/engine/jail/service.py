"""The jail process of the bubblewrap engine: it owns the namespaces, the tree and the shell of one sandbox.

It answers requests on its standard input, drops the host's rights first, and ends with its input. The agent's processes
run below it in their own process namespace and cannot see it. Any Python runs it, without site-packages;
nothing here imports simenv.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
import struct
from typing import Any

import image
import linux
import tree
from apply_spec import apply_spec
from bystanders import bystanders
from checks import run_program
from host_folders import mount_host_folders
from launcher import Launcher, Limits
from shell import Shell, quote

_STATE = (
    "{ declare -p; declare -f; alias -p; shopt -p; [[ -o errexit ]] && echo set -e; [[ -o nounset ]] && echo set -u;"
    " [[ -o pipefail ]] && echo set -o pipefail; umask -p; builtin printf 'cd %q\\n' \"$PWD\"; } 2>/dev/null"
)
_SPARE = 8_388_608
"""Bytes that the copy for checks has beyond the limit, so that a full tree can be checked."""
_RESERVE = 32
"""Processes that this process may have beyond the agent's, so that it can work while the agent has used up its own."""
_AHEAD = 10
"""Nice values between the agent's processes and those that watch them."""
_STATE_BYTES = 4_194_304
_PLACES = ("/mnt", "/media", "/srv", "/tmp")
"""Folders of which this process covers the first that is there with what belongs to the sandbox, the next with the host's."""
_IDS = 65_536
"""User ids of a sandbox that root starts."""
_MANY_FILES = 1 << 20


class Jail:
    """Answers requests. Each public method is one; a request and a reply may have a blob beside the JSON."""

    def enter(
        self, uid: int | None, limits: dict[str, int], bwrap: str, filter: str, groups: list[dict[str, str]]
    ) -> dict[str, Any]:
        """Become `uid` (None: keep the user) and enter new namespaces. The caller then maps the users. `groups`: files of the
        control groups of shell and checks, by purpose."""
        self.limits, self.bwrap, self.filter = Limits(**limits), bwrap, bytes.fromhex(filter)
        self.groups = [{name: _open(name, path) for name, path in group.items()} for group in groups]
        self.counted = uid is not None
        self.priority = os.getpriority(os.PRIO_PROCESS, 0)
        self.host = ""
        if uid is not None:
            _hurry()
            _allow_many_files()
            for place in [p for p in _PLACES if os.path.isdir(p)][1:2]:
                self.host = place if mount_host_folders(place, uid, _IDS) else ""
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            self._bound_processes()
        linux.unshare(linux.NEWUSER | linux.NEWNS | linux.NEWIPC)
        return {"pid": os.getpid()}

    def _bound_processes(self) -> None:
        """Limit processes. Set before the namespace is made, the limit holds for all its users together, else for each."""
        most = self.limits.processes + _RESERVE
        hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))

    def settle(self) -> dict[str, Any]:
        """After users are mapped: mount the tree, and apply the settings that only this process can change."""
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
        if not self.counted:
            self._bound_processes()
        linux.mount("none", "/", linux.REC | linux.PRIVATE)
        self.base = next(p for p in _PLACES if os.path.isdir(p))
        linux.mount("tmpfs", self.base, linux.NOSUID | linux.NODEV, "size=1m,mode=755")
        self.newest_first = tree.newest_first(self.base)
        self.layer, self.copy, self.proc = f"{self.base}/layer", f"{self.base}/copy", f"{self.base}/proc"
        os.mkdir(self.proc)
        for folder in (self.layer, self.copy):
            os.mkdir(folder)
        self._mount(self.layer)
        self._mount(self.copy, _SPARE)
        linux.set_kernel("user/max_user_namespaces", 0)
        return {}

    def _mount(self, folder: str, spare: int = 0) -> None:
        nodes = max(1024, self.limits.disk // 4096) + spare // 4096
        data = f"size={self.limits.disk + spare},nr_inodes={nodes},mode=755"
        linux.mount("tmpfs", folder, linux.NOSUID | linux.NODEV, data)

    def build(self, spec: dict[str, Any], cwd: str, environment: dict[str, str]) -> dict[str, Any]:
        """Build the machine of a spec, and start a shell in it."""
        image.build(self.layer)
        linux.run_chrooted(self.layer, lambda: apply_spec(spec))
        self.cwd, self.environment = cwd, environment
        self._boot()
        return {}

    def _launcher(self, root: str, path: str) -> Launcher:
        variables = {"HOME": "/root", "USER": "root", "LOGNAME": "root", "SHELL": "/bin/bash", "LANG": "C.UTF-8"}
        variables |= {"TERM": "dumb", "PATH": path, "PYTHONNOUSERSITE": "1", "PYTHONSAFEPATH": "1"} if root == self.copy else {
            "TERM": "dumb", "PATH": path, "PS1": "", "PS2": "", **self.environment,
        }  # fmt: skip
        group = self.groups[root == self.copy] if self.groups else {}
        return Launcher(root, self.cwd, variables, self.filter, self.bwrap, self.proc, group, self.priority, self.host)

    def _boot(self) -> None:
        self.shell = Shell(self._launcher(self.layer, image.SHELL_PATH), self.limits, exit_if_orphaned)
        if self.shell.dead:
            noise = self.shell.noise.decode("utf-8", "replace").strip()
            raise OSError(f"no shell starts: {noise[-500:] or 'it ending at once'}")

    def run(self, script: str, seconds: float) -> tuple[dict[str, Any], bytes]:
        """Run a script in the shell. If the shell dies, a new one is started."""
        if self.shell.dead:
            self._boot()
        result = self.shell.run(script, seconds)
        if not self.shell.dead and len(linux.descendants(self.shell.pid)) > 0.9 * self.limits.processes:
            self.shell.close()
            result["ending"] = "crowded"
        result["restarted"] = self.shell.dead
        if self.shell.dead:
            self._boot()
        result.pop("noise")
        return result, result.pop("output")

    def folder(self) -> dict[str, Any]:
        """The working directory of the shell."""
        return {"cwd": self._ask("builtin pwd").decode("utf-8", "replace").removesuffix("\n")}

    def _ask(self, script: str, max_bytes: int = 0) -> bytes:
        if self.shell.dead:
            self._boot()
        answer = self.shell.ask(script, max_bytes)
        if self.shell.dead:
            self._boot()
        return answer

    def survey(self, strict: bool) -> tuple[dict[str, Any], bytes]:
        """All entries of the tree; with `strict`, ValueError if some cannot be listed."""
        return {}, linux.run_chrooted(self.layer, lambda: json.dumps(tree.survey(strict)).encode())

    def base_tree(self) -> tuple[dict[str, Any], bytes]:
        """All entries of a newly built base machine."""
        image.build(self.copy)
        entries = linux.run_chrooted(self.copy, lambda: json.dumps(tree.survey()).encode())
        self._empty_copy()
        return {}, entries

    def _empty_copy(self) -> None:
        linux.unmount(self.copy)
        self._mount(self.copy, _SPARE)

    def read(self, path: str, limit: int) -> tuple[dict[str, Any], bytes]:
        """Up to `limit` bytes of a file, if there is one."""
        content = linux.run_chrooted(self.layer, lambda: tree.read(path, limit))
        return {"found": content[:1] == b"+"}, content[1:]

    def save(self) -> tuple[dict[str, Any], bytes]:
        """The shell's folder, variables and functions as a script, then the tree."""
        state = self._ask(_STATE, _STATE_BYTES)
        blob = linux.run_chrooted(self.layer, lambda: tree.pack(self.newest_first))
        return {}, struct.pack(">II", len(state), self.shell.status) + state + blob

    def load(self, blob: bytes = b"") -> dict[str, Any]:
        """Replace the tree with a saved one, and start a shell with the saved folder, variables and functions."""
        if len(blob) < 8:
            raise ValueError("no snapshot: it is too short")
        length, status = struct.unpack_from(">II", blob)
        self.shell.close()
        linux.unmount(self.layer)
        self._mount(self.layer)
        linux.run_chrooted(self.layer, lambda: tree.unpack(blob[8 + length :]))
        self._boot()
        state = blob[8 : 8 + length].decode("utf-8", "surrogateescape")
        if state:
            self._ask(f"eval {quote(state)} 2>/dev/null >/dev/null")
        self.shell.status = status % 256
        return {}

    def check(self, scripts: list[dict[str, str]], parameters: list[str], seconds: float) -> dict[str, Any]:
        """Run scripts one after the other in a copy of the tree, with the host's tools, up to the first that fails. Each
        gets the outputs of those before it as further parameters, and sees stand-ins of the agent's processes."""
        blob = linux.run_chrooted(self.layer, lambda: tree.pack(self.newest_first, strict=True))
        points = image.mount_points()
        try:
            linux.run_chrooted(self.copy, lambda: _unpack_for_checks(blob, points))
            return {"done": self._chain(scripts, parameters, seconds)}
        finally:
            self._empty_copy()

    def _chain(self, scripts: list[dict[str, str]], parameters: list[str], seconds: float) -> list[dict[str, Any]]:
        launcher, others = self._launcher(self.copy, image.CLEAN_PATH), bystanders(self.shell.others())
        results: list[dict[str, Any]] = []
        for script in scripts:
            end = run_program(launcher, script, parameters, seconds, self.limits, exit_if_orphaned, others)
            end = {k: v.decode("utf-8", "surrogateescape") if isinstance(v, bytes) else v for k, v in end.items()}
            results.append(end)
            parameters = [*parameters, end["output"]]
            if end["status"] != 0:
                break
        return results

    def answer(self, op: str, arguments: dict[str, Any]) -> Any:
        """The result of a request. Where the agent has left no process for it, the agent's are ended first."""
        try:
            return getattr(self, op)(**arguments)
        except BlockingIOError:
            if not hasattr(self, "shell"):
                raise
            self.shell.close()
            self._boot()
            return getattr(self, op)(**arguments)


def _unpack_for_checks(blob: bytes, points: dict[str, bool]) -> bytes:
    tree.unpack(blob)
    image.restore_mount_points("", points)
    return image.remove_tool_overrides()


def _open(purpose: str, path: str) -> int:
    """Open a file of a control group: to read it, or to enter the group or act on it."""
    return os.open(path, os.O_WRONLY if purpose.startswith(("join", "reclaim")) else os.O_RDONLY)


def _allow_many_files() -> None:
    """Raise the limit of open files to that of a container, where the host lets root do so."""
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (_MANY_FILES, _MANY_FILES))
    except (OSError, ValueError):
        pass


def _hurry() -> None:
    """Let this process and the first process of each namespace run before the agent's, which they watch."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, max(-20, os.getpriority(os.PRIO_PROCESS, 0) - _AHEAD))
    except OSError:
        pass


def exit_if_orphaned() -> None:
    """End this process, and with it the sandbox, if the host side is gone."""
    poll = select.poll()
    poll.register(0, 0)
    if poll.poll(0):
        os._exit(0)


def _read(size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = os.read(0, min(size - len(data), 1 << 20))
        if not part:
            os._exit(0)
        data += part
    return data


def _answer(reply: dict[str, Any], blob: bytes) -> None:
    head = json.dumps(reply).encode()
    view = memoryview(struct.pack(">II", len(head), len(blob)) + head + blob)
    while view:
        view = view[os.write(1, view) :]


def main() -> None:
    """Answer requests until standard input ends. Garbage is not looked for: that would copy all memory in every child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.umask(0o022)
    gc.disable()
    gc.freeze()
    jail = Jail()
    while True:
        size, blob_size = struct.unpack(">II", _read(8))
        request = json.loads(_read(size))
        if blob_size:
            request["blob"] = _read(blob_size)
        try:
            result = jail.answer(request.pop("op"), request)
        except (OSError, ValueError, LookupError, ArithmeticError, MemoryError, RecursionError) as e:
            result = {"fault": f"{type(e).__name__}: {e}"}
        _answer(*(result if isinstance(result, tuple) else (result, b"")))
