"""The fixed part of a house: receptacles and objects, where they stand, and what each allows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from simenv.errors import WorldError

from . import object_types
from .editions import edition


def kind_of(name: str) -> str:
    """`sinkbasin` of `sinkbasin 1`."""
    return name.partition(" ")[0]


def rank(name: str) -> tuple[str, int]:
    """Sort key for ALFWorld's lists: kinds by the alphabet, within a kind the highest number first."""
    kind, _, number = name.partition(" ")
    return kind, -int(number)


def listing(names: Iterable[str], article: str = "a ") -> str:
    """`nothing`, `a pen 1`, `a pen 2, and a pen 1`: ALFWorld's list, with its comma before every `and`."""
    items = [article + name for name in names]
    if not items:
        return "nothing"
    return ", and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else items[0]


@dataclass(frozen=True, slots=True)
class Receptacle:
    """Something that holds objects. Going to any receptacle of a `place` reaches all of them."""

    name: str
    kind: str
    place: str
    openable: bool
    heats: bool
    cools: bool
    cleans: bool
    accepts: frozenset[str] | None

    @classmethod
    def read(cls, name: str, spec: dict[str, Any]) -> Receptacle:
        """A receptacle from its entry in a spec; its kind supplies what the entry leaves out."""
        kind = spec.get("type") or kind_of(name)
        accepts = spec.get("accepts")
        return cls(
            name=name,
            kind=kind,
            place=spec.get("place", name),
            openable=spec.get("openable", kind in object_types.OPENABLE),
            heats=spec.get("heats", kind in object_types.HEATS),
            cools=spec.get("cools", kind in object_types.COOLS),
            cleans=spec.get("cleans", kind in object_types.CLEANS),
            accepts=None if accepts is None else frozenset(accepts),
        )

    def takes(self, thing: Thing) -> bool:
        """Whether the thing may be put here."""
        return object_types.fits(self.kind, thing.kind) if self.accepts is None else thing.kind in self.accepts

    def makes(self, state: object_types.State) -> bool:
        """Whether this receptacle brings objects into a state."""
        return self.heats if state == "hot" else self.cools if state == "cool" else self.cleans


@dataclass(frozen=True, slots=True)
class Thing:
    """An object. `contains` names the objects in it, which show only when it is examined."""

    name: str
    kind: str
    portable: bool
    heatable: bool
    coolable: bool
    cleanable: bool
    sliceable: bool
    toggleable: bool
    cuts: bool
    vessel: bool
    contains: tuple[str, ...]

    @classmethod
    def read(cls, name: str, spec: dict[str, Any]) -> Thing:
        """An object from its entry in a spec; its kind supplies what the entry leaves out."""
        kind = spec.get("type") or kind_of(name)
        return cls(
            name=name,
            kind=kind,
            portable=spec.get("portable", kind not in object_types.FIXED),
            heatable=spec.get("heatable", kind in object_types.HEATABLE),
            coolable=spec.get("coolable", kind in object_types.COOLABLE),
            cleanable=spec.get("cleanable", kind in object_types.CLEANABLE),
            sliceable=spec.get("sliceable", kind in object_types.SLICEABLE),
            toggleable=spec.get("toggleable", kind in object_types.TOGGLEABLE),
            cuts=spec.get("cuts", kind in object_types.CUTS),
            vessel=spec.get("vessel", kind in object_types.VESSEL),
            contains=tuple(sorted(spec.get("contains", ()), key=rank)),
        )

    def can_become(self, state: object_types.State) -> bool:
        """Whether an appliance can bring the object into a state."""
        return self.heatable if state == "hot" else self.coolable if state == "cool" else self.cleanable


class Layout:
    """Receptacles and objects by name, in listing order, with indices by place and by kind.

    WorldError if one name stands for a receptacle and an object.
    """

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.edition = edition(spec.get("alfworld"))
        objects: dict[str, dict[str, Any]] = {name: {} for name in _implicit_names(spec)} | spec.get("objects", {})
        stands: dict[str, dict[str, Any]] = spec["receptacles"]
        self.receptacles = {name: Receptacle.read(name, stands[name]) for name in sorted(stands, key=rank)}
        self.things = {name: Thing.read(name, objects[name]) for name in sorted(objects, key=rank)}
        if duplicates := self.receptacles.keys() & self.things.keys():
            raise WorldError(f"house: {min(duplicates)!r} is both a receptacle and an object; give one another number")
        self.places: dict[str, list[Receptacle]] = {}
        self.of_kind: dict[str, list[Receptacle]] = {}
        self.things_of_kind: dict[str, list[Thing]] = {}
        for receptacle in self.receptacles.values():
            self.places.setdefault(receptacle.place, []).append(receptacle)
            self.of_kind.setdefault(receptacle.kind, []).append(receptacle)
        for thing in self.things.values():
            self.things_of_kind.setdefault(thing.kind, []).append(thing)
        near = (p for o in spec.get("objects", {}).values() for p in o.get("near", ()))
        self.all_places = {*self.places, *near}
        """All places of the spec; an object may be near one without receptacles."""
        self._go_commands: dict[str | None, tuple[str, ...]] = {}

    def receptacles_at(self, place: str | None) -> list[Receptacle]:
        """The receptacles within reach from a place; none where the agent stands in the middle of the room."""
        return self.places[place] if place is not None else []

    def go_commands(self, place: str | None) -> tuple[str, ...]:
        """The `go to` commands that lead to another place, by the alphabet."""
        if place not in self._go_commands:
            names = (r.name for r in self.receptacles.values() if r.place != place)
            self._go_commands[place] = tuple(sorted(f"go to {name}" for name in names))
        return self._go_commands[place]


def _implicit_names(spec: dict[str, Any]) -> Iterator[str]:
    """Names of objects that a spec need not describe: those contained somewhere, held now or held before."""
    for holder in (*spec["receptacles"].values(), *spec.get("objects", {}).values()):
        yield from holder.get("contains", ())
    if name := spec.get("agent", {}).get("holds"):
        yield name
    yield from spec.get("past", {}).get("held", ())
    yield from (thing for thing, _ in spec.get("past", {}).get("taken", ()))
