# ruff: noqa: E501 - a table: one claim a line
"""Claims of the kinds that models make of a house: reasons of refusals, results for actions, lists in parts, things in two places."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simenv.plugins import environment
from simenv.types import Observation
from tests.helpers.checker_pairs import GOALS, HOUSE
from tests.helpers.comparisons import scene

CLAIMS = (
    ("take key 1 from drawer 1", "There is no key 1 in the drawer 1.", "drift"),
    ("take key 1 from drawer 1", "There isn't a key 1 in the drawer 1.", "drift"),
    ("take key 1 from drawer 2", "There is no key 1 in the drawer 2.", "match"),
    ("take key 1 from drawer 1", "There is no key 1 here.", "match"),
    ("take mug 1 from desk 1", "Nothing happens.", "match"),
    ("take mug 1 from desk 1", "You can't do that.", "match"),
    ("take mug 1 from desk 1", "You can't take the mug 1 from here.", "match"),
    ("take mug 1 from desk 1", "You cannot see that here.", "match"),
    ("take mug 1 from desk 1", "There is no mug 1 here.", "match"),
    ("take mug 1 from desk 1", "You are not at the desk 1.", "match"),
    ("take mug 1 from desk 1", "You need to go to the desk 1 first.", "match"),
    ("take mug 1 from desk 1", "You don't see a mug 1 here.", "match"),
    ("take mug 1 from desk 1", "You can't reach the mug 1 from here.", "match"),
    ("take mug 1 from desk 1", "There is no mug 1.", "drift"),
    ("take mug 1 from desk 1", "You have to clean the mug 1 first.", "drift"),
    ("take mug 1 from desk 1", "You can't see, it is dark.", "drift"),
    ("take mug 1 from desk 1", "There isn't a desk 1.", "drift"),
    ("take mug 1 from desk 1", "The mug 1 does not exist.", "drift"),
    ("take mug 1 from desk 1", "You need to open the desk 1 first.", "drift"),
    ("take mug 1 from desk 1", "You are already carrying the mug 1.", "drift"),
    ("take mug 1 from desk 1", "Your hands are full.", "drift"),
    ("take mug 1 from desk 1", "The mug 1 is too hot to take.", "drift"),
    ("take mug 1 from desk 1", "You need to go to the bed 1 first.", "drift"),
    ("take mug 1 from desk 1", "You can't take the mug 1 because the desk 1 is closed.", "drift"),
    ("take mug 1 from desk 1", "Nothing happens. You are holding the mug 1.", "drift"),
    ("take mug 1 from desk 1", "Nothing happens, so I put the mug 1 in your hand.", "drift"),
    ("take mug 1 from desk 1", "You cannot take the mug 2 from the desk 1.", "drift"),
    ("take mug 1 from desk 1", "Nothing happens. The mug 1 is on the bed 1.", "drift"),
    ("take mug 1 from desk 1", "You can't, there is a dog in front of the desk 1.", "drift"),
    ("take mug 1 from desk 1", "The mug 1 is broken.", "drift"),
    ("take mug 1 from desk 1", "The desk 1 is locked.", "drift"),
    ("take mug 2 from desk 1 < go to desk 1 < take mug 1 from desk 1", "Your hands are full.", "match"),
    ("take mug 2 from desk 1 < go to desk 1 < take mug 1 from desk 1", "You are already carrying the mug 1.", "match"),
    ("take mug 2 from desk 1 < go to desk 1 < take mug 1 from desk 1", "You are already carrying something.", "match"),
    ("take mug 2 from desk 1 < go to desk 1 < take mug 1 from desk 1", "You are already carrying the mug 2.", "drift"),
    ("take mug 2 from desk 1 < go to desk 1 < take mug 1 from desk 1", "There is no mug 2 here.", "drift"),
    ("take mug 2 from desk 1 < go to desk 1 < take mug 1 from desk 1", "You need to go to the desk 1 first.", "drift"),
    ("take mug 2 from desk 1 < go to desk 1 < take mug 1 from desk 1", "You can't carry another object.", "match"),
    ("open desk 1 < go to desk 1", "You can't open the desk 1.", "match"),
    ("open desk 1 < go to desk 1", "The desk 1 cannot be opened.", "match"),
    ("open desk 1 < go to desk 1", "The desk 1 is already open.", "drift"),
    ("open desk 1 < go to desk 1", "The desk 1 is locked.", "drift"),
    ("open desk 1 < go to desk 1", "That's not something you can open.", "match"),
    ("open cabinet 1 < go to cabinet 1", "The cabinet 1 is already open.", "match"),
    ("open cabinet 1 < go to cabinet 1", "The cabinet 1 is already closed.", "drift"),
    ("open cabinet 1 < go to cabinet 1", "The cabinet 1 cannot be opened.", "drift"),
    ("take cloth 1 from drawer 1 < go to drawer 1", "You need to open the drawer 1 first.", "match"),
    ("take cloth 1 from drawer 1 < go to drawer 1", "The drawer 1 is closed.", "match"),
    ("take cloth 1 from drawer 1 < go to drawer 1", "There is no cloth 1.", "drift"),
    ("take cloth 1 from drawer 1 < go to drawer 1", "You can't see a cloth 1 here.", "match"),
    ("put apple 1 in/on desk 1 < go to desk 1", "You are not carrying the apple 1.", "match"),
    ("put apple 1 in/on desk 1 < go to desk 1", "You don't have the apple 1.", "match"),
    ("put apple 1 in/on desk 1 < go to desk 1", "You must be holding the apple 1 first.", "match"),
    ("put apple 1 in/on desk 1 < go to desk 1", "You don't have the mug 1.", "drift"),
    ("put apple 1 in/on desk 1 < go to desk 1", "You are not carrying anything.", "match"),
    (
        "heat mug 1 with fridge 1 < go to desk 1 < take mug 1 from desk 1 < go to fridge 1",
        "You can't heat the mug 1 with the fridge 1.",
        "match",
    ),
    (
        "heat mug 1 with fridge 1 < go to desk 1 < take mug 1 from desk 1 < go to fridge 1",
        "You can't heat the mug 1 with the microwave 1.",
        "drift",
    ),
    (
        "heat mug 1 with fridge 1 < go to desk 1 < take mug 1 from desk 1 < go to fridge 1",
        "You are not carrying the mug 1.",
        "drift",
    ),
    ("dance", "I don't understand that command.", "match"),
    ("dance", "Unknown command: dance", "match"),
    ("dance", "That's not a verb I recognise.", "match"),
    ("dance", "You dance around the room.", "drift"),
    ("dance", "Try going to the desk 1.", "drift"),
    ("take mug 1 from desk 1 < go to desk 1", "You are now carrying the mug 1.", "match"),
    ("take mug 1 from desk 1 < go to desk 1", "You grab the mug 1 from the desk 1.", "match"),
    ("take mug 1 from desk 1 < go to desk 1", "You now have the mug 1 in your hand.", "match"),
    ("take mug 1 from desk 1 < go to desk 1", "You now have the mug 2.", "drift"),
    ("take mug 1 from desk 1 < go to desk 1", "You are carrying: a mug 1, and a cd 1.", "drift"),
    ("take mug 1 from desk 1 < go to desk 1", "You pick up the mug 1 from the desk 1. The desk 1 is closed.", "drift"),
    (
        "take mug 1 from desk 1 < go to desk 1",
        "You pick up the mug 1 from the desk 1. On the desk 1, you see a mug 1.",
        "drift",
    ),
    (
        "take mug 1 from desk 1 < go to desk 1",
        "You pick up the mug 1 from the desk 1. On the desk 1, you see a bowl 1, a cd 1, a desklamp 1, and a mug 2.",
        "match",
    ),
    ("go to desk 1", "There are 5 items on the desk 1: a bowl 1, a cd 1, a desklamp 1, a mug 1, and a mug 2.", "match"),
    (
        "go to desk 1",
        "There are four objects on the desk 1: a bowl 1, a cd 1, a desklamp 1, a mug 1, and a mug 2.",
        "drift",
    ),
    ("go to desk 1", "On the desk 1, you see a bowl 1, a cd 1, a desklamp 1, and two mugs (mug 1, mug 3).", "drift"),
    ("go to desk 1", "On the desk 1, you see a bowl 1, a cd 1, a desklamp 1, and three mugs (mug 1, mug 2).", "drift"),
    ("go to desk 1", "On the desk 1, you see a bowl 1, a cd 1.", "drift"),
    (
        "go to desk 1",
        "On the desk 1, you see nothing. On the desk 1, you see a bowl 1, a cd 1, a desklamp 1, a mug 1, and a mug 2.",
        "drift",
    ),
    ("go to desk 1", "The desk 1 has a bowl 1, a cd 1, a desklamp 1, a mug 1, and a mug 2 on it.", "match"),
    ("go to garbagecan 1", "It is empty.", "match"),
    ("go to garbagecan 1", "It is not empty.", "drift"),
    ("go to garbagecan 1", "The garbagecan 1 is empty.", "match"),
    ("go to garbagecan 1", "You go to the garbagecan 1. There is nothing in it.", "match"),
    ("go to garbagecan 1", "You see nothing on the garbagecan 1.", "match"),
    ("go to garbagecan 1", "It's closed.", "drift"),
    ("go to garbagecan 1", "It is open.", "drift"),
    ("close cabinet 1 < go to cabinet 1", "The cabinet 1 closes.", "match"),
    ("close cabinet 1 < go to cabinet 1", "The cabinet 1 is now closed.", "match"),
    ("close cabinet 1 < go to cabinet 1", "The cabinet 1 is not closed.", "drift"),
    ("close cabinet 1 < go to cabinet 1", "You open the cabinet 1.", "drift"),
    (
        "examine mug 1 < go to desk 1 < take mug 1 from desk 1",
        "This is a normal mug 1. In it, you see a cd 1.",
        "drift",
    ),
    ("examine mug 1 < go to desk 1 < take mug 1 from desk 1", "There's nothing special about mug 1.", "drift"),
)
"""(the command and those before it, claim, verdict)"""


def at(commands):
    command, *before = commands.split(" < ")
    earlier = [("take_action", {"action": c}) for c in before]
    return scene("household", HOUSE, ("take_action", {"action": command}), earlier, GOALS["household"])


SCENES = {commands: at(commands) for commands in dict.fromkeys(commands for commands, _, _ in CLAIMS)}


def label(transition, text):
    return environment("household").comparison().observation(transition, Observation(text=text)).label


@pytest.mark.parametrize(("commands", "text", "wanted"), CLAIMS)
def test_a_claim_is_judged_by_all_that_it_asserts(commands, text, wanted):
    assert label(SCENES[commands], text) == wanted


NAMES = ("bowl 1", "cd 1", "desklamp 1", "mug 1", "mug 2")


@given(st.permutations(NAMES), st.integers(1, 4))
def test_a_list_told_in_two_sentences_is_one_list(names, at):
    sentence = "On the desk 1, you see a {}."
    parts = " ".join(sentence.format(", a ".join(some)) for some in (names[:at], names[at:]))
    assert label(SCENES["go to desk 1"], parts) == "match"
    assert label(SCENES["go to desk 1"], sentence.format(", a ".join(names[:at]))) == "drift"


@given(st.sampled_from(("hot", "locked", "broken", "asleep", "too heavy", "on fire", "painted", "gone", "yours")))
def test_a_reason_that_a_house_does_not_know_is_none(word):
    refused = SCENES["take mug 1 from desk 1"]
    assert label(refused, f"You cannot take the mug 1 because it is {word}.") == "drift"
    assert label(refused, f"The desk 1 is {word}.") == "drift"


TAKEN = at("take mug 1 from desk 1 < go to desk 1")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("receptacles", "bed 1", "contains"), ["mug 1", "pillow 1"]), (("receptacles", "desk 1", "contains"), list(NAMES)),
        (("receptacles", "bed 1", "contains"), ["pillow 1", "pillow 1"]), (("objects", "mug 1"), {"dirty": True}),
        (("objects", "ghost 1"), {}), (("objects", "mug 1"), {"clean": True}), (("agent", "holds"), "mug 2"),
    ],
)  # fmt: skip
def test_a_thing_is_in_one_place_and_has_the_marks_of_this_house(place, value):
    comparison, state = environment("household").comparison(), copy.deepcopy(TAKEN.after)
    assert comparison.state(TAKEN, state).label == "match"
    inner = state
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    assert comparison.state(TAKEN, state).label == "drift"
