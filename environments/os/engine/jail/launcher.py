"""Starts programs in bubblewrap: their root, resource limits, capabilities and system call filter."""

from __future__ import annotations

import os
import resource
from collections.abc import Sequence
from typing import NamedTuple

import image
import init
import linux
from bystanders import Bystander
from memory import Account, Meter, Sum

_CAPABILITIES = (
    "CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE SYS_CHROOT AUDIT_WRITE SETFCAP"
)
"""The capabilities of root in an ordinary container."""
_TCP_BYTES = "4096 16384 131072"
"""Least, first and most bytes that a TCP connection buffers in a direction."""
_CLOSED = ("fd", "fdinfo", "map_files", "ns", "task/{0}/fd", "task/{0}/fdinfo", "task/{0}/ns")
"""Folders of a process of the jail's own that nobody in the sandbox may list; an empty one is mounted over each, so that
listing all files is no error."""
_FILES, _FEW_FILES = 1 << 20, 1024
"""Files that a process may have open: as in a container, or where nothing counts the kernel's memory. Less where the host
allows less."""
_NAMESPACE = 10
"""The descriptor of the process namespace, for bubblewrap."""


class Limits(NamedTuple):
    """Bytes, seconds and counts. A command's output is cut to `max_bytes`; at `flood` bytes the command is stopped."""

    memory: int
    disk: int
    processes: int
    cpu: int
    max_bytes: int = 65_536
    flood: int = 8_388_608

    def apply(self, accounted: bool) -> None:
        """Limit this process and its descendants. `accounted`: a control group bounds what open files cost the kernel."""
        for kind, limit in (
            (resource.RLIMIT_AS, 4 * self.memory),
            (resource.RLIMIT_CPU, self.cpu),
            (resource.RLIMIT_FSIZE, self.disk),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_NPROC, self.processes),
            (resource.RLIMIT_NOFILE, _FILES if accounted else _FEW_FILES),
            (resource.RLIMIT_MEMLOCK, 65_536),
            (resource.RLIMIT_MSGQUEUE, 65_536),
            (resource.RLIMIT_SIGPENDING, 1024),
        ):
            hard = resource.getrlimit(kind)[1]
            limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(kind, (limit, limit))


class Launcher(NamedTuple):
    """Starts programs with `root` as root, in folder `cwd`, with an environment and a BPF `filter` of system calls.

    `proc`: an empty folder, for the first process. `group`: descriptors of the files of a control group, if there is one.
    `priority`: the nice value of the programs. `host`: the folder below which the host's own are mounted, '' for `/`.
    """

    root: str
    cwd: str
    environment: dict[str, str]
    filter: bytes
    bwrap: str
    proc: str
    group: dict[str, int]
    priority: int
    host: str

    def start(self, argv: list[str], files: dict[int, int], limits: Limits, others: Sequence[Bystander] = ()) -> int:
        """Start a program with the given file descriptors; the process id of its bubblewrap. It sees stand-ins for `others`
        among its processes."""
        image.restore_mount_points(self.root, image.mount_points())
        options = self._mounts(others)
        options += ["--pidns", str(_NAMESPACE), "--unshare-uts", "--unshare-cgroup-try", "--hostname", image.HOST]
        options += ["--die-with-parent", "--new-session", "--clearenv", "--chdir", self._folder(), "--cap-drop", "ALL"]
        for name in _CAPABILITIES.split():
            options += ["--cap-add", f"CAP_{name}"]
        for name, value in self.environment.items():
            options += ["--setenv", name, value]
        if self.filter:
            options += ["--seccomp", "8"]
            files = files | {8: in_memory("filter", self.filter)}
        options_fd = in_memory("options", b"".join(o.encode("utf-8", "surrogateescape") + b"\0" for o in options))
        namespace_fd = os.open(os.devnull, os.O_RDONLY)
        files = files | {9: options_fd, _NAMESPACE: namespace_fd}
        pid = linux.spawn(
            [self.bwrap, "--args", "9", *argv], files, lambda: self._prepare(limits, namespace_fd, others)
        )
        os.close(namespace_fd)
        os.close(options_fd)
        if self.filter:
            os.close(files[8])
        return pid

    def _mounts(self, others: Sequence[Bystander]) -> list[str]:
        """Options for the file tree: the machine's own, the parts of the host, and the kernel's."""
        options = ["--bind", self.root, "/"]
        for source, target in image.host_mounts():
            shown = self.host if source.startswith(image.HOST_FOLDERS) else ""
            options += ["--ro-bind", shown + source, target]
        options += ["--proc", "/proc", "--dev", "/dev", "--bind", f"{self.root}/dev/shm", "/dev/shm"]
        options += ["--remount-ro", "/dev", "--ro-bind", "/proc/sys", "/proc/sys"]
        for pid in (1, *(other.pid for other in others)):
            for name in _CLOSED:
                options += ["--ro-bind", self.proc, f"/proc/{pid}/{name.format(pid)}"]
        return [*options, "--ro-bind", self.proc, "/proc/tty/driver"]

    def _prepare(self, limits: Limits, namespace_fd: int, others: Sequence[Bystander]) -> None:
        """In the process that becomes bubblewrap: make the namespaces with their first process, then enter the limits. The
        process namespace takes the place of `namespace_fd`."""
        os.setsid()
        linux.die_with_parent()
        linux.unshare(linux.NEWNET)
        linux.raise_loopback()
        for name in ("tcp_rmem", "tcp_wmem"):
            linux.set_kernel(f"net/ipv4/{name}", _TCP_BYTES)
        os.dup2(init.start(self.proc, lambda: self._meter(limits), limits.memory, others), namespace_fd)
        for name, fd in self.group.items():
            if name.startswith("join"):
                os.write(fd, b"0")
        limits.apply(bool(self.group))
        os.setpriority(os.PRIO_PROCESS, 0, self.priority)

    def _meter(self, limits: Limits) -> Meter:
        if not self.group:
            return Sum(limits.memory)
        return Account(os.open(self.root, os.O_RDONLY), self.group, limits.memory)

    def _folder(self) -> str:
        """The working folder, or `/` if it is gone."""
        if image.is_plain_folder(self.root, self.cwd):
            return self.cwd
        try:
            linux.run_chrooted(self.root, self._enter_folder)
        except OSError:
            return "/"
        return self.cwd

    def _enter_folder(self) -> bytes:
        os.chdir(self.cwd)
        return b""


def in_memory(name: str, data: bytes) -> int:
    """The descriptor of a file in memory with this data, positioned at its beginning."""
    fd = os.memfd_create(name)
    os.write(fd, data)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd
