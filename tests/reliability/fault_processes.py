"""Faults of what a run depends on: children, the database server, the SPARQL endpoint and workers of a sweep are killed."""

from __future__ import annotations

import atexit
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random

import uvicorn
import yaml
from numpy.random import default_rng
from starlette.applications import Starlette
from starlette.routing import Route

from simenv.plugins.environments.db.engine import mariadb
from simenv.plugins.environments.kg.engine.local_graph import PREFIX, LocalGraph
from simenv.plugins.environments.kg.teacher import Teacher
from simenv.runs.store import BadLines, Run
from tests.environments.kg.conftest import Server

from .play import LATE, LONGEST, TRACEBACK, TRIES, Outcome, Play, descendants, kill, wait

TASKS = 12
SWEEP = {
    "name": "sweep",
    "code": "version",
    "jobs": 2,
    "plugins": [str(Path(__file__).parent.parent / "plugins")],
    "stages": {
        "rollout": {"environments": {"counter": {}}, "episodes": TASKS, "agent": "expert"},
        "again": {
            "does": "rollout", "agent": "expert",
            "environments": {"counter": {"source": "$rollout/tasks.jsonl", "admit": "all"}},
        },
    },
    "grid": {"rollout.seed": [0, 1]},
    "measure": "again",
}  # fmt: skip


def killed_child(*names: str) -> Callable[[Play, Random], Outcome]:
    """A process that the driver started, of one of these names, is killed at random moments."""

    def fault(play: Play, random: Random) -> Outcome:
        child, end, struck = play.start(), time.monotonic() + random.uniform(1, 6), 0
        while time.monotonic() < end:
            time.sleep(random.expovariate(0.7))
            struck += _kill_one(child, names, random)
            if os.waitpid(child, os.WNOHANG)[0]:
                return play.finish(struck=struck)
        return play.finish(wait(child, LONGEST), struck=struck)

    return fault


def _kill_one(root: int, names: tuple[str, ...], random: Random) -> bool:
    """Kill a process below `root`; whether there was one."""
    mine = descendants(root, names)
    if mine:
        kill(random.choice(mine))
    return bool(mine)


def database_killed(play: Play, random: Random) -> Outcome:
    """The database server of a run is killed, and started again for those who go on."""
    with mariadb.running(_database()) as dsn:
        os.environ["SIMENV_MYSQL_DSN"] = dsn
        play.environments = {"db": {"world": {"engine": "server"}}}
        child = play.start()
        time.sleep(random.uniform(0.5, 3))
        struck = _kill_one(os.getpid(), ("mariadbd",), random)
        status = wait(child, LONGEST)
    with mariadb.running(_database()):
        return play.finish(status, struck=struck)


@cache
def _database() -> Path:
    """The data of a server, made once."""
    folder = tempfile.TemporaryDirectory(prefix="simenv-faults-")
    atexit.register(folder.cleanup)
    mariadb.install(Path(folder.name))
    return Path(folder.name)


def endpoint_killed(play: Play, random: Random) -> Outcome:
    """The SPARQL endpoint of a run is killed, and started again for those who go on."""
    teacher = Teacher()
    tasks = [teacher.make(f"kg-{n}", default_rng(random.randrange(2**32))) for n in range(play.episodes)]
    source = play.folder / "tasks.jsonl"
    source.write_text(
        "".join(t.model_copy(update={"spec": {"mentions": t.spec["mentions"]}}).model_dump_json() + "\n" for t in tasks)
    )
    store = LocalGraph(tasks[0].spec["graph"]).store
    for task in tasks[1:]:
        store.extend(LocalGraph(task.spec["graph"]).store)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/sparql"
    play.trust = (url, str(source))
    play.environments = {
        "kg": {
            "world": {"endpoint": url, "prefix": PREFIX},
            "source": str(source),
            "admit": "all",
        }
    }
    with _endpoint(store, port) as server:
        child = play.start()
        time.sleep(random.uniform(0.5, 3))
        kill(server)
        status = wait(child, LONGEST)
    with _endpoint(store, port):
        return play.finish(status)


@contextmanager
def _endpoint(store, port: int) -> Iterator[int]:
    """A process that answers SPARQL over a store, by its number."""
    server = os.fork()
    if server == 0:
        try:
            app = Starlette(routes=[Route("/sparql", Server(store).answer, methods=["POST"])])
            uvicorn.run(app, port=port, log_config=None, log_level="critical", lifespan="off")
        finally:
            os._exit(1)
    try:
        while not _listens(port):
            time.sleep(0.05)
        yield server
    finally:
        kill(server)
        os.waitpid(server, 0)


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def worker_killed(play: Play, random: Random) -> Outcome:
    """Workers of a sweep are killed while it runs; it is started again until all of it is there."""
    settings = play.folder / "sweep.yaml"
    settings.write_text(yaml.safe_dump(SWEEP | {"out": str(play.folder)}))
    struck = broken = 0
    for attempt in range(TRIES):
        child = _sweep(settings)
        for _ in range(3 if attempt < 2 else 0):
            time.sleep(random.expovariate(1))
            struck += _kill_one(child, ("python",), random)
        status = wait(child, LONGEST)
        broken += status in (TRACEBACK, LATE)
        if status == 0:
            break
    return _count(play.folder / "sweep") + Outcome(broken=broken, struck=struck)


def _sweep(settings: Path) -> int:
    """A process that runs a sweep, by its number."""
    child = os.fork()
    if child == 0:
        with open(os.devnull, "w") as nothing:
            os.dup2(nothing.fileno(), 1)
            os.dup2(nothing.fileno(), 2)
        os.execv(sys.executable, [sys.executable, "-m", "simenv.sweep", str(settings)])
    return child


def _count(folder: Path) -> Outcome:
    """The runs of a sweep's stages against what should be there: two rollouts, each played again."""
    outcome, runs = Outcome(), sorted(folder.glob("stages/*/*/config.yaml"))
    outcome.lost += TASKS * (4 - len(runs))
    for config in runs:
        items = list(Run(config.parent).trajectories(BadLines()))
        ids = {t.id for t in items}
        blamed = sum(t.grade is None or not t.grade.success for t in items)
        outcome += Outcome(lost=TASKS - len(ids), doubled=len(items) - len(ids), blamed=blamed)
    return outcome
