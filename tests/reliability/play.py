"""A run that faults are inflicted on: it is played in processes of its own, gone on with until it is whole, and counted."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import simenv
from simenv import plugins
from simenv.errors import SimenvError, StoreError
from simenv.runs.index import Index
from simenv.runs.query import EpisodeQuery
from simenv.runs.store import BadLines, Run

plugins.add(Path(__file__).parent.parent / "plugins")
TRIES = 60
"""Resumes until a run must be whole."""
LONGEST = 120.0
"""Seconds of one resume."""
TRACEBACK, LATE = 70, -1
"""The status of a process that ended in a traceback, and of one that had to be killed."""


@dataclass(slots=True)
class Outcome:
    """What was wrong after a fault: episodes lost, doubled or wrongly blamed, commands that ended in a traceback; and how
    often the fault struck a process or file that was there."""

    lost: int = 0
    doubled: int = 0
    blamed: int = 0
    broken: int = 0
    struck: int = 0

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def is_well(self) -> bool:
        """Nothing is wrong, though the fault struck."""
        return not (self.lost or self.doubled or self.blamed or self.broken) and self.struck > 0


@dataclass(slots=True)
class Play:
    """A run of an environment in a folder, in processes of its own."""

    folder: Path
    environments: Any
    episodes: int
    trust: tuple[str, ...] = ()
    """values in the run's config that may be acted on when it is resumed"""

    @property
    def run(self) -> Path:
        """Its folder."""
        return self.folder / "r"

    def start(self, before: Callable[[], None] = lambda: None) -> int:
        """Begin the run, or go on with it, in a forked process, whose id is returned; `before` is called in it."""
        if self.run.is_dir() and not (self.run / "config.yaml").exists():
            shutil.rmtree(self.run)  # it was killed before it began; a new run would take the next free name
        child = os.fork()
        if child:
            return child
        try:
            os.setpgid(0, 0)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            before()
            if (self.run / "config.yaml").exists():
                simenv.run(resume=self.run, trust=self.trust)
            else:
                simenv.run(
                    environments=self.environments,
                    episodes=self.episodes,
                    concurrency=4,
                    out=str(self.folder),
                    name="r",
                )
            os._exit(0)
        except SimenvError:
            os._exit(2)
        except KeyboardInterrupt:
            os._exit(130)
        except BaseException:  # noqa: BLE001 - counted, whatever it is
            os._exit(TRACEBACK)

    def finish(self, *statuses: int, struck: int = 1) -> Outcome:
        """Go on until the run is whole, then count. `statuses` are those of the processes before."""
        broken = sum(status in (TRACEBACK, LATE) for status in statuses)
        for _ in range(TRIES):
            status = wait(self.start(), LONGEST)
            broken += status in (TRACEBACK, LATE)
            if status == 0 and not self.missing():
                break
        return self.count() + Outcome(broken=broken, struck=struck)

    def missing(self) -> int:
        """Episodes that are not there yet."""
        if not self.run.is_dir():
            return self.episodes
        return self.episodes - len({t.id for t in Run(self.run).trajectories(BadLines())})

    def count(self) -> Outcome:
        """What is there against what should be."""
        if not self.run.is_dir():
            return Outcome(lost=self.episodes)
        items = list(Run(self.run).trajectories(BadLines()))
        ids = {t.id for t in items}
        shown = self._shown()
        blamed = sum(t.grade is None or not t.grade.success for t in items)
        return Outcome(self.episodes - len(ids) + len(ids - shown), len(items) - len(ids), blamed)

    def _shown(self) -> set[str]:
        """The episodes that the index lists. One that is found to be damaged says so once and is then made anew."""
        index = Index(self.run)
        for _ in range(2):
            index.refresh()
            with suppress(StoreError):
                return {row.id for row in index.page(EpisodeQuery(error=False), count=10_000)}
        return set()


def wait(child: int, seconds: float) -> int:
    """The exit status of a process, negative for a signal; LATE for one that had to be killed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return LATE


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def descendants(root: int, names: tuple[str, ...]) -> list[int]:
    """The processes below one of ours whose program has one of these names."""
    parents, programs = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, _, rest = stat.read_text(errors="replace").partition(" (")
        except OSError:
            continue
        program, _, fields = rest.rpartition(") ")
        parents[int(pid)], programs[int(pid)] = int(fields.split()[1]), program
    below = {root}
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    return [pid for pid in below - {root} if programs[pid].startswith(names)]
