"""The types of rooms for procedural houses: receptacles and objects of each, in ALFWorld's words."""

from __future__ import annotations

from dataclasses import dataclass

from ..engine.object_types import words


@dataclass(frozen=True)
class RoomType:
    """One type of room.

    `receptacles` maps a kind to its smallest and largest number; the easiest houses have the smallest. `lamps` are the
    kinds of lamps for goals with a lamp, `lamp_stands` the kinds of receptacles they stand on.
    """

    receptacles: dict[str, tuple[int, int]]
    objects: frozenset[str]
    lamps: tuple[str, ...] = ()
    lamp_stands: tuple[str, ...] = ()


KITCHEN = RoomType(
    receptacles={
        "cabinet": (2, 14), "coffeemachine": (1, 1), "countertop": (1, 3), "diningtable": (0, 2), "drawer": (1, 8),
        "fridge": (1, 1), "garbagecan": (1, 1), "microwave": (1, 1), "shelf": (0, 3), "sidetable": (0, 1),
        "sinkbasin": (1, 1), "stoveburner": (1, 4), "toaster": (0, 1),
    },
    objects=words(
        "apple bowl bread butterknife cup dishsponge egg fork glassbottle kettle knife ladle lettuce mug pan "
        "peppershaker plate pot potato saltshaker soapbottle spatula spoon statue tomato vase winebottle"
    ),
)  # fmt: skip
LIVING_ROOM = RoomType(
    receptacles={
        "armchair": (1, 2), "cabinet": (0, 3), "coffeetable": (1, 1), "diningtable": (0, 1), "drawer": (1, 5),
        "dresser": (0, 1), "garbagecan": (1, 1), "safe": (0, 1), "shelf": (0, 6), "sidetable": (1, 2), "sofa": (1, 1),
        "tvstand": (0, 1),
    },
    objects=words(
        "book box cellphone creditcard keychain laptop newspaper pen pencil pillow plate remotecontrol statue "
        "tissuebox vase watch wateringcan"
    ),
    lamps=("desklamp", "floorlamp"),
    lamp_stands=("dresser", "sidetable"),
)  # fmt: skip
BEDROOM = RoomType(
    receptacles={
        "armchair": (0, 1), "bed": (1, 1), "desk": (1, 2), "drawer": (2, 8), "dresser": (0, 1), "garbagecan": (1, 1),
        "laundryhamper": (0, 1), "safe": (0, 1), "shelf": (0, 6), "sidetable": (0, 2),
    },
    objects=words(
        "alarmclock baseballbat basketball book bowl box cd cellphone cloth creditcard keychain laptop mug pen "
        "pencil pillow statue tennisracket tissuebox vase watch"
    ),
    lamps=("desklamp",),
    lamp_stands=("desk", "dresser", "shelf", "sidetable"),
)  # fmt: skip
BATHROOM = RoomType(
    receptacles={
        "bathtubbasin": (0, 1), "cabinet": (1, 5), "countertop": (1, 1), "drawer": (0, 6), "garbagecan": (1, 1),
        "handtowelholder": (1, 2), "sinkbasin": (1, 2), "toilet": (1, 1), "toiletpaperhanger": (1, 1),
        "towelholder": (1, 2),
    },
    objects=words(
        "candle cloth dishsponge handtowel plunger soapbar soapbottle spraybottle tissuebox toiletpaper towel"
    ),
)  # fmt: skip

ROOM_TYPES = {
    "pick_and_place_simple": (KITCHEN, LIVING_ROOM, BEDROOM, BATHROOM),
    "pick_clean_then_place_in_recep": (KITCHEN, BATHROOM),
    "pick_heat_then_place_in_recep": (KITCHEN,),
    "pick_cool_then_place_in_recep": (KITCHEN,),
    "look_at_obj_in_light": (BEDROOM, LIVING_ROOM),
    "pick_two_obj_and_place": (KITCHEN, LIVING_ROOM, BEDROOM, BATHROOM),
}
"""The types of rooms in which a task of each type can take place."""
