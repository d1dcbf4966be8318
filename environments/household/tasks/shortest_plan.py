"""The shortest plan from a house's present state to the goal.

Given a house, the plan uses full knowledge; given a `BeliefState`, the agent's knowledge. The search enumerates the
choices worth taking (which object, from where, at which appliance, to which receptacle), keeps the shortest plan and
cuts off longer ones early. Each command of the plan, once run, shortens the plan by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..engine.goal import Goal
from ..engine.grading import grade
from ..engine.house import House
from ..engine.layout import Receptacle, Thing

VERBS = {"hot": "heat", "cool": "cool", "clean": "clean"}


@dataclass(frozen=True, slots=True)
class PartialPlan:
    """The commands of a plan so far, and their effects: where the agent stands, and the doors it opened."""

    house: House
    place: str | Receptacle | None
    open_doors: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()

    def reach(self, receptacle: Receptacle, inside: bool) -> PartialPlan:
        """Go to a receptacle, and open its door if the agent must reach inside."""
        open_doors, commands, name = self.open_doors, self.commands, receptacle.name
        spot = self.house.spot(receptacle)
        if spot != self.place:
            commands += (f"go to {name}",)
        if inside and not self.house.visible(receptacle) and name not in open_doors:
            open_doors, commands = (*open_doors, name), (*commands, f"open {name}")
        return PartialPlan(self.house, spot, open_doors, commands)

    def do(self, command: str) -> PartialPlan:
        """Add a command that moves nobody and opens nothing."""
        return PartialPlan(self.house, self.place, self.open_doors, (*self.commands, command))

    def put(self, name: str, target: Receptacle) -> PartialPlan:
        """Bring the held object to a receptacle and put it there."""
        return self.reach(target, True).do(self.house.layout.edition.put_command(name, target.name))


def shortest_plan(house: House, goal: Goal) -> tuple[str, ...] | None:
    """The fewest commands to success: () if the goal is reached already, None if it is out of reach."""
    if grade(goal, house).success:
        return ()
    return _Search(house, goal).run()


def pickup_plan(house: House, goal: Goal) -> tuple[str, ...] | None:
    """The fewest commands to take an object of the goal's kind into an empty hand; None if there is none."""
    search = _Search(house, goal)
    partials = [search.take(PartialPlan(house, house.place), thing, source) for thing, source in search.sources]
    return min((partial.commands for partial in partials), key=len, default=None)


def drop_plan(house: House, goal: Goal) -> tuple[str, ...] | None:
    """The fewest commands to put down the held object; None if no receptacle takes it."""
    search, thing = _Search(house, goal), house.layout.things[str(house.holding)]
    return next((partial.commands for partial in search.drops(PartialPlan(house, house.place), thing, [])), None)


class _Search:
    """One search; `best` holds the commands of the shortest complete plan so far."""

    def __init__(self, house: House, goal: Goal) -> None:
        self.house, self.goal = house, goal
        self.best: tuple[str, ...] | None = None
        kind = house.layout.things_of_kind.get(goal.object, ())
        self.candidates = [t for t in reversed(kind) if goal.wants(house, t.name)]
        self.sources = [(t, r) for t in self.candidates if t.portable for r in house.receptacles_of(t.name)]
        appliances = [r for r in house.layout.receptacles.values() if goal.state and r.makes(goal.state)]
        self.appliances = self._worth_trying({house.spot(r) for _, r in self.sources}, reversed(appliances))
        self.places = {house.place, *(house.spot(r) for r in (*(r for _, r in self.sources), *self.appliances))}

    def run(self) -> tuple[str, ...] | None:
        """The commands of the shortest plan; None if there is none."""
        thing = self.house.layout.things[self.house.holding] if self.house.holding else None
        if thing not in self.candidates and not self.sources:
            return None
        start = PartialPlan(self.house, self.house.place)
        targets = self._lamps() if self.goal.lamp else self._targets()
        for target in targets:
            if thing is None or thing in self.candidates:
                self._extend(start, target, thing)
        if thing is not None:
            for partial in self.drops(start, thing, targets):
                for target in targets:
                    self._extend(partial, target, None)
        return self.best

    def _extend(self, partial: PartialPlan, target: Receptacle, thing: Thing | None) -> None:
        """Complete a plan towards one target, with `thing` in the hand."""
        if self.goal.lamp:
            self._look(partial, target, thing)
        else:
            objects = self.goal.objects_in(self.house, target)
            self._fill(partial, target, self.goal.count - len(objects), thing, frozenset(objects))

    def _too_long(self, partial: PartialPlan) -> bool:
        return self.best is not None and len(partial.commands) >= len(self.best)

    def _offer(self, partial: PartialPlan) -> None:
        if not self._too_long(partial):
            self.best = partial.commands

    @staticmethod
    def take(partial: PartialPlan, thing: Thing, source: Receptacle) -> PartialPlan:
        """Go to a receptacle and take an object from it."""
        return partial.reach(source, True).do(f"take {thing.name} from {source.name}")

    def _look(self, partial: PartialPlan, target: Receptacle, thing: Thing | None) -> None:
        """Hold an object of the kind before a lamp that is on."""
        if thing is None:
            for candidate, source in self.sources:
                self._look(self.take(partial, candidate, source), target, candidate)
            return
        partial = partial.reach(target, False)
        lamps = [o for o in self.house.inside[target.name] if self._is_lamp(o)]
        self._offer(partial if any(o in self.house.marks["on"] for o in lamps) else partial.do(f"use {lamps[0]}"))

    def _fill(
        self, partial: PartialPlan, target: Receptacle, missing: int, thing: Thing | None, names: frozenset[str]
    ) -> None:
        """Bring `missing` more objects into the target. `names` lists the objects that are there by then."""
        if missing <= 0:
            self._offer(partial)
        elif self._too_long(partial):
            return
        elif thing is not None:
            for extension in self._treatments(partial, thing):
                if missing == 1 and self._lies_in(partial, thing, target):
                    self._offer(extension)
                else:
                    self._fill(extension.put(thing.name, target), target, missing - 1, None, names | {thing.name})
        else:
            for candidate, source in self.sources:
                if candidate.name not in names:
                    self._fill(self.take(partial, candidate, source), target, missing, candidate, names)

    def _lies_in(self, partial: PartialPlan, thing: Thing, target: Receptacle) -> bool:
        """Whether a held object also lies in the target; an object that lay in two receptacles does."""
        came_from_target = f"take {thing.name} from {target.name}" in partial.commands
        return thing.name in self.house.inside[target.name] and not came_from_target

    def _treatments(self, partial: PartialPlan, thing: Thing) -> Iterator[PartialPlan]:
        """The plan after the held object was heated, cooled or cleaned, by each appliance; unchanged if it need not be."""
        if self.goal.in_state(self.house, thing.name):
            yield partial
        else:
            verb = VERBS[str(self.goal.state)]
            for appliance in self.appliances:
                yield partial.reach(appliance, False).do(f"{verb} {thing.name} with {appliance.name}")

    def _targets(self) -> list[Receptacle]:
        """Receptacles of the goal's kind: those that hold a candidate, and as few others as make a difference."""
        fitting = [
            r for r in reversed(self.house.layout.of_kind.get(self.goal.receptacle, ()))
            if any(r.takes(t) or t.name in self.house.inside[r.name] for t in self.candidates)
        ]  # fmt: skip
        in_use = [r for r in fitting if any(t.name in self.house.inside[r.name] for t in self.candidates)]
        return list(dict.fromkeys([*in_use, *self._worth_trying(self.places, fitting)]))

    def _lamps(self) -> list[Receptacle]:
        lamps = self.house.layout.things_of_kind.get(self.goal.lamp, ())
        return [r for t in lamps if self._is_lamp(t.name) for r in self.house.receptacles_of(t.name)]

    def _is_lamp(self, name: str) -> bool:
        thing = self.house.layout.things[name]
        return thing.kind == self.goal.lamp and thing.toggleable

    def _worth_trying(
        self, spots: Iterable[str | Receptacle | None], receptacles: Iterable[Receptacle]
    ) -> list[Receptacle]:
        """The receptacles at some spots or at the agent's place, and one open and one closed of all others."""
        on_the_way = {*spots, self.house.place}
        near: list[Receptacle] = []
        far: dict[bool, Receptacle] = {}
        for receptacle in receptacles:
            if self.house.spot(receptacle) in on_the_way:
                near.append(receptacle)
            else:
                far.setdefault(self.house.visible(receptacle), receptacle)
        return [*near, *far.values()]

    def drops(self, start: PartialPlan, thing: Thing, targets: list[Receptacle]) -> Iterator[PartialPlan]:
        """Plans that put the held object down, shortest first; `targets` are places the agent goes to later."""
        fitting = [r for r in self.house.layout.receptacles.values() if r.takes(thing)]
        places = self.places | {self.house.spot(r) for r in targets}
        partials = [start.put(thing.name, r) for r in self._worth_trying(places, fitting)]
        yield from sorted(partials, key=lambda w: len(w.commands))
