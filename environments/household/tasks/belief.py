"""A house as the agent knows it: all that its observations told, and of everything else what one would expect."""

from __future__ import annotations

from ..engine import object_types
from ..engine.house import MARKS, House
from ..engine.layout import Receptacle


class Memory(House):
    """What is in receptacles that were seen, and where the things are that the agent itself carried.

    Doors, and which receptacles stand together, are known where the agent is and where it has seen something. Whether
    an object is hot, cool or clean is known of those it carried; a game never shows it of others. It is of one
    moment, and for planning: nothing is done in it.
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
