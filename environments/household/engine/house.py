"""The state of a house and how actions change it. Sentences, goals and the engine live elsewhere.

The physics are those of ALFWorld's PDDL domain, oddities included: an object may lie in two receptacles at once (a pan
across two burners) and leaves only the one it is taken from; heating needs no open microwave; a lamp once on stays on.
"""

from __future__ import annotations

import json
from bisect import insort
from typing import Any

from simenv.errors import WorldError

from .layout import Layout, Receptacle, Thing, rank
from .object_types import State

MARKS = ("hot", "cool", "clean", "sliced", "on")
"""States that an object can be in."""


class House:
    """The state of a house, over a layout that several houses may share.

    `taken` and `near` are ALFWorld's memory of the past, and show in `look` alone: `taken` holds (object, receptacle)
    pairs for objects taken and not put back, `near` the (object, place) pairs at which objects lie. `held` are the
    objects ever picked up. `seen` are the receptacles whose content the agent was shown; `describe` leaves it out,
    since it is knowledge of the agent and no fact of the house.
    """

    def __init__(self, spec: dict[str, Any]) -> None:
        self.layout = Layout(spec)
        objects: dict[str, Any] = spec.get("objects", {})
        agent, past = spec.get("agent", {}), spec.get("past", {})
        self.place: str | None = self._place(agent.get("at"))
        self.holding: str | None = agent.get("holds")
        self.open = {n for n, r in spec["receptacles"].items() if r.get("open") and self.layout.receptacles[n].openable}
        self.inside = {n: sorted(set(r.get("contains", ())), key=rank) for n, r in spec["receptacles"].items()}
        self.marks = {mark: {n for n, o in objects.items() if o.get(mark)} for mark in MARKS}
        self.near = self._derived_near()
        for name, thing in objects.items():
            if "near" in thing:
                self.near = {(o, p) for o, p in self.near if o != name} | {(name, p) for p in thing["near"]}
        self.taken: set[tuple[str, str]] = {(o, r) for o, r in past.get("taken", ())}
        if strange := {r for _, r in self.taken} - self.layout.receptacles.keys():
            raise WorldError(f"house: past.taken: no receptacle is named {min(strange)!r}")
        self.held: set[str] = set(past.get("held", ())) | ({self.holding} if self.holding else set())
        self.seen: set[str] = set()

    def _place(self, at: str | None) -> str | None:
        """A place by its own name or that of a receptacle there."""
        if at is None or at in self.layout.places:
            return at
        if at not in self.layout.receptacles:
            raise WorldError(f"house: agent.at: no receptacle or place is named {at!r}")
        return self.layout.receptacles[at].place

    def _derived_near(self) -> set[tuple[str, str]]:
        return {(o, self.layout.receptacles[r].place) for r, objects in self.inside.items() for o in objects}

    # Questions.

    @property
    def within_reach(self) -> list[Receptacle]:
        """The receptacles within reach."""
        return self.layout.receptacles_at(self.place)

    def reachable(self, name: str) -> Receptacle | None:
        """The receptacle of that name, if the agent stands before it."""
        receptacle = self.layout.receptacles.get(name)
        return receptacle if receptacle and receptacle.place == self.place else None

    def visible(self, receptacle: Receptacle) -> bool:
        """Whether the agent can look and reach into a receptacle."""
        return not receptacle.openable or receptacle.name in self.open

    def spot(self, receptacle: Receptacle) -> str | Receptacle:
        """Where a receptacle stands; receptacles with equal spots are reached together."""
        return receptacle.place

    def in_hand(self, name: str) -> Thing | None:
        """The object of that name, if the agent holds it."""
        return self.layout.things[name] if name == self.holding else None

    def receptacles_of(self, name: str) -> list[Receptacle]:
        """The receptacles in which an object lies: one, rarely two, none while it is held."""
        return [self.layout.receptacles[r] for r, objects in self.inside.items() if name in objects]

    def lies_here(self, name: str) -> bool:
        """Whether an object lies in a receptacle within reach, open or not."""
        return any(name in self.inside[r.name] for r in self.within_reach)

    def beside(self) -> list[str]:
        """Objects that were taken from one receptacle at this place and now lie in another one here."""
        return sorted({o for o, r in self.taken if self.reachable(r) and (o, self.place) in self.near}, key=rank)

    # Actions. Each returns whether it could be done, and changes nothing if not.

    def go(self, name: str) -> bool:
        """Go to a receptacle at another place."""
        receptacle = self.layout.receptacles.get(name)
        if receptacle is None or receptacle.place == self.place:
            return False
        self.place = receptacle.place
        return True

    def look_into(self, receptacle: Receptacle) -> bool:
        """Mark a receptacle as seen, unless a closed door hides its content."""
        if self.visible(receptacle):
            self.seen.add(receptacle.name)
            return True
        return False

    def set_open(self, name: str, is_open: bool) -> bool:
        """Open or close a receptacle within reach."""
        receptacle = self.reachable(name)
        if receptacle is None or not receptacle.openable or (name in self.open) == is_open:
            return False
        (self.open.add if is_open else self.open.discard)(name)
        return True

    def take(self, name: str, source: str) -> bool:
        """Pick an object up from a receptacle within reach, with an empty hand."""
        receptacle = self.reachable(source)
        if receptacle is None or self.holding is not None or not self.visible(receptacle):
            return False
        if name not in self.inside[source] or not self.layout.things[name].portable:
            return False
        self.inside[source].remove(name)
        self.near.discard((name, receptacle.place))
        self.taken.add((name, source))
        self.held.add(name)
        self.holding = name
        return True

    def put(self, name: str, target: str) -> bool:
        """Put the held object into a receptacle within reach that takes it."""
        receptacle, thing = self.reachable(target), self.in_hand(name)
        if receptacle is None or thing is None or not self.visible(receptacle) or not receptacle.takes(thing):
            return False
        if name not in self.inside[target]:
            insort(self.inside[target], name, key=rank)
        self.near.add((name, receptacle.place))
        self.taken.discard((name, target))
        self.holding = None
        return True

    def make(self, name: str, state: State, appliance: str) -> bool:
        """Heat, cool or clean the held object at an appliance within reach."""
        receptacle, thing = self.reachable(appliance), self.in_hand(name)
        if receptacle is None or thing is None or not receptacle.makes(state) or not thing.can_become(state):
            return False
        self.marks[state].add(name)
        if state != "clean":
            self.marks["cool" if state == "hot" else "hot"].discard(name)
        return True

    def use(self, name: str) -> bool:
        """Turn on a lamp within reach; a second time changes nothing."""
        thing = self.layout.things.get(name)
        if thing is None or not thing.toggleable or not self.lies_here(name):
            return False
        self.marks["on"].add(name)
        return True

    def slice(self, name: str, knife: str) -> bool:
        """Slice an object at this place with the held knife."""
        thing, tool = self.layout.things.get(name), self.in_hand(knife)
        if thing is None or tool is None or not thing.sliceable or not tool.cuts:
            return False
        if (name, self.place) not in self.near:
            return False
        self.marks["sliced"].add(name)
        return True

    # Copies and records.

    def clone(self) -> House:
        """An independent house in the same state."""
        copy = object.__new__(House)
        copy.layout, copy.place, copy.holding = self.layout, self.place, self.holding
        copy.open, copy.near, copy.taken, copy.held = set(self.open), set(self.near), set(self.taken), set(self.held)
        copy.seen = set(self.seen)
        copy.inside = {r: list(objects) for r, objects in self.inside.items()}
        copy.marks = {mark: set(names) for mark, names in self.marks.items()}
        return copy

    def record(self) -> dict[str, Any]:
        """All that can change, the agent's knowledge included, as JSON."""
        return {
            "place": self.place,
            "holding": self.holding,
            "open": sorted(self.open),
            "inside": {r: objects for r, objects in self.inside.items() if objects},
            "marks": {mark: sorted(names) for mark, names in self.marks.items() if names},
            "near": sorted(self.near - self._derived_near()),
            "far": sorted(self._derived_near() - self.near),
            "taken": sorted(self.taken),
            "held": sorted(self.held),
            "seen": sorted(self.seen),
        }

    def replay(self, record: dict[str, Any]) -> None:
        """Go to a recorded state of this same house.

        ValueError, with nothing changed, if the record names an object, receptacle or place that the house lacks.
        """
        objects = {o for names in (*record["inside"].values(), *record["marks"].values()) for o in names}
        objects |= {*record["held"], *(o for o, _ in record["taken"]), *filter(None, [record["holding"]])}
        places = {p for _, p in (*record["near"], *record["far"])} | {record["place"]} - {None}
        receptacles = {*record["inside"], *record["open"], *record["seen"], *(r for _, r in record["taken"])}
        layout = self.layout
        strange = objects - layout.things.keys() | receptacles - layout.receptacles.keys() | places - layout.all_places
        if strange:
            raise ValueError(f"{min(map(str, strange))!r} is not in this house")
        self.place, self.holding, self.open = record["place"], record["holding"], set(record["open"])
        self.inside = {r: list(record["inside"].get(r, ())) for r in self.inside}
        self.marks = {mark: set(record["marks"].get(mark, ())) for mark in MARKS}
        self.near = (self._derived_near() - {(o, p) for o, p in record["far"]}) | {(o, p) for o, p in record["near"]}
        self.taken = {(o, r) for o, r in record["taken"]}
        self.held, self.seen = set(record["held"]), set(record["seen"])

    def describe(self) -> dict[str, Any]:
        """A spec that builds the house in its present state."""
        spec = self.layout.spec
        odd = {o for o, _ in self.near ^ self._derived_near()}
        things: dict[str, dict[str, Any]] = {}
        for name in self.layout.things:
            properties = {k: v for k, v in spec.get("objects", {}).get(name, {}).items() if k not in (*MARKS, "near")}
            marks = {mark: True for mark in MARKS if name in self.marks[mark]}
            near = {"near": sorted(p for o, p in self.near if o == name)} if name in odd else {}
            things[name] = properties | marks | near
        receptacles: dict[str, dict[str, Any]] = {}
        for name, receptacle in self.layout.receptacles.items():
            properties = {k: v for k, v in spec["receptacles"][name].items() if k not in ("open", "contains")}
            door = {"open": name in self.open} if receptacle.openable else {}
            receptacles[name] = properties | door | {"contains": list(self.inside[name])}
        return {
            "receptacles": receptacles,
            "objects": things,
            "agent": {"at": self.place, "holds": self.holding},
            "past": {"taken": [list(pair) for pair in sorted(self.taken)], "held": sorted(self.held)},
        }


def dumps(value: Any) -> bytes:
    """Compact JSON bytes."""
    return json.dumps(value, separators=(",", ":")).encode()
