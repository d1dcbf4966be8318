"""Admission of tasks: the engine and the grader decide which proposed tasks enter; a rejection keeps its reason."""

from __future__ import annotations

from simenv.containment import boundary
from simenv.errors import Bug, ServiceDown, WorldError
from simenv.plugins import Environment
from simenv.source import Rejected
from simenv.types import Stop, Task, canonical
from simenv.world import Engine, World

SHOWN, TRACE = 400, 4000
"""Characters of one action or observation, and of the whole trace, that a failed proof keeps."""


def well_formed(world: type[World], task: Task) -> Task | Rejected:
    """The task if spec and goal fit their schemas, else Rejected; without an engine nothing more can be checked."""
    try:
        with boundary(world.name, "check"):
            world.check(task.spec)
            world.check_goal(task.goal)
    except WorldError as e:
        return Rejected(where=task.id, reason=str(e), cause="schema")
    except Bug as e:
        return Rejected.by_bug(task.id, e)
    return task


async def admit(world: Engine, environment: Environment, task: Task, *, proven: bool = True) -> Task | Rejected:
    """The task with a proven solution, or Rejected. With `proven` false only a task that the world cannot load is refused.

    Grader mutation test: every answer of `world.cheats()` must fail in the untouched world, the gold solution must
    grade 1.0. A task without a solution gets the expert's. What nobody foresaw rejects the task too, as a bug.
    ServiceDown passes: it tells nothing of the task.
    """
    if isinstance(formed := well_formed(type(world), task), Rejected):
        return formed
    try:
        with boundary("admission", environment.name):
            return await _admit(world, environment, task, proven)
    except ServiceDown:
        raise
    except WorldError as e:
        return Rejected(where=task.id, reason=str(e), cause="world")
    except Bug as e:
        return Rejected.by_bug(task.id, e)


async def _admit(world: Engine, environment: Environment, task: Task, proven: bool) -> Task | Rejected:
    await world.reset(task)
    if not proven:
        return task
    for name, answer in (await world.call(world.cheats)).items():
        if (await world.grade(answer)).success:
            reason = f"the grader passes the cheating answer {name!r}"
            return Rejected(where=task.id, reason=reason, cause="cheat")
    if not task.solution:
        plan = await world.call(environment.expert().plan, world, task) if environment.expert else None
        if not plan:
            reason = "no solution is given and the expert finds none"
            return Rejected(where=task.id, reason=reason, cause="unsolvable")
        task = task.model_copy(update={"solution": plan})
    return await _prove(world, task)


async def _prove(world: Engine, task: Task) -> Task | Rejected:
    answer, trace = None, []
    for move in task.solution:
        observation = await world.step(move.action)
        trace.append(f"{canonical(move.action.model_dump())[:SHOWN]}\n-> {observation.text[:SHOWN] or '(nothing)'}")
        if observation.stop is not None:
            answer = observation.answer if observation.stop is Stop.submitted else None
            break
    grade = await world.grade(answer)
    if not grade.success:
        reason = f"the gold solution grades {grade.progress:.2f}: {'; '.join(grade.reasons)}"
        return Rejected(where=task.id, reason=reason, cause="gold", detail="\n".join(trace)[-TRACE:])
    return task
