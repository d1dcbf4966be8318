"""The users and groups of a machine, from /etc/passwd and /etc/group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .sandbox import Sandbox


class User(NamedTuple):
    """A line of /etc/passwd."""

    uid: int
    gid: int
    home: str
    shell: str


class Group(NamedTuple):
    """A line of /etc/group."""

    gid: int
    members: tuple[str, ...]


class Accounts(NamedTuple):
    """Users and groups by name. Malformed lines are skipped: an agent may have written them."""

    users: dict[str, User]
    groups: dict[str, Group]

    @classmethod
    def read(cls, sandbox: Sandbox) -> Accounts:
        """Read both files of a sandbox."""
        users = {r[0]: User(int(r[2]), int(r[3]), r[5], r[6]) for r in _rows(sandbox, "/etc/passwd", 7, 2, 3)}
        groups = {
            r[0]: Group(int(r[2]), tuple(filter(None, r[3].split(",")))) for r in _rows(sandbox, "/etc/group", 4, 2)
        }
        return cls(users, groups)

    def user_name(self, uid: int) -> str:
        """The name of a user, or the number if it has none."""
        return next((n for n, u in self.users.items() if u.uid == uid), str(uid))

    def group_name(self, gid: int) -> str:
        """The name of a group, or the number if it has none."""
        return next((n for n, g in self.groups.items() if g.gid == gid), str(gid))

    def groups_of(self, name: str) -> list[str]:
        """The sorted names of a user's groups, the primary group included."""
        user = self.users.get(name)
        primary = {self.group_name(user.gid)} if user else set()
        return sorted(primary | {g for g, group in self.groups.items() if name in group.members})


def _rows(sandbox: Sandbox, path: str, columns: int, *numbers: int) -> Iterator[list[str]]:
    for line in (sandbox.read(path) or b"").decode("utf-8", "replace").splitlines():
        row = line.split(":")
        if len(row) == columns and all(row[n].isascii() and row[n].isdigit() for n in numbers):
            yield row
