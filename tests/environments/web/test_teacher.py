"""The teacher: tasks of all kinds and difficulties that hold together, and an expert that is never lost by its own moves."""

import asyncio

import pytest
from numpy.random import SeedSequence, default_rng

from simenv.plugins import environment
from simenv.plugins.environments.web.teacher import TASK_MAKERS, Teacher, WebExpert
from simenv.teach.admission import admit
from simenv.types import Task

from .conftest import Web, task

EXPERT = WebExpert()


def make_task(kind, difficulty, seed=0):
    teacher = Teacher(Teacher.Options(kinds=(kind,), difficulty=difficulty))
    return teacher.make(f"{kind}-{difficulty}-{seed}", default_rng(SeedSequence([difficulty, seed])))


@pytest.mark.parametrize("difficulty", range(1, 6))
@pytest.mark.parametrize("kind", TASK_MAKERS)
def test_every_kind_at_every_difficulty_is_admitted(kind, difficulty):
    example = make_task(kind, difficulty)
    admitted = asyncio.run(admit(Web(), environment("web"), example))
    assert isinstance(admitted, Task), admitted
    assert example.kind == kind and all(m.thought for m in example.solution)


def test_difficulty_makes_sites_larger_and_ways_longer():
    easy, hard = (sum(len(make_task("buy", d, s).solution) for s in range(5)) for d in (1, 5))
    assert hard > easy
    assert len(make_task("hotel", 5).spec["catalogue"]["items"]) > 2 * len(
        make_task("hotel", 1).spec["catalogue"]["items"]
    )
    assert "hub" in make_task("contact", 3).spec and "hub" not in make_task("contact", 1).spec


def test_the_same_seed_makes_the_same_task_in_any_order():
    teacher = Teacher()
    again = [teacher.make("t", default_rng(SeedSequence(n))).model_dump_json() for n in (3, 1, 3)]
    assert again[0] == again[2] == Teacher().make("t", default_rng(SeedSequence(3))).model_dump_json() != again[1]


@pytest.mark.parametrize("kind", TASK_MAKERS)
def test_a_plan_goes_on_where_it_was_left(kind):
    example, world = make_task(kind, 3), Web()

    async def follow():
        await world.reset(example)
        plan = EXPERT.plan(world, example)
        assert plan == example.solution
        while plan:
            observation = await world.step(plan[0].action)
            rest = EXPERT.plan(world, example) if observation.stop is None else ()
            assert rest == plan[1:]
            plan = rest

    asyncio.run(follow())


async def stumble(kind, seed):
    """Whether the expert still came through after three slips."""
    example, world, rng = make_task(kind, 2, seed), Web(), default_rng(seed)
    await world.reset(example)
    for _ in range(3):
        plan = EXPERT.plan(world, example)
        if plan is None:
            return False
        slip = EXPERT.perturb(world, example, plan[0], rng)
        assert slip.action.name in world.actions and slip.thought
        observation = await world.step(slip.action)
        if observation.stop is not None:
            return (await world.grade(observation.answer)).success
    plan = EXPERT.plan(world, example)
    if plan is None:
        return False
    for move in plan:
        observation = await world.step(move.action)
        assert not observation.invalid
    return (await world.grade(observation.answer)).success


def test_the_expert_recovers_from_most_slips():
    recovered = [asyncio.run(stumble(kind, seed)) for kind in TASK_MAKERS for seed in range(4)]
    assert sum(recovered) > 0.6 * len(recovered)


def test_what_cannot_be_undone_is_out_of_reach(visit):
    example = make_task("contact", 1)
    world = visit(example)
    world.click("Register")
    plain = task(example.spec, {"records": [{"table": "messages", "match": {"message": "hello"}}]})
    other = visit(plain)
    other.click("Contact")
    for name, text in (("Your name", "x"), ("E-mail", "a@b.example"), ("Message", "nonsense")):
        other.act("type", element=name, text=text)
    other.act("select", element="Topic", option="Other").click("Send")
    assert EXPERT.plan(other.world, plain) is None
    assert EXPERT.plan(world.world, example)


def test_a_wrong_purchase_in_webshop_is_out_of_reach(visit):
    example = make_task("webshop", 2)
    shop = visit(example).act("search", query=example.goal["webshop"]["query"])
    shop.click(next(e.number for e in shop.world.tab.document.elements if e.label.startswith("B0")))
    assert EXPERT.plan(shop.world, example)
    shop.click("Buy Now")
    assert EXPERT.plan(shop.world, example) is None


def test_the_expert_takes_out_of_the_cart_what_was_not_asked_for(visit):
    example = make_task("buy", 1)
    wrong = next(
        i
        for i in example.spec["catalogue"]["items"]
        if i["id"] != example.goal["records"][0]["match"]["items"][0]["item"]
    )
    shop = visit(example).act("search", query=wrong["title"]).click(wrong["title"])
    for values in wrong["options"].values():
        name = next(n for n, v in wrong["options"].items() if v is values)
        _ = (
            shop.click(values[0])
            if len(values) <= 4
            else shop.act("select", element=name.capitalize(), option=values[0])
        )
    shop.click("Add to cart")
    assert len(shop.facts["site"]["cart"]) == 1
    plan = EXPERT.plan(shop.world, example)
    for move in plan:
        shop.act(move.action.name, **move.action.arguments)
    assert shop.grade("done").success and any("out" in m.thought or "remove" in m.thought for m in plan)
