"""The family of an episode: all that was branched off the same first episode, as a tree."""

from __future__ import annotations

from typing import NamedTuple

from simenv.runs.index import Index, Row
from simenv.types import Trajectory

MAX_MEMBERS = 500
"""Members of one family that are shown."""


class Member(NamedTuple):
    """An episode of a family; `depth` counts the branchings between the first episode and this one."""

    depth: int
    row: Row

    @property
    def name(self) -> str:
        """Its id, indented by its depth."""
        return ("   " * (self.depth - 1) + "└ " if self.depth else "") + self.row.id


def family(index: Index, t: Trajectory) -> list[Member]:
    """The members of a trajectory's family in the order of the tree, each after the one it was branched off.

    At most MAX_MEMBERS. Where the first episode is missing from the run, the tree begins with its branches.
    """
    first, first_id = _first(index, t)
    members: list[Member] = []
    waiting = [Member(0, first)] if first is not None else [Member(0, r) for r in index.branches(first_id)]
    waiting.reverse()
    visited: set[int] = set()
    while waiting and len(members) < MAX_MEMBERS:
        member = waiting.pop()
        if member.row.number in visited:
            continue
        visited.add(member.row.number)
        members.append(member)
        below = [Member(member.depth + 1, r) for r in index.branches(member.row.id)]
        waiting += reversed(below)
    return members


def _first(index: Index, t: Trajectory) -> tuple[Row | None, str]:
    """The episode at the root of the tree and its id; (None, id) where the episode of that id is missing."""
    id, above, seen = t.id, t.branch.parent if t.branch else "", {t.id}
    while above and above not in seen and (row := index.find(above)) is not None:
        seen.add(above)
        id, above = row.id, row.parent
    if above and above not in seen:
        return None, above
    return index.find(id), id
