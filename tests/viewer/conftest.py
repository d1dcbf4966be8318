"""A workspace with a run in it, made once for all tests of the viewer, and the viewer on it in a browser."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from simenv.config import Experiment, Ref
from simenv.index import Index
from simenv.report import report
from simenv.rollout import Rollout
from simenv.store import Run
from simenv.view import words

FLAGS = [
    f"--{flag}"
    for flag in (
        "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
        "disable-component-update", "disable-sync", "disable-dev-shm-usage",
    )
]  # fmt: skip


def rolled(runs: Path, name: str, seed: int = 0, slips: float = 0.3, episodes: int = 4) -> Run:
    """A small real run of two environments."""
    e = Experiment(
        name=name, seed=seed, episodes=episodes, environments={"db": {}, "household": {}},
        agent=Ref(name="expert", slips=slips),
    )  # fmt: skip
    run = Run.create(runs, name, e.model_dump_json())

    async def made() -> None:
        live = Rollout(e)
        await live.prepare(run)
        await live.run(run)

    asyncio.run(made())
    run.write("report.json", json.dumps(report(run)))
    Index(run.folder).refresh()
    return run


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    """The runs folder of a workspace with two runs on the same tasks; nobody writes to it."""
    runs = tmp_path_factory.mktemp("made") / "runs"
    rolled(runs, "first")
    rolled(runs, "second", slips=0.0)
    return runs


@pytest.fixture
def runs(made, tmp_path) -> Path:
    """The same to write to."""
    shutil.copytree(made, tmp_path / "runs")
    return tmp_path / "runs"


def served(runs: Path) -> tuple[subprocess.Popen, str]:
    """The viewer as its command starts it, and its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(words(runs, "127.0.0.1", port, browser=False), stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            urlopen(address, timeout=5).close()
            return process, address
        except OSError:
            time.sleep(0.1)
    process.kill()
    raise TimeoutError(f"{sys.executable}: the viewer does not answer at {address}")


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    """One browser for a module."""
    sync_api = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Debian's chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
