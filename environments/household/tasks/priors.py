"""Where things usually lie: what somebody expects who knows homes but not this one. Builder and searcher share it."""

from __future__ import annotations

from ..engine.object_types import fits, words

_SHARE = {
    "armchair": 2.0, "bathtubbasin": 1.5, "bed": 3.0, "cabinet": 3.0, "coffeemachine": 0.5, "coffeetable": 4.0,
    "countertop": 8.0, "desk": 5.0, "diningtable": 6.0, "drawer": 3.0, "dresser": 4.0, "fridge": 2.0,
    "garbagecan": 1.0, "laundryhamper": 0.5, "microwave": 1.0, "safe": 0.5, "shelf": 3.0, "sidetable": 4.0,
    "sinkbasin": 2.0, "sofa": 3.0, "stoveburner": 0.5, "toaster": 0.1, "toilet": 2.0, "tvstand": 2.0,
}  # fmt: skip
"""How much lies on all receptacles of a kind together. Set by hand, as are the homes below, with a look at what lies where
in 90 training games of ALFWorld (train_gold_90); lengths of searches in those games are no test of them."""
_ANY = 2.0
"""The share of a kind of receptacle that is not listed."""
_HOME = 8.0
"""The share of the places where a kind of object belongs."""
STRANGE = 0.01
"""The share of places where nobody would put it: they are looked into last."""

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
"""Where a kind of object belongs."""


def share(thing: str, receptacle: str) -> float:
    """How likely an object of a kind lies in one of the receptacles of a kind; only the ratio of two shares counts."""
    if receptacle in HOMES.get(thing, ()):
        return _HOME
    return _SHARE.get(receptacle, _ANY) if fits(receptacle, thing) else STRANGE
