"""The family of an episode: what was split off what, and how each of them ended."""

from __future__ import annotations

from typing import NamedTuple

from simenv.runs.index import Index, Row
from simenv.types import Trajectory

MOST = 500
"""Members of one family that are shown."""


class Member(NamedTuple):
    """An episode of the family, `depth` splits below the first one."""

    depth: int
    row: Row

    @property
    def name(self) -> str:
        """Its id, indented by how far down it is."""
        return ("   " * (self.depth - 1) + "└ " if self.depth else "") + self.row.id


def family(index: Index, t: Trajectory) -> list[Member]:
    """All episodes that go back to the same first one, each below the one it was split off."""
    first, seen = _first(index, t)
    found: list[Member] = []
    waiting = [Member(0, first)] if first is not None else [Member(0, r) for r in index.branches(seen)]
    waiting.reverse()
    known: set[int] = set()
    while waiting and len(found) < MOST:
        member = waiting.pop()
        if member.row.number in known:
            continue
        known.add(member.row.number)
        found.append(member)
        below = [Member(member.depth + 1, r) for r in index.branches(member.row.id)]
        waiting += reversed(below)
    return found


def _first(index: Index, t: Trajectory) -> tuple[Row | None, str]:
    """The episode that was split off nothing, and the last id on the way to it; a parent may be missing."""
    id, above, seen = t.id, t.branch.parent if t.branch else "", {t.id}
    while above and above not in seen and (row := index.find(above)) is not None:
        seen.add(above)
        id, above = row.id, row.parent
    if above and above not in seen:
        return None, above
    return index.find(id), id
