"""A wheel in a fresh virtual environment beside openai-agents: both work, and no plugin folder is a top-level import."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

CHECK = """
import agents, json, sys
from agents import Agent, Runner
import simenv, simenv.gym, gymnasium
from simenv import plugins
from simenv.plugins.environments.db.world import DB
assert "site-packages" in agents.__file__ and Agent(name="a").name == "a"
env = gymnasium.make("simenv/Household-v0")
env.reset(seed=1)
missing = []
for name in ("environments", "filters", "viewer"):
    try:
        __import__(name)
    except ImportError:
        missing.append(name)
print(json.dumps([plugins.names("environments"), plugins.names("agents"), plugins.names("filters"), missing]))
"""


@pytest.mark.slow
def test_a_wheel_works_beside_openai_agents(tmp_path):
    def run(*command, **kwargs):
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=tmp_path, **kwargs)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run(sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, ROOT)
    [wheel] = tmp_path.glob("*.whl")
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel, "openai-agents")
    environments, agents, filters, missing = json.loads(run(python, "-c", CHECK).splitlines()[-1])
    assert {"db", "household"} <= set(environments) and {"expert", "react", "replay", "human"} <= set(agents)
    assert "wrong_answer" in filters and missing == ["environments", "filters", "viewer"]
    clean = {k: v for k, v in os.environ.items() if k != "SIMENV_PLUGINS"}
    table = run(tmp_path / "venv" / "bin" / "simenv", "rollout", "episodes=2", env=clean)
    assert "db" in table and "household" in table and (tmp_path / "runs" / "quickstart" / "report.json").exists()
