"""Builds procedural houses around a goal: objects lie where they usually do, those of the goal behind doors if asked."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Literal, TypeVar

from numpy.random import Generator

from ..engine import object_types
from ..engine.goal import STATES, Goal, Kind
from .location_priors import location_weight
from .room_types import ROOM_TYPES, RoomType

T = TypeVar("T")
_NO_DOOR = 0.2
"""Share of cabinets and drawers that stand without a door; in ALFWorld's houses it is about a quarter."""
_ONE_PLACE = 0.25
"""Chance that a drawer or stoveburner shares a place with the one before it."""


@dataclass(frozen=True)
class Size:
    """How large and how hard a house is.

    `scale` (0 to 1) goes from the fewest to the most receptacles. `objects` is the least number of objects. `hidden` is
    the probability that an object of the goal lies behind a door. `distractors` is the number of objects that suit the
    goal in all but their kind. A house has up to `spare` more objects of the goal's kind than the goal needs.
    """

    scale: float
    objects: int
    distractors: int
    hidden: float
    spare: int


@dataclass
class HouseDraft:
    """A house under construction: `receptacles` are names by kind, `placements` are (kind of object, receptacle) pairs."""

    room: RoomType
    size: Size
    rng: Generator
    receptacles: dict[str, list[str]] = field(default_factory=dict)
    spec: dict[str, dict[str, Any]] = field(default_factory=dict)
    placements: list[tuple[str, str]] = field(default_factory=list)

    def furnish(self) -> None:
        """Draw the receptacles: how many of each kind, doors, and shared places."""
        for kind, (fewest, most) in self.room.receptacles.items():
            count = int(self.rng.integers(fewest, fewest + round((most - fewest) * self.size.scale) + 1))
            if count:
                self.receptacles[kind] = [f"{kind} {n}" for n in range(1, count + 1)]
        for kind, names in self.receptacles.items():
            for neighbour, name in zip([None, *names], names, strict=False):
                self.spec[name] = self._fields(kind, neighbour)

    def _fields(self, kind: str, neighbour: str | None) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        if kind in ("cabinet", "drawer") and self.rng.random() < _NO_DOOR:
            fields["openable"] = False
        if neighbour and kind in ("drawer", "stoveburner") and self.rng.random() < _ONE_PLACE:
            fields["place"] = self.spec[neighbour].get("place", neighbour)
        return fields

    def has_door(self, name: str) -> bool:
        """Whether a receptacle has a door; every door is closed at the start."""
        return bool(self.spec[name].get("openable", name.partition(" ")[0] in object_types.OPENABLE))

    def receptacles_for(self, thing: str, excluding: str = "") -> list[str]:
        """The kinds of receptacles in this house that take a kind of object."""
        return [kind for kind in self.receptacles if kind != excluding and object_types.fits(kind, thing)]

    def things(self, excluding: str = "") -> list[str]:
        """The room's kinds of objects that fit into some receptacle of this house."""
        return [thing for thing in sorted(self.room.objects) if self.receptacles_for(thing, excluding)]

    def place(self, thing: str, excluding: str = "", door_chance: float | None = None) -> None:
        """Place an object: draw a kind of receptacle first, so that a dozen cabinets do not get everything."""
        kinds = self.receptacles_for(thing, excluding)
        if door_chance is not None:
            doors = self.rng.random() < door_chance
            suitable = [k for k in kinds if any(self.has_door(name) == doors for name in self.receptacles[k])]
            kind = self._draw_kind(thing, suitable or kinds)
            names = [n for n in self.receptacles[kind] if self.has_door(n) == doors] or self.receptacles[kind]
        else:
            names = self.receptacles[self._draw_kind(thing, kinds)]
        self.placements.append((thing, pick(self.rng, names)))

    def _draw_kind(self, thing: str, kinds: Sequence[str]) -> str:
        """One of some kinds of receptacles, drawn by how likely the object is found there."""
        totals = [*accumulate(location_weight(thing, kind) for kind in kinds)]
        return kinds[bisect_right(totals, float(self.rng.random()) * totals[-1], hi=len(kinds) - 1)]

    def finish(self) -> dict[str, Any]:
        """The finished spec; objects of a kind are numbered in a random order."""
        contents: dict[str, list[str]] = defaultdict(list)
        numbers: Counter[str] = Counter()
        for index in self.rng.permutation(len(self.placements)):
            thing, name = self.placements[int(index)]
            numbers[thing] += 1
            contents[name].append(f"{thing} {numbers[thing]}")
        return {"receptacles": {n: s | {"contains": sorted(contents[n])} for n, s in self.spec.items()}}


def pick(rng: Generator, options: Sequence[T]) -> T:
    """One of some options, each equally likely."""
    return options[int(rng.integers(len(options)))]


def build_house(kind: Kind, size: Size, rng: Generator) -> tuple[Goal, dict[str, Any]]:
    """A goal of a type, and the spec of a house in which it can be reached and is not reached yet."""
    draft = HouseDraft(pick(rng, ROOM_TYPES[kind]), size, rng)
    draft.furnish()
    goal = _lamp_goal(draft) if kind == "look_at_obj_in_light" else _place_goal(draft, kind)
    for _ in range(goal.count + int(rng.integers(size.spare + 1))):
        draft.place(goal.object, excluding=goal.receptacle, door_chance=size.hidden)
    if goal.lamp:
        draft.placements.append((goal.lamp, pick(rng, draft.receptacles[pick(rng, _lamp_stands(draft))])))
    fillers = [thing for thing in draft.things() if thing != goal.object]
    distractors = [t for t in fillers if goal.lamp or object_types.fits(goal.receptacle, t)] or fillers
    for _ in range(size.distractors):
        draft.place(pick(rng, distractors))
    while len(draft.placements) < size.objects:
        draft.place(pick(rng, fillers))
    return goal, draft.finish()


def _lamp_stands(draft: HouseDraft) -> list[str]:
    return [kind for kind in draft.room.lamp_stands if kind in draft.receptacles]


def _lamp_goal(draft: HouseDraft) -> Goal:
    return Goal(
        type="look_at_obj_in_light", object=pick(draft.rng, draft.things()), lamp=pick(draft.rng, draft.room.lamps)
    )


def _place_goal(draft: HouseDraft, kind: Kind) -> Goal:
    """A goal with an object and a receptacle that takes it: never the appliance, nor the only receptacle for the object."""
    state = STATES.get(kind)
    candidates = (
        {"hot": object_types.HEATABLE, "cool": object_types.COOLABLE, "clean": object_types.CLEANABLE}[state]
        if state
        else object_types.KNOWN
    )
    appliances = (
        {"hot": object_types.HEATS, "cool": object_types.COOLS, "clean": object_types.CLEANS}[state]
        if state
        else frozenset()
    )
    pairs: dict[str, list[str]] = {}
    for receptacle in draft.receptacles:
        things = [t for t in draft.things(excluding=receptacle) if t in candidates and object_types.fits(receptacle, t)]
        if things and receptacle not in appliances:
            pairs[receptacle] = things
    receptacle = pick(draft.rng, list(pairs))
    thing = pick(draft.rng, pairs[receptacle])
    count: Literal[1, 2] = 2 if kind == "pick_two_obj_and_place" else 1
    return Goal(type=kind, object=thing, receptacle=receptacle, state=state, count=count)
