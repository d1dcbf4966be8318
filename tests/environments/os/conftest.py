"""Sandboxes for tests, where bubblewrap can run."""

import shutil
import subprocess

import pytest

from simenv.plugins.environments.os.engine.bubblewrap import Bubblewrap
from simenv.plugins.environments.os.engine.sandbox import Limits
from tests import DATA

RECORDS = DATA / "agentbench" / "os_interaction"


@pytest.fixture(scope="session", autouse=True)
def bubblewrap():
    if shutil.which("bwrap") is None:
        pytest.skip("no bwrap: install the package bubblewrap")
    probe = ["bwrap", "--unshare-all", "--unshare-user", "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    done = subprocess.run(probe, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"bubblewrap cannot make namespaces here: {done.stderr.strip()}")


@pytest.fixture(scope="module")
def shared():
    """One small machine for a whole module."""
    sandbox = Bubblewrap(Limits(seconds=5, memory=256, disk=32, processes=64, cpu=20))
    sandbox.start({}, "/root", {})
    yield sandbox
    sandbox.close()


@pytest.fixture
def machine():
    """A small machine of its own."""
    sandbox = Bubblewrap(Limits(seconds=5, memory=256, disk=32, processes=64, cpu=20))
    sandbox.start({}, "/root", {})
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="session")
def agentbench():
    if not RECORDS.is_dir():
        pytest.skip(f"no {RECORDS}: AgentBench's records are not part of the repository")
    return RECORDS
