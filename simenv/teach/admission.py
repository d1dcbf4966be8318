"""Which tasks enter: the teacher proposes, the engine and the grader decide, and what is turned away leaves its reason."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from numpy.random import SeedSequence, default_rng

from simenv.config import EnvironmentConfig
from simenv.errors import ConfigError, WorldError
from simenv.options import read
from simenv.plugins import Environment
from simenv.source import Rejected, TaskGenerator, TaskReader, json_lines
from simenv.types import Stop, Task, canonical
from simenv.world import Engine, World

SHOWN, TRACE = 400, 4000
"""Characters of one action or observation, and of the whole trace, that a failed proof keeps."""


class TaskFile(TaskReader):
    """simenv's own tasks.jsonl, as a run folder holds it."""

    name = "tasks"

    def __init__(self, environment: str) -> None:
        self.environment = environment

    @classmethod
    def accepts(cls, path: Path) -> bool:
        if path.suffix != ".jsonl":
            return False
        first = next(json_lines(path), (0, None))[1]
        return isinstance(first, dict) and {"environment", "instruction", "spec", "goal"} <= first.keys()

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        for number, record in json_lines(path):
            if isinstance(record, Rejected):
                yield record
                continue
            try:
                task = Task.model_validate(record)
            except ValueError as e:
                first = str(e).splitlines()
                yield Rejected(where=f"{path}:{number}", reason=" ".join(line.strip() for line in first[1:3]))
            else:
                if task.environment == self.environment:
                    yield task


def source(environment: Environment, path: Path) -> TaskReader:
    """The reader that takes a task file; ConfigError names the formats there are."""
    if not path.exists():
        raise ConfigError(f"{environment.name}.source: {path} does not exist")
    if TaskFile.accepts(path):
        return TaskFile(environment.name)
    for reader in environment.sources:
        if reader.accepts(path):
            return reader()
    formats = ", ".join(["tasks", *(s.name for s in environment.sources)])
    raise ConfigError(f"{environment.name}.source: {path} is none of the formats it reads: {formats}")


def origin(environment: Environment, config: EnvironmentConfig) -> TaskReader | TaskGenerator:
    """Where an environment's tasks will come from; ConfigError where that does not exist."""
    if config.source is not None:
        return source(environment, Path(config.source))
    if environment.procedural is None:
        raise ConfigError(f"environment {environment.name!r} has no procedural teacher; give {environment.name}.source")
    return environment.procedural(read(environment.procedural.Options, config.teacher, f"{environment.name}.teacher"))


def propose(
    name: str, origin: TaskReader | TaskGenerator, config: EnvironmentConfig, seed: int
) -> Iterator[Task | Rejected]:
    """The tasks of one environment, in an order and with ids that depend on config and seed alone."""
    if isinstance(origin, TaskReader):
        yield from islice(origin.tasks(Path(config.source or "")), config.episodes)
        return
    for number in range(config.episodes or 0):
        rng = default_rng(SeedSequence([seed, zlib.crc32(name.encode()), number]))
        yield origin.make(f"{name}-{seed}-{number:05d}", rng)


def well_formed(world: type[World], task: Task) -> Task | Rejected:
    """The task where spec and goal keep to their schemas: all that can be told where there is no engine."""
    try:
        world.check(task.spec)
        world.check_goal(task.goal)
    except WorldError as e:
        return Rejected(where=task.id, reason=str(e), cause="schema")
    return task


async def admit(world: Engine, environment: Environment, task: Task, *, proven: bool = True) -> Task | Rejected:
    """The task with a proven solution, or why it may not enter. Not `proven`: only what the world cannot load is refused.

    Grader mutation test: every answer of `world.cheats()` must fail in the untouched world, the gold solution must
    grade 1.0. A task without a solution gets the expert's.
    """
    if isinstance(broken := well_formed(type(world), task), Rejected):
        return broken
    try:
        await world.reset(task)
        if not proven:
            return task
        for name, answer in world.cheats().items():
            if (await world.grade(answer)).success:
                reason = f"the grader passes the cheating answer {name!r}"
                return Rejected(where=task.id, reason=reason, cause="cheat")
        if not task.solution:
            plan = environment.expert().plan(world, task) if environment.expert else None
            if not plan:
                reason = "no solution is given and the expert finds none"
                return Rejected(where=task.id, reason=reason, cause="unsolvable")
            task = task.model_copy(update={"solution": plan})
        return await _prove(world, task)
    except WorldError as e:
        return Rejected(where=task.id, reason=str(e), cause="world")


async def _prove(world: Engine, task: Task) -> Task | Rejected:
    answer, trace = None, []
    for move in task.solution:
        seen = await world.step(move.action)
        trace.append(f"{canonical(move.action.model_dump())[:SHOWN]}\n-> {seen.text[:SHOWN] or '(nothing)'}")
        if seen.stop is not None:
            answer = seen.answer if seen.stop is Stop.submitted else None
            break
    grade = await world.grade(answer)
    if not grade.success:
        reason = f"the gold solution grades {grade.progress:.2f}: {'; '.join(grade.reasons)}"
        return Rejected(where=task.id, reason=reason, cause="gold", detail="\n".join(trace)[-TRACE:])
    return task
