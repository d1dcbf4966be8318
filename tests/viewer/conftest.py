"""A workspace with a run in it, made once for all tests of the viewer, and the viewer on it in a browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

import simenv
from simenv.__main__ import main
from simenv.runs.index import Index
from simenv.runs.store import Run
from simenv.serve.guard import Access, environment
from simenv.view.cli import words

SCREENS = Path(__file__).parents[2] / "viewer" / "screens"
TOKEN = "a-token-of-the-tests"
FLAGS = [
    f"--{flag}"
    for flag in (
        "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
        "disable-component-update", "disable-sync", "disable-dev-shm-usage",
    )
]  # fmt: skip


def rolled(runs: Path, name: str, seed: int = 0, error_rate: float = 0.3, episodes: int = 4) -> Run:
    """A small real run of two environments."""
    run = simenv.run(
        name=name, out=str(runs), seed=seed, episodes=episodes, environments={"db": {}, "household": {}},
        agent={"name": "expert", "error_rate": error_rate},
    )  # fmt: skip
    Index(run.folder).refresh()
    return run


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    """The runs folder of a workspace with two runs on the same tasks; nobody writes to it."""
    runs = tmp_path_factory.mktemp("made") / "runs"
    rolled(runs, "first")
    rolled(runs, "second", error_rate=0.0)
    return runs


@pytest.fixture
def runs(made, tmp_path) -> Path:
    """The same to write to."""
    shutil.copytree(made, tmp_path / "runs")
    return tmp_path / "runs"


def served(runs: Path) -> tuple[subprocess.Popen, str]:
    """The viewer as its command starts it, and its address; TOKEN opens it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        words(runs, "127.0.0.1", port), env=os.environ | environment(Access(TOKEN)), stdout=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            urlopen(Request(address, headers={"authorization": f"Bearer {TOKEN}"}), timeout=5).close()
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


@pytest.fixture(scope="session")
def workspace(tmp_path_factory) -> Path:
    """A run, a curated set of it, two evaluations on the same tasks, a measurement of a stand-in. Read only."""
    root: Path = tmp_path_factory.mktemp("workspace")
    tasks = ["environments=[household]", "episodes=4"]
    with chdir(root):
        for given in (
            ["rollout", *tasks, "agent.error_rate=0.4", "name=run"],
            ["curate", "runs/run", "name=set"],
            ["evaluate", *tasks, "name=good"],
            ["evaluate", *tasks, "agent.error_rate=0.9", "agent.kinds=[premature]", "name=bad"],
            ["fidelity", "environments=[household]", "episodes=1", "policies=[expert]"],
        ):
            assert main(given) == 0, given
    return root


@pytest.fixture
def show(monkeypatch):
    """A screen on a workspace, drawn; its address may hold a query."""
    testing = pytest.importorskip("streamlit.testing.v1")

    def shown(name: str, root: Path, **query: str):
        monkeypatch.setattr(sys, "argv", ["app.py", str(root / "runs")])
        at = testing.AppTest.from_file(str(SCREENS / f"{name}.py"), default_timeout=120)
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        assert not at.exception, at.exception[0].value
        return at

    return shown
