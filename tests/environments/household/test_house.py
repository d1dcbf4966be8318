"""The house's physics, its sentences and its choices, on small literal houses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng

from simenv.errors import WorldError
from simenv.plugins.environments.household.engine.admissible_commands import admissible
from simenv.plugins.environments.household.engine.commands import NOTHING, perform, survey
from simenv.plugins.environments.household.engine.house import House
from simenv.plugins.environments.household.teacher import Teacher

KITCHEN = {
    "receptacles": {
        "countertop 1": {"contains": ["apple 1", "knife 1", "mug 2", "mug 10"]},
        "fridge 1": {"contains": ["egg 1"]},
        "microwave 1": {},
        "sinkbasin 1": {},
        "drawer 1": {"place": "the drawers"},
        "drawer 2": {"place": "the drawers", "openable": False, "contains": ["spoon 1"]},
        "stoveburner 1": {"place": "the stove", "contains": ["pan 1"]},
        "stoveburner 2": {"place": "the stove", "contains": ["pan 1"]},
    }
}
BEDROOM = {
    "receptacles": {"desk 1": {"contains": ["desklamp 1", "pen 1", "houseplant 1"]}, "safe 1": {"open": True}},
    "agent": {"at": "desk 1"},
}


def play(spec, *commands):
    """The answer to the last of some commands."""
    house = House(spec)
    return [perform(house, command) for command in commands][-1]


def test_the_first_sight_lists_receptacles_by_kind_and_falling_number():
    assert survey(House(KITCHEN)) == (
        "You are in the middle of a room. Looking quickly around you, you see a countertop 1, a drawer 2, a drawer 1, "
        "a fridge 1, a microwave 1, a sinkbasin 1, a stoveburner 2, and a stoveburner 1."
    )


def test_contents_are_listed_by_kind_and_falling_number():
    seen = "On the countertop 1, you see a apple 1, a knife 1, a mug 10, and a mug 2."
    assert play(KITCHEN, "go to countertop 1") == seen
    assert play(KITCHEN, "go to countertop 1", "examine countertop 1") == seen
    assert play(KITCHEN, "go to sinkbasin 1") == "On the sinkbasin 1, you see nothing."


def test_doors_hide_what_is_behind_them_until_opened():
    assert play(KITCHEN, "go to fridge 1") == "The fridge 1 is closed."
    assert play(KITCHEN, "go to fridge 1", "take egg 1 from fridge 1") == NOTHING
    opened = "You open the fridge 1. The fridge 1 is open. In it, you see a egg 1."
    assert play(KITCHEN, "go to fridge 1", "open fridge 1") == opened
    assert play(KITCHEN, "go to fridge 1", "open fridge 1", "open fridge 1") == NOTHING
    assert play(KITCHEN, "go to fridge 1", "open fridge 1", "close fridge 1") == "You close the fridge 1."
    assert play(KITCHEN, "go to fridge 1", "close fridge 1") == NOTHING


def test_only_one_object_is_carried_and_it_comes_back_where_it_fits():
    fetch = ("go to countertop 1", "take apple 1 from countertop 1")
    assert play(KITCHEN, *fetch) == "You pick up the apple 1 from the countertop 1."
    assert play(KITCHEN, *fetch, "take mug 2 from countertop 1") == NOTHING
    assert play(KITCHEN, *fetch, "inventory") == "You are carrying: a apple 1."
    assert play(KITCHEN, "inventory") == "You are not carrying anything."
    assert play(KITCHEN, *fetch, "go to stoveburner 1", "put apple 1 in/on stoveburner 1") == NOTHING
    put = "You put the apple 1 in/on the sinkbasin 1."
    assert play(KITCHEN, *fetch, "go to sinkbasin 1", "put apple 1 in/on sinkbasin 1") == put


def test_heating_cooling_and_cleaning_show_when_the_object_is_examined():
    fetch = ("go to countertop 1", "take apple 1 from countertop 1")
    heat = (*fetch, "go to microwave 1", "heat apple 1 with microwave 1")
    cool = (*heat, "go to fridge 1", "cool apple 1 with fridge 1")
    clean = (*cool, "go to sinkbasin 1", "clean apple 1 with sinkbasin 1")
    assert play(KITCHEN, *fetch, "examine apple 1") == "There's nothing special about apple 1."
    assert play(KITCHEN, *heat) == "You heat the apple 1 using the microwave 1."
    assert play(KITCHEN, *heat, "examine apple 1") == "This is a hot apple 1."
    assert play(KITCHEN, *cool, "examine apple 1") == "This is a cold apple 1."
    assert play(KITCHEN, *clean, "examine apple 1") == "This is a cool and clean apple 1."
    assert play(KITCHEN, *fetch, "heat apple 1 with microwave 1") == NOTHING


def test_a_knife_in_the_hand_slices_what_lies_here():
    cut = ("go to countertop 1", "take knife 1 from countertop 1", "slice apple 1 with knife 1")
    assert play(KITCHEN, *cut) == "You sliced the apple 1 with the knife 1."
    swap = ("put knife 1 in/on countertop 1", "take apple 1 from countertop 1", "examine apple 1")
    assert play(KITCHEN, *cut, *swap) == "This is a sliced apple 1."


def test_a_vessel_is_described_by_what_lies_in_it():
    fetch = ("go to countertop 1", "take mug 2 from countertop 1", "examine mug 2")
    assert play(KITCHEN, *fetch) == "This is a normal mug 2. In it, you see nothing."
    filled = KITCHEN | {"objects": {"mug 2": {"contains": ["spoon 1"]}}}
    assert play(filled, *fetch) == "This is a normal mug 2. In it, you see a spoon 1."


def test_receptacles_of_one_place_are_reached_together():
    house = House(KITCHEN)
    assert perform(house, "go to drawer 2") == "On the drawer 2, you see a spoon 1."
    assert perform(house, "go to drawer 1") == NOTHING
    assert perform(house, "look") == "You are facing the drawer 2, and drawer 1. Next to it, you see nothing."
    assert perform(house, "open drawer 1") == "You open the drawer 1. The drawer 1 is open. In it, you see nothing."
    assert perform(house, "take spoon 1 from drawer 2") != NOTHING
    assert perform(house, "put spoon 1 in/on drawer 1") != NOTHING
    assert perform(house, "look") == "You are facing the drawer 2, and drawer 1. Next to it, you see a spoon 1."


def test_an_object_across_two_receptacles_leaves_only_the_one_it_is_taken_from():
    house = House(KITCHEN)
    perform(house, "go to stoveburner 1")
    assert perform(house, "take pan 1 from stoveburner 1") != NOTHING
    assert perform(house, "examine stoveburner 2") == "On the stoveburner 2, you see a pan 1."
    assert perform(house, "examine stoveburner 1") == "On the stoveburner 1, you see nothing."


def test_a_lamp_turns_on_and_stays_on_and_fixed_things_stay_where_they_are():
    assert play(BEDROOM, "use desklamp 1") == "You turn on the desklamp 1."
    assert play(BEDROOM, "use desklamp 1", "use desklamp 1") == "You turn on the desklamp 1."
    assert play(BEDROOM, "take desklamp 1 from desk 1") == NOTHING
    assert play(BEDROOM, "use houseplant 1") == NOTHING
    assert play(BEDROOM, "go to safe 1") == "The safe 1 is open. In it, you see nothing."


def test_choices_are_what_can_be_done_in_alphabetical_order():
    assert admissible(House(BEDROOM)) == (
        "examine desk 1", "go to safe 1", "inventory", "look", "take pen 1 from desk 1", "use desklamp 1",
    )  # fmt: skip


def test_a_thing_may_differ_from_its_kind():
    spec = {
        "receptacles": {
            "stove 1": {"heats": True, "accepts": ["brick"], "contains": ["brick 1"]},
            "box 1": {"openable": True, "contains": ["towel 1"]},
        },
        "objects": {"brick 1": {"heatable": True}, "towel 1": {"portable": False}},
    }
    taken = ("go to stove 1", "take brick 1 from stove 1")
    assert play(spec, *taken, "heat brick 1 with stove 1") == "You heat the brick 1 using the stove 1."
    assert play(spec, "go to box 1", "open box 1", "take towel 1 from box 1") == NOTHING


def test_each_letter_and_blank_of_a_command_counts_but_those_around_it():
    assert play(KITCHEN, "  go to fridge 1\t\n") == "The fridge 1 is closed."
    assert play(KITCHEN, "go to fridge 1" + " " * 300) == "The fridge 1 is closed."
    for command in ("Go to fridge 1", "go to FRIDGE 1", "go  to fridge 1", "go to fridge 1.", "go to\tfridge 1"):
        assert play(KITCHEN, command) == NOTHING
    assert play(KITCHEN, "go to fridge") == NOTHING
    assert play(KITCHEN, "go to the fridge 1") == NOTHING
    assert play(KITCHEN, "go to fridge 1 " + "x" * 300) == NOTHING
    assert play(KITCHEN, "help").startswith("Commands: go to")
    assert play(KITCHEN | {"alfworld": "0.3"}, "help") == NOTHING


def test_an_agent_that_starts_nowhere_is_refused():
    with pytest.raises(WorldError, match=r"agent\.at: no receptacle or place is named 'attic 1'"):
        House({"receptacles": {"bed 1": {}}, "agent": {"at": "attic 1"}})


def test_a_name_is_either_a_receptacle_or_an_object():
    with pytest.raises(WorldError, match="'box 1' is both"):
        House({"receptacles": {"box 1": {}, "bed 1": {"contains": ["box 1"]}}})


def wander(house, steps, seed):
    """Do things at random, by choice more often things that change the house."""
    rng = default_rng(seed)
    for _ in range(steps):
        options = admissible(house)
        deeds = [c for c in options if not c.startswith(("go to", "look", "inventory", "examine"))]
        pool = deeds if deeds and rng.random() < 0.6 else options
        assert perform(house, pool[rng.integers(len(pool))]) != NOTHING
        yield


@pytest.mark.parametrize("seed", range(20))
def test_exactly_the_choices_do_something(seed):
    house = House(Teacher(Teacher.Options(difficulty=1 + seed % 3)).make("t", default_rng(seed)).spec)
    for _ in wander(house, 25, seed):
        pass
    names = [*house.layout.receptacles, *house.layout.things]
    tries = {f"{verb} {a}" for verb in ("go to", "open", "close", "use", "examine") for a in names}
    links = {"take": "from", "put": "in/on", "heat": "with", "cool": "with", "clean": "with", "slice": "with"}
    tries |= {f"{verb} {a} {link} {b}" for verb, link in links.items() for a in names for b in names}
    works = {command for command in tries | {"look", "inventory"} if perform(house.clone(), command) != NOTHING}
    assert works == set(admissible(house))


@pytest.mark.parametrize("seed", range(20))
def test_a_house_is_the_same_after_record_description_and_copy(seed):
    house = House(Teacher(Teacher.Options(difficulty=5)).make("t", default_rng(seed)).spec)
    twin = house.clone()
    for _ in wander(house, 40, seed):
        described = house.describe()
        assert House(described).describe() == described
        twin.replay(house.record())
        assert twin.describe() == described
        assert admissible(twin) == admissible(house) == admissible(House(described))


def test_a_copy_changes_alone():
    house = House(KITCHEN)
    before = house.describe()
    for _ in wander(house.clone(), 50, 1):
        pass
    assert house.describe() == before


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_answered_and_changes_nothing_it_should_not(text):
    house = House(KITCHEN)
    answer = perform(house, text)
    assert isinstance(answer, str) and answer
    if answer == NOTHING:
        assert house.describe() == House(KITCHEN).describe()
