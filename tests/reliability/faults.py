"""Faults at random moments: what is lost, doubled or blamed on the agent when a run is killed, filled up, torn or shared.

`python -m tests.reliability.faults --times 20 --seed 1` prints a table, and exits with 1 unless all is 0. An expert
that makes no errors plays, so every episode must be there once, and be a success. A fault whose program is missing is skipped
by name.
"""

from __future__ import annotations

import argparse
import logging
import os
import resource
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from shutil import which
from typing import Any

import simenv
from simenv import plugins
from simenv.errors import SimenvError
from simenv.runs.index import Index
from simenv.runs.query import EpisodeQuery
from simenv.runs.store import BadLines, Run

from .mutation import damaged

plugins.add(Path(__file__).parent.parent / "plugins")
EPISODES = 40
TRIES = 60
"""Resumes until a run must be whole."""
LONGEST = 120.0
"""Seconds of one resume."""


@dataclass(slots=True)
class Outcome:
    """What was wrong after a fault: episodes lost, doubled or wrongly blamed, and commands that ended in a traceback."""

    lost: int = 0
    doubled: int = 0
    blamed: int = 0
    broken: int = 0

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(*(a + b for a, b in zip(self.figures, other.figures, strict=True)))

    @property
    def figures(self) -> tuple[int, ...]:
        """In the order of the table."""
        return self.lost, self.doubled, self.blamed, self.broken


@dataclass(slots=True)
class Play:
    """A run of an environment in a folder, in processes of its own."""

    folder: Path
    environments: Any
    episodes: int
    model: Any = None

    @property
    def run(self) -> Path:
        """Its folder."""
        return self.folder / "r"

    def start(self, before: Callable[[], None] = lambda: None) -> int:
        """Begin the run, or go on with it, in a forked process, whose id is returned; `before` is called in it."""
        child = os.fork()
        if child:
            return child
        try:
            os.setpgid(0, 0)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            before()
            if (self.run / "config.yaml").exists():
                simenv.run(resume=self.run)
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
            os._exit(70)

    def finish(self) -> Outcome:
        """Go on until the run is whole, then count."""
        broken = 0
        for _ in range(TRIES):
            status = wait(self.start(), LONGEST)
            broken += status in (70, -1)
            if status == 0 and not self._missing():
                break
        return self.count() + Outcome(broken=broken)

    def _missing(self) -> int:
        return self.episodes - len({t.id for t in Run(self.run).trajectories(BadLines())})

    def count(self) -> Outcome:
        """What is there against what should be."""
        items = list(Run(self.run).trajectories(BadLines())) if self.run.is_dir() else []
        ids = {t.id for t in items}
        index = Index(self.run)
        index.refresh()
        shown = {row.id for row in index.page(EpisodeQuery(error=False), count=10_000)}
        blamed = sum(t.grade is None or not t.grade.success for t in items)
        return Outcome(self.episodes - len(ids) + len(ids - shown), len(items) - len(ids), blamed)


def wait(child: int, seconds: float) -> int:
    """The exit status of a process, negative for a signal; -1 for one that had to be killed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -1


def stopped(kind: signal.Signals) -> Callable[[Play, Random], Outcome]:
    """The driver gets a signal at a random moment, several times in a run."""

    def fault(play: Play, random: Random) -> Outcome:
        for _ in range(3):
            child = play.start()
            time.sleep(random.expovariate(8))
            os.kill(child, kind)
            wait(child, LONGEST)
        return play.finish()

    return fault


def full(play: Play, random: Random) -> Outcome:
    """No file may grow beyond a random size, as on a disk that is full."""

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        size = random.randrange(1, 60_000)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    status = wait(play.start(limited), LONGEST)
    return play.finish() + Outcome(broken=status == 70)


def read_only(play: Play, random: Random) -> Outcome:
    """Half a run, then a user who may not write to its folder."""
    child = play.start()
    time.sleep(random.expovariate(8))
    os.kill(child, signal.SIGKILL)
    wait(child, LONGEST)
    status = wait(play.start(lambda: os.setuid(65534)), LONGEST)
    return play.finish() + Outcome(broken=status == 70)


def clock(play: Play, random: Random) -> Outcome:
    """The clock of the wall jumps by years, to and fro."""

    def jumping() -> None:
        now = time.time
        time.time = lambda: now() + random.uniform(-1e9, 1e9)

    status = wait(play.start(jumping), LONGEST)
    return play.finish() + Outcome(broken=status == 70)


def torn(play: Play, random: Random) -> Outcome:
    """A whole run, of which a part is cut at a random byte."""
    wait(play.start(), LONGEST)
    part = random.choice(Run(play.run).parts("trajectories"))
    os.truncate(part, random.randrange(part.stat().st_size))
    return play.finish()


def foreign(play: Play, random: Random) -> Outcome:
    """Damaged copies of lines, and bytes that are none, between the lines of a run that was killed."""
    child = play.start()
    time.sleep(random.expovariate(8))
    os.kill(child, signal.SIGKILL)
    wait(child, LONGEST)
    for part in Run(play.run).parts("trajectories"):
        lines = part.read_bytes().splitlines(keepends=True)
        junk = [b"\0\xff\n", b"[" * 100_000 + b"\n"]
        if lines:
            junk.append(damaged(lines[0], random).replace(b"\n", b"")[:-1] + b"\n")
        part.write_bytes(b"".join([*lines[:1], *junk, *lines[1:]]))
    return play.finish()


def shared(play: Play, random: Random) -> Outcome:
    """Two drivers go on with one run at once."""
    child = play.start()
    time.sleep(random.expovariate(20))
    os.kill(child, signal.SIGKILL)
    wait(child, LONGEST)
    one = play.start()
    time.sleep(random.expovariate(50))
    other = play.start()
    statuses = wait(one, LONGEST), wait(other, LONGEST)
    return play.finish() + Outcome(broken=sum(s == 70 for s in statuses))


def index(play: Play, random: Random) -> Outcome:
    """A whole run whose index is damaged or somebody else's."""
    wait(play.start(), LONGEST)
    Index(play.run).refresh()
    for ending in ("-wal", "-shm"):
        (play.run / f"index.sqlite{ending}").unlink(missing_ok=True)
    path = play.run / "index.sqlite"
    data = path.read_bytes()
    path.write_bytes(random.choice((damaged(data, random), os.urandom(5000), data[: len(data) // 2], b"")))
    try:
        Index(play.run).refresh()
    except SimenvError:
        pass
    return play.finish()


def killed_child(*names: str) -> Callable[[Play, Random], Outcome]:
    """A process that the driver started, of one of these names, is killed at random moments."""

    def fault(play: Play, random: Random) -> Outcome:
        child, end = play.start(), time.monotonic() + random.uniform(1, 6)
        while time.monotonic() < end:
            time.sleep(random.expovariate(6))
            if mine := descendants(child, names):
                _kill(random.choice(mine))
            done, _ = os.waitpid(child, os.WNOHANG)
            if done:
                return play.finish()
        status = wait(child, LONGEST)
        return play.finish() + Outcome(broken=status in (70, -1))

    return fault


def _kill(pid: int) -> None:
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


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault by name, and what it needs: a program, or to be root."""

    name: str
    inflict: Callable[[Play, Random], Outcome]
    environments: Any = "counter"
    episodes: int = EPISODES
    program: str = ""
    root: bool = False

    @property
    def missing(self) -> str:
        """Why it cannot be tried here; '' where it can."""
        if self.program and not (which(self.program) or which(self.program, path="/usr/sbin")):
            return f"{self.program} is not installed"
        if not self.root:
            return ""
        readable = all(p.stat().st_mode & 0o005 == 0o005 for p in (*Path(os.__file__).parents, *Path(__file__).parents))
        return "" if readable and not os.getuid() else "needs root, and a Python that other users may read"


FAULTS = (
    Fault("driver killed", stopped(signal.SIGKILL)),
    Fault("driver interrupted", stopped(signal.SIGINT)),
    Fault("disk full", full),
    Fault("folder read-only", read_only, root=True),
    Fault("clock jumps", clock),
    Fault("part torn", torn),
    Fault("foreign lines", foreign),
    Fault("two writers", shared),
    Fault("index damaged", index),
    Fault("sandbox killed", killed_child("bwrap", "python", "bash", "sh"), "os", 6, "bwrap"),
    Fault("browser killed", killed_child("chrom", "headless_shell"), {"web": {"world": {"engine": "chromium"}}}, 6, "chromium"),
)  # fmt: skip


def trial(fault: Fault, seed: int) -> Outcome:
    """Inflict a fault once on a new run."""
    environments = fault.environments
    environments = {environments: {}} if isinstance(environments, str) else environments
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        return fault.inflict(Play(Path(folder), environments, fault.episodes), Random(f"{fault.name} {seed}"))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    print(
        f"{'fault':22} {'times':>6} {'lost':>6} {'doubled':>8} {'blamed':>7} {'broken':>7} {'seconds':>8}", flush=True
    )
    total = Outcome()
    for fault in FAULTS:
        if args.only not in fault.name:
            continue
        if fault.missing:
            print(f"{fault.name:22} skipped: {fault.missing}", flush=True)
            continue
        start, outcome = time.monotonic(), Outcome()
        for n in range(args.times):
            outcome += trial(fault, args.seed * 1000 + n)
        lost, doubled, blamed, broken = outcome.figures
        seconds = time.monotonic() - start
        print(
            f"{fault.name:22} {args.times:>6} {lost:>6} {doubled:>8} {blamed:>7} {broken:>7} {seconds:>8.0f}",
            flush=True,
        )
        total += outcome
    sys.exit(any(total.figures))


if __name__ == "__main__":
    main()
