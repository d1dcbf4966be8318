"""A counter with a bug in one of its methods, which shows at one value."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from typing import Any, ClassVar, Literal

from numpy.random import Generator

from simenv.errors import InvalidAction, ServiceDown, WorldError
from simenv.options import Options
from simenv.types import Grade
from simenv.world import Engine, action

KILLED: set[int] = set()
"""Targets whose world has been killed once."""


class PoisonOptions(Options):
    where: str = "add"
    """the method with the bug: add, begin, score, choices, facts, save, end, cheats; none"""
    every: int = 20
    """the bug shows in worlds whose start is 1 and at every n-th target"""
    how: Literal["key", "refusal", "exit", "cancelled", "text", "deep", "down", "killed"] = "key"
    """the exception; down: while POISON_UP is not set; killed: once for each target"""
    blocking: bool = False
    delay: float = 0


def broken(how: str, target: int) -> None:
    """Raise what no author foresaw, or what a service or a sandbox does."""
    if how == "down":
        if "POISON_UP" in os.environ:
            return
        raise ServiceDown("poison: nobody answers")
    if how == "killed":
        if target in KILLED:
            return
        KILLED.add(target)
        raise WorldError("poison: it has ended")
    if how == "refusal":
        raise InvalidAction("not here")
    if how == "exit":
        sys.exit(7)
    if how == "cancelled":
        raise asyncio.CancelledError
    if how == "text":
        raise ValueError("\ud800" + "x" * 100_000)
    if how == "deep":
        broken(how, target)
    raise KeyError(37)


class Poison(Engine):
    Options: ClassVar[type[Options]] = PoisonOptions
    overview = "A counter. Bring it to the number you are asked for, then report it."
    max_turns = 8

    @property
    def blocking(self) -> bool:
        return self.options.blocking

    def _maybe(self, where: str) -> None:
        if where == self.options.where and self.target % self.options.every == 0:
            broken(self.options.how, self.target)

    def begin(self, spec: dict[str, Any], rng: Generator) -> str:
        time.sleep(self.options.delay)
        self.value = spec["start"]
        self.target = self.task.goal["value"]
        self._maybe("begin")
        return f"The counter shows {self.value}."

    @action
    def add(self, amount: int) -> str:
        """Add an amount from -10 to 10 to the counter."""
        self._maybe("add")
        self.value += amount
        return f"The counter shows {self.value}."

    @action(submit=True)
    def report(self, value: int) -> int:
        """Report what the counter shows. This ends the task."""
        return value

    def choices(self) -> tuple[str, ...]:
        self._maybe("choices")
        return ()

    def cheats(self) -> dict[str, Any]:
        self._maybe("cheats")
        return super().cheats()

    def score(self, goal: dict[str, Any], answer: Any) -> Grade:
        self._maybe("score")
        right = self.value == goal["value"] == answer
        return Grade(success=right, progress=float(right))

    def facts(self) -> Any:
        self._maybe("facts")
        return {"value": self.value}

    def save(self) -> bytes:
        self._maybe("save")
        return json.dumps(self.value).encode()

    def load(self, blob: bytes) -> None:
        self.value = json.loads(blob)

    def end(self) -> None:
        if hasattr(self, "target"):
            self._maybe("end")
