"""The host's /usr and /etc as the sandbox's root would own them.

What root owns on the host belongs to root in such a mount (an idmapped mount: Linux 5.12, most file systems but overlays);
elsewhere it belongs to nobody. A mount is read-only for good: the sandbox's namespaces are made from the one in which it is
mounted, and in them its flags are locked.
"""

from __future__ import annotations

import os
import signal

import linux

_FOLDERS = ("/usr", "/etc")
_READ_ONLY, _NO_SETUID, _NO_DEVICES = 1, 2, 4


def mount_host_folders(place: str, first: int, count: int) -> bool:
    """Mount them below a folder, in a mount namespace of this process's own. `first`: the host's id of the sandbox's root,
    `count`: how many ids it has. False where the kernel or the file system has no such mounts."""
    if any(_has_mounts_below(folder) for folder in _FOLDERS):
        return False
    try:
        users = _users(first, count)
    except OSError:
        return False
    try:
        trees = [linux.open_tree(folder) for folder in _FOLDERS]
        for tree in trees:
            linux.shift_owners(tree, users, _READ_ONLY | _NO_SETUID | _NO_DEVICES)
    except OSError:
        return False
    finally:
        os.close(users)
    linux.unshare(linux.NEWNS)
    linux.mount("none", "/", linux.REC | linux.PRIVATE)
    linux.mount("tmpfs", place, linux.NOSUID | linux.NODEV, "size=64k,mode=755")
    for folder, tree in zip(_FOLDERS, trees, strict=True):
        os.mkdir(place + folder)
        linux.move_mount(tree, place + folder)
        os.close(tree)
    return True


def _has_mounts_below(folder: str) -> bool:
    """Whether something else is mounted below a folder, which a mount of the folder alone would lack."""
    with open("/proc/self/mountinfo") as rows:
        points = [row.split()[4] for row in rows]
    return folder == "/usr" and any(point.startswith(f"{folder}/") for point in points)


def _users(first: int, count: int) -> int:
    """The descriptor of a user namespace with the sandbox's ids, made by a process that has ended."""
    pid = linux.fork_into(linux.NEWUSER)
    if pid == 0:
        while True:
            signal.pause()
    try:
        for kind in ("uid", "gid"):
            with open(f"/proc/{pid}/{kind}_map", "w") as ids:
                ids.write(f"0 {first} {count}")
        return os.open(f"/proc/{pid}/ns/user", os.O_RDONLY)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
