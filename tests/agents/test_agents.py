"""The agents: what an expert's slips look like, what a person types."""

import asyncio
import json
import os
import subprocess
import sys

import pytest

import simenv
from simenv.config import Experiment
from simenv.models.clients.scripted import scripted
from simenv.rollout.cli import rollout
from simenv.rollout.run import Rollout
from simenv.runs.store import Run
from simenv.types import Stop, Trajectory
from tests import ROOT


def rolled(folder, **changes):
    fields = {"environments": ["counter"], "episodes": 30, "agent": {"name": "expert"}, **changes}
    return list(simenv.run(fields, out=str(folder)).read("trajectories", Trajectory))


@pytest.mark.parametrize("dialect", ["react", "tools"])
def test_an_expert_without_slips_solves_everything(tmp_path, dialect):
    trajectories = rolled(tmp_path, dialect=dialect)
    assert len(trajectories) == 30 and all(t.grade.success for t in trajectories)
    assert not any(s.observation.invalid for t in trajectories for s in t.steps)
    assert all(bool(m.calls) == (dialect == "tools") for t in trajectories for m in t.messages if m.role == "assistant")


@pytest.mark.parametrize("dialect", ["react", "tools"])
@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        (
            "format",
            lambda t: any(s.action is None and "I will now run" in t.messages[s.message].content for s in t.steps),
        ),
        ("chat", lambda t: any(s.action is None and s.thought for s in t.steps)),
        ("answer", lambda t: any("The final answer is" in t.messages[s.message].content for s in t.steps)),
        ("premature", lambda t: t.stop is Stop.submitted and not t.grade.success),
        ("action", lambda t: any(s.action and s.action.arguments.get("amount") in (1, 2) for s in t.steps)),
    ],
)
def test_each_kind_of_slip_looks_as_it_is_called(tmp_path, kind, seen, dialect):
    options = {"name": "expert", "error_rate": 0.5, "kinds": [kind]}
    trajectories = rolled(tmp_path, agent=options, dialect=dialect, limits={"max_turns": 30, "max_invalid": 30})
    assert sum(map(bool, map(seen, trajectories))) >= 5


def test_a_person_acts_at_the_terminal(tmp_path):
    words = ["environments=[counter]", "episodes=1", "agent=human", f"out={tmp_path}"]
    environment = {**os.environ, "SIMENV_PLUGINS": str(ROOT / "tests" / "plugins")}
    typed = 'what is this\nadd 3\nadd {"amount": 4}\nreport 1\n'
    command = [sys.executable, "-m", "simenv.rollout", *words]
    done = subprocess.run(command, input=typed, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    [line] = (tmp_path / "quickstart" / "trajectories" / "part-00000.jsonl").read_text().splitlines()
    t = json.loads(line)
    assert [s["action"] and s["action"]["name"] for s in t["steps"]] == [None, "add", "add", "report"]
    assert {m["author"] for m in t["messages"] if m["role"] == "assistant"} == {"human"}
    assert "The counter shows" in done.stderr


def test_a_person_who_leaves_is_an_error_and_no_grade(tmp_path):
    words = ["environments=[counter]", "episodes=1", "agent=human", f"out={tmp_path}"]
    environment = {**os.environ, "SIMENV_PLUGINS": str(ROOT / "tests" / "plugins")}
    command = [sys.executable, "-m", "simenv.rollout", *words]
    done = subprocess.run(command, input="", capture_output=True, text=True, cwd=ROOT, env=environment, timeout=120)
    assert done.returncode == 1 and not (tmp_path / "quickstart" / "trajectories").exists()
    [line] = (tmp_path / "quickstart" / "errors" / "part-00000.jsonl").read_text().splitlines()
    assert "left" in json.loads(line)["error"]


def test_a_template_of_ones_own_goes_into_the_opening_of_the_chat(tmp_path):
    ways = tmp_path / "ways.j2"
    ways.write_text("Think of {% for a in actions %}{{ a.name }}; {% endfor %}{{ 7 * 7 }}.")
    model = scripted("Thought: x\nAction: report\nAction Input: 1", repeat=True)
    agent = {"name": "react", "template": str(ways)}
    live = Rollout(Experiment.model_validate({"environments": ["counter"], "episodes": 1, "agent": agent}), model)

    async def go():
        run = Run.create(tmp_path, "r", "")
        await live.prepare(run)
        await live.run(run)
        return list(run.trajectories())

    (t,) = asyncio.run(go())
    assert "Think of add; report; 49." in t.messages[0].content


def test_a_template_that_asks_for_what_is_not_there_is_the_users_mistake(tmp_path, capsys):
    ways = tmp_path / "ways.j2"
    ways.write_text("{{ task.goal }}")
    words = ["environments=[counter]", f"plugins=[{ROOT}/tests/plugins]", "agent=react", f"agent.template={ways}"]
    assert rollout([*words, "model=scripted", "model.replies=[x]", f"out={tmp_path}"]) == 2
    assert "'task' is undefined" in capsys.readouterr().err
