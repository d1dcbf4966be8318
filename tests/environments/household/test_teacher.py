"""Procedural tasks, the expert that solves them from anywhere, and its slips."""

import asyncio
from typing import get_args

import pytest
from numpy.random import default_rng
from pydantic import ValidationError

from simenv.errors import WorldError
from simenv.plugins.environments.household.engine.admissible_commands import admissible
from simenv.plugins.environments.household.engine.commands import perform
from simenv.plugins.environments.household.engine.goal import Goal, Kind
from simenv.plugins.environments.household.engine.grading import grade
from simenv.plugins.environments.household.engine.house import House
from simenv.plugins.environments.household.sources import GameLines
from simenv.plugins.environments.household.tasks.shortest_plan import shortest_plan
from simenv.plugins.environments.household.teacher import Planner, Teacher
from simenv.plugins.environments.household.world import Household
from simenv.types import Action, Stop, Task

KINDS = get_args(Kind)
NOTHING = "Nothing happens."


def tasks(count, **options):
    """Tasks of every difficulty in turn."""
    return [
        Teacher(Teacher.Options(difficulty=1 + n % 5, **options)).make(f"t{n}", default_rng(n)) for n in range(count)
    ]


async def follow(world, task, goes=None):
    """Go by a fresh plan before every step, until success; the lengths of the plans."""
    lengths, progress, seen = [], (await world.grade()).progress, None
    while moves := Planner().plan(world, task):
        assert lengths == [] or len(moves) == lengths[-1] - 1
        lengths.append(len(moves))
        seen = await world.step(moves[0].action)
        assert seen.text != NOTHING, moves[0]
        grade = await world.grade()
        assert goes is None or grade.progress >= progress
        progress = grade.progress
    assert moves == ()
    assert (await world.grade()).success and (seen is None or seen.stop is Stop.done)
    return lengths


def test_every_kind_at_every_difficulty_is_solved_by_expert_and_gold_with_progress_never_falling():
    async def run():
        world, kinds = Household(), set()
        for task in tasks(300):
            Household.check(task.spec)
            Household.check_goal(task.goal)
            await world.reset(task)
            assert (await world.grade()).progress == 0
            lengths = await follow(world, task, goes="up")
            assert lengths[0] == len(task.solution) <= Household.max_turns
            await world.reset(task)
            for move in task.solution:
                seen = await world.step(move.action)
            assert seen.stop is Stop.done
            kinds.add((task.kind, task.id[-1]))
        return kinds

    kinds = asyncio.run(run())
    assert {kind for kind, _ in kinds} == set(KINDS)


def test_the_same_seed_makes_the_same_task_and_another_another():
    assert tasks(20) == tasks(20)
    assert len({task.model_dump_json(exclude={"id"}) for task in tasks(100)}) == 100


def test_difficulty_makes_houses_larger_and_hides_what_is_wanted():
    def sizes(level):
        made = [Teacher(Teacher.Options(difficulty=level)).make("t", default_rng(n)) for n in range(60)]
        receptacles = sum(len(t.spec["receptacles"]) for t in made) / len(made)
        return receptacles, sum(any(m.action.arguments["action"].startswith("open") for m in t.solution) for t in made)

    easy, hard = sizes(1), sizes(5)
    assert easy[0] + 5 < hard[0]
    assert easy[1] + 15 < hard[1]


def test_options_choose_kinds_and_sizes():
    options = Teacher.Options(kinds=("look_at_obj_in_light",), objects=40, distractors=0, hidden=1.0)
    for seed in range(30):
        task = Teacher(options).make("t", default_rng(seed))
        assert task.kind == task.goal["type"] == "look_at_obj_in_light"
        assert sum(len(r["contains"]) for r in task.spec["receptacles"].values()) == 40


@pytest.mark.parametrize(
    "options",
    [
        {"difficulty": 0},
        {"difficulty": 6},
        {"kinds": ()},
        {"kinds": ("juggle",)},
        {"hidden": 1.1},
        {"objects": 2},
        {"size": 1},
    ],
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValidationError):
        Teacher.Options(**options)


def test_thoughts_are_sentences_about_the_things_at_hand():
    for task in tasks(60):
        for move in task.solution:
            assert "{" not in move.thought and "None" not in move.thought
            assert move.thought[0].isupper() and move.thought[-1] in ".?!"
    assert len({move.thought.split(" ")[0] for task in tasks(60) for move in task.solution}) > 8


def test_instructions_follow_alfworlds_templates():
    said = {" ".join(w for w in t.instruction.split() if w not in str(t.goal)) for t in tasks(200)}
    assert len(said) >= 12


@pytest.mark.parametrize("seed", range(40))
def test_the_expert_recovers_from_slips(seed):
    async def run():
        rng, world, expert = default_rng(seed), Household(), Planner()
        (task,) = [Teacher(Teacher.Options(difficulty=1 + seed % 5)).make(f"t{seed}", rng)]
        await world.reset(task)
        for _ in range(12):
            moves = expert.plan(world, task)
            if not moves:
                return
            move = expert.perturb(world, task, moves[0], rng) if rng.random() < 0.5 else moves[0]
            seen = await world.step(move.action)
            assert seen.text != NOTHING
            after = expert.plan(world, task)
            assert after is not None
            assert len(after) == len(moves) - 1 if move is moves[0] else len(after) >= len(moves)
        await follow(world, task)

    asyncio.run(run())


def test_a_slip_is_made_with_the_goal_in_mind():
    async def run():
        world, expert, verbs = Household(), Planner(), []
        for task in tasks(60, kinds=("pick_heat_then_place_in_recep",)):
            await world.reset(task)
            for move in task.solution:
                slip = expert.perturb(world, task, move, default_rng(1))
                assert slip != move and slip.thought
                verbs.append(slip.action.arguments["action"].split()[0])
                await world.step(move.action)
        return verbs

    verbs = asyncio.run(run())
    assert {"go", "put", "take"} <= set(verbs)


@pytest.mark.parametrize("seed", range(40))
def test_the_expert_solves_from_wherever_a_random_walk_ends(seed):
    async def run():
        rng, world = default_rng(seed), Household()
        task = Teacher(Teacher.Options(difficulty=1 + seed % 5)).make(f"t{seed}", rng)
        seen = await world.reset(task)
        for _ in range(int(rng.integers(1, 60))):
            seen = await world.step(
                Action(name="take_action", arguments={"action": seen.choices[rng.integers(len(seen.choices))]})
            )
            if seen.stop:
                assert (await world.grade()).success
                return
        assert not (await world.grade()).success
        await follow(world, task)

    asyncio.run(run())


def test_what_is_in_the_hand_is_put_down_first():
    spec = {"receptacles": {"desk 1": {"contains": ["pen 1"]}, "shelf 1": {"contains": ["vase 1"]}, "safe 1": {}}}
    held = spec | {"agent": {"at": "desk 1", "holds": "book 1"}}
    goal = Goal(type="pick_and_place_simple", object="vase", receptacle="safe")
    assert shortest_plan(House(held), goal) == (
        "put book 1 in/on desk 1",
        "go to shelf 1",
        "take vase 1 from shelf 1",
        "go to safe 1",
        "open safe 1",
        "put vase 1 in/on safe 1",
    )


def test_out_of_reach_is_none_and_done_is_nothing_to_do():
    goal = Goal(type="pick_and_place_simple", object="pen", receptacle="desk")
    heat = Goal(type="pick_heat_then_place_in_recep", object="mug", receptacle="desk", state="hot")
    desk = {"receptacles": {"desk 1": {"contains": ["pen 1"]}, "bed 1": {}}}
    assert shortest_plan(House(desk), goal) == ()
    assert shortest_plan(House({"receptacles": {"desk 1": {}, "bed 1": {}}}), goal) is None
    fixed = {"receptacles": {"desk 1": {}, "bed 1": {"contains": ["pen 1"]}}, "objects": {"pen 1": {"portable": False}}}
    assert shortest_plan(House(fixed), goal) is None
    assert shortest_plan(House({"receptacles": {"desk 1": {"contains": ["mug 1"]}}}), heat) is None
    stuck = {"receptacles": {"desk 1": {}, "bed 1": {"contains": ["pen 1"]}}, "agent": {"holds": "towel 1"}}
    assert shortest_plan(House(stuck), goal) is None


def test_an_object_that_also_lies_in_the_target_need_not_be_put_there():
    both = {
        "receptacles": {
            "stoveburner 1": {"contains": ["pan 1"]},
            "stoveburner 2": {"contains": ["pan 1"]},
            "fridge 1": {},
        }
    }
    goal = Goal(type="pick_cool_then_place_in_recep", object="pan", receptacle="stoveburner", state="cool")
    commands = shortest_plan(House(both), goal)
    assert commands is not None and [c.split()[0] for c in commands] == ["go", "take", "go", "cool"]


def test_the_expert_knows_only_households():
    task = tasks(1)[0]
    with pytest.raises(WorldError, match="not in a NoneType"):
        Planner().plan(None, task)


@pytest.mark.slow
def test_all_of_alfworlds_games_are_solved_by_their_solutions_and_from_random_states(data):
    async def run():
        world, rng = Household(), default_rng(0)
        for name in ("agentbench_dev20.jsonl", "train_gold_90.jsonl.gz"):
            for task in GameLines().tasks(data / "alfworld" / name):
                assert isinstance(task, Task), task
                await world.reset(task)
                for move in task.solution:
                    seen = await world.step(move.action)
                assert seen.stop is Stop.done
                seen = await world.reset(task)
                for _ in range(30):
                    command = seen.choices[rng.integers(len(seen.choices))]
                    seen = await world.step(Action(name="take_action", arguments={"action": command}))
                    if seen.stop:
                        break
                else:
                    held = world.house.layout.things.get(world.house.holding)
                    if held and not any(r.takes(held) for r in world.house.layout.receptacles.values()):
                        # A few things in these games can be taken and never be put down again.
                        assert held.kind != task.goal["object"] and Planner().plan(world, task) is None
                    else:
                        await follow(world, task)

    asyncio.run(run())


def shortest(house, goal, limit=9):
    """The length of the shortest way, by trying everything."""
    reached, seen = [house], set()
    for length in range(limit + 1):
        if any(grade(goal, h).success for h in reached):
            return length
        following = []
        for before in reached:
            for command in admissible(before):
                if command.startswith(("go to", "open", "take", "put", "heat", "cool", "clean", "use")):
                    after = before.clone()
                    perform(after, command)
                    record = after.record()
                    key = str({k: v for k, v in record.items() if k in ("place", "holding", "open", "inside", "marks")})
                    if key not in seen:
                        seen.add(key)
                        following.append(after)
        reached = following
    return None


@pytest.mark.parametrize("seed", range(60))
def test_no_way_is_shorter_than_the_plan(seed):
    rng = default_rng(seed)
    stands = {"fridge 1": {}, "microwave 1": {}, "countertop 1": {}, "cabinet 1": {}, "cabinet 2": {"openable": False}}
    if rng.random() < 0.5:
        stands["cabinet 2"]["place"] = "cabinet 1"
    things = ["mug 1", "mug 2", "plate 1"]
    for thing in things[: int(rng.integers(2, 4))]:
        for name in rng.choice(sorted(stands), size=1 + int(rng.random() < 0.2), replace=False):
            stands[str(name)].setdefault("contains", []).append(thing)
    spec = {"receptacles": stands, "agent": {"at": str(rng.choice(sorted(stands)))}}
    if rng.random() < 0.5:
        spec["agent"]["holds"] = str(rng.choice(["egg 1", "mug 3"]))
    if rng.random() < 0.5:
        spec["objects"] = {"mug 2": {"hot": True}}
    hot = Goal(type="pick_heat_then_place_in_recep", object="mug", receptacle="cabinet", state="hot")
    put = Goal(type="pick_and_place_simple", object="mug", receptacle="fridge")
    for goal in (hot, put):
        commands = shortest_plan(House(spec), goal)
        assert (None if commands is None else len(commands)) == shortest(House(spec), goal)
