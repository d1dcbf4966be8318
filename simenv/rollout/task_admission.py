"""The tasks of a run: each proposal is admitted or rejected once, and a run that was killed goes on after the last of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from simenv.config import Experiment
from simenv.containment import Breaker, boundary
from simenv.env import Env
from simenv.errors import Bug, ConfigError, SimenvError
from simenv.rollout.admission_journal import JOURNAL, TASKS, Journal
from simenv.runs.store import Run, lines
from simenv.runtime import EnvironmentRuntime
from simenv.source import Rejected
from simenv.teach.admission import admit, well_formed
from simenv.types import Task
from simenv.world import World

WORLDS = 3
"""Worlds in which a task must fail by an error of the world before it is rejected for it."""
_log = logging.getLogger(__name__)


@dataclass
class TaskAdmission:
    """Decides on every task that the environments of an experiment propose. `on_item` gets each decision."""

    experiment: Experiment
    sites: dict[str, EnvironmentRuntime]
    on_item: Callable[[Task | Rejected], None]
    is_stopping: Callable[[], bool]

    async def run(self, run: Run) -> int:
        """Write tasks.jsonl and rejected.jsonl, once; returns how many tasks there are, 0 if it was stopped before the end.

        ConfigError for a malformed task of a strict source; BugLimit for too many equal bugs in a row.
        """
        path = run.folder / TASKS
        if not path.exists():
            with Journal(run) as journal:
                if not await self._admit_all(journal):
                    return 0
                journal.finish(self.sites)
        (run.folder / JOURNAL).unlink(missing_ok=True)
        return sum(1 for _ in lines(path))

    async def _admit_all(self, journal: Journal) -> bool:
        """Decide on every task that the journal lacks; whether it came to the end."""
        ids: set[str] = set()
        breaker = Breaker(self.experiment.max_equal_bugs, "tasks")
        for decision in journal.decisions():
            if decision.id is not None:
                ids.add(decision.id)
            self.on_item(decision.item)
        counts = journal.counts()
        for name, site in self.sites.items():
            for proposal in site.propose(self.experiment.seed, counts[name]):
                if self.is_stopping():
                    return False
                is_new = isinstance(proposal, Task) and proposal.id not in ids
                item = await self._decide(name, site, proposal, ids)
                try:
                    journal.add(name, item, is_new)
                except Bug as e:  # a text that no file can hold
                    item = Rejected.by_bug(f"{name}: task {counts[name]}", e)
                    journal.add(name, item, is_new=False)
                counts[name] += 1
                self.on_item(item)
                self._count_rejection(item, breaker)
                await asyncio.sleep(0)
        return True

    async def _decide(
        self, name: str, site: EnvironmentRuntime, item: Task | Rejected, ids: set[str]
    ) -> Task | Rejected:
        if isinstance(item, Task) and item.id in ids:
            item = Rejected(where=item.id, reason="a task with this id is there already")
        if isinstance(item, Task):
            ids.add(item.id)
            return await self._admit(site, item)
        if site.config.strict:
            raise ConfigError(f"{name}.source: {item.where}: {item.reason}")
        return item

    def _count_rejection(self, item: Task | Rejected, breaker: Breaker) -> None:
        bug = item.bug if isinstance(item, Rejected) else None
        if bug and self.experiment.on_bug == "stop":
            raise bug.original
        if bug:
            breaker.count(bug.place, bug.error)
        else:
            breaker.count()

    @staticmethod
    async def _admit(site: EnvironmentRuntime, task: Task) -> Task | Rejected:
        """A world that fails may have been killed from outside, so others are asked before the task is rejected for it."""
        if not site.has_engine:
            return well_formed(site.environment.world, task)
        for _ in range(WORLDS):
            item = await TaskAdmission._judged(site, task)
            if isinstance(item, Task) or item.cause != "world":
                break
        return item

    @staticmethod
    async def _judged(site: EnvironmentRuntime, task: Task) -> Task | Rejected:
        try:
            world = site.world()
        except Bug as e:
            return Rejected.by_bug(task.id, e)
        try:
            return await admit(world, site.environment, task, proven=site.config.admit == "proven")
        finally:
            await closed(world, task)


async def closed(world: World | Env, task: Task) -> None:
    """Close a world; what fails then is too late for a task or a trajectory, and logged."""
    try:
        with boundary(task.environment, "close"):
            await world.close()
    except SimenvError as e:
        _log.warning("%s: closing its world failed: %s", task.id, e)
