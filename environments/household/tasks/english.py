"""Instructions of procedural tasks in English. The world's own names, such as `toiletpaper 1`, stay as ALFWorld writes them."""

from __future__ import annotations

from simenv.english import article, capitalized

from ..engine.goal import Goal, Kind
from ..engine.object_types import words

_NAMES = {
    "alarmclock": "alarm clock", "baseballbat": "baseball bat", "bathtubbasin": "bathtub basin", "bread": "loaf of bread",
    "butterknife": "butter knife", "cd": "CD", "cellphone": "cell phone", "coffeemachine": "coffee machine",
    "coffeetable": "coffee table", "creditcard": "credit card", "desklamp": "desk lamp", "diningtable": "dining table",
    "dishsponge": "dish sponge", "floorlamp": "floor lamp", "garbagecan": "garbage can", "glassbottle": "glass bottle",
    "handtowel": "hand towel", "handtowelholder": "hand towel holder", "laundryhamper": "laundry hamper",
    "lettuce": "head of lettuce", "peppershaker": "pepper shaker", "remotecontrol": "remote control",
    "saltshaker": "salt shaker", "sidetable": "side table", "sinkbasin": "sink basin", "soapbar": "bar of soap",
    "soapbottle": "soap bottle", "spraybottle": "spray bottle", "stoveburner": "stove burner",
    "tennisracket": "tennis racket", "tissuebox": "tissue box", "toiletpaper": "roll of toilet paper",
    "toiletpaperhanger": "toilet paper hanger", "towelholder": "towel holder", "tvstand": "TV stand",
    "wateringcan": "watering can", "winebottle": "wine bottle",
}  # fmt: skip
"""Kinds whose English name is another one."""
_PLURALS = {
    "bread": "loaves of bread", "butterknife": "butter knives", "knife": "knives", "lettuce": "heads of lettuce",
    "potato": "potatoes", "soapbar": "bars of soap", "tissuebox": "tissue boxes", "box": "boxes", "tomato": "tomatoes",
    "toiletpaper": "rolls of toilet paper", "watch": "watches",
}  # fmt: skip
_INSIDE = words(
    "bathtubbasin cabinet coffeemachine drawer fridge garbagecan laundryhamper microwave safe sinkbasin toaster"
)
"""Receptacles that things are put in; on the others they are put on."""

TEMPLATES: dict[Kind, tuple[str, ...]] = {
    "pick_and_place_simple": ("put {one} {there}.", "find {one} and put it {there}."),
    "pick_clean_then_place_in_recep": ("put a clean {object} {there}.", "clean {one} and put it {there}."),
    "pick_heat_then_place_in_recep": ("put a hot {object} {there}.", "heat {one} and put it {there}."),
    "pick_cool_then_place_in_recep": ("put a cool {object} {there}.", "cool {one} and put it {there}."),
    "look_at_obj_in_light": ("look at {one} under {lamp}.", "examine {one} by the light of {lamp}."),
    "pick_two_obj_and_place": ("put two {objects} {there}.", "find two {objects} and put them {there}."),
}
"""After ALFWorld's sentences (goal_library, `gdict`)."""


def instruction(template: str, goal: Goal) -> str:
    """The goal in one of its kind's sentences."""
    preposition = "in" if goal.receptacle in _INSIDE else "on"
    return capitalized(
        template.format(
            object=name(goal.object),
            objects=plural(goal.object),
            one=article(name(goal.object)),
            there=f"{preposition} {article(name(goal.receptacle))}",
            lamp=article(name(goal.lamp)),
        )
    )


def name(kind: str) -> str:
    """The English name of one thing of a kind."""
    return _NAMES.get(kind, kind)


def plural(kind: str) -> str:
    """The English name of several."""
    return _PLURALS.get(kind, f"{name(kind)}s")
