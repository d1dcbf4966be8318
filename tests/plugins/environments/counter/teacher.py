"""Tasks for the counter, and who solves them."""

from __future__ import annotations

from numpy.random import Generator

from simenv.source import Expert, TaskGenerator
from simenv.types import Action, Move, Task
from simenv.world import Engine


def _add(amount: int) -> Move:
    return Move(thought=f"I add {amount}.", action=Action(name="add", arguments={"amount": amount}))


class CounterTeacher(TaskGenerator):
    def make(self, id: str, rng: Generator) -> Task:
        start, target = int(rng.integers(1, 10)), int(rng.integers(20, 40))
        moves = CounterExpert.way(start, target)
        return Task(
            id=id,
            environment="counter",
            instruction=f"Bring the counter to {target}, then report it.",
            spec={"start": start},
            goal={"value": target},
            solution=moves,
        )


class CounterExpert(Expert):
    @staticmethod
    def way(value: int, target: int) -> tuple[Move, ...]:
        moves = []
        while value != target:
            amount = max(-10, min(10, target - value))
            moves.append(_add(amount))
            value += amount
        last = Move(thought="It is there.", action=Action(name="report", arguments={"value": target}))
        return (*moves, last)

    def plan(self, engine: Engine, task: Task) -> tuple[Move, ...]:
        return self.way(engine.facts()["value"], task.goal["value"])

    def perturb(self, engine: Engine, task: Task, move: Move, rng: Generator) -> Move:
        return _add(int(rng.integers(1, 3)))
