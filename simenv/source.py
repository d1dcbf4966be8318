"""Sources of tasks, a generator or the reader of a file, and the expert that solves them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from numpy.random import Generator
from pydantic import AfterValidator, PrivateAttr, ValidationError

from simenv import documents
from simenv.errors import Bug, ConfigError, Unreadable
from simenv.options import Options as Settings
from simenv.options import explain_validation
from simenv.types import Data, Move, Task
from simenv.world import Engine

Cause = Literal[
    "no_json", "schema", "environment", "action", "leak", "level", "topic", "duplicate", "near_duplicate",
    "world", "cheat", "unsolvable", "step", "gold", "evidence", "volatile", "model", "bug",
]  # fmt: skip
"""Why a task did not enter, to be counted.

no_json, schema: what was written is none, or breaks the schema; environment, action: it names another environment, or an
action that is not there; leak: the instruction tells the answer or the way; level, topic: not what was asked for;
duplicate, near_duplicate: it is there already, or nearly; world: the engine cannot load it; cheat: the grader passes a
cheating answer; unsolvable: no solution is given or found; step: a step of the solution is refused or fails; gold: the
solution does not reach the goal; evidence: its steps do not show the answer that it gives; volatile: the answer is another
one each time; model: no answer; bug: an exception that nobody foresaw, with its traceback in `detail`.
"""


LONGEST_REASON = 2000
"""Characters; readers repeat values, which may be of any length."""


def _shortened(reason: str) -> str:
    return reason if len(reason) <= LONGEST_REASON else f"{reason[:LONGEST_REASON]} …"


class Fault(Data):
    """One thing that is wrong with a task."""

    cause: Cause
    reason: Annotated[str, AfterValidator(_shortened)]


class Rejected(Data):
    """A task that was not admitted: its place, the reason, and in `detail` what the engine showed, if that says more.

    `also`: what else is wrong with it, where that was looked for.
    """

    where: str
    reason: Annotated[str, AfterValidator(_shortened)]
    cause: Cause | None = None
    detail: str = ""
    also: tuple[Fault, ...] = ()

    @classmethod
    def of(cls, where: str, faults: Sequence[Fault], detail: str = "") -> Rejected:
        """The rejection for one fault or more; the first one gives the cause."""
        first, *rest = faults
        return cls(where=where, reason=first.reason, cause=first.cause, detail=detail, also=tuple(rest))

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All that is wrong, where the cause is known."""
        return (Fault(cause=self.cause, reason=self.reason), *self.also) if self.cause else self.also

    @classmethod
    def by_bug(cls, where: str, bug: Bug) -> Rejected:
        """The rejection of what a bug kept out."""
        rejected = cls(where=where, reason=str(bug), cause="bug", detail=bug.trace)
        rejected._bug = bug
        return rejected

    @classmethod
    def unread(cls, fault: Unreadable) -> Rejected:
        """The rejection of a file, or of a line, that cannot be read."""
        return cls(where=fault.place, reason=fault.reason)

    _bug: Bug | None = PrivateAttr(default=None)

    @property
    def bug(self) -> Bug | None:
        """The bug itself, in the process in which it happened."""
        return self._bug


class TaskGenerator(ABC):
    """Generates tasks from seeds: world, instruction, goal and gold solution."""

    Options: ClassVar[type[Settings]] = Settings

    def __init__(self, options: Settings | None = None) -> None:
        self.options = options or self.Options()

    @abstractmethod
    def make(self, id: str, rng: Generator) -> Task:
        """A new task with this id. It must depend on nothing but the options and `rng`."""

    def example(self, id: str, rng: Generator) -> Task:
        """A task to show an author: a small one, in whose solution is nothing that is known only once the world is shown."""
        return self.make(id, rng)


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
    """Solves tasks of one environment with full knowledge, for demonstrations and to measure the distance to success."""

    @abstractmethod
    def plan(self, engine: Engine, task: Task) -> tuple[Move, ...] | None:
        """The moves from the engine's present state to success; None if success is out of reach."""

    @abstractmethod
    def perturb(self, engine: Engine, task: Task, move: Move, rng: Generator) -> Move:
        """A wrong move in place of this one: well-formed, plausible, not helpful."""

    def cleanup_cost(self, engine: Engine, task: Task) -> int:
        """The number of unwanted changes that still must be undone, if undoing takes no more moves than the solution had.

        The length of a plan plus this is a distance to success that no right move increases.
        """
        return 0

    def answers(self, task: Task) -> tuple[str, ...]:
        """The values that answer a task, as an agent would write them; hints must not hold them. () if it asks for none."""
        return tuple(leaves([task.goal.get("answer"), task.goal.get("answers")]))


def leaves(value: Any) -> Iterator[str]:
    """The texts and numbers in a JSON value, as text."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def as_task(value: Any, place: str) -> Task:
    """A Task, or its JSON as one. ConfigError for anything else, such as a task's id; `place` is where it was given."""
    if isinstance(value, Task):
        return value
    if not isinstance(value, dict):
        hint = "; a run folder's tasks are simenv.open_run(FOLDER).tasks()" if isinstance(value, str) else ""
        raise ConfigError(f"{place}: expected a Task or its JSON, got {value!r:.80}{hint}")
    try:
        return Task.model_validate(value)
    except ValidationError as e:
        raise ConfigError(explain_validation(e, place)) from e


def json_lines(path: Path) -> Iterator[tuple[int, Any | Rejected]]:
    """Line number and value of each line of a JSONL file; Rejected in place of the value if a line cannot be read."""
    for number, value in documents.json_lines(path):
        yield number, Rejected.unread(value) if isinstance(value, Unreadable) else value


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
            except ValidationError as e:
                yield Rejected(where=f"{path}:{number}", reason=explain_validation(e))
            else:
                if task.environment == self.environment:
                    yield task
