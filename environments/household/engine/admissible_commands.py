"""The admissible commands of a house: all that would do something now, in ALFWorld's order."""

from __future__ import annotations

from .house import House
from .layout import Receptacle, Thing


def admissible(house: House) -> tuple[str, ...]:
    """Every command that would do something, by the alphabet, as ALFWorld lists them; `help` is not listed there."""
    early: list[str] = []  # before "go to …" in the alphabet
    late: list[str] = ["inventory", "look"]
    held_thing = house.in_hand(house.holding) if house.holding else None
    for receptacle in house.reach:
        name, visible = receptacle.name, house.visible(receptacle)
        early.append(f"examine {name}")
        if receptacle.openable:
            (early if visible else late).append(f"{'close' if visible else 'open'} {name}")
        things = house.layout.things
        late += [f"use {o}" for o in house.inside[name] if things[o].toggleable]
        if held_thing is None and visible:
            late += [f"take {o} from {name}" for o in house.inside[name] if things[o].portable]
        if held_thing is not None:
            _with_thing(house, held_thing, receptacle, early, late)
    if held_thing is not None:
        early.append(f"examine {held_thing.name}")
        if held_thing.cuts:
            sliceable = [o for o, place in house.near if place == house.place and house.layout.things[o].sliceable]
            late += [f"slice {o} with {held_thing.name}" for o in sliceable]
    return (*sorted(early), *house.layout.go_commands(house.place), *sorted(set(late)))


def _with_thing(house: House, thing: Thing, receptacle: Receptacle, early: list[str], late: list[str]) -> None:
    """The commands for the object in the hand at one receptacle, added to the two lists."""
    name = receptacle.name
    if house.visible(receptacle) and receptacle.takes(thing):
        late.append(f"put {thing.name} in/on {name}")
    if receptacle.heats and thing.heatable:
        late.append(f"heat {thing.name} with {name}")
    if receptacle.cools and thing.coolable:
        early.append(f"cool {thing.name} with {name}")
    if receptacle.cleans and thing.cleanable:
        early.append(f"clean {thing.name} with {name}")
