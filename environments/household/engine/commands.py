"""Runs text commands in a house and answers with ALFWorld's sentences, word for word.

Sentences and conditions are those of ALFWorld's grammar (alfred.twl2, MIT licence), checked against recorded games.
"""

from __future__ import annotations

from .house import House
from .layout import Receptacle, Thing, listing
from .object_types import State

NOTHING = "Nothing happens."
"""The answer to every command that cannot be done; a typing error and an impossible action look the same, as in ALFWorld."""
LONGEST = 200
"""Most characters of a command; the longest sensible one has about 60."""
_MAKES: dict[str, State] = {"heat": "hot", "cool": "cool", "clean": "clean"}


def perform(house: House, command: str) -> str:
    """Run a command and return the sentence that answers it. As in TextWorld each letter and blank of it counts.

    A command that cannot be done changes nothing and returns `NOTHING`.
    """
    command, put = command.strip(), house.layout.edition
    if len(command) > LONGEST:
        return NOTHING
    verb, _, rest = command.partition(" ")
    if not rest:
        return _alone(house, verb)
    if verb in _MAKES or verb == "slice":
        return _with(house, verb, *rest.partition(" with ")[::2])
    if verb == "take":
        name, _, source = rest.partition(" from ")
        return f"You pick up the {name} from the {source}." if house.take(name, source) else NOTHING
    if verb == put.verb:
        name, _, target = rest.partition(f" {put.preposition} ")
        return put.put_sentence(name, target) if house.put(name, target) else NOTHING
    return _on_one(house, verb, rest)


def _alone(house: House, verb: str) -> str:
    if verb == "look":
        return look(house)
    if verb == "inventory":
        return f"You are carrying: a {house.holding}." if house.holding else "You are not carrying anything."
    return house.layout.edition.help or NOTHING if verb == "help" else NOTHING


def _with(house: House, verb: str, name: str, tool: str) -> str:
    if verb == "slice":
        return f"You sliced the {name} with the {tool}." if house.slice(name, tool) else NOTHING
    return f"You {verb} the {name} using the {tool}." if house.make(name, _MAKES[verb], tool) else NOTHING


def _on_one(house: House, verb: str, name: str) -> str:
    receptacles = house.layout.receptacles
    if verb == "go" and name.startswith("to "):
        arrived = house.layout.edition.arrived(name[3:])
        return f"{arrived}{contents(house, receptacles[name[3:]])}" if house.go(name[3:]) else NOTHING
    if verb == "open" and house.set_open(name, True):
        return f"You open the {name}. {contents(house, receptacles[name])}"
    if verb == "close" and house.set_open(name, False):
        return f"You close the {name}."
    if verb == "use" and house.use(name):
        return f"You turn on the {name}."
    if verb == "examine":
        if receptacle := house.reachable(name):
            return contents(house, receptacle)
        if thing := house.in_hand(name):
            return description(house, thing)
    return NOTHING


def contents(house: House, receptacle: Receptacle) -> str:
    """The sentence for a receptacle that the agent stands before; marks an open one as seen."""
    name = receptacle.name
    if not house.look_into(receptacle):
        return f"The {name} is closed."
    if receptacle.openable:
        return f"The {name} is open. In it, you see {listing(house.inside[name])}."
    return f"On the {name}, you see {listing(house.inside[name])}."


def description(house: House, thing: Thing) -> str:
    """The sentence for an examined object in the hand."""
    hot, cool, clean, sliced = (thing.name in house.marks[mark] for mark in ("hot", "cool", "clean", "sliced"))
    if thing.vessel:
        return f"This is a normal {thing.name}. In it, you see {listing(thing.contains)}."
    if sliced or clean or hot:
        # Beside other qualities the grammar calls a cold thing cool.
        temperature = "hot" if hot else "cool" if cool else ""
        if clean:
            temperature = f"{temperature} and clean" if temperature else "clean"
        return f"This is a {' '.join(filter(None, [temperature, 'sliced' * sliced, thing.name]))}."
    if cool:
        return f"This is a cold {thing.name}."
    if thing.toggleable:
        return f"This {thing.name} is {'on' if thing.name in house.marks['on'] else 'off'}."
    return f"There's nothing special about {thing.name}."


def look(house: House) -> str:
    """The answer to `look`. In the middle of the room it lists no receptacles; only `survey` does."""
    if house.place is None:
        return "You are in the middle of a room. Looking quickly around you, you see nothing."
    facing = listing((r.name for r in house.within_reach), article="")
    return f"You are facing the {facing}. Next to it, you see {listing(house.beside())}."


def survey(house: House) -> str:
    """The first observation of a game."""
    if house.place is not None:
        return look(house)
    return f"You are in the middle of a room. Looking quickly around you, you see {listing(house.layout.receptacles)}."
