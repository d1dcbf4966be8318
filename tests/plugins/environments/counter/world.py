"""The smallest world that has everything: a number to be brought to a target and then reported."""

from __future__ import annotations

import json
import time
from typing import Any, ClassVar

from numpy.random import Generator

from simenv.errors import InvalidAction, WorldError
from simenv.options import Options
from simenv.types import Grade
from simenv.world import Engine, action


class CounterOptions(Options):
    breaks_at: int | None = None
    """the engine fails when the number gets there"""
    lacks: str = ""
    """what the host is said to lack"""
    slow: float = 0
    """seconds that building it takes"""
    ungradable: bool = False
    """the engine fails when it is asked for a grade"""
    delay: float = 0
    """seconds that every addition takes"""


class Counter(Engine):
    Options: ClassVar[type[Options]] = CounterOptions
    overview = "A counter. Bring it to the number you are asked for, then report it."
    max_turns = 8

    @property
    def blocking(self) -> bool:
        return self.options.delay + self.options.slow > 0

    def missing(self) -> str:
        return self.options.lacks

    def begin(self, spec: dict[str, Any], rng: Generator) -> str:
        time.sleep(self.options.slow)
        self.value = spec["start"]
        self.reads = 0
        return f"The counter shows {self.value}."

    @action
    def add(self, amount: int) -> str:
        """Add an amount from -10 to 10 to the counter."""
        if not -10 <= amount <= 10:
            raise InvalidAction(f"amount {amount} is not in -10..10")
        if self.value + amount == self.options.breaks_at:
            raise WorldError("the counter broke")
        self.value += amount
        time.sleep(self.options.delay)
        return f"The counter shows {self.value}."

    @action(submit=True)
    def report(self, value: int) -> int:
        """Report what the counter shows. This ends the task."""
        return value

    def score(self, goal: dict[str, Any], answer: Any) -> Grade:
        if self.options.ungradable:
            raise WorldError("the counter is gone")
        reached = self.value == goal["value"]
        told = answer == goal["value"]
        return Grade(
            success=reached and told,
            progress=(reached + told) / 2,
            subgoals={"reached": reached, "told": told},
            reasons=() if reached and told else (f"the counter shows {self.value}, {answer} was reported",),
        )

    def facts(self) -> Any:
        return {"value": self.value}

    def save(self) -> bytes:
        return json.dumps(self.value).encode()

    def load(self, blob: bytes) -> None:
        self.value = json.loads(blob)
