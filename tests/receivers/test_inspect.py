"""Inspect's own eval plays a package that simenv writes; its own reader opens that log, and the log of a run."""

import json
import subprocess
import sys

import pytest

from simenv.package import Package, write
from simenv.runs.store import Run
from tests.helpers import receivers
from tests.helpers.gold_speaker import GoldSpeaker, speaking

pytestmark = pytest.mark.slow


def test_inspects_eval_plays_a_package_and_its_reader_opens_the_log(tmp_path):
    model = GoldSpeaker("db", "react", 4, fails=4)
    package = write(Package(environment="db", to="inspect", out=str(tmp_path), episodes=4))
    with speaking(model) as address:
        receivers.run(
            "inspect", "inspect", "eval", f"{package.name}/simenv_db/world.py", "--model", "openai/scripted",
            "--log-dir", tmp_path / "logs", "--display", "none", "-M", "responses_api=false",
            cwd=tmp_path, OPENAI_BASE_URL=address, OPENAI_API_KEY="none",
        )  # fmt: skip
    (log,) = (tmp_path / "logs").glob("*.eval")
    told = receivers.answers("inspect", "inspect_read.py", log)
    assert told["status"] == "success" and told["mean"]["success"] == len(model.solved) / 4
    assert {s["id"] for s in told["samples"] if s["scores"]["success"] == 1} == model.solved
    assert all(s["messages"][-1]["role"] == "assistant" for s in told["samples"])
    assert "solution" not in json.dumps(told) and '"goal"' not in json.dumps(told)


@pytest.mark.parametrize("dialect", ["react", "tools"])
def test_a_run_is_written_as_a_log_and_opened_again_with_its_scores(dialect, tmp_path):
    receivers.folder("inspect")
    rolled = ("environments=[db]", "episodes=6", f"dialect={dialect}", "agent=expert", "agent.error_rate=0.5", "name=r")
    subprocess.run([sys.executable, "-m", "simenv.rollout", *rolled], cwd=tmp_path, check=True, capture_output=True)
    receivers.run("inspect", "python", "-m", "simenv.export", "runs/r", "to=inspect", "out=r.eval", cwd=tmp_path)
    told = receivers.answers("inspect", "inspect_read.py", tmp_path / "r.eval")
    episodes = {t.task: t for t in Run(tmp_path / "runs" / "r").trajectories()}
    assert len(told["samples"]) == len(episodes) == 6
    for sample in told["samples"]:
        t = episodes[sample["id"]]
        assert sample["scores"] == {"success": float(t.grade.success), "progress": t.grade.progress}
        assert [m["role"] for m in sample["messages"]] == [m.role for m in t.messages]
        calls = [c["function"] for m in sample["messages"] for c in m.get("tool_calls") or []]
        assert calls == [c.name for m in t.messages for c in m.calls]
    assert told["mean"]["success"] == pytest.approx(sum(t.grade.success for t in episodes.values()) / 6)
