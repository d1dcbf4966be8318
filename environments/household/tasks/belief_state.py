"""The agent's belief about a house: what its observations showed, and the usual default for everything else."""

from __future__ import annotations

from ..engine import object_types
from ..engine.house import MARKS, House
from ..engine.layout import Receptacle


class BeliefState(House):
    """A house that holds only what the agent knows, for planning; no action is ever run in it.

    Known are the contents of seen receptacles and the positions of objects that the agent carried itself. Doors, and
    which receptacles stand together, are known at the agent's place and at places of seen receptacles. Whether an
    object is hot, cool or clean is known of carried objects only: a game never shows it of others.
    """

    def __init__(self, house: House) -> None:
        self.layout, self.place, self.holding = house.layout, house.place, house.holding
        self.open, self.near, self.taken = set(house.open), set(house.near), set(house.taken)
        self.held, self.seen = set(house.held), set(house.seen)
        self.inside = {
            name: [o for o in objects if name in house.seen or o in house.held]
            for name, objects in house.inside.items()
        }
        self.marks = {mark: house.marks[mark] & house.held for mark in MARKS}
        self._familiar = {house.place, *(house.layout.receptacles[name].place for name in house.seen)}

    def spot(self, receptacle: Receptacle) -> str | Receptacle:
        return receptacle.place if receptacle.place in self._familiar else receptacle

    def visible(self, receptacle: Receptacle) -> bool:
        if receptacle.place in self._familiar:
            return super().visible(receptacle)
        return receptacle.kind not in object_types.OPENABLE
