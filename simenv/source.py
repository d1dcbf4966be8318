"""Where tasks come from: a procedural teacher, or a file somebody else wrote. And the expert that can solve them."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal

from numpy.random import Generator

from simenv.options import Options
from simenv.types import Data, Move, Task
from simenv.world import Engine

Cause = Literal[
    "no_json", "schema", "environment", "action", "leak", "level", "topic", "duplicate", "near_duplicate",
    "world", "cheat", "unsolvable", "gold", "model",
]  # fmt: skip
"""Why a task did not enter, to be counted.

no_json, schema: what was written is none, or breaks the schema; environment, action: it names another environment, or an
action that is not there; leak: the instruction tells the answer or the way; level, topic: not what was asked for;
duplicate, near_duplicate: it is there already, or nearly; world: the engine cannot load it; cheat: the grader passes a
cheating answer; unsolvable: no solution is given or found; gold: the solution does not reach the goal; model: no answer.
"""


class Rejected(Data):
    """A task that did not enter: where it stood, and why. `detail` is what the engine showed, where that says more."""

    where: str
    reason: str
    cause: Cause | None = None
    detail: str = ""


class TaskGenerator(ABC):
    """A teacher that writes tasks from a seed: world, instruction, goal and gold solution."""

    Options: ClassVar[type[Options]] = Options

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or self.Options()

    @abstractmethod
    def make(self, id: str, rng: Generator) -> Task:
        """A task that depends on nothing but the options and the generator."""


class TaskReader(ABC):
    """A reader of task files of one format. `read` is the only method most formats need beside `accepts`."""

    name: ClassVar[str]

    @classmethod
    @abstractmethod
    def accepts(cls, path: Path) -> bool:
        """Whether the file looks like this format; cheap, never raises on foreign files."""

    @abstractmethod
    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        """The tasks in the file's order; a bad record comes out as Rejected (file, line, field) and does not end it."""


class Expert(ABC):
    """Solves tasks of one environment with full knowledge. Used for demonstrations and to tell how far off a state is."""

    @abstractmethod
    def plan(self, engine: Engine, task: Task) -> tuple[Move, ...] | None:
        """The moves from the engine's present state to success; None where success is out of reach."""

    @abstractmethod
    def perturb(self, engine: Engine, task: Task, move: Move, rng: Generator) -> Move:
        """A wrong move that somebody might make in place of this one: well-formed, plausible, not helpful."""

    def cleanup_cost(self, engine: Engine, task: Task) -> int:
        """What nobody asked for and that must be undone, where undoing it takes no more moves than the right way had.

        Added to the length of a plan it makes a distance that no right move lengthens.
        """
        return 0

    def answers(self, task: Task) -> tuple[str, ...]:
        """The values that answer a task, as an agent would write them; what no hint may hold. None where it asks for none."""
        return tuple(leaves([task.goal.get("answer"), task.goal.get("answers")]))


def leaves(value: Any) -> Iterator[str]:
    """The texts and numbers in a JSON value, as text."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def json_lines(path: Path) -> Iterator[tuple[int, Any | Rejected]]:
    """Line number and value of each line of a JSONL file; Rejected where a line is no JSON."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield number, json.loads(line)
                except ValueError as e:
                    yield number, Rejected(where=f"{path}:{number}", reason=f"no JSON: {e}")
