"""Procedural tasks over all kinds and difficulties, the expert that solves them, and the slips it recovers from."""

import asyncio
from itertools import product
from typing import get_args

import pytest
from numpy.random import SeedSequence, default_rng

from simenv.errors import ConfigError
from simenv.plugins import environment
from simenv.plugins.environments.db.engine.session import SQLError
from simenv.plugins.environments.db.tasks.domains import DOMAINS
from simenv.plugins.environments.db.teacher import DomainName, Kind
from simenv.types import Action, Stop, digest

from . import small_world as small
from .small_world import open_world, say, sql

ENV = environment("db")
KINDS = get_args(Kind)
CHANGES = ("INSERT", "UPDATE", "DELETE")


def make_task(kind, level, number, **options):
    teacher = ENV.procedural(ENV.procedural.Options(kinds=(kind,), difficulty=level, **options))
    return teacher.make(f"{kind}-{level}-{number}", default_rng(SeedSequence([level, number])))


@pytest.fixture(scope="module")
def tasks():
    """220 of them: four of each kind and difficulty."""
    return [make_task(kind, level, n) for kind, level, n in product(KINDS, range(1, 6), range(4))]


async def play(world, task, moves):
    answer = None
    for move in moves:
        seen = await world.step(move.action)
        assert not seen.invalid, f"{task.id}: {move.action}: {seen.text}"
        answer = seen.answer if seen.stop is Stop.submitted else None
    return await world.grade(answer)


async def opened(task):
    world = ENV.world()
    world.check(task.spec)
    world.check_goal(task.goal)
    await world.reset(task)
    return world


async def test_every_solution_grades_one_and_no_cheat_does(tasks):
    for task in tasks:
        world = await opened(task)
        for name, answer in world.cheats().items():
            assert not (await world.grade(answer)).success, f"{task.id}: the cheat {name!r} passes"
        grade = await play(world, task, task.solution)
        assert grade.success and grade.progress == 1, f"{task.id}: {grade.reasons}"
        await world.close()


async def test_wrong_answers_grade_below_one(tasks):
    for task in tasks:
        if task.kind in CHANGES:
            continue
        world, right = await opened(task), task.solution[-1].action.arguments["answers"]
        wrong = [right[:-1], [*right, "x"], [*right, right[-1]], [f"{a}x" for a in right], [str(right)], ["1"], ["2"]]
        for answer in wrong:
            same = task.goal["compare"] == "set" and set(answer) == set(right)
            assert (await world.grade(answer)).success == (answer == right or same), f"{task.id}: {answer}"


async def test_the_way_to_the_solution_never_loses_progress_and_restores_exactly(tasks):
    for task in tasks[::3]:
        world, other = await opened(task), await opened(task)
        last = 0.0
        for move in task.solution:
            await other.restore(await world.snapshot())
            assert digest(await world.state()) == digest(await other.state())
            seen = await world.step(move.action)
            assert await other.step(move.action) == seen
            progress = (await world.grade(seen.answer)).progress
            assert progress >= last
            last = progress


async def test_the_expert_recovers_from_its_slips_or_says_that_it_cannot(tasks):
    recovered = lost = 0
    for n, task in enumerate(tasks):
        world, expert, rng = await opened(task), ENV.expert(), default_rng(n)
        for _ in range(3):
            plan = expert.plan(world, task)
            if not plan:
                break
            slip = expert.perturb(world, task, plan[0], rng)
            assert slip.action != plan[0].action
            if slip.action.name == "execute_sql":
                (await world.step(slip.action)).model_dump_json()
        plan = expert.plan(world, task)
        if plan is None:
            lost += 1
            assert not (await play(world, task, task.solution)).success
        else:
            recovered += 1
            assert (await play(world, task, plan)).success, task.id
    assert recovered > 0.9 * (recovered + lost)


async def test_a_slip_of_the_answer_fails(tasks):
    for n, task in enumerate(t for t in tasks if t.kind not in CHANGES):
        world = await opened(task)
        wrong = ENV.expert().perturb(world, task, task.solution[-1], default_rng(n))
        seen = await world.step(wrong.action)
        assert not (await world.grade(seen.answer)).success, f"{task.id}: {wrong.action}"


async def test_the_expert_makes_every_move_once_though_it_plans_anew_each_turn(tasks):
    for task in tasks[::5]:
        world, expert, seen = await opened(task), ENV.expert(), None
        for _ in range(len(task.solution)):
            assert seen is None or seen.stop is None
            seen = await world.step(expert.plan(world, task)[0].action)
        assert seen.stop is Stop.submitted


async def test_the_expert_repairs_damage_anywhere_and_knows_when_it_is_beyond_repair():
    spec = {
        "tables": [
            {"name": "a b", "columns": [{"name": "k", "type": "INT"}, {"name": "it's", "type": "TEXT"}], "primary_key": ["k"],
             "rows": [[1, "x"], [2, None], [3, "back\\slash 'q'"]]},
            {"name": "loose", "columns": [{"name": "v", "type": "VARCHAR(9)"}], "rows": [["p"], ["p"], [None]]},
        ]
    }  # fmt: skip
    work = small.task({"tables": {"loose": {"columns": ["v"], "rows": [["p"], ["q"], [None]]}}}, spec)
    for damage in (
        "DELETE FROM `a b`", "UPDATE `a b` SET `it's` = 'y'", "INSERT INTO `a b` VALUES (9, 'z')", "DELETE FROM loose",
        "INSERT INTO loose VALUES (NULL)", "CREATE TABLE junk (x INT)", "UPDATE loose SET v = 'r'", "SELECT 1",
    ):  # fmt: skip
        world = await open_world(spec, work.goal)
        await sql(world, damage)
        plan = ENV.expert().plan(world, work)
        assert (await play(world, work, plan)).success, damage
    for damage in ("DROP TABLE `a b`", "ALTER TABLE loose ADD COLUMN w INT"):
        world = await open_world(spec, work.goal)
        await sql(world, damage)
        assert ENV.expert().plan(world, work) is None


async def test_many_wrong_rows_are_repaired_in_one_statement():
    goal = {
        "tables": {
            "items": {"columns": ["id", "name", "price"], "rows": [[1, "a", 1], [2, "b", None], [3, "Pad", 9.5]]}
        }
    }
    world = await open_world(goal=goal)
    await sql(world, "UPDATE items SET name = 'x'")
    plan = ENV.expert().plan(world, small.task(goal))
    assert [m.action.arguments.get("query") for m in plan] == [
        "UPDATE `items` SET `name` = CASE `id` WHEN 1 THEN 'a' WHEN 2 THEN 'b' WHEN 3 THEN 'Pad' END, "
        "`price` = CASE `id` WHEN 1 THEN 1 WHEN 2 THEN NULL WHEN 3 THEN 9.5 END WHERE `id` IN (1, 2, 3)",
        None,
    ]
    assert (await play(world, small.task(goal), plan)).success


async def test_after_a_change_that_hit_no_row_the_expert_goes_on_with_the_solution(tasks):
    task = next(t for t in tasks if t.id == "UPDATE-2-0")
    world = await opened(task)
    await sql(world, f"DELETE FROM {task.spec['tables'][0]['name']} WHERE 1 = 0")
    assert ENV.expert().plan(world, task) == task.solution


async def test_the_expert_solves_a_task_that_has_no_solution():
    world = await open_world(goal={"answer": ["ink", None, 4]})
    plan = ENV.expert().plan(world, small.task({"answer": ["ink", None, 4]}))
    seen = await say(world, plan[-1].action.arguments["answers"])
    assert (await world.grade(seen.answer)).success


def test_the_same_seed_makes_the_same_task_whatever_was_made_before():
    teacher = ENV.procedural()
    first = teacher.make("x", default_rng(3))
    for n in range(20):
        teacher.make("y", default_rng(100 + n))
    assert teacher.make("x", default_rng(3)).model_dump_json() == first.model_dump_json()
    assert ENV.procedural().make("x", default_rng(3)).model_dump_json() == first.model_dump_json()


def test_the_instruction_tells_the_tables_as_dbbench_does(tasks):
    for task in tasks:
        assert all(f"The name of this table is {t['name']}, and the " in task.instruction for t in task.spec["tables"])


def test_instructions_and_ways_vary(tasks):
    assert len({t.instruction for t in tasks}) == len(tasks)
    assert {len(t.solution) for t in tasks} >= {2, 3, 4}
    assert len({t.solution[-1].thought for t in tasks}) > 50


def test_all_domains_come_up_and_the_names_agree_with_the_option():
    assert {d.name for d in DOMAINS} == set(get_args(DomainName)) and len(DOMAINS) >= 8
    for domain in DOMAINS:
        task = make_task("counting", 3, 1, domains=(domain.name,))
        assert {t["name"] for t in task.spec["tables"]} <= {t.name for t in domain.tables}


def test_options_bound_tables_and_rows():
    for n in range(10):
        task = make_task("other", 4, n, tables=(3, 3), rows=(7, 9))
        assert len(task.spec["tables"]) == 3 or any(len(d.tables) < 3 for d in DOMAINS)
        assert all(7 <= len(t["rows"]) <= 9 for t in task.spec["tables"])
    with pytest.raises(ConfigError, match="rows"):
        make_task("other", 1, 0, rows=(9, 7))
    with pytest.raises(ConfigError, match="locale"):
        make_task("other", 1, 0, locale="tlh_QQ")


def test_names_of_other_locales_stay_unambiguous():
    for locale, n in product(("de_DE", "ja_JP", "tr_TR"), range(3)):
        for kind in ("other", "UPDATE", "ranking"):
            task = make_task(kind, 3, n, locale=locale)
            assert asyncio.run(_solves(task))


async def _solves(task):
    return (await play(await opened(task), task, task.solution)).success


def test_every_reference_of_every_domain_is_kept_by_the_engine():
    for domain in DOMAINS:
        task = make_task("counting", 5, 0, domains=(domain.name,), tables=(4, 4))
        world = asyncio.run(opened(task))
        for table in task.spec["tables"]:
            for foreign in table.get("foreign_keys", ()):
                with pytest.raises(SQLError) as e:
                    world.session.execute(f"UPDATE {table['name']} SET {foreign['columns'][0]} = -1")
                assert e.value.code == 1452


def test_actions_are_the_worlds_own(tasks):
    for task in tasks:
        assert {m.action.name for m in task.solution} == set(ENV.world.actions)
        assert isinstance(task.solution[-1].action, Action) and task.solution[-1].action.name == "commit_final_answer"
