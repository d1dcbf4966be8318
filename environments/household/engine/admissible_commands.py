"""The admissible commands of a house: all that would do something now, in ALFWorld's order."""

from __future__ import annotations

from .house import House
from .layout import Receptacle, Thing


def admissible(house: House) -> tuple[str, ...]:
    """Every command that would do something, by the alphabet, as ALFWorld lists them."""
    # The alphabet puts the `go to` commands between these two lists.
    before_go: list[str] = []
    after_go: list[str] = ["inventory", "look", *(["help"] if house.layout.edition.lists_help else [])]
    held_thing = house.in_hand(house.holding) if house.holding else None
    for receptacle in house.within_reach:
        name, visible = receptacle.name, house.visible(receptacle)
        before_go.append(f"examine {name}")
        if receptacle.openable:
            (before_go if visible else after_go).append(f"{'close' if visible else 'open'} {name}")
        things = house.layout.things
        after_go += [f"use {o}" for o in house.inside[name] if things[o].toggleable]
        if held_thing is None and visible:
            after_go += [f"take {o} from {name}" for o in house.inside[name] if things[o].portable]
        if held_thing is not None:
            _with_thing(house, held_thing, receptacle, before_go, after_go)
    if held_thing is not None:
        before_go.append(f"examine {held_thing.name}")
        if held_thing.cuts:
            sliceable = [o for o, place in house.near if place == house.place and house.layout.things[o].sliceable]
            after_go += [f"slice {o} with {held_thing.name}" for o in sliceable]
    return (*sorted(before_go), *house.layout.go_commands(house.place), *sorted(set(after_go)))


def _with_thing(house: House, thing: Thing, receptacle: Receptacle, before_go: list[str], after_go: list[str]) -> None:
    """The commands for the object in the hand at one receptacle, added to the two lists."""
    name = receptacle.name
    if house.visible(receptacle) and receptacle.takes(thing):
        after_go.append(house.layout.edition.put_command(thing.name, name))
    if receptacle.heats and thing.heatable:
        after_go.append(f"heat {thing.name} with {name}")
    if receptacle.cools and thing.coolable:
        before_go.append(f"cool {thing.name} with {name}")
    if receptacle.cleans and thing.cleanable:
        before_go.append(f"clean {thing.name} with {name}")
