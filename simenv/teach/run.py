"""Many assignments in flight, written down in their order, so that what comes out depends on config and answers alone.

A folder `taught/<name>/`: config.yaml, written/part-*.jsonl (one Written a line: what became of each assignment),
tasks.jsonl (the admitted ones, ready for a rollout), rejected.jsonl, report.json. The last three are made anew, whole,
each time it ends.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from simenv import plugins
from simenv.concurrency import task_group
from simenv.errors import BudgetSpent, ConfigError
from simenv.model import Model
from simenv.runs.spending import spent
from simenv.runs.store import Run, Writer
from simenv.source import Rejected
from simenv.teach.assignment import Assignment, assignments
from simenv.teach.author import Author, Written
from simenv.teach.config import Teaching
from simenv.teach.novelty import DuplicateIndex
from simenv.types import Usage
from simenv.world import Engine

PART = "written"
INVENTED = "invented.json"
"""In the folder of a new environment: its name, the tasks of the first stage, and what the three stages consumed."""


@dataclass
class Workshop:
    """A config with every name resolved; making one calls no model and writes nothing."""

    config: Teaching
    model: Model
    on_written: Callable[[Written], None] = lambda written: None
    stopping: bool = False
    """set to begin nothing more and let what is in flight end"""
    authors: dict[str, Author] = field(init=False)
    planned: dict[str, list[Assignment]] = field(init=False)

    def __post_init__(self) -> None:
        if not self.config.environments:
            raise ConfigError(f"environments: none given; available: {', '.join(plugins.names('environments'))}")
        self.authors = {}
        for name in self.config.environments:
            shelf = DuplicateIndex(self.config.similarity)
            self.authors[name] = Author(plugins.environment(name), self.config, self.model, shelf)
            if lacks := self.authors[name].missing():
                raise ConfigError(f"{name}: {lacks}")
        self.planned = {name: list(assignments(self.config, name)) for name in self.authors}

    @property
    def total(self) -> int:
        return sum(map(len, self.planned.values()))

    async def run(self, run: Run) -> None:
        """Write what the folder does not hold yet. BudgetSpent and StoreError end it; what is done is kept."""
        done = {w.id: w for w in settled(run)}
        writer = run.writer(PART)
        try:
            for name, author in self.authors.items():
                await _Line(self, author, self.planned[name], done, writer).run()
        finally:
            await writer.close()
            conclude(run)


@dataclass
class _Line:
    """The assignments of one environment. One begins when that `concurrency` places before it is written down, and looks
    only at what came before that; so neither prompts nor rejections depend on which answer came first. What an earlier run
    wrote down is on the shelf from the start: one that is asked again now is compared with what came after it, too."""

    shop: Workshop
    author: Author
    planned: list[Assignment]
    done: dict[str, Written]
    writer: Writer
    spent: BudgetSpent | None = None

    async def run(self) -> None:
        width = self.shop.config.concurrency
        self.settled = [asyncio.Event() for _ in self.planned]
        for n, assignment in enumerate(self.planned):
            if (written := self.done.get(assignment.id)) and written.task:
                self.author.shelf.add(written.task, n)
        async with task_group() as group:
            for n, assignment in enumerate(self.planned):
                if n >= width:
                    await self.settled[n - width].wait()
                if self.spent or self.shop.stopping:
                    break
                group.create_task(self._one(n, assignment, max(0, n - width + 1)))
        if self.spent:
            raise self.spent

    async def _one(self, n: int, assignment: Assignment, until: int) -> None:
        written = self.done.get(assignment.id)
        fresh = written is None
        if written is None:
            try:
                written = await self.author.write(assignment, until)
            except BudgetSpent as e:
                self.spent = e
        if n:
            await self.settled[n - 1].wait()
        if written is not None:
            if fresh:
                written = self._compared(written)
                await self.writer.append(written)
                if written.task:
                    self.author.shelf.add(written.task, n)
            self.shop.on_written(written)
        self.settled[n].set()

    def _compared(self, written: Written) -> Written:
        """Once more beside those that were in flight with it, and those of any number that an earlier run wrote down."""
        copy = self.author.shelf.copies(written.task, written.number, len(self.planned)) if written.task else None
        if copy is None:
            return written
        rejected = Rejected(where=written.id, reason=copy[1], cause=copy[0])
        return written.model_copy(update={"task": None, "rejected": rejected})


def settled(run: Run) -> Iterator[Written]:
    """What became of the assignments of a folder; where the model failed to answer, it is to be asked again."""
    for written in run.read(PART, Written):
        if not (written.rejected and written.rejected.cause == "model"):
            yield written


def conclude(run: Run) -> dict[str, Any]:
    """Make the task file, the rejections and the report of a folder from what is written in it."""
    latest = {w.id: w for w in run.read(PART, Written)}
    ordered = sorted(latest.values(), key=lambda w: (w.environment, w.number))
    with run.aside("rejected.jsonl") as rejected, run.aside("tasks.jsonl") as tasks:
        for w in ordered:
            file, item = (tasks, w.task) if w.task else (rejected, w.rejected)
            if item:
                file.write(item.model_dump_json(exclude_defaults=True) + "\n")
    result = report(run)
    run.write("report.json", json.dumps(result, indent=2) + "\n")
    return result


def report(run: Run) -> dict[str, Any]:
    """By environment: tasks, rejections by cause, answers an assignment, what it cost. Failed tries cost, too."""
    latest: dict[str, Written] = {}
    usage = _stages(run)
    for w in run.read(PART, Written):
        latest[w.id] = w
        usage[w.environment] = usage.get(w.environment, Usage()) + w.usage
    found: dict[str, Any] = {}
    for name in sorted(usage):
        mine = [w for w in latest.values() if w.environment == name]
        causes = Counter(w.rejected.cause or "other" for w in mine if w.rejected)
        found[name] = {
            "assignments": len(mine),
            "tasks": sum(w.task is not None for w in mine),
            "proven": issubclass(plugins.environment(name).world, Engine),
            "at_once": sum(w.task is not None and w.answers == 1 for w in mine),
            "rejected": dict(sorted(causes.items())),
            "answers": sum(w.answers for w in mine),
            "usage": usage[name].model_dump(),
        }
    return found


def cost(run: Run) -> float:
    """US dollars that the folder's assignments took, or what was noted when it last ended."""
    return spent(run, PART, extra=sum(u.cost for u in _stages(run).values()))


def _stages(run: Run) -> dict[str, Usage]:
    """What making a new environment consumed, by its name; {} where none was made."""
    path = run.folder / INVENTED
    made = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    return {made["environment"]: Usage.model_validate(made["usage"])} if made else {}
