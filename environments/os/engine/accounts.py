"""The users and groups of a machine, from /etc/passwd and /etc/group."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from .sandbox import Sandbox

_NUMBER = re.compile(r"[0-9]{1,10}")


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


@dataclass(frozen=True)
class Accounts:
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
        return self._user_names.get(uid, str(uid))

    def group_name(self, gid: int) -> str:
        """The name of a group, or the number if it has none."""
        return self._group_names.get(gid, str(gid))

    def groups_of(self, name: str) -> list[str]:
        """The sorted names of a user's groups, the primary group included."""
        user = self.users.get(name)
        primary = {self.group_name(user.gid)} if user else set()
        return sorted(primary | self._memberships.get(name, set()))

    @cached_property
    def _user_names(self) -> dict[int, str]:
        return {user.uid: name for name, user in reversed(self.users.items())}

    @cached_property
    def _group_names(self) -> dict[int, str]:
        return {group.gid: name for name, group in reversed(self.groups.items())}

    @cached_property
    def _memberships(self) -> dict[str, set[str]]:
        memberships: dict[str, set[str]] = {}
        for name, group in self.groups.items():
            for member in group.members:
                memberships.setdefault(member, set()).add(name)
        return memberships


def _rows(sandbox: Sandbox, path: str, columns: int, *numbers: int) -> Iterator[list[str]]:
    for line in (sandbox.read(path) or b"").decode("utf-8", "replace").splitlines():
        row = line.split(":")
        if len(row) == columns and all(_NUMBER.fullmatch(row[n]) for n in numbers):
            yield row
