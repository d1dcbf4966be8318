"""A house's fixed part in few words for a simulator: doors, appliances, what goes where, and what each object allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .layout import Layout, Receptacle, Thing

_OF_RECEPTACLES: Mapping[str, Callable[[Receptacle], bool]] = {
    "Have a door": lambda r: r.openable,
    "Heat": lambda r: r.heats,
    "Cool": lambda r: r.cools,
    "Clean": lambda r: r.cleans,
}
_OF_THINGS: Mapping[str, Callable[[Thing], bool]] = {
    "Cannot be taken": lambda t: not t.portable,
    "Can be heated": lambda t: t.heatable,
    "Can be cooled": lambda t: t.coolable,
    "Can be cleaned": lambda t: t.cleanable,
    "Can be sliced": lambda t: t.sliceable,
    "Slice": lambda t: t.cuts,
    "Can be turned on": lambda t: t.toggleable,
    "Vessels": lambda t: t.vessel,
}


def digest_of(spec: dict[str, Any]) -> dict[str, Any]:
    """`edition`: ALFWorld's; `abilities`: what holds of which receptacles and objects, as (words, names); `takes`:
    (receptacles, kinds of the house's objects that may be put there); `shared`: lists of receptacles at one place, its name
    first; `filled`: what lies in vessels.
    """
    layout = Layout(spec)
    receptacles, things = list(layout.receptacles.values()), list(layout.things.values())
    abilities = [(words, _named(receptacles, holds)) for words, holds in _OF_RECEPTACLES.items()]
    abilities += [(words, _named(things, holds)) for words, holds in _OF_THINGS.items()]
    takes: dict[str, list[Receptacle]] = {}
    for receptacle in receptacles:
        kinds = sorted({thing.kind for thing in things if thing.portable and receptacle.takes(thing)})
        takes.setdefault(" ".join(kinds), []).append(receptacle)
    return {
        "edition": layout.edition,
        "abilities": [(words, names) for words, names in abilities if names],
        "takes": [(_named(receptacles, some.__contains__), kinds) for kinds, some in takes.items()],
        "shared": [(place, [r.name for r in here]) for place, here in layout.places.items() if _is_shared(place, here)],
        "filled": [(thing.name, list(thing.contains)) for thing in things if thing.contains],
    }


def _is_shared(place: str, here: Sequence[Receptacle]) -> bool:
    """Whether a place is more than the one receptacle of its name."""
    return [r.name for r in here] != [place]


def _named(everything: Sequence[Any], holds: Callable[[Any], bool]) -> str:
    """Those of which something holds: by their kind where it holds of all of that kind, else by name."""
    names: dict[str, None] = {}
    for one in filter(holds, everything):
        whole = all(holds(other) for other in everything if other.kind == one.kind)
        names[one.kind if whole else one.name] = None
    return ", ".join(names)
