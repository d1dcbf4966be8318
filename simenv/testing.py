"""The conformance suite: what every environment must do. Run it over your own: `simenv.testing.conform("calendar")`.

Each check takes an Environment and raises AssertionError saying what is wrong; CHECKS lists them all for parametrising.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from jsonschema import Draft202012Validator
from numpy.random import SeedSequence, default_rng

from simenv.errors import WorldError
from simenv.plugins import Environment, environment
from simenv.source import Rejected
from simenv.teach.admission import admit
from simenv.types import Action, Stop, Task, digest
from simenv.world import Engine

TASKS = 6
"""Procedural tasks that each check looks at."""

GARBAGE: tuple[Any, ...] = (
    "",
    "\x00",
    "ü" * 5000,
    "'; DROP TABLE x; --",
    "{{ 7*7 }}",
    "\ud800",
    "go to",
    7,
    None,
    [],
    {"a": 1},
)


def _tasks(env: Environment, count: int = TASKS) -> list[Task]:
    assert env.procedural is not None, f"{env.name}: no procedural teacher in teacher.py"
    teacher = env.procedural()
    return [teacher.make(f"{env.name}-{n}", default_rng(SeedSequence([7, n]))) for n in range(count)]


def _engine(env: Environment) -> Engine:
    assert issubclass(env.world, Engine), f"{env.name}: {env.world.__name__} is no Engine"
    return env.world()


def describes_itself(env: Environment) -> None:
    """Overview, actions with a description and a valid schema, a valid schema for specs."""
    world = _engine(env)
    assert world.overview, "no overview: write overview.md"
    assert world.actions, "no @action method"
    assert world.schema.get("type") == "object", "no schema.json, or it does not describe an object"
    Draft202012Validator.check_schema(world.schema)
    for spec in world.actions.values():
        assert spec.description, f"action {spec.name} has no docstring"
        Draft202012Validator.check_schema(spec.schema)


def makes_the_same_task_from_the_same_seed(env: Environment) -> None:
    first, again = _tasks(env), _tasks(env)
    assert [t.model_dump_json() for t in first] == [t.model_dump_json() for t in again]
    assert len({digest([t.instruction, t.spec]) for t in first}) == len(first), "two seeds made the same task"


def admits_its_own_tasks(env: Environment) -> None:
    """Schema, gold solution at 1.0, no cheat passes."""
    for task in _tasks(env):
        verdict = asyncio.run(admit(_engine(env), env, task))
        assert not isinstance(verdict, Rejected), verdict.reason


async def _solved(env: Environment, task: Task) -> None:
    world = _engine(env)
    await world.reset(task)
    assert env.expert is not None, f"{env.name}: no expert in teacher.py"
    last = 0.0
    for _ in range(100):
        plan = env.expert().plan(world, task)
        assert plan, f"the expert finds no way in {task.id}"
        observation = await world.step(plan[0].action)
        assert not observation.invalid, f"the expert's {plan[0].action} is invalid: {observation.text}"
        answer = observation.answer if observation.stop is Stop.submitted else None
        grade = await world.grade(answer)
        assert grade.success == (grade.progress == 1.0), "progress must be 1 exactly at success"
        if observation.stop is not None:
            assert grade.success, f"the expert ended {task.id} at {grade.progress}: {grade.reasons}"
            await world.close()
            return
        assert grade.progress >= last - 1e-9, "the expert lost progress"
        last = grade.progress
    raise AssertionError(f"the expert did not finish {task.id} in 100 moves")


def is_solved_by_its_expert(env: Environment) -> None:
    """From the live state, move by move, progress never falling."""
    for task in _tasks(env):
        asyncio.run(_solved(env, task))


async def _restored(env: Environment, task: Task) -> None:
    world, other = _engine(env), _engine(env)
    await world.reset(task)
    await other.reset(task)
    for move in task.solution:
        blob, before = await world.snapshot(), digest(await world.state())
        observation = await world.step(move.action)
        after = digest(await world.state())
        await other.restore(blob)
        assert digest(await other.state()) == before, "restore does not bring the state back"
        assert await other.step(move.action) == observation, "the same action answers otherwise after a restore"
        assert digest(await other.state()) == after, "the same action leads elsewhere after a restore"
    await world.close()
    await other.close()
    await other.close()


def goes_on_from_a_snapshot(env: Environment) -> None:
    """Restored into another world of the same task, every step answers and leads as in the first."""
    for task in _tasks(env):
        asyncio.run(_restored(env, task))


async def _survives(env: Environment, task: Task) -> None:
    world = _engine(env)
    await world.reset(task)
    unknown = await world.step(Action(name="no_such_action"))
    assert unknown.invalid and all(n in unknown.text for n in world.actions), (
        "an unknown action must list the known ones"
    )
    for spec in world.actions.values():
        for value in GARBAGE:
            before = digest(await world.state())
            observation = await world.step(Action(name=spec.name, arguments=dict.fromkeys(spec.parameters, value)))
            assert not observation.invalid or digest(await world.state()) == before, (
                "an invalid action changed the state"
            )
            observation.model_dump_json()
        assert (await world.step(Action(name=spec.name, arguments={"no such argument": 1}))).invalid
    await world.close()


def survives_garbage(env: Environment) -> None:
    """Whatever an agent writes is an observation, never an exception."""
    asyncio.run(_survives(env, _tasks(env, 1)[0]))


def refuses_broken_specs(env: Environment) -> None:
    """Of worlds and of goals; an error names the JSON path and the rule."""
    task = _tasks(env, 1)[0]
    for check, good in ((env.world.check, task.spec), (env.world.check_goal, task.goal)):
        check(good)
        for bad in ({"no such key": 1}, {}, dict.fromkeys(good)):
            try:
                check(bad)
            except WorldError as e:
                assert "$" in str(e), f"no JSON path in {e}"
            else:
                raise AssertionError(f"{check.__name__} lets {bad} pass")


async def _pure(env: Environment, task: Task) -> None:
    world, other = _engine(env), _engine(env)
    await world.reset(task)
    await other.reset(task)
    untouched = digest(await other.state())
    json.dumps(await world.state())
    for move in task.solution:
        await world.step(move.action)
    before = digest(await world.state())
    for answer in (None, *world.cheats().values()):
        await world.grade(answer)
    assert digest(await world.state()) == before, "grading changed the state"
    assert digest(await other.state()) == untouched, "two worlds share state"
    await world.close()
    await other.close()


def grades_without_touching(env: Environment) -> None:
    """Grading changes nothing, the state is JSON, and two worlds share nothing."""
    for task in _tasks(env):
        asyncio.run(_pure(env, task))


def slips_plausibly(env: Environment) -> None:
    """A slip is another, well-formed action that the world can answer."""

    async def slip(task: Task) -> None:
        world, expert = _engine(env), env.expert() if env.expert else None
        await world.reset(task)
        assert expert is not None
        for n in range(5):
            wrong = expert.perturb(world, task, task.solution[0], default_rng(n))
            assert wrong.action.name in world.actions, f"a slip to an unknown action {wrong.action.name}"
            await world.step(wrong.action)
        await world.close()

    for task in _tasks(env):
        asyncio.run(slip(task))


def plans_without_touching(env: Environment) -> None:
    """Planning and slipping change nothing: the live world has the same state before and after."""

    async def look(task: Task) -> None:
        world = _engine(env)
        assert env.expert is not None, f"{env.name}: no expert in teacher.py"
        expert = env.expert()
        await world.reset(task)
        for move in task.solution:
            before = digest(await world.state())
            plan = expert.plan(world, task)
            assert digest(await world.state()) == before, f"planning {task.id} changed the state"
            assert expert.plan(world, task) == plan, f"two plans for {task.id} from the same state differ"
            for n in range(3):
                expert.perturb(world, task, move, default_rng(n))
            assert digest(await world.state()) == before, f"a slip in {task.id} changed the state before it was made"
            await world.step(move.action)
        await world.close()

    for task in _tasks(env):
        asyncio.run(look(task))


def shows_its_state(env: Environment) -> None:
    """Panels for a person can be made of every state on the way, and none of them is empty of all."""

    async def show(task: Task) -> None:
        world = _engine(env)
        await world.reset(task)
        for move in task.solution:
            assert env.panels(task.spec, await world.state()), "no panel"
            await world.step(move.action)
        await world.close()

    for task in _tasks(env, 2):
        asyncio.run(show(task))


CHECKS: tuple[Callable[[Environment], None], ...] = (
    describes_itself,
    makes_the_same_task_from_the_same_seed,
    admits_its_own_tasks,
    is_solved_by_its_expert,
    goes_on_from_a_snapshot,
    survives_garbage,
    refuses_broken_specs,
    grades_without_touching,
    slips_plausibly,
    plans_without_touching,
    shows_its_state,
)


def conform(name: str) -> None:
    """Run every check over one environment; AssertionError at the first that fails."""
    for check in CHECKS:
        check(environment(name))
