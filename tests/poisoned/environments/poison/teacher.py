"""Tasks of the poisoned counter; the generator and the expert can be poisoned, too."""

from __future__ import annotations

from typing import ClassVar

from numpy.random import Generator

from simenv.options import Options
from simenv.source import Expert, TaskGenerator
from simenv.types import Action, Move, Task
from simenv.world import Engine

_PLANLESS = 1000
"""A target that the expert cannot handle."""


class PoisonTeacherOptions(Options):
    bad_tasks: int = 0
    """one task of so many cannot be made; 0: all can"""
    none: bool = False
    """those are None instead"""
    solved: bool = True
    """whether tasks come with a solution"""


def _moves(value: int, target: int) -> tuple[Move, ...]:
    moves = []
    while value != target:
        amount = max(-10, min(10, target - value))
        moves.append(Move(thought="On.", action=Action(name="add", arguments={"amount": amount})))
        value += amount
    return (*moves, Move(thought="There.", action=Action(name="report", arguments={"value": target})))


class PoisonTeacher(TaskGenerator):
    Options: ClassVar[type[Options]] = PoisonTeacherOptions

    def make(self, id: str, rng: Generator) -> Task:
        number = int(id.rpartition("-")[2])
        if self.options.bad_tasks and number % self.options.bad_tasks == 0:
            if self.options.none:
                return None
            raise ZeroDivisionError("no task")
        target = 20 + number % 20
        return Task(
            id=id,
            environment="poison",
            instruction=f"Bring the counter to {target}, then report it.",
            spec={"start": 5},
            goal={"value": target},
            solution=_moves(5, target) if self.options.solved else (),
        )


class PoisonExpert(Expert):
    def plan(self, engine: Engine, task: Task) -> tuple[Move, ...]:
        if not task.solution and task.goal["value"] % 10 == 3:
            raise IndexError("no plan")
        return _moves(engine.value, task.goal["value"])

    def perturb(self, engine: Engine, task: Task, move: Move, rng: Generator) -> Move:
        return move
