"""Where objects usually lie in a home. The house builder places objects by it, and the planner searches by it."""

from __future__ import annotations

from ..engine.object_types import fits, words

_WEIGHTS = {
    "armchair": 2.0, "bathtubbasin": 1.5, "bed": 3.0, "cabinet": 3.0, "coffeemachine": 0.5, "coffeetable": 4.0,
    "countertop": 8.0, "desk": 5.0, "diningtable": 6.0, "drawer": 3.0, "dresser": 4.0, "fridge": 2.0,
    "garbagecan": 1.0, "laundryhamper": 0.5, "microwave": 1.0, "safe": 0.5, "shelf": 3.0, "sidetable": 4.0,
    "sinkbasin": 2.0, "sofa": 3.0, "stoveburner": 0.5, "toaster": 0.1, "toilet": 2.0, "tvstand": 2.0,
}  # fmt: skip
"""Weight of all receptacles of a kind together. Set by hand, as are the homes below, after a look at 90 training games of
ALFWorld (train_gold_90); the lengths of searches in those games are therefore no test of them."""
_DEFAULT_WEIGHT = 2.0
"""Weight of a kind of receptacle that is not listed."""
_HOME_WEIGHT = 8.0
"""Weight of the kinds of receptacles where an object belongs."""
UNLIKELY = 0.01
"""Weight of receptacles that do not take the object; they are searched last."""

_HOMES = {
    **dict.fromkeys(("apple", "egg", "lettuce", "potato", "tomato"), "fridge"),
    **dict.fromkeys(("cup", "bowl", "plate"), "cabinet"),
    **dict.fromkeys(("kettle", "pan", "pot"), "stoveburner"),
    **dict.fromkeys(("fork", "knife", "spoon"), "drawer"),
    **dict.fromkeys(("peppershaker", "saltshaker"), "cabinet"),
    "alarmclock": "desk dresser shelf sidetable",
    "book": "bed desk",
    "cd": "desk drawer",
    "cellphone": "bed drawer",
    "cloth": "bathtubbasin drawer",
    "desklamp": "desk dresser sidetable",
    "floorlamp": "dresser sidetable",
    "handtowel": "handtowelholder",
    "laptop": "bed desk sofa",
    "mug": "cabinet coffeemachine",
    "newspaper": "coffeetable sofa",
    "pencil": "desk drawer",
    "pillow": "bed sofa",
    "remotecontrol": "coffeetable",
    "soapbar": "bathtubbasin sinkbasin",
    "spraybottle": "countertop toilet",
    "statue": "shelf",
    "toiletpaper": "toilet toiletpaperhanger",
    "towel": "towelholder",
    "vase": "shelf",
}
HOMES = {thing: words(places) for thing, places in _HOMES.items()}
"""Kinds of receptacles where a kind of object belongs."""


def location_weight(thing: str, receptacle: str) -> float:
    """Unnormalised probability that an object of a kind lies in one of the receptacles of a kind; above 0."""
    if receptacle in HOMES.get(thing, ()):
        return _HOME_WEIGHT
    return _WEIGHTS.get(receptacle, _DEFAULT_WEIGHT) if fits(receptacle, thing) else UNLIKELY
