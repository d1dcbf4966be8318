"""Adds a spec's users, folders, files and links to a machine. It works on `/`, in a process with the tree as its root."""

from __future__ import annotations

import base64
import errno
import os
import time
from typing import Any

from image import DAY


def apply_spec(spec: dict[str, Any]) -> bytes:
    """Apply a spec to `/`. ValueError or LookupError if it names what cannot be."""
    for group in spec.get("groups", []):
        _add_group(group["name"], group.get("gid"), group.get("members", []))
    for user in spec.get("users", []):
        _add_user(user)
    users, main, groups = _ids("/etc/passwd"), _ids("/etc/passwd", 3), _ids("/etc/group")
    entries = []
    for folder in spec.get("directories", []):
        os.makedirs(folder["path"], exist_ok=True)
        entries.append((folder, 0o755))
    for file in spec.get("files", []):
        os.makedirs(os.path.dirname(file["path"]), exist_ok=True)
        content = file.get("content", "").encode("utf-8", "replace")
        with open(file["path"], "wb") as out:
            out.write(base64.b64decode(content, validate=True) if file.get("encoding") == "base64" else content)
        entries.append((file, 0o644))
    for entry, mode in entries:
        owner = entry.get("owner", "root")
        _change_owner(entry["path"], users[owner], groups[entry["group"]] if "group" in entry else main[owner])
        os.chmod(entry["path"], int(entry["mode"], 8) if "mode" in entry else mode)
    for link in spec.get("links", []):
        os.makedirs(os.path.dirname(link["path"]), exist_ok=True)
        os.symlink(link["target"], link["path"])
    for entry, _ in reversed(entries):
        if "mtime" in entry or "age" in entry:
            mtime = entry.get("mtime", time.time() - entry.get("age", 0))
            os.utime(entry["path"], (mtime, mtime))
    return b""


def _ids(path: str, column: int = 2) -> dict[str, int]:
    with open(path, encoding="utf-8") as rows:
        return {row.split(":")[0]: int(row.split(":")[column]) for row in rows}


def _append(path: str, line: str) -> None:
    with open(path, "a", encoding="utf-8") as file:
        file.write(line + "\n")


def _add_group(name: str, number: int | None, members: list[str]) -> int:
    numbers = _ids("/etc/group")
    if name in numbers:
        raise ValueError(f"group {name} exists already")
    if number is None:
        number = max([999, *(n for n in numbers.values() if n < 60000)]) + 1
    _append("/etc/group", f"{name}:x:{number}:{','.join(members)}")
    _append("/etc/gshadow", f"{name}:!::{','.join(members)}")
    return number


def _add_user(user: dict[str, Any]) -> None:
    name, numbers = user["name"], _ids("/etc/passwd")
    if name in numbers:
        raise ValueError(f"user {name} exists already")
    number = user.get("uid", max([999, *(n for n in numbers.values() if n < 60000)]) + 1)
    groups = _ids("/etc/group")
    group = groups[user["group"]] if "group" in user else _add_group(name, user.get("gid"), [])
    home = user.get("home", f"/home/{name}")
    shell, comment = user.get("shell", "/bin/bash"), user.get("comment", "")
    _append("/etc/passwd", f"{name}:x:{number}:{group}:{comment}:{home}:{shell}")
    _append("/etc/shadow", f"{name}:!:{DAY}:0:99999:7:::")
    for other in user.get("groups", []):
        _join(name, other)
    if not os.path.isdir(home):
        os.makedirs(home)
        _change_owner(home, number, group)


def _join(name: str, group: str) -> None:
    for path, column in (("/etc/group", 3), ("/etc/gshadow", 3)):
        with open(path, encoding="utf-8") as file:
            rows = [line.rstrip("\n").split(":") for line in file]
        row = next((r for r in rows if r[0] == group), None)
        if row is None:
            raise LookupError(f"no group {group}")
        row[column] = ",".join([*filter(None, row[column].split(",")), name])
        with open(path, "w", encoding="utf-8") as file:
            file.write("".join(":".join(r) + "\n" for r in rows))


def _change_owner(path: str, uid: int, gid: int) -> None:
    try:
        os.chown(path, uid, gid)
    except OSError as e:
        if e.errno != errno.EINVAL:
            raise
        hint = "install uidmap, and give the user a range in /etc/subuid and /etc/subgid"
        raise ValueError(f"{path} cannot belong to {uid}:{gid}, the host gives no such ids: {hint}") from e
