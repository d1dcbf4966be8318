"""Runs many assignments at once and stores their results in order, so that results depend on config and answers alone.

A folder `taught/<name>/` holds config.yaml, written/part-*.jsonl (one AssignmentResult a line), tasks.jsonl (the admitted
tasks, ready for a rollout), rejected.jsonl and report.json. The last three are written anew each time a run ends.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from simenv import plugins
from simenv.concurrency import task_group
from simenv.documents import object_file
from simenv.errors import ConfigError, EndOfRun
from simenv.model import Model
from simenv.runs.spending import spent
from simenv.runs.store import Run, Writer
from simenv.source import Rejected
from simenv.teach.assignment import Assignment, make_assignments
from simenv.teach.author import AssignmentResult, Author
from simenv.teach.config import Teaching
from simenv.teach.duplicates import DuplicateIndex
from simenv.types import InstalledName, Usage
from simenv.world import Engine

PART = "written"
"""Folder of the results of assignments, within the run folder."""
INVENTED = "invented.json"
"""File about an invented environment: its name, the tasks of the first stage, and what the three stages consumed."""


@dataclass
class TeachingRun:
    """Writes the tasks of a config for all its environments, side by side. Creating one calls no model and writes nothing.

    `on_result` is called with each result, those of an earlier run included, in the order of each environment. ConfigError
    for a wrong name or option, or an environment that this host cannot run.
    """

    config: Teaching
    model: Model
    on_result: Callable[[AssignmentResult], None] = lambda result: None
    stopping: bool = False
    """set to true to start no more assignments and finish those in flight"""
    authors: dict[str, Author] = field(init=False)
    assignments: dict[str, list[Assignment]] = field(init=False)
    """by environment"""
    budget_error: EndOfRun | None = None
    """set where the budget was spent; then no assignment starts any more"""

    def __post_init__(self) -> None:
        if not self.config.environments:
            raise ConfigError(f"environments: none given; available: {', '.join(plugins.names('environments'))}")
        self.authors = {}
        for name in self.config.environments:
            index = DuplicateIndex(self.config.similarity)
            self.authors[name] = Author(plugins.environment(name), self.config, self.model, index)
            if missing := self.authors[name].missing():
                raise ConfigError(f"{name}: {missing}")
        self.assignments = {name: list(make_assignments(self.config, name)) for name in self.authors}

    @property
    def totals(self) -> dict[str, int]:
        """The number of assignments, by environment."""
        return {name: len(assignments) for name, assignments in self.assignments.items()}

    async def run(self, run: Run) -> None:
        """Run the assignments that have no result in the folder yet. Results are kept if EndOfRun or StoreError ends it."""
        results = {result.id: result for result in final_results(run)}
        writer, slots = run.writer(PART), asyncio.Semaphore(self.config.concurrency)
        try:
            async with task_group() as group:
                for name, author in self.authors.items():
                    work = _EnvironmentRun(self, author, self.assignments[name], results, writer, slots)
                    group.create_task(work.run())
            if self.budget_error:
                raise self.budget_error
        finally:
            await writer.close()
            write_outputs(run)


@dataclass
class _EnvironmentRun:
    """The assignments of one environment. `slots` bounds how many are in flight in all environments together.

    Assignment n starts after the result of n - concurrency is stored, and sees only tasks numbered before that, so prompts
    and rejections do not depend on the order of completion. Tasks of an earlier run are in the index from the start: an
    assignment that is run again is compared with later ones, too.
    """

    teaching: TeachingRun
    author: Author
    assignments: list[Assignment]
    earlier_results: dict[str, AssignmentResult]
    writer: Writer
    slots: asyncio.Semaphore

    async def run(self) -> None:
        width = self.teaching.config.concurrency
        self.finished = [asyncio.Event() for _ in self.assignments]
        for n, assignment in enumerate(self.assignments):
            if (result := self.earlier_results.get(assignment.id)) and result.task:
                self.author.index.add(result.task, n)
        async with task_group() as group:
            for n, assignment in enumerate(self.assignments):
                if n >= width:
                    await self.finished[n - width].wait()
                if self.teaching.budget_error or self.teaching.stopping:
                    break
                group.create_task(self._one(n, assignment, max(0, n - width + 1)))

    async def _one(self, n: int, assignment: Assignment, until: int) -> None:
        result = self.earlier_results.get(assignment.id)
        is_new = result is None
        if result is None:
            try:
                async with self.slots:
                    result = await self.author.write(assignment, until)
            except EndOfRun as e:
                self.teaching.budget_error = e
        if n:
            await self.finished[n - 1].wait()
        if result is not None:
            if is_new:
                result = self._without_duplicate(result)
                await self.writer.append(result)
                if result.task:
                    self.author.index.add(result.task, n)
            self.teaching.on_result(result)
        self.finished[n].set()

    def _without_duplicate(self, result: AssignmentResult) -> AssignmentResult:
        """A result, rejected if its task duplicates one that was in flight with it or came from an earlier run."""
        index = self.author.index
        duplicate = index.find_duplicate(result.task, result.number, len(self.assignments)) if result.task else None
        if duplicate is None:
            return result
        cause, reason = duplicate
        rejection = Rejected(where=result.id, reason=reason, cause=cause)
        return result.model_copy(update={"task": None, "rejected": rejection})


def final_results(run: Run) -> Iterator[AssignmentResult]:
    """The final results in a folder. A result without an answer of the model is not final: its assignment runs again."""
    for result in run.read(PART, AssignmentResult):
        if not (result.rejected and result.rejected.cause == "model"):
            yield result


def write_outputs(run: Run) -> dict[str, Any]:
    """Write tasks.jsonl, rejected.jsonl and report.json of a folder from its results; returns the report."""
    latest = {result.id: result for result in run.read(PART, AssignmentResult)}
    results = sorted(latest.values(), key=lambda result: (result.environment, result.number))
    with run.aside("rejected.jsonl") as rejections, run.aside("tasks.jsonl") as tasks:
        for result in results:
            file, item = (tasks, result.task) if result.task else (rejections, result.rejected)
            if item:
                file.write(item.model_dump_json(exclude_defaults=True) + "\n")
    summary = report(run)
    run.write("report.json", json.dumps(summary, indent=2) + "\n")
    return summary


def report(run: Run) -> dict[str, Any]:
    """By environment: numbers of assignments, tasks and answers, rejections by cause, and usage, failed tries included."""
    latest: dict[str, AssignmentResult] = {}
    usage = _stages(run)
    for result in run.read(PART, AssignmentResult):
        latest[result.id] = result
        usage[result.environment] = usage.get(result.environment, Usage()) + result.usage
    environments: dict[str, Any] = {}
    for name in sorted(usage):
        results = [result for result in latest.values() if result.environment == name]
        causes = Counter(result.rejected.cause or "other" for result in results if result.rejected)
        environments[name] = {
            "assignments": len(results),
            "tasks": sum(result.task is not None for result in results),
            "proven": issubclass(plugins.environment(name).world, Engine),
            "at_once": sum(result.task is not None and result.answers == 1 for result in results),
            "rejected": dict(sorted(causes.items())),
            "answers": sum(result.answers for result in results),
            "usage": usage[name].model_dump(),
        }
    return environments


def cost(run: Run) -> float:
    """US dollars spent on a folder: the sum over its results, or the amount in spent.json if that is more."""
    return spent(run, PART, extra=sum(u.cost for u in _stages(run).values()))


def _stages(run: Run) -> dict[str, Usage]:
    """The usage of inventing an environment, by its name; {} if none was invented."""
    path = run.folder / INVENTED
    record = object_file(path) if path.is_file() else None
    if record is None:
        return {}
    name: str = TypeAdapter(InstalledName).validate_python(record["environment"])
    return {name: Usage.model_validate(record["usage"])}
