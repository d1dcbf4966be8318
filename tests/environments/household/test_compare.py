# ruff: noqa: E501, SIM905 - a table: one claim a line
"""What a model says of a house, judged against the house: sentences by what they say."""

import copy
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simenv.plugins import environment
from simenv.types import Observation
from tests.helpers.comparisons import HOSTILE, deep, scene, verdict
from tests.helpers.judgements import is_well_judged

SPEC = {
    "receptacles": {
        "fridge 1": {"contains": ["egg 1", "mug 2"]},
        "desk 1": {"contains": ["mug 1", "pen 1", "pen 2"]},
        "microwave 1": {},
        "shelf 1": {},
    },
    "objects": {"desklamp 1": {}, "mug 1": {"vessel": False}},
}
GOAL = {"type": "pick_and_place_simple", "object": "egg", "receptacle": "desk"}


def at(command, *before):
    return scene(
        "household", SPEC, ("take_action", {"action": command}), [("take_action", {"action": c}) for c in before], GOAL
    )


SCENES = {
    "desk": at("go to desk 1"),
    "closed": at("go to fridge 1"),
    "opened": at("open fridge 1", "go to fridge 1"),
    "shut": at("close fridge 1", "go to fridge 1", "open fridge 1"),
    "empty": at("go to shelf 1"),
    "taken": at("take mug 1 from desk 1", "go to desk 1"),
    "put": at("put mug 1 in/on shelf 1", "go to desk 1", "take mug 1 from desk 1", "go to shelf 1"),
    "heated": at("heat mug 1 with microwave 1", "go to desk 1", "take mug 1 from desk 1", "go to microwave 1"),
    "nothing": at("take unicorn 1 from desk 1", "go to desk 1"),
    "carrying": at("inventory", "go to desk 1", "take mug 1 from desk 1"),
    "free": at("inventory"),
    "look": at("look", "go to desk 1"),
    "hot": at(
        "examine mug 1", "go to desk 1", "take mug 1 from desk 1", "go to microwave 1", "heat mug 1 with microwave 1"
    ),
    "help": at("help"),
}
CLAIMS = (
    ("desk", "On the desk 1, you see a pen 2, a pen 1, and a mug 1.", "match"),
    ("desk", "on the desk 1 you see the mug 1, pen 1 and pen 2", "match"),
    ("desk", "You arrive at loc 7. On the desk 1, you see a mug 1, a pen 1, and a pen 2.", "match"),
    ("desk", "You are at the desk 1. There is a mug 1, a pen 1 and a pen 2 on the desk 1.", "match"),
    ("desk", "On the desk 1, you see a mug 1, and a pen 1.", "wrong_result"),
    ("desk", "On the desk 1, you see a mug 1, a pen 1, a pen 2, and a egg 1.", "wrong_result"),
    ("desk", "On the desk 1, you see a mug 1, a pen 1, a pen 2, and a laptop 1.", "invented"),
    ("desk", "On the desk 1, you see nothing.", "wrong_result"),
    ("desk", "On the shelf 1, you see a mug 1, a pen 1, and a pen 2.", "wrong_result"),
    ("desk", "On the desk 1, you see a mug, a pen and another pen.", "invented"),
    ("desk", "Nothing happens.", "refused_valid"),
    ("desk", "You can't go there.", "refused_valid"),
    ("desk", "The desk 1 is closed.", "wrong_result"),
    ("desk", "You walk through a sunny hall.", "format"),
    ("desk", "I will go to the desk 1 for you.", "out_of_character"),
    ("desk", '{"desk 1": ["mug 1", "pen 1", "pen 2"]}', "format"),
    ("desk", "", "format"),
    ("closed", "The fridge 1 is closed", "match"),
    ("closed", "The fridge 1 is open. In it, you see a mug 2, and a egg 1.", "wrong_result"),
    ("closed", "You arrive at the fridge 1. The fridge 1 is closed.", "match"),
    ("opened", "You open the fridge 1. In it, you see a mug 2, and an egg 1.", "match"),
    ("opened", "The fridge 1 is now open. Inside it you see egg 1 and mug 2.", "match"),
    ("opened", "You open the fridge 1.", "wrong_result"),
    ("opened", "You open the fridge 1. The fridge 1 is open. In it, you see nothing.", "wrong_result"),
    ("opened", "The fridge 1 is closed.", "forgot_change"),
    (
        "opened",
        "You open the fridge 1. The fridge 1 is open. In it, you see a egg 1, a mug 2, and a butter 1.",
        "invented",
    ),
    ("shut", "The fridge 1 is closed.", "match"),
    ("shut", "You closed the fridge 1.", "match"),
    ("shut", "You open the fridge 1. The fridge 1 is open. In it, you see a egg 1, and a mug 2.", "wrong_result"),
    ("empty", "There is nothing on the shelf 1.", "match"),
    ("empty", "The shelf 1 is empty.", "match"),
    ("empty", "On the shelf 1, you see a mug 1.", "wrong_result"),
    ("taken", "You take the mug 1 from the desk 1. You are now carrying a mug 1.", "match"),
    ("taken", "You picked up the mug 1.", "match"),
    ("taken", "You pick up the pen 1 from the desk 1.", "wrong_result"),
    ("taken", "You pick up the mug 1 from the shelf 1.", "wrong_result"),
    ("taken", "On the desk 1, you see a mug 1, a pen 1, and a pen 2.", "forgot_change"),
    ("put", "You place the mug 1 on the shelf 1.", "match"),
    ("put", "You put the mug 1 in/on the fridge 1.", "wrong_result"),
    ("put", "You put down the mug 1 on the shelf 1. You are not carrying anything.", "match"),
    ("heated", "You heat the mug 1 with the microwave 1. The mug 1 is now hot.", "match"),
    ("heated", "You cool the mug 1 using the microwave 1.", "wrong_result"),
    ("nothing", "nothing happened", "match"),
    ("nothing", "There is no unicorn 1 here.", "match"),
    ("nothing", "You pick up the unicorn 1 from the desk 1.", "accepted_malformed"),
    ("nothing", "Nothing happens. You pick up the mug 1 from the desk 1.", "accepted_malformed"),
    ("carrying", "You are holding a mug 1.", "match"),
    ("carrying", "You are carrying: a pen 1.", "wrong_result"),
    ("carrying", "You are not carrying anything.", "wrong_result"),
    ("free", "You aren't carrying anything.", "match"),
    ("look", "You are facing the desk 1. Next to it, you see nothing", "match"),
    ("look", "You are in the middle of a room. Looking quickly around you, you see nothing.", "wrong_result"),
    ("hot", "This mug 1 is hot.", "match"),
    ("hot", "This is a cold mug 1.", "wrong_result"),
    ("hot", "There's nothing special about mug 1.", "wrong_result"),
    ("help", "Commands: go to, open.", "wrong_result"),
)


@pytest.mark.parametrize(("where", "text", "wanted"), CLAIMS)
def test_a_sentence_is_judged_by_what_it_says(where, text, wanted):
    assert verdict("household", SCENES[where], text) == wanted


@pytest.mark.parametrize("where", SCENES)
def test_the_truth_is_the_truth(where):
    comparison, made = environment("household").comparison(), SCENES[where]
    assert comparison.observation(made, made.truth).label == "match"
    assert comparison.state(made, made.after).label == "match"


def test_a_house_is_compared_by_what_is_where():
    comparison, made = environment("household").comparison(), SCENES["put"]
    state = copy.deepcopy(made.after)
    state["receptacles"] = dict(reversed(state["receptacles"].items()))
    state["receptacles"]["desk 1"]["contains"].reverse()
    del state["receptacles"]["fridge 1"]["open"], state["past"]
    assert comparison.state(made, state).label == "match"
    state["receptacles"]["shelf 1"]["contains"] = []
    assert comparison.state(made, state).error == "wrong_result"
    state["receptacles"]["shelf 1"]["contains"] = ["mug 1", "unicorn 1"]
    assert comparison.state(made, state).error == "invented"
    assert comparison.state(made, made.before).error == "forgot_change"
    assert comparison.state(made, {"mug": "on the shelf"}).error == "format"


def test_the_size_of_a_change_counts_facts():
    comparison = environment("household").comparison()
    sizes = {where: comparison.delta(made.before, made.after) for where, made in SCENES.items()}
    assert (
        sizes["desk"] == 1
        and sizes["opened"] == 1
        and sizes["taken"] == 1
        and sizes["put"] == 1
        and sizes["heated"] == 1
    )
    assert sizes["nothing"] == 0 and sizes["look"] == 0


def test_hostile_claims_end_soon_and_never_raise():
    comparison, made = environment("household").comparison(), SCENES["desk"]
    began = time.process_time()
    for text in HOSTILE:
        assert comparison.observation(made, Observation(text=text)).label == "drift"
    for state in (deep(), {"receptacles": {"desk 1": deep()}}, {"receptacles": {"desk 1": {"contains": deep()}}},
                  {"receptacles": {"desk 1": {"type": deep()}}}, {"receptacles": {}, "agent": {"at": deep()}}, 7, None, "x"):  # fmt: skip
        assert comparison.state(made, state).label == "drift"
    assert time.process_time() - began < 30


@given(
    st.text(max_size=300)
    | st.lists(st.sampled_from("You the a mug 1 desk 1 , . put on see in it is and".split())).map(" ".join)
)
def test_any_text_is_judged(text):
    for where in ("desk", "nothing", "opened"):
        is_well_judged(environment("household").comparison(), SCENES[where], text)
