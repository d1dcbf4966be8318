"""What every environment must do, as checks over a Subject: an environment and the tasks to look at.

Each check raises AssertionError saying what is wrong, NotChecked where the environment lacks what it looks at.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from numpy.random import SeedSequence, default_rng

from simenv.errors import WorldError
from simenv.plugins import Environment, environment
from simenv.runtime import task_reader
from simenv.source import Expert, Rejected
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


class NotChecked(Exception):
    """A check does not apply; the text says what the environment lacks."""


@dataclass(frozen=True)
class Subject:
    """An environment under test. `file` has its tasks where it has no procedural teacher."""

    environment: Environment
    file: Path | None = None

    @classmethod
    def of(cls, name: str, tasks: str | Path | None = None) -> Subject:
        """An environment by name, and a file of tasks for it; without one its teacher's tasks, or its own tasks.jsonl."""
        env = environment(name)
        return cls(env, Path(tasks) if tasks else None if env.procedural else env.tasks)

    @property
    def name(self) -> str:
        return self.environment.name

    def tasks(self, count: int = TASKS) -> list[Task]:
        """The first tasks of the file, or tasks of the teacher, always the same."""
        if self.file is not None:
            return self._from_file(self.file, count)
        assert self.environment.procedural, (
            f"{self.name}: no procedural teacher in teacher.py and no tasks.jsonl; give tasks=FILE"
        )
        teacher = self.environment.procedural()
        return [teacher.make(f"{self.name}-{n}", default_rng(SeedSequence([7, n]))) for n in range(count)]

    def _from_file(self, file: Path, count: int) -> list[Task]:
        items = list(islice(task_reader(self.environment, file).tasks(file), count))
        for item in items:
            assert not isinstance(item, Rejected), f"{item.where}: {item.reason}"
        assert items, f"{file}: no tasks of {self.name}"
        return [item for item in items if isinstance(item, Task)]

    def engine(self) -> Engine:
        """A new world. NotChecked where only a model can play it."""
        if not issubclass(self.environment.world, Engine):
            raise NotChecked("it has no engine")
        return self.environment.world()

    def expert(self) -> Expert:
        """NotChecked where it has none."""
        if self.environment.expert is None:
            raise NotChecked("it has no expert in teacher.py")
        return self.environment.expert()


def describes_itself(env: Subject) -> None:
    """Overview, actions with a description and a valid schema, a valid schema for specs."""
    world = env.engine()
    assert world.overview, "no overview: write overview.md"
    assert world.actions, "no @action method"
    assert world.schema.get("type") == "object", "no schema.json, or it does not describe an object"
    Draft202012Validator.check_schema(world.schema)
    for spec in world.actions.values():
        assert spec.description, f"action {spec.name} has no docstring"
        Draft202012Validator.check_schema(spec.schema)


def makes_the_same_task_from_the_same_seed(env: Subject) -> None:
    """Byte for byte, and another one from another seed."""
    if env.file is not None:
        raise NotChecked(f"its tasks are those of {env.file.name}")
    first, again = env.tasks(), env.tasks()
    assert [t.model_dump_json() for t in first] == [t.model_dump_json() for t in again]
    assert len({digest([t.instruction, t.spec]) for t in first}) == len(first), "two seeds made the same task"


def admits_its_own_tasks(env: Subject) -> None:
    """Schema, gold solution at 1.0, no cheat passes."""
    for task in env.tasks():
        verdict = asyncio.run(admit(env.engine(), env.environment, task))
        assert not isinstance(verdict, Rejected), verdict.reason


async def _solved(env: Subject, task: Task) -> None:
    world = env.engine()
    await world.reset(task)
    expert, last = env.expert(), 0.0
    for _ in range(100):
        plan = expert.plan(world, task)
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


def is_solved_by_its_expert(env: Subject) -> None:
    """From the live state, move by move, progress never falling."""
    for task in env.tasks():
        asyncio.run(_solved(env, task))


async def _restored(env: Subject, task: Task) -> None:
    world, other = env.engine(), env.engine()
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


def goes_on_from_a_snapshot(env: Subject) -> None:
    """Restored into another world of the same task, every step answers and leads as in the first."""
    for task in env.tasks():
        asyncio.run(_restored(env, task))


async def _survives(env: Subject, task: Task) -> None:
    world = env.engine()
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


def survives_garbage(env: Subject) -> None:
    """Whatever an agent writes is an observation, never an exception."""
    asyncio.run(_survives(env, env.tasks(1)[0]))


def refuses_broken_specs(env: Subject) -> None:
    """Of worlds and of goals; an error names the JSON path and the rule."""
    task = env.tasks(1)[0]
    for check, good in ((env.environment.world.check, task.spec), (env.environment.world.check_goal, task.goal)):
        check(good)
        for bad in ({"no such key": 1}, {}, dict.fromkeys(good)):
            try:
                check(bad)
            except WorldError as e:
                assert "$" in str(e), f"no JSON path in {e}"
            else:
                raise AssertionError(f"{check.__name__} lets {bad} pass")


async def _pure(env: Subject, task: Task) -> None:
    world, other = env.engine(), env.engine()
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


def grades_without_touching(env: Subject) -> None:
    """Grading changes nothing, the state is JSON, and two worlds share nothing."""
    for task in env.tasks():
        asyncio.run(_pure(env, task))


def slips_plausibly(env: Subject) -> None:
    """A slip is another, well-formed action that the world can answer."""

    async def slip(task: Task) -> None:
        world, expert = env.engine(), env.expert()
        await world.reset(task)
        for n in range(5):
            wrong = expert.perturb(world, task, task.solution[0], default_rng(n))
            assert wrong.action.name in world.actions, f"a slip to an unknown action {wrong.action.name}"
            await world.step(wrong.action)
        await world.close()

    for task in env.tasks():
        asyncio.run(slip(task))


def plans_without_touching(env: Subject) -> None:
    """Planning and slipping change nothing: the live world has the same state before and after."""

    async def look(task: Task) -> None:
        world = env.engine()
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

    for task in env.tasks():
        asyncio.run(look(task))


def shows_its_state(env: Subject) -> None:
    """Panels for a person can be made of every state on the way, and none of them is empty of all."""

    async def show(task: Task) -> None:
        world = env.engine()
        await world.reset(task)
        for move in task.solution:
            assert env.environment.panels(task.spec, await world.state()), "no panel"
            await world.step(move.action)
        await world.close()

    for task in env.tasks(2):
        asyncio.run(show(task))


CHECKS: tuple[Callable[[Subject], None], ...] = (
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


def conform(name: str, tasks: str | Path | None = None, say: Callable[[str], None] = print) -> None:
    """Run every check over one environment and say of each what came of it; AssertionError at the end names those that failed.

    `tasks` is a file of tasks for an environment without a procedural teacher.
    """
    env = Subject.of(name, tasks)
    number = len(env.tasks())
    say(f"{name}: {number} tasks of {env.file or 'its teacher'}")
    failed = []
    for check in CHECKS:
        result = _result(check, env)
        failed += [f"{check.__name__}: {result}"] if result.startswith("FAILED") else []
        say(f"  {check.__name__.replace('_', ' '):40} {result}")
    assert not failed, f"{name}: {len(failed)} of {len(CHECKS)} checks failed: {'; '.join(failed)}"


def _result(check: Callable[[Subject], None], env: Subject) -> str:
    try:
        check(env)
    except NotChecked as e:
        return f"not checked: {e}"
    except AssertionError as e:
        return f"FAILED: {e}"
    return "ok"
