"""The engine around the house: endings, grades, options, snapshots, garbage, specs that are refused."""

import asyncio
import json
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng
from pydantic import ValidationError

from simenv.errors import ConfigError, WorldError
from simenv.plugins.environments.household.engine.goal import Goal
from simenv.plugins.environments.household.tasks.shortest_plan import shortest_plan as shortest
from simenv.plugins.environments.household.teacher import Planner, Teacher
from simenv.plugins.environments.household.world import Household
from simenv.types import Action, Stop, Task, digest

TASK = Task(
    id="mug",
    environment="household",
    instruction="put a hot mug in cabinet.",
    spec={
        "receptacles": {
            "cabinet 1": {},
            "countertop 1": {"contains": ["mug 1", "plate 1"]},
            "microwave 1": {},
        }
    },
    goal={"type": "pick_heat_then_place_in_recep", "object": "mug", "receptacle": "cabinet", "state": "hot"},
)
SOLUTION = [
    "go to countertop 1",
    "take mug 1 from countertop 1",
    "go to microwave 1",
    "heat mug 1 with microwave 1",
    "go to cabinet 1",
    "open cabinet 1",
    "put mug 1 in/on cabinet 1",
]


def act(command):
    return Action(name="take_action", arguments={"action": command})


def play(task, commands, options=None):
    """Observations and grades after each command, the first observation and grade before all."""

    async def run():
        world = Household(options)
        seen, grades = [await world.reset(task)], [await world.grade()]
        for command in commands:
            seen.append(await world.step(act(command)))
            grades.append(await world.grade())
        return seen, grades

    return asyncio.run(run())


def test_a_game_begins_with_the_room():
    seen, _ = play(TASK, [])
    assert seen[0].text == (
        "You are in the middle of a room. Looking quickly around you, you see a cabinet 1, a countertop 1, and a "
        "microwave 1."
    )
    assert seen[0].choices == ("go to cabinet 1", "go to countertop 1", "go to microwave 1", "inventory", "look")


def test_progress_is_the_share_of_subgoals_and_success_ends_the_game():
    seen, grades = play(TASK, SOLUTION)
    assert [round(g.progress, 2) for g in grades] == [0, 0, 0.33, 0.33, 0.67, 0.67, 0.67, 1]
    assert grades[4].subgoals == {"held": True, "hot": True, "placed": False}
    assert [s.stop for s in seen[1:]] == [None] * 6 + [Stop.done]
    assert grades[-1].success and not any(g.success for g in grades[:-1])


def test_a_cold_mug_in_the_cabinet_is_not_enough():
    _, grades = play(TASK, [*SOLUTION[:2], *SOLUTION[4:]])
    assert not grades[-1].success
    assert grades[-1].reasons == ("not yet hot",)


def test_two_objects_count_in_one_receptacle_only():
    receptacles = {
        "drawer 1": {"openable": False},
        "drawer 2": {"openable": False},
        "bed 1": {"contains": ["cd 1", "cd 2"]},
    }
    goal = {"type": "pick_two_obj_and_place", "object": "cd", "receptacle": "drawer", "count": 2}
    task = TASK.model_copy(update={"spec": {"receptacles": receptacles}, "goal": goal})
    first = ["go to bed 1", "take cd 1 from bed 1", "go to drawer 1", "put cd 1 in/on drawer 1"]
    second = ["go to bed 1", "take cd 2 from bed 1", "go to drawer {}", "put cd 2 in/on drawer {}"]
    _, apart = play(task, [*first, *(c.format(2) for c in second)])
    _, together = play(task, [*first, *(c.format(1) for c in second)])
    assert (apart[-1].success, apart[-1].progress) == (False, 0.75)
    assert [g.progress for g in together] == [0, 0, 0.25, 0.25, 0.5, 0.5, 0.75, 0.75, 1]


def test_looking_at_something_needs_it_in_hand_before_a_lamp_that_is_on():
    receptacles = {"bed 1": {"contains": ["book 1"]}, "desk 1": {"contains": ["desklamp 1"]}}
    goal = {"type": "look_at_obj_in_light", "object": "book", "lamp": "desklamp"}
    task = TASK.model_copy(update={"spec": {"receptacles": receptacles}, "goal": goal})
    take = ["go to bed 1", "take book 1 from bed 1"]
    _, late = play(task, ["go to desk 1", "use desklamp 1", *take])
    assert (late[2].progress, late[-1].success, late[-1].progress) == (0, False, 0.5)
    _, right = play(task, ["go to desk 1", "use desklamp 1", *take, "go to desk 1"])
    assert right[-1].success


def test_what_cannot_be_done_is_an_ordinary_observation():
    seen, _ = play(TASK, ["fly to moon 1", "", "\x00", "ü" * 100_000, "put mug 1 in/on cabinet 1"])
    assert [(s.text, s.invalid) for s in seen[1:]] == [("Nothing happens.", False)] * 5


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=8))
def test_no_text_brings_the_engine_down(commands):
    seen, grades = play(TASK, commands, Household.Options(repeats=3))
    assert all(isinstance(s.text, str) for s in seen)
    assert not any(g.success for g in grades)


def test_without_choices_none_are_listed():
    seen, _ = play(TASK, ["look"], Household.Options(choices=False))
    assert [s.choices for s in seen] == [(), ()]


def test_three_equal_commands_in_a_row_end_the_episode_once_more_than_three_were_given():
    seen, _ = play(TASK, ["look", "look", "look"], Household.Options(repeats=3))
    assert [s.stop for s in seen] == [None] * 4
    seen, _ = play(TASK, ["inventory", "look", "look", "look"], Household.Options(repeats=3))
    assert seen[-1].stop is Stop.too_many_invalid and not seen[-1].stop.terminal
    assert seen[-1].text == "You are in the middle of a room. Looking quickly around you, you see nothing."
    seen, _ = play(TASK, ["look"] * 9)
    assert {s.stop for s in seen} == {None}


def test_a_command_is_read_as_the_closest_choice_where_asked_for():
    pytest.importorskip("nltk")
    options = Household.Options(closest=True)
    seen, _ = play(TASK, ["go to the countertop 1", "pick mug 1 from countertop 1"], options)
    assert [s.text for s in seen[1:]] == [
        "On the countertop 1, you see a mug 1, and a plate 1.",
        "You pick up the mug 1 from the countertop 1.",
    ]
    seen, _ = play(TASK, ["", "x", "xyzzy plugh", "1"], options)
    assert [s.invalid for s in seen] == [False] * 5


def test_the_closest_choice_needs_nltk_and_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "nltk.translate.bleu_score", None)
    with pytest.raises(ConfigError, match=r"install simenv\[agentbench\]"):
        Household(Household.Options(closest=True))


def test_unknown_options_are_refused():
    with pytest.raises(ValidationError):
        Household.Options(closests=True)


@pytest.mark.parametrize("seed", range(30))
def test_from_a_snapshot_all_goes_on_as_it_would_have(seed):
    async def run():
        task = Teacher(Teacher.Options(difficulty=1 + seed % 5)).make(f"t{seed}", default_rng(seed))
        rng, one, two = default_rng(seed), Household(), Household()
        seen = await one.reset(task)
        await two.reset(task)
        for _ in range(60):
            blob = await one.snapshot()
            command = seen.choices[rng.integers(len(seen.choices))]
            seen = await one.step(act(command))
            await two.restore(blob)
            assert await two.snapshot() == blob
            assert await two.step(act(command)) == seen
            assert digest(await two.state()) == digest(await one.state())
            assert await two.grade() == await one.grade()
            if seen.stop:
                seen = await one.reset(task)

    asyncio.run(run())


def test_a_snapshot_of_another_task_is_refused_and_changes_nothing():
    async def run():
        other = Household()
        await other.reset(Teacher().make("t", default_rng(1)))
        for move in Teacher().make("t", default_rng(1)).solution[:3]:
            await other.step(move.action)
        world = Household()
        await world.reset(TASK)
        before = await world.snapshot()
        for blob in (await other.snapshot(), b"", b"{}", b"[1,2]", b"\x80", json.dumps([{}, 1, "", 0]).encode()):
            with pytest.raises(WorldError, match="no snapshot of this task"):
                await world.restore(blob)
            assert await world.snapshot() == before

    asyncio.run(run())


def test_the_state_is_a_spec_that_passes_the_schema():
    async def run():
        world = Household()
        await world.reset(TASK)
        for command in SOLUTION:
            await world.step(act(command))
        return await world.state()

    state = asyncio.run(run())
    Household.check(state)
    assert state["receptacles"]["cabinet 1"] == {"open": True, "contains": ["mug 1"]}
    assert state["objects"]["mug 1"] == {"hot": True}
    assert state["agent"] == {"at": "cabinet 1", "holds": None}
    assert state["past"] == {"taken": [["mug 1", "countertop 1"]], "held": ["mug 1"]}


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({}, r"\$: 'receptacles' is a required property"),
        ({"receptacles": {}}, r"\$\.receptacles"),
        ({"receptacles": {"Fridge": {}}}, r"\$\.receptacles"),
        ({"receptacles": {"fridge 1": {"opened": True}}}, r"\$\.receptacles\['fridge 1'\]"),
        ({"receptacles": {"fridge 1": {"open": "yes"}}}, r"\$\.receptacles\['fridge 1'\]\.open"),
        ({"receptacles": {"fridge 1": {"contains": ["apple"]}}}, r"\$\.receptacles\['fridge 1'\]\.contains\[0\]"),
        ({"receptacles": {"fridge 1": {}}, "objects": {"apple 1": {"warm": True}}}, r"\$\.objects\['apple 1'\]"),
        ({"receptacles": {"fridge 1": {}}, "agent": {"holds": 3}}, r"\$\.agent\.holds"),
        ({"receptacles": {"fridge 1": {}}, "weather": "fine"}, r"\$: .*weather"),
    ],
)
def test_a_broken_spec_is_refused_by_its_path(spec, path):
    with pytest.raises(WorldError, match=path):
        Household.check(spec)


@pytest.mark.parametrize(
    "goal",
    [
        {},
        {"type": "pick_and_place_simple", "object": "mug"},
        {"type": "juggle", "object": "mug", "receptacle": "desk"},
        {"type": "pick_and_place_simple", "object": "mug", "receptacle": "desk", "lamp": "desklamp"},
        {"type": "look_at_obj_in_light", "object": "mug", "lamp": "desklamp", "state": "hot"},
        {"type": "pick_two_obj_and_place", "object": "mug", "receptacle": "desk", "count": 3},
    ],
)
def test_a_broken_goal_is_refused(goal):
    with pytest.raises(WorldError, match=r"\$"):
        Household.check_goal(goal)

    async def score():
        world = Household()
        await world.reset(TASK)
        return world.score(goal, None)

    with pytest.raises(WorldError, match="household goal"):
        asyncio.run(score())


def test_no_answer_passes_for_a_deed():
    async def run():
        world = Household()
        await world.reset(TASK)
        return [await world.grade(answer) for answer in world.cheats().values()]

    assert not any(grade.success for grade in asyncio.run(run()))


PLACES = st.sampled_from(["desk 1", "desk 2", "fridge 1", "drawer 3", "microwave 1", "wardrobe 1"])
THINGS = st.sampled_from(["mug 1", "mug 2", "apple 1", "knife 1", "desklamp 1", "hat 1"])
FLAGS = st.dictionaries(st.sampled_from(["openable", "open", "heats", "cools", "cleans"]), st.booleans())
MARKS = st.dictionaries(st.sampled_from(["hot", "cool", "clean", "on", "portable", "vessel", "cuts"]), st.booleans())


@st.composite
def specs(draw):
    """Houses as somebody might write them: whatever the schema lets pass."""
    spec = {"receptacles": {}}
    for name in draw(st.lists(PLACES, min_size=1, unique=True)):
        spec["receptacles"][name] = draw(FLAGS) | {"contains": draw(st.lists(THINGS, unique=True, max_size=3))}
        if draw(st.booleans()):
            spec["receptacles"][name]["place"] = draw(st.sampled_from(["corner", "desk 1"]))
    names = st.sampled_from(sorted(spec["receptacles"]))
    spec["objects"] = draw(st.dictionaries(THINGS, MARKS))
    spec["agent"] = {"at": draw(st.none() | names), "holds": draw(st.none() | THINGS)}
    spec["past"] = {
        "held": draw(st.lists(THINGS, unique=True)),
        "taken": draw(st.lists(st.tuples(THINGS, names).map(list))),
    }
    return spec


@settings(max_examples=150, deadline=None)
@given(specs(), st.integers(0, 2**32))
def test_any_house_the_schema_lets_pass_can_be_played_saved_and_planned_in(spec, seed):
    Household.check(spec)

    async def run():
        task = TASK.model_copy(update={"spec": spec})
        rng, world, twin = default_rng(seed), Household(), Household()
        seen = await world.reset(task)
        await twin.reset(task)
        for _ in range(12):
            await twin.restore(await world.snapshot())
            assert await twin.state() == await world.state()
            Household.check(await world.state())
            moves = Planner().plan(world, task)
            assert (moves == ()) == (await world.grade()).success
            assert (moves is None) == (shortest(world.house, Goal.read(task.goal)) is None)
            seen = await world.step(act(seen.choices[rng.integers(len(seen.choices))]))
            assert seen.text != "Nothing happens."
            if moves:
                assert (await twin.step(moves[0].action)).text != "Nothing happens."
                assert len(Planner().plan(twin, task)) == len(moves) - 1

    asyncio.run(run())
