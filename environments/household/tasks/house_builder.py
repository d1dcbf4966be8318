"""Builds a procedural house around a goal: all lies where it usually does, and the goal's objects hidden well there."""

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
from .priors import share
from .rooms import ROOMS, Room

T = TypeVar("T")
_NO_DOOR = 0.2
"""Share of cabinets and drawers that stand without a door; in ALFWorld's houses it is about a quarter."""
_ONE_PLACE = 0.25
"""Chance that a drawer or stoveburner shares a place with the one before it."""


@dataclass(frozen=True)
class Size:
    """How large and how hard.

    `scale` in 0..1 goes from the fewest to the most receptacles; `hidden` is the chance that an object of the goal lies
    behind a door; `distractors` are objects that would suit the goal but for their kind; there are up to `spare` more
    objects of the goal's kind than it needs.
    """

    scale: float
    objects: int
    distractors: int
    hidden: float
    spare: int


@dataclass
class Plot:
    """A house while it is built: `stands` names receptacles by kind, `lies` lists (kind of object, receptacle)."""

    room: Room
    size: Size
    rng: Generator
    stands: dict[str, list[str]] = field(default_factory=dict)
    spec: dict[str, dict[str, Any]] = field(default_factory=dict)
    lies: list[tuple[str, str]] = field(default_factory=list)

    def furnish(self) -> None:
        for kind, (fewest, most) in self.room.receptacles.items():
            count = int(self.rng.integers(fewest, fewest + round((most - fewest) * self.size.scale) + 1))
            if count:
                self.stands[kind] = [f"{kind} {n}" for n in range(1, count + 1)]
        for kind, names in self.stands.items():
            for before, name in zip([None, *names], names, strict=False):
                self.spec[name] = self._fittings(kind, before)

    def _fittings(self, kind: str, before: str | None) -> dict[str, Any]:
        fittings: dict[str, Any] = {}
        if kind in ("cabinet", "drawer") and self.rng.random() < _NO_DOOR:
            fittings["openable"] = False
        if before and kind in ("drawer", "stoveburner") and self.rng.random() < _ONE_PLACE:
            fittings["place"] = self.spec[before].get("place", before)
        return fittings

    def closed(self, name: str) -> bool:
        return bool(self.spec[name].get("openable", name.partition(" ")[0] in object_types.OPENABLE))

    def spots(self, thing: str, never: str = "") -> list[str]:
        """Kinds of receptacles here that take a kind of object."""
        return [kind for kind in self.stands if kind != never and object_types.fits(kind, thing)]

    def things(self, never: str = "") -> list[str]:
        """Kinds of objects of the room that can lie in some receptacle here."""
        return [thing for thing in sorted(self.room.objects) if self.spots(thing, never)]

    def lay(self, thing: str, never: str = "", hidden: float | None = None) -> None:
        """Lay an object somewhere: first a kind of receptacle is drawn, so that a dozen cabinets do not get it all."""
        spots = self.spots(thing, never)
        if hidden is not None:
            doors = self.rng.random() < hidden
            wished = [k for k in spots if any(self.closed(name) == doors for name in self.stands[k])]
            kind = self._likely(thing, wished or spots)
            names = [n for n in self.stands[kind] if self.closed(n) == doors] or self.stands[kind]
        else:
            names = self.stands[self._likely(thing, spots)]
        self.lies.append((thing, pick(self.rng, names)))

    def _likely(self, thing: str, spots: Sequence[str]) -> str:
        """One of some kinds of receptacles, drawn by how usual it is to find the thing there."""
        shares = [*accumulate(share(thing, kind) for kind in spots)]
        return spots[bisect_right(shares, float(self.rng.random()) * shares[-1], hi=len(spots) - 1)]

    def finish(self) -> dict[str, Any]:
        """The spec, with numbers given to the objects in a random order."""
        contents: dict[str, list[str]] = defaultdict(list)
        numbers: Counter[str] = Counter()
        for index in self.rng.permutation(len(self.lies)):
            thing, name = self.lies[int(index)]
            numbers[thing] += 1
            contents[name].append(f"{thing} {numbers[thing]}")
        return {"receptacles": {n: s | {"contains": sorted(contents[n])} for n, s in self.spec.items()}}


def pick(rng: Generator, options: Sequence[T]) -> T:
    return options[int(rng.integers(len(options)))]


def build(kind: Kind, size: Size, rng: Generator) -> tuple[Goal, dict[str, Any]]:
    """A goal of a type, and a house in which it is not reached but can be."""
    plot = Plot(pick(rng, ROOMS[kind]), size, rng)
    plot.furnish()
    goal = _lamp_goal(plot) if kind == "look_at_obj_in_light" else _place_goal(plot, kind)
    for _ in range(goal.count + int(rng.integers(size.spare + 1))):
        plot.lay(goal.object, never=goal.receptacle, hidden=size.hidden)
    if goal.lamp:
        plot.lies.append((goal.lamp, pick(rng, plot.stands[pick(rng, _stands(plot))])))
    others = [thing for thing in plot.things() if thing != goal.object]
    rivals = [t for t in others if goal.lamp or object_types.fits(goal.receptacle, t)] or others
    for _ in range(size.distractors):
        plot.lay(pick(rng, rivals))
    while len(plot.lies) < size.objects:
        plot.lay(pick(rng, others))
    return goal, plot.finish()


def _stands(plot: Plot) -> list[str]:
    return [kind for kind in plot.room.lamp_stands if kind in plot.stands]


def _lamp_goal(plot: Plot) -> Goal:
    return Goal(type="look_at_obj_in_light", object=pick(plot.rng, plot.things()), lamp=pick(plot.rng, plot.room.lamps))


def _place_goal(plot: Plot, kind: Kind) -> Goal:
    """An object and a receptacle that suits it; never the appliance itself, and something else must take it, too."""
    state = STATES.get(kind)
    able = (
        {"hot": object_types.HEATABLE, "cool": object_types.COOLABLE, "clean": object_types.CLEANABLE}[state]
        if state
        else object_types.KNOWN
    )
    appliance = (
        {"hot": object_types.HEATS, "cool": object_types.COOLS, "clean": object_types.CLEANS}[state]
        if state
        else frozenset()
    )
    pairs: dict[str, list[str]] = {}
    for receptacle in plot.stands:
        things = [t for t in plot.things(never=receptacle) if t in able and object_types.fits(receptacle, t)]
        if things and receptacle not in appliance:
            pairs[receptacle] = things
    receptacle = pick(plot.rng, list(pairs))
    thing = pick(plot.rng, pairs[receptacle])
    count: Literal[1, 2] = 2 if kind == "pick_two_obj_and_place" else 1
    return Goal(type=kind, object=thing, receptacle=receptacle, state=state, count=count)
