"""Review of a draft: a few plain rules, then the engine and the grader; all that is wrong with it is found at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from simenv.containment import boundary
from simenv.errors import Bug, InvalidAction, unknown
from simenv.plugins.definition import SimulatedOnlyWorld
from simenv.runtime import EnvironmentRuntime
from simenv.source import Fault, Rejected
from simenv.teach.admission import admit, well_formed
from simenv.teach.assignment import Assignment
from simenv.teach.draft import MAX_STEPS, Draft
from simenv.teach.duplicates import DuplicateIndex
from simenv.teach.leaks import leak
from simenv.types import Task, canonical
from simenv.world import Engine


@dataclass
class Review:
    """Judges the drafts for one environment. `index` holds the tasks that were admitted."""

    runtime: EnvironmentRuntime
    index: DuplicateIndex

    async def judge(self, value: dict[str, Any], assignment: Assignment, until: int) -> Task | Rejected:
        """The task of a draft, proven in the engine, or a rejection with every fault; tasks below `until` are no duplicates."""
        try:
            draft = Draft.model_validate(value)
            task = self._task(draft, assignment)
        except ValidationError as e:
            return Rejected(where=assignment.id, reason=" ".join(str(e).split())[:400], cause="schema")
        faults = [*self._plain_faults(draft, task, assignment)]
        if duplicate := self.index.find_duplicate(task, assignment.number, until):
            faults.append(Fault(cause=duplicate[0], reason=duplicate[1]))
            return Rejected.of(task.id, faults)
        result = await self._admit(task)
        if isinstance(result, Rejected) and result.cause == "bug":
            return result
        solved = task if isinstance(result, Rejected) else result
        faults += result.faults if isinstance(result, Rejected) else ()
        faults += () if task.solution else self._found_faults(solved, assignment)
        detail = result.detail if isinstance(result, Rejected) else ""
        return Rejected.of(task.id, faults, detail) if faults else solved

    def _plain_faults(self, draft: Draft, task: Task, assignment: Assignment) -> Iterator[Fault]:
        """What is wrong with a draft before anything is run."""
        name, actions = self.runtime.environment.name, self.world.actions
        if draft.environment != name:
            reason = f"environment: expected {name!r}, got {draft.environment[:80]!r}"
            yield Fault(cause="environment", reason=reason)
        names = dict.fromkeys(m.action.name for m in task.solution)
        for bad in (n for n in names if n not in actions):
            yield Fault(cause="action", reason=f"solution: {unknown('action', bad[:80], actions)}")
        if reason := leak(self.world, task):
            yield Fault(cause="leak", reason=reason)
        if reason := _off_topic(task, assignment):
            yield Fault(cause="topic", reason=reason)
        if task.solution and (reason := _outside_level(task, assignment)):
            yield Fault(cause="level", reason=reason)

    def _found_faults(self, solved: Task, assignment: Assignment) -> Iterator[Fault]:
        """What is wrong with a solution that the expert found, and with the instruction beside it."""
        if reason := leak(self.world, solved):
            yield Fault(cause="leak", reason=reason)
        if solved.solution and (reason := _outside_level(solved, assignment)):
            yield Fault(cause="level", reason=reason)

    @property
    def world(self) -> type[Engine] | type[SimulatedOnlyWorld]:
        """The class of the environment's world."""
        world = self.runtime.environment.world
        assert issubclass(world, Engine | SimulatedOnlyWorld)
        return world

    async def _admit(self, task: Task) -> Task | Rejected:
        if not self.runtime.has_engine:
            return self._check_form(task)
        try:
            with boundary(task.environment, "world"):
                world = self.runtime.world()
                try:
                    return await admit(world, self.runtime.environment, task, is_draft=True)
                finally:
                    await world.close()
        except Bug as e:
            return Rejected.by_bug(task.id, e)

    def _check_form(self, task: Task) -> Task | Rejected:
        """A task checked without an engine: its form, and that of its actions. This proves nothing about its solution."""
        result = well_formed(self.world, task)
        faults = [*result.faults] if isinstance(result, Rejected) else []
        for move in task.solution:
            try:
                if move.action.name in self.world.actions:
                    self.world.actions[move.action.name].read(move.action.arguments)
            except InvalidAction as e:
                faults.append(Fault(cause="action", reason=f"solution: {e}"))
        return Rejected.of(task.id, faults) if faults else task

    def _task(self, draft: Draft, assignment: Assignment) -> Task:
        return Task.model_validate(
            {
                "id": assignment.id,
                "environment": self.runtime.environment.name,
                "instruction": assignment.source.instruction if assignment.source else draft.instruction,
                "spec": draft.spec,
                "goal": draft.goal,
                "solution": draft.solution,
                "kind": draft.kind,
                "source": "model",
            }
        )


def _off_topic(task: Task, assignment: Assignment) -> str:
    words = assignment.topic.words if assignment.topic else ()
    text = f"{task.instruction}\n{canonical(task.spec)}".casefold()
    on_topic = not words or any(w.casefold() in text for w in words)
    return "" if on_topic else f"neither world nor instruction holds one of the words {', '.join(words)}"


def _outside_level(task: Task, assignment: Assignment) -> str:
    least, most = (assignment.level.steps if assignment.level else None) or (0, MAX_STEPS)
    steps = len(task.solution)
    fits = least <= steps <= most
    return "" if fits else f"the solution takes {steps} steps; this level asks for {least} to {most}"
