"""The shortest way from a house's present state to its goal, as far as the house is known.

Given a house it has full knowledge; given a `Memory` of it, that of the agent. It goes through the ways worth taking
(which object, from where, by which appliance, to which receptacle) and keeps the shortest; ways that are longer than
the best are given up early. A command of the plan, once done, shortens it by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..engine.goal import Goal, grade
from ..engine.house import House
from ..engine.layout import Receptacle, Thing

VERBS = {"hot": "heat", "cool": "cool", "clean": "clean"}


@dataclass(frozen=True, slots=True)
class Walk:
    """Commands given so far, and what they changed: where the agent stands, and which doors it opened."""

    house: House
    place: str | Receptacle | None
    opened: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()

    def reach(self, receptacle: Receptacle, inside: bool) -> Walk:
        """Go before a receptacle, and open it if one is to reach into it."""
        opened, commands, name = self.opened, self.commands, receptacle.name
        spot = self.house.spot(receptacle)
        if spot != self.place:
            commands += (f"go to {name}",)
        if inside and not self.house.visible(receptacle) and name not in opened:
            opened, commands = (*opened, name), (*commands, f"open {name}")
        return Walk(self.house, spot, opened, commands)

    def do(self, command: str) -> Walk:
        return Walk(self.house, self.place, self.opened, (*self.commands, command))

    def put(self, name: str, target: Receptacle) -> Walk:
        return self.reach(target, True).do(f"put {name} in/on {target.name}")


def plan(house: House, goal: Goal) -> tuple[str, ...] | None:
    """The commands to success: none where it is reached, None where it cannot be."""
    if grade(goal, house).success:
        return ()
    return _Search(house, goal).run()


def fetch(house: House, goal: Goal) -> tuple[str, ...] | None:
    """The commands to take the nearest object of the goal's kind into an empty hand."""
    search = _Search(house, goal)
    walks = [search.take(Walk(house, house.place), thing, source) for thing, source in search.sources]
    return min((walk.commands for walk in walks), key=len, default=None)


def free(house: House, goal: Goal) -> tuple[str, ...] | None:
    """The commands to put down what is held."""
    search, held = _Search(house, goal), house.layout.things[str(house.holding)]
    return next((walk.commands for walk in search.drops(Walk(house, house.place), held, [])), None)


class _Search:
    """One search; `best` is the shortest complete walk so far."""

    def __init__(self, house: House, goal: Goal) -> None:
        self.house, self.goal = house, goal
        self.best: tuple[str, ...] | None = None
        kind = house.layout.things_of_kind.get(goal.object, ())
        self.wanted = [t for t in reversed(kind) if goal.wants(house, t.name)]
        self.sources = [(t, r) for t in self.wanted if t.portable for r in house.where(t.name)]
        makers = [r for r in house.layout.receptacles.values() if goal.state and r.makes(goal.state)]
        self.makers = self._worth({house.spot(r) for _, r in self.sources}, reversed(makers))
        self.places = {house.place, *(house.spot(r) for r in (*(r for _, r in self.sources), *self.makers))}

    def run(self) -> tuple[str, ...] | None:
        held = self.house.layout.things[self.house.holding] if self.house.holding else None
        if held not in self.wanted and not self.sources:
            return None
        start = Walk(self.house, self.house.place)
        aims = self._lamps() if self.goal.lamp else self._targets()
        for aim in aims:
            if held is None or held in self.wanted:
                self._go_on(start, aim, held)
        if held is not None:
            for walk in self.drops(start, held, aims):
                for aim in aims:
                    self._go_on(walk, aim, None)
        return self.best

    def _go_on(self, walk: Walk, aim: Receptacle, held: Thing | None) -> None:
        if self.goal.lamp:
            self._look(walk, aim, held)
        else:
            placed = self.goal.placed(self.house, aim)
            self._fill(walk, aim, self.goal.count - len(placed), held, frozenset(placed))

    def _hopeless(self, walk: Walk) -> bool:
        return self.best is not None and len(walk.commands) >= len(self.best)

    def _offer(self, walk: Walk) -> None:
        if not self._hopeless(walk):
            self.best = walk.commands

    @staticmethod
    def take(walk: Walk, thing: Thing, source: Receptacle) -> Walk:
        return walk.reach(source, True).do(f"take {thing.name} from {source.name}")

    def _look(self, walk: Walk, aim: Receptacle, held: Thing | None) -> None:
        """Hold an object of the kind before a lamp that is on."""
        if held is None:
            for thing, source in self.sources:
                self._look(self.take(walk, thing, source), aim, thing)
            return
        walk = walk.reach(aim, False)
        lamps = [o for o in self.house.inside[aim.name] if self._is_lamp(o)]
        self._offer(walk if any(o in self.house.marks["on"] for o in lamps) else walk.do(f"use {lamps[0]}"))

    def _fill(self, walk: Walk, target: Receptacle, missing: int, held: Thing | None, used: frozenset[str]) -> None:
        """Bring as many objects into the target as are missing."""
        if missing <= 0:
            self._offer(walk)
        elif self._hopeless(walk):
            return
        elif held is not None:
            for made in self._made(walk, held):
                if missing == 1 and self._lies_on(walk, held, target):
                    self._offer(made)
                else:
                    self._fill(made.put(held.name, target), target, missing - 1, None, used | {held.name})
        else:
            for thing, source in self.sources:
                if thing.name not in used:
                    self._fill(self.take(walk, thing, source), target, missing, thing, used)

    def _lies_on(self, walk: Walk, thing: Thing, target: Receptacle) -> bool:
        """Whether a held object also lies in the target, as one does that lay in two receptacles."""
        taken = f"take {thing.name} from {target.name}" in walk.commands
        return thing.name in self.house.inside[target.name] and not taken

    def _made(self, walk: Walk, held: Thing) -> Iterator[Walk]:
        """The walk after the held object was heated, cooled or cleaned, if it must be."""
        if self.goal.done(self.house, held.name):
            yield walk
        else:
            verb = VERBS[str(self.goal.state)]
            for maker in self.makers:
                yield walk.reach(maker, False).do(f"{verb} {held.name} with {maker.name}")

    def _targets(self) -> list[Receptacle]:
        """Receptacles of the goal's kind; beside those that hold something already, as few as make a difference."""
        fitting = [
            r for r in reversed(self.house.layout.of_kind.get(self.goal.receptacle, ()))
            if any(r.takes(t) or t.name in self.house.inside[r.name] for t in self.wanted)
        ]  # fmt: skip
        begun = [r for r in fitting if any(t.name in self.house.inside[r.name] for t in self.wanted)]
        return list(dict.fromkeys([*begun, *self._worth(self.places, fitting)]))

    def _lamps(self) -> list[Receptacle]:
        lamps = self.house.layout.things_of_kind.get(self.goal.lamp, ())
        return [r for t in lamps if self._is_lamp(t.name) for r in self.house.where(t.name)]

    def _is_lamp(self, name: str) -> bool:
        thing = self.house.layout.things[name]
        return thing.kind == self.goal.lamp and thing.toggleable

    def _worth(self, places: Iterable[str | Receptacle | None], receptacles: Iterable[Receptacle]) -> list[Receptacle]:
        """Of several receptacles those at certain places, and one open and one closed of all the others."""
        known = {*places, self.house.place}
        near: list[Receptacle] = []
        others: dict[bool, Receptacle] = {}
        for receptacle in receptacles:
            if self.house.spot(receptacle) in known:
                near.append(receptacle)
            else:
                others.setdefault(self.house.visible(receptacle), receptacle)
        return [*near, *others.values()]

    def drops(self, start: Walk, held: Thing, aims: list[Receptacle]) -> Iterator[Walk]:
        """Ways to free the hands."""
        fitting = [r for r in self.house.layout.receptacles.values() if r.takes(held)]
        places = self.places | {self.house.spot(r) for r in aims}
        walks = [start.put(held.name, r) for r in self._worth(places, fitting)]
        yield from sorted(walks, key=lambda w: len(w.commands))
