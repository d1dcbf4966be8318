"""Admission of tasks: the engine and the grader decide which proposed tasks enter; a rejection keeps its reason."""

from __future__ import annotations

from simenv.containment import boundary
from simenv.errors import Bug, ServiceDown, WorldError
from simenv.plugins import Environment
from simenv.source import Fault, Rejected
from simenv.teach.proof import Prover
from simenv.types import Move, Task
from simenv.world import Engine, World


def well_formed(world: type[World], task: Task) -> Task | Rejected:
    """The task if spec and goal fit their schemas, else Rejected; without an engine nothing more can be checked."""
    faults = []
    for check, value in ((world.check, task.spec), (world.check_goal, task.goal)):
        try:
            with boundary(world.name, "check"):
                check(value)
        except WorldError as e:
            faults.append(Fault(cause="schema", reason=str(e)))
        except Bug as e:
            return Rejected.by_bug(task.id, e)
    return Rejected.of(task.id, faults) if faults else task


async def admit(
    world: Engine, environment: Environment, task: Task, *, proven: bool = True, is_draft: bool = False
) -> Task | Rejected:
    """The task with a proven solution, or Rejected. With `proven` false only a task that the world cannot load is refused.

    Grader mutation test: the answers of `world.cheats()` must fail in the untouched world, but for a guess that the gold
    solution shows to be true. The gold solution must do each of its steps, grade 1.0, and show the answer that it gives, in
    two worlds alike. A task without a solution gets the expert's; where the answer depends on the world that is played, it
    stays without one, and the expert plans anew in each. With `is_draft` nothing is excused that its author can still
    change: an answer that a guess hits, or a solution that is the answer alone, as the label of a benchmark is. What nobody
    foresaw rejects the task too, as a bug. ServiceDown passes: it tells nothing of the task.
    """
    if isinstance(formed := well_formed(type(world), task), Rejected):
        return formed
    try:
        with boundary("admission", environment.name):
            return await _admit(Prover(world, environment, task, is_draft), proven)
    except ServiceDown:
        raise
    except WorldError as e:
        return Rejected(where=task.id, reason=str(e), cause="world")
    except Bug as e:
        return Rejected.by_bug(task.id, e)


async def _admit(prover: Prover, proven: bool) -> Task | Rejected:
    world, task = prover.world, prover.task
    opening = await world.reset(task)
    if not proven:
        return task
    cheats = [name for name, answer in (await world.call(world.cheats)).items() if (await world.grade(answer)).success]
    solution = task.solution or await _experts(prover)
    if not solution:
        faults = [
            *map(_cheat, cheats),
            Fault(cause="unsolvable", reason="no solution is given and the expert finds none"),
        ]
        return Rejected.of(task.id, faults)
    proof = await prover.prove(solution, opening)
    if not proof.faults and proof.played.looks and not prover.is_draft:
        cheats = [name for name in cheats if name not in await world.call(world.guesses)]
    faults = [*map(_cheat, cheats), *proof.faults]
    if volatile := await prover.stays(proof, solution):
        if not faults and not task.solution and await _is_rebased(prover):
            return task
        faults.insert(0, volatile)
    if faults:
        return Rejected.of(task.id, faults, proof.trace if proof.faults else "")
    return task.model_copy(update={"solution": solution})


def _cheat(name: str) -> Fault:
    return Fault(cause="cheat", reason=f"the grader passes the cheating answer {name!r}")


async def _experts(prover: Prover) -> tuple[Move, ...] | None:
    """The expert's solution from the world's present state."""
    expert = prover.environment.expert
    return await prover.world.call(expert().plan, prover.world, prover.task) if expert else None


async def _is_rebased(prover: Prover) -> bool:
    """Whether the expert, who plans in the world that is played, solves another draw of it too."""
    opening = await prover.second_world()
    solution = await _experts(prover)
    return bool(solution) and not (await prover.prove(solution or (), opening)).faults
