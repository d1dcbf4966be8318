"""Faults at random moments: what is lost, doubled or blamed on the agent when a run is killed, filled up, torn or shared.

`python -m tests.reliability.faults --times 20 --seed 1` prints a table, and exits with 1 unless all is 0 and each fault
struck. An expert that makes no errors plays, so every episode must be there once, and be a success. A fault whose program is
missing is skipped by name.
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
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from random import Random
from shutil import which
from typing import Any

from simenv.errors import SimenvError
from simenv.runs.index import Index
from simenv.runs.store import Run

from .fault_processes import database_killed, endpoint_killed, killed_child, worker_killed
from .mutation import damaged
from .play import LONGEST, Outcome, Play, wait

EPISODES = 40


def stopped(kind: signal.Signals) -> Callable[[Play, Random], Outcome]:
    """The driver gets a signal at a random moment, several times in a run."""

    def fault(play: Play, random: Random) -> Outcome:
        statuses, struck = [], 0
        for _ in range(3):
            child = play.start()
            time.sleep(random.expovariate(8))
            os.kill(child, kind)
            statuses.append(wait(child, LONGEST))
            struck += play.missing() > 0
        return play.finish(*statuses, struck=struck)

    return fault


def full(play: Play, random: Random) -> Outcome:
    """No file may grow beyond a random size, as on a disk that is full."""

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        size = random.randrange(1, 60_000)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return play.finish(wait(play.start(limited), LONGEST))


def read_only(play: Play, random: Random) -> Outcome:
    """Half a run, then a user who may not write to its folder."""
    child = play.start()
    time.sleep(random.expovariate(8))
    os.kill(child, signal.SIGKILL)
    wait(child, LONGEST)
    return play.finish(wait(play.start(lambda: os.setuid(65534)), LONGEST))


def clock(play: Play, random: Random) -> Outcome:
    """The clock of the wall jumps by years, to and fro."""

    def jumping() -> None:
        now = time.time
        time.time = lambda: now() + random.uniform(-1e9, 1e9)

    return play.finish(wait(play.start(jumping), LONGEST))


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
    return play.finish(wait(one, LONGEST), wait(other, LONGEST))


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
    Fault("sandbox killed", killed_child("bwrap", "python"), "os", 6, "bwrap"),
    Fault("database killed", database_killed, "db", 12, "mariadbd"),
    Fault("endpoint killed", endpoint_killed, "kg", 12),
    Fault("sweep worker killed", worker_killed),
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
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has its background jobs ignore it
    warnings.simplefilter("ignore")
    columns = [field.name for field in fields(Outcome)]
    print(f"{'fault':22} {'times':>6}", *(f"{name:>8}" for name in columns), f"{'seconds':>8}", flush=True)
    well = True
    for fault in FAULTS:
        if args.only not in fault.name:
            continue
        if fault.missing:
            print(f"{fault.name:22} skipped: {fault.missing}", flush=True)
            continue
        start, outcome = time.monotonic(), Outcome()
        for n in range(args.times):
            outcome += trial(fault, args.seed * 1000 + n)
        seconds = time.monotonic() - start
        figures = (f"{figure:8}" for figure in astuple(outcome))
        print(f"{fault.name:22} {args.times:6}", *figures, f"{seconds:8.0f}", flush=True)
        well &= outcome.is_well
    sys.exit(not well)


if __name__ == "__main__":
    main()
