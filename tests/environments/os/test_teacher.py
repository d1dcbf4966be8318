"""Procedural tasks of every kind: solved by gold and by the expert after slips; seeded; slips do no harm."""

import asyncio
from typing import get_args

import pytest
from numpy.random import default_rng
from pydantic import ValidationError

from simenv.plugins import environment
from simenv.plugins.environments.os.tasks.draft import Kind
from simenv.plugins.environments.os.teacher import TASK_MAKERS, OSExpert, Teacher
from simenv.plugins.environments.os.world import OS
from simenv.source import Rejected
from simenv.teach.admission import admit
from simenv.types import Action, Stop, Task

PLOTS = [(kind, maker) for kind, makers in TASK_MAKERS.items() for maker in makers]


def make_task(kind, maker, seed, level=2):
    draft = maker(default_rng(seed), level)
    return Task(
        id=f"t{seed}", environment="os", instruction=draft.instruction, spec=draft.spec, goal=draft.goal,
        solution=draft.moves, kind=kind,
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "maker"), PLOTS, ids=lambda x: getattr(x, "__name__", x))
def test_every_plot_is_admitted_at_every_difficulty(kind, maker):
    async def run():
        for level in (1, 3, 5):
            world = OS()
            done = await admit(world, environment("os"), make_task(kind, maker, level, level))
            await world.close()
            assert not isinstance(done, Rejected), done.reason

    asyncio.run(run())


@pytest.mark.parametrize(("kind", "maker"), PLOTS, ids=lambda x: getattr(x, "__name__", x))
def test_the_expert_recovers_from_its_slips(kind, maker):
    async def run():
        task, world, expert, rng = make_task(kind, maker, 9), OS(), OSExpert(), default_rng(1)
        await world.reset(task)
        for turn in range(12):
            move = expert.plan(world, task)[0]
            if turn < 4 and move.action.name == "bash":
                move = expert.perturb(world, task, move, rng)
            observation = await world.step(move.action)
            if observation.stop is Stop.submitted:
                break
        grade = await world.grade(observation.answer)
        await world.close()
        assert grade.success, grade.reasons

    asyncio.run(run())


def test_the_expert_does_not_do_what_is_done():
    async def run():
        task, world = make_task("text", dict(PLOTS_BY_NAME)["sort_names"], 3), OS()
        await world.reset(task)
        await world.step(task.solution[1].action)
        left = OSExpert().plan(world, task)
        await world.step(Action(name="bash", arguments={"script": f"rm {task.goal['state'][0]['path']}"}))
        again = OSExpert().plan(world, task)
        await world.close()
        return [m.action.name for m in left], [m.action.name for m in again]

    assert asyncio.run(run()) == (["finish"], ["bash", "finish"])


PLOTS_BY_NAME = [(maker.__name__, maker) for _, maker in PLOTS]


def test_the_same_seed_makes_the_same_task_and_another_another():
    tasks = [Teacher().make("t", default_rng(n)).model_dump_json() for n in range(100)]
    assert tasks == [Teacher().make("t", default_rng(n)).model_dump_json() for n in range(100)]
    assert len(set(tasks)) == 100


def test_all_kinds_come_and_options_choose():
    assert {Teacher().make("t", default_rng(n)).kind for n in range(80)} == set(get_args(Kind))
    only = Teacher(Teacher.Options(kinds=("users",), difficulty=5))
    assert {only.make("t", default_rng(n)).kind for n in range(10)} == {"users"}
    for bad in ({"difficulty": 0}, {"kinds": ()}, {"kinds": ("cooking",)}):
        with pytest.raises(ValidationError):
            Teacher.Options(**bad)


def test_difficulty_makes_machines_larger():
    def files(level):
        return sum(
            len(Teacher(Teacher.Options(difficulty=level)).make("t", default_rng(n)).spec["files"]) for n in range(40)
        )

    assert files(1) * 2 < files(5)


def test_thoughts_are_sentences_in_the_first_person_or_about_the_thing():
    for n in range(60):
        for move in Teacher().make("t", default_rng(n)).solution:
            assert move.thought[0].isalnum() and move.thought[-1] == "." and "{" not in move.thought
