"""ALFWorld's tables of what each kind of object and receptacle allows. A spec may override them for any single one.

The tables are those of ALFWorld's games (json_2.1.1): the facts that do not depend on the house are the same in all of
them. `FITS` joins the `canContain` facts of 110 games; a kind that stands in no table is unknown, and fits anywhere.
"""

from __future__ import annotations

from typing import Literal

State = Literal["hot", "cool", "clean"]
"""States that heating, cooling and cleaning bring about; hot and cool exclude each other."""


def words(text: str) -> frozenset[str]:
    """A set of kinds, written with spaces between them."""
    return frozenset(text.split())


OPENABLE = words("cabinet drawer fridge microwave safe")
HEATS = words("microwave")
COOLS = words("fridge")
CLEANS = words("sinkbasin")

FIXED = words(
    "bathtub blinds chair curtains desklamp floorlamp footstool houseplant laundryhamperlid lightswitch mirror "
    "painting papertowel poster showerdoor showerglass sink stoveknob television toiletpaperroll window"
)
"""Objects that cannot be picked up."""
CLEANABLE = words(
    "apple bowl butterknife cloth cup dishsponge egg fork kettle knife ladle lettuce mug pan plate pot potato "
    "soapbar spatula spoon tomato"
)
HEATABLE = words("apple bread cup egg mug plate potato tomato")
COOLABLE = words("apple bowl bread cup egg lettuce mug pan plate pot potato tomato winebottle")
SLICEABLE = words("apple bread egg lettuce potato tomato")
TOGGLEABLE = words("desklamp floorlamp")
CUTS = words("butterknife knife")
VESSEL = words("bowl box cup mug pan plate pot")
"""Objects whose examination lists what lies in them."""

_FITS = {
    "armchair": "book box cellphone creditcard keychain laptop newspaper pillow remotecontrol",
    "bathtubbasin": "cloth dishsponge handtowel soapbar",
    "bed": "baseballbat basketball book cellphone laptop pillow tennisracket",
    "cabinet": (
        "book bowl box candle cd cloth cup dishsponge glassbottle handtowel kettle ladle mug newspaper pan "
        "peppershaker plate plunger pot saltshaker soapbar soapbottle spraybottle tissuebox toiletpaper vase "
        "wateringcan winebottle"
    ),
    "coffeemachine": "mug",
    "coffeetable": (
        "book bowl box candle cellphone creditcard keychain laptop newspaper pen pencil plate remotecontrol "
        "statue tissuebox vase watch wateringcan"
    ),
    "countertop": (
        "alarmclock apple book bowl bread butterknife candle cd cellphone cloth creditcard cup dishsponge egg "
        "fork glassbottle handtowel kettle keychain knife ladle laptop lettuce mug pan pen pencil peppershaker "
        "plate pot potato remotecontrol saltshaker soapbar soapbottle spatula spoon spraybottle statue "
        "tissuebox toiletpaper tomato vase winebottle"
    ),
    "desk": (
        "alarmclock basketball book bowl box cd cellphone cloth creditcard keychain laptop mug pen pencil "
        "remotecontrol statue tennisracket tissuebox vase watch"
    ),
    "diningtable": (
        "alarmclock apple baseballbat book bowl box bread butterknife candle cd cellphone creditcard cup "
        "dishsponge egg fork glassbottle kettle keychain knife ladle laptop lettuce mug newspaper pan pen "
        "pencil peppershaker plate pot potato remotecontrol saltshaker soapbottle spatula spoon spraybottle "
        "statue tissuebox tomato vase watch wateringcan winebottle"
    ),
    "drawer": (
        "book butterknife candle cd cellphone cloth creditcard dishsponge fork handtowel keychain knife ladle "
        "newspaper pen pencil peppershaker remotecontrol saltshaker soapbar soapbottle spatula spoon "
        "spraybottle tissuebox toiletpaper watch wateringcan"
    ),
    "dresser": (
        "alarmclock basketball book bowl box candle cd cellphone cloth creditcard keychain laptop mug "
        "newspaper pen pencil plate remotecontrol spraybottle statue tennisracket tissuebox toiletpaper vase "
        "watch wateringcan"
    ),
    "fridge": "apple bowl bread cup egg glassbottle lettuce mug pan plate pot potato tomato winebottle",
    "garbagecan": (
        "apple bread cd cloth dishsponge egg handtowel lettuce newspaper pen pencil potato soapbar soapbottle "
        "spraybottle tissuebox toiletpaper tomato winebottle"
    ),
    "handtowelholder": "handtowel",
    "laundryhamper": "cloth",
    "microwave": "apple bowl bread cup egg glassbottle mug plate potato tomato",
    "safe": "cd cellphone creditcard keychain statue vase watch",
    "shelf": (
        "alarmclock book bowl box cd cellphone cloth creditcard cup dishsponge glassbottle kettle keychain mug "
        "newspaper pen pencil peppershaker plate pot remotecontrol saltshaker soapbottle statue tissuebox vase "
        "watch wateringcan winebottle"
    ),
    "sidetable": (
        "alarmclock apple baseballbat book bowl box bread butterknife candle cd cellphone cloth creditcard cup "
        "dishsponge egg fork handtowel keychain knife laptop lettuce mug newspaper pan pen pencil peppershaker "
        "plate pot potato remotecontrol saltshaker soapbar soapbottle spatula spoon spraybottle statue "
        "tennisracket tissuebox toiletpaper tomato vase watch wateringcan winebottle"
    ),
    "sinkbasin": (
        "apple bowl butterknife cloth cup dishsponge egg fork glassbottle handtowel kettle knife ladle lettuce "
        "mug pan plate pot potato soapbar spatula spoon tomato"
    ),
    "sofa": "book box cellphone creditcard keychain laptop newspaper pillow remotecontrol",
    "stoveburner": "kettle pan pot",
    "toaster": "",
    "toilet": "candle cloth dishsponge handtowel soapbar soapbottle spraybottle tissuebox toiletpaper",
    "toiletpaperhanger": "toiletpaper",
    "towelholder": "towel",
    "tvstand": "tissuebox",
}

FITS = {receptacle: words(objects) for receptacle, objects in _FITS.items()}
"""Kinds of objects by the kind of receptacle that takes them."""

KNOWN = frozenset().union(*FITS.values()) | FIXED
"""All kinds of objects in the tables."""


def fits(receptacle: str, thing: str) -> bool:
    """Whether a kind of receptacle takes a kind of object; a kind that is in no table fits anywhere."""
    return receptacle not in FITS or thing not in KNOWN or thing in FITS[receptacle]
