"""System calls that Python has no function for; starting processes, and listing their descendants."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import struct
from collections.abc import Callable, Collection

NEWNS, NEWUSER, NEWIPC, NEWPID, NEWNET = 0x0002_0000, 0x1000_0000, 0x0800_0000, 0x2000_0000, 0x4000_0000
NOSUID, NODEV, REC, PRIVATE = 2, 4, 0x4000, 0x4_0000
_DETACH, _DEATHSIG, _DUMPABLE, _NAME, _CHILD_ENDS = 2, 1, 4, 15, 17
_FIRST_FREE = 500
"""Descriptors from here on are free while a process is started."""
_CLONE = 56 if os.uname().machine == "x86_64" else 220
_OPEN_TREE, _MOVE_MOUNT, _CLONE3, _MOUNT_SETATTR, _MRELEASE = 428, 429, 435, 442, 448
"""open_tree, move_mount, clone3, mount_setattr, process_mrelease: the same numbers on every architecture."""
_HERE, _CLONE_TREE, _CLOSE, _NO_PATH, _FROM_DESCRIPTOR, _SHIFTED = -100, 1, 0o2000000, 0x1000, 4, 0x10_0000
_SET_FLAGS, _UP, _UNREAD = 0x8914, 0x1, 0x5411
_UNIX, _STREAM, _CLOSE_ON_EXEC = 1, 1, 0o2000000
_ARGUMENTS = slice(47, 49)
"""Columns of /proc/self/stat: where the command line begins and ends in memory (proc(5))."""
_SET_MM, _MM_MAP = 35, 14
_MAP, _DATA = slice(25, 51), slice(44, 51)
"""Columns of /proc/self/stat with the addresses of a process, and those of its data, heap, arguments and environment."""
_libc = ctypes.CDLL(None, use_errno=True)
_shown: list[ctypes.Array[ctypes.c_char]] = []
"""The command line that this process shows, which must stay in memory."""


def _check(call: str, result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Move this process into new namespaces."""
    _check("unshare", _libc.unshare(flags))


def mount(kind: str, target: str, flags: int = 0, data: str = "") -> None:
    """Mount a file system of a kind; with PRIVATE, change the propagation of mounts instead."""
    _check(f"mount {target}", _libc.mount(kind.encode(), target.encode(), kind.encode(), flags, data.encode()))


def unmount(target: str) -> None:
    """Detach a mount at once; it is released with its last user."""
    _check(f"umount {target}", _libc.umount2(target.encode(), _DETACH))


def open_tree(folder: str) -> int:
    """The descriptor of a mount of a folder that is mounted nowhere yet."""
    fd = int(_libc.syscall(_OPEN_TREE, _HERE, folder.encode(), _CLONE_TREE | _CLOSE))
    _check(f"open_tree {folder}", min(fd, 0))
    return fd


def shift_owners(tree: int, users: int, flags: int) -> None:
    """Let the owners of a mount be those that a user namespace has for them, and set flags of the mount."""
    wanted = struct.pack("QQQQ", _SHIFTED | flags, 0, 0, users)
    _check("mount_setattr", int(_libc.syscall(_MOUNT_SETATTR, tree, b"", _NO_PATH, wanted, len(wanted))))


def move_mount(tree: int, target: str) -> None:
    """Mount what `open_tree` opened."""
    call = _libc.syscall(_MOVE_MOUNT, tree, b"", _HERE, target.encode(), _FROM_DESCRIPTOR)
    _check(f"move_mount {target}", int(call))


def die_with_parent() -> None:
    """Let the kernel kill this process when its parent ends."""
    _check("prctl", _libc.prctl(_DEATHSIG, 9))


def fork_into(flags: int) -> int:
    """Fork a process into new namespaces; its process id, or 0 in the process itself. Only where there are no threads."""
    pid = int(_libc.syscall(_CLONE, flags | _CHILD_ENDS, 0, 0, 0, 0))
    _check("clone", min(pid, 0))
    return pid


def fork_as(pid: int) -> int:
    """Fork a process with this process id; 0 in the process itself. OSError where the id is taken, or the kernel is before
    5.5."""
    wanted = ctypes.c_int(pid)
    arguments = struct.pack("11Q", 0, 0, 0, 0, _CHILD_ENDS, 0, 0, 0, ctypes.addressof(wanted), 1, 0)
    result = int(_libc.syscall(_CLONE3, arguments, len(arguments)))
    _check("clone3", min(result, 0))
    return result


def show_memory(shown: bool) -> None:
    """Hidden, no process without rights over the host can read, write or trace this one: not even root of its user
    namespace. Shown, processes with its own rights can."""
    _check("prctl", _libc.prctl(_DUMPABLE, int(shown)))


def release_memory(pid: int) -> None:
    """Free the memory of a process that has been killed, from this process; kernels before 5.15 cannot."""
    fd = os.pidfd_open(pid)
    _libc.syscall(_MRELEASE, fd, 0)
    os.close(fd)


def rename(name: bytes) -> None:
    """Show `name` as the command line of this process, whose own tells of the host's folders."""
    with open("/proc/self/stat") as columns:
        start, end = map(int, columns.read().rpartition(")")[2].split()[_ARGUMENTS.start - 2 : _ARGUMENTS.stop - 2])
    ctypes.memset(start, 0, end - start)
    ctypes.memmove(start, name, min(len(name), end - start))
    _libc.prctl(_NAME, name)


def show_command(name: bytes, command: bytes) -> None:
    """Show a name, and a command line of any length, for this process. `/` is its /proc."""
    with open("/self/stat") as columns:
        values = [int(v) for v in columns.read().rpartition(")")[2].split()[_MAP.start - 2 : _MAP.stop - 2]]
    code, end_code, stack, *_ = values
    data, end_data, heap, _, _, environment, end_environment = values[
        _DATA.start - _MAP.start : _DATA.stop - _MAP.start
    ]
    text = ctypes.create_string_buffer(command, len(command))
    start = ctypes.addressof(text)
    _shown.append(text)
    _libc.sbrk.restype = ctypes.c_void_p
    addresses = (code, end_code, data, end_data, heap, _libc.sbrk(0), stack, start, start + len(command))
    map = struct.pack("12Q2I", *addresses, environment, end_environment, 0, 0, 0xFFFF_FFFF)
    _check("prctl", _libc.prctl(_SET_MM, _MM_MAP, ctypes.c_char_p(map), ctypes.c_ulong(len(map)), 0))
    _libc.prctl(_NAME, name)


def socket_pair() -> tuple[int, int]:
    """Two sockets that are connected, by their descriptors. (The module socket takes long to import.)"""
    pair = (ctypes.c_int * 2)()
    _check("socketpair", _libc.socketpair(_UNIX, _STREAM | _CLOSE_ON_EXEC, 0, pair))
    return pair[0], pair[1]


def unread(socket: int) -> int:
    """Bytes, and what the kernel needs to hold them, that the other end of a socket has not read yet."""
    return int(struct.unpack("i", fcntl.ioctl(socket, _UNREAD, bytes(4)))[0])


def raise_loopback() -> None:
    """Bring up the loopback interface of this network namespace."""
    fd = _libc.socket(2, 2, 0)
    if fd < 0:
        return
    fcntl.ioctl(fd, _SET_FLAGS, struct.pack("16sh22x", b"lo", _UP))
    os.close(fd)


def set_kernel(name: str, value: int | str) -> None:
    """Change a kernel setting of these namespaces; older kernels have some settings for the whole host only."""
    try:
        with open(f"/proc/sys/{name}", "w") as setting:
            setting.write(str(value))
    except OSError:
        pass


def close_all_but(fds: Collection[int]) -> None:
    """Close the file descriptors of this process that are not listed."""
    for fd in range(_FIRST_FREE):
        if fd not in fds:
            _libc.close(fd)


def spawn(argv: list[str], files: dict[int, int], prepare: Callable[[], None]) -> int:
    """Start a program with these file descriptors only, and no signal ignored or blocked, after calling `prepare` in the
    child; its process id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        prepare()
        copies = {target: os.dup2(fd, _FIRST_FREE + target, inheritable=False) for target, fd in files.items()}
        for target, fd in copies.items():
            os.dup2(fd, target)
        close_all_but(files)
        restore_signals()
        os.execv(argv[0], argv)
    finally:
        os._exit(126)


def restore_signals() -> None:
    """Let signals do what they do by default. Python ignores some (SIGPIPE, SIGXFSZ), and programs that it starts would
    inherit that."""
    for number in range(1, signal.NSIG):
        try:
            signal.signal(number, signal.SIG_DFL)
        except (OSError, ValueError):  # SIGKILL, SIGSTOP and numbers that are none
            continue
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def run_chrooted(root: str, work: Callable[[], bytes], seconds: int = 60) -> bytes:
    """Run `work` in a child with `root` as its root, so that no link leads out of it; the bytes that it returns."""
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.chroot(root)
            os.chdir("/")
            _alarm(seconds)
            with os.fdopen(into, "wb") as pipe:
                try:
                    pipe.write(work())
                    status = 0
                except (OSError, ValueError, LookupError, ArithmeticError, MemoryError, RecursionError) as e:
                    pipe.write(f"{type(e).__name__}: {e}".encode("utf-8", "replace"))
        finally:
            os._exit(status)
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        result = pipe.read()
    _, status = os.waitpid(pid, 0)
    if status:
        raise OSError(result.decode("utf-8", "replace") or f"no answer in {seconds} seconds")
    return result


def _alarm(seconds: int) -> None:
    _libc.alarm(seconds)


def descendants(pid: int) -> list[int]:
    """All descendants of a process, nearest first."""
    pids = [pid]
    for parent in pids:
        try:
            for task in os.listdir(f"/proc/{parent}/task"):
                with open(f"/proc/{parent}/task/{task}/children") as children:
                    pids += map(int, children.read().split())
        except OSError:
            continue
    return pids[1:]
