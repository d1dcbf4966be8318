"""Procedural questions, the expert that answers them from anywhere, and its slips."""

import asyncio
from typing import get_args

import pytest
from numpy.random import default_rng
from pydantic import ValidationError

from simenv import plugins
from simenv.plugins.environments.kg.engine.local_graph import LocalGraph
from simenv.plugins.environments.kg.engine.logical_forms import parse, subforms
from simenv.plugins.environments.kg.tasks.domains import DOMAINS
from simenv.plugins.environments.kg.tasks.questions import Kind
from simenv.plugins.environments.kg.teacher import Answerer, Teacher
from simenv.plugins.environments.kg.world import KG
from simenv.source import Rejected
from simenv.teach.admission import admit
from simenv.types import Action, Stop

ENVIRONMENT, KINDS = plugins.environment("kg"), get_args(Kind)


def tasks(count, **options):
    """Tasks of every difficulty in turn."""
    return [
        Teacher(Teacher.Options(**{"difficulty": 1 + n % 5, **options})).make(f"t{n}", default_rng(n))
        for n in range(count)
    ]


def test_every_task_is_admitted():
    async def go():
        return [await admit(KG(), ENVIRONMENT, task) for task in tasks(60)]

    assert not [t.reason for t in asyncio.run(go()) if isinstance(t, Rejected)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("domain", DOMAINS)
def test_every_domain_has_every_kind_of_question(domain, kind):
    options = {"difficulty": 3, "kinds": (kind,), "domains": (domain,)}
    task = Teacher(Teacher.Options(**options)).make("t", default_rng(1))
    assert task.kind == kind
    assert all(name in task.instruction for name in task.spec["mentions"])
    KG.check(task.spec), KG.check_goal(task.goal)
    assert len(task.solution) <= KG.max_turns


def test_answers_are_neither_trivial_nor_ambiguous():
    for task in tasks(40):
        graph = LocalGraph(task.spec["graph"])
        target = parse(task.goal["expression"], graph.range_of)
        assert 1 <= len(task.goal["answers"]) <= 12
        assert all(graph.members(part) for part in subforms(target))
        names = [e["name"] for e in task.spec["graph"]["entities"].values()]
        assert len(set(names)) == len(names), "two entities share a name"
        for part in subforms(target):
            if part.op == "AND":
                assert all(len(graph.members(part)) < len(graph.members(side)) for side in part.parts)


def test_size_and_hops_can_be_set():
    task = tasks(1, entities=400, hops=3, difficulty=1, kinds=("intersection",))[0]
    assert 300 < len(task.spec["graph"]["entities"]) < 500


def test_options_that_cannot_be_are_refused():
    with pytest.raises(ValidationError):
        Teacher.Options(kinds=())
    with pytest.raises(ValidationError, match="films"):
        Teacher.Options(domains=("cooking",))


def test_each_move_brings_the_answer_one_nearer_from_wherever_one_stands():
    async def go(task, rng):
        world, expert = KG(), Answerer()
        await world.reset(task)
        for _ in range(40):
            plan = expert.plan(world, task)
            if rng.random() < 0.4:
                slip = expert.perturb(world, task, plan[0], rng)
                if slip.action.name != "answer":
                    await world.step(slip.action)
                    assert len(expert.plan(world, task)) <= len(plan), "a slip makes nothing undone"
                    continue
            seen = await world.step(plan[0].action)
            assert not seen.invalid, (plan[0], seen.text)
            if seen.stop is Stop.submitted:
                return (await world.grade(seen.answer)).success and len(plan) == 1
            assert len(expert.plan(world, task)) == len(plan) - 1
        return False

    for n, task in enumerate(tasks(25)):
        assert asyncio.run(go(task, default_rng(n)))


def test_the_expert_uses_what_is_there_already():
    task = tasks(1, kinds=("intersection",), difficulty=3)[0]
    world = KG()
    asyncio.run(world.reset(task))
    for move in task.solution[:4]:
        asyncio.run(world.step(move.action))
    asyncio.run(world.step(Action(name="count", arguments={"variable": "#0"})))
    rest = Answerer().plan(world, task)
    assert len(rest) == len(task.solution) - 4
    answer = rest[-1].action.arguments["variable"]
    assert answer == f"#{int(task.solution[-1].action.arguments['variable'][1:]) + 1}"


def test_without_an_expression_there_is_no_plan(task):
    bare = task.model_copy(update={"goal": {"answers": ["m.alien"]}})
    world = KG()
    asyncio.run(world.reset(bare))
    assert Answerer().plan(world, bare) is None


def test_slips_are_wrong_and_of_many_kinds():
    seen = set()

    async def go(task):
        world, expert = KG(), Answerer()
        await world.reset(task)
        while True:
            move = expert.plan(world, task)[0]
            for n in range(6):
                slip = expert.perturb(world, task, move, default_rng(n))
                assert slip.action != move.action
                if slip.action.name == "answer":
                    blob = await world.snapshot()
                    end = await world.step(slip.action)
                    assert not (await world.grade(end.answer)).success
                    await world.restore(blob)
                kind = (move.action.name, slip.action.name)
                swapped = list(slip.action.arguments.values()) == list(move.action.arguments.values())[::-1]
                seen.add((*kind, swapped and len(slip.action.arguments) == 2))
            if (await world.step(move.action)).stop:
                return

    for task in tasks(15, difficulty=3):
        asyncio.run(go(task))
    assert ("get_neighbors", "get_neighbors", True) in seen, "no arguments in the wrong order"
    assert ("get_neighbors", "get_neighbors", False) in seen, "no wrong relation"
    assert ("get_relations", "get_neighbors", False) in seen, "no relation that was not listed"
    assert any(right != "answer" and wrong == "answer" for right, wrong, _ in seen), "no premature answer"


def test_thoughts_are_in_the_first_person_and_vary():
    thoughts = [m.thought for task in tasks(10) for m in task.solution]
    assert len(set(thoughts)) > len(thoughts) / 2
    assert not any("Action" in t or "Observation" in t or "Answer:" in t or "{" in t for t in thoughts)
