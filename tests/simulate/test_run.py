"""Whole runs that a simulator plays: what the table and the report say, what is paid, what is gone on with."""

import asyncio
import json

import pytest

from simenv.config import load
from simenv.models.clients.scripted import scripted
from simenv.rollout.cli import rollout
from simenv.rollout.report import report as reported
from simenv.rollout.run import Rollout
from simenv.runs.store import Run
from simenv.types import Usage
from tests.helpers.simulators import reply

CHECKED = ["environments=[counter]", "mode=checked", "simulator=flawed", "episodes=30"]


def played(tmp_path, *words):
    assert rollout([*words, f"out={tmp_path}"]) == 0
    folder = max(tmp_path.iterdir(), key=lambda p: len(p.name))
    return json.loads((folder / "report.json").read_text()), Run(folder)


def test_the_report_names_what_drifted_and_was_corrected(tmp_path, capsys):
    report, run = played(tmp_path, *CHECKED, "simulator.rate=0.2")
    checks = report["environments"]["counter"]["checks"]
    told = [s["observation"] for t in run.raw("trajectories") for s in t["steps"] if "check" in s["observation"]]
    asked = [o["check"] for o in told if o["check"].get("tries", 1)]
    drifts = [c for c in asked if c["label"] == "drift"]
    assert 0.05 < len(drifts) / len(asked) < 0.35
    assert checks["asked"] == len(asked) and checks["caught"] == len(told) - len(asked)
    assert checks["drift"] == checks["corrected"] == len(drifts) == sum(checks["errors"].values())
    assert checks["match"] + checks["drift"] + checks["unverifiable"] == checks["asked"]
    assert sum(sum(by.values()) for by in checks["by_delta"].values()) == checks["asked"]
    assert {o["source"] for o in told} == {"checked"} and checks["unverifiable_reasons"] == {
        "nobody talks about 13": checks["unverifiable"]
    }
    printed = capsys.readouterr().out
    assert "what the simulator said" in printed and "corrected" in printed and next(iter(checks["errors"])) in printed
    for t in run.trajectories():
        assert t.simulator["name"] == "flawed" and t.simulator["rate"] == 0.2 and t.simulator["policy"] == "correct"


@pytest.mark.parametrize("policy", ["correct", "flag", "resample", "trust"])
def test_whatever_the_policy_the_engine_grades_and_the_expert_succeeds(tmp_path, policy):
    report, _ = played(tmp_path, *CHECKED, "simulator.rate=0.5", f"policy={policy}", "agent.error_rate=0")
    one = report["environments"]["counter"]
    assert one["success"] == 1.0 and one["errors"] == 0
    shown, drift = one["checks"]["shown"], one["checks"]["drift"]
    assert drift < 40 if policy == "resample" else drift > 20
    believed = policy in ("flag", "trust")
    assert one["checks"]["corrected"] == (0 if believed else drift) and ("engine" in shown) == (not believed)


def test_aborted_episodes_are_errors_outside_the_success_rate(tmp_path):
    report, run = played(tmp_path, *CHECKED, "simulator.rate=0.3", "policy=abort", "agent.error_rate=0")
    one = report["environments"]["counter"]
    assert one["errors"] == one["stops"]["error"] == one["checks"]["drift"] > 5
    assert one["success"] == 1.0 and one["episodes"] + one["errors"] == 30
    assert all(t["error"].startswith("ModelError: simulator: ") for t in run.raw("errors"))


def test_the_same_seed_plays_the_same_run(tmp_path):
    _, first = played(tmp_path / "a", *CHECKED, "simulator.rate=0.5")
    _, second = played(tmp_path / "b", *CHECKED, "simulator.rate=0.5", "concurrency=1")
    one, other = (
        {t["id"]: [s["observation"] for s in t["steps"]] for t in run.raw("trajectories")} for run in (first, second)
    )
    assert one == other


def test_a_free_running_run_says_how_far_it_drifted(tmp_path):
    report, _ = played(
        tmp_path, *CHECKED[:1], "mode=simulated", "simulator=flawed", "simulator.rate=0.5", "agent.error_rate=0"
    )
    one = report["environments"]["counter"]
    assert one["checks"]["drift"] > 10 and one["checks"]["shown"] == {"model": one["checks"]["asked"]}
    assert one["success"] == 1.0, "the expert plans on the engine that lives through the same"


def test_agent_and_simulator_share_a_budget_and_are_told_apart(tmp_path):
    paid = {
        "usage": {"input_tokens": 100, "output_tokens": 10},
        "usd_per_million_in": 1000,
        "usd_per_million_out": 1000,
    }
    said = json.dumps([reply("The counter shows 1.")])
    acting = json.dumps(["Thought: x\nAction: add\nAction Input: 1"])
    words = [
        "environments=[counter]", "episodes=3", "agent=react", "model=scripted", f"model.replies={acting}",
        "model.repeat=true", "mode=checked", "simulator={name: naive}", "simulator.model=scripted",
        f"simulator.model.replies={said}", "simulator.model.repeat=true", "concurrency=1",
        *(f"{who}.{k}={json.dumps(v)}" for who in ("model", "simulator.model") for k, v in paid.items()),
    ]  # fmt: skip
    report, run = played(tmp_path / "free", *words)
    one = report["environments"]["counter"]
    assert one["checks"]["usage"]["calls"] == report["simulator_model"]["calls"] == one["checks"]["asked"]
    assert one["input_tokens"] == 100 * (report["model"]["calls"] + report["simulator_model"]["calls"])
    whole = sum(t["usage"]["cost"] for t in run.raw("trajectories"))
    assert one["cost"] == pytest.approx(whole) and one["checks"]["usage"]["cost"] == pytest.approx(whole / 2)
    assert rollout([*words, f"out={tmp_path / 'paid'}", "budget=6"]) == 1
    spent = json.loads((tmp_path / "paid" / "quickstart" / "spent.json").read_text())["usd"]
    assert 1.0 < spent <= 6.0


def test_few_shot_shows_exchanges_with_the_engine_the_same_to_every_episode(tmp_path):
    model = scripted(reply("The counter shows 1."), repeat=True, usage=Usage(input_tokens=1))
    e = load(
        None, ["environments=[counter]", "mode=checked", "simulator=few_shot", "simulator.examples=4", "episodes=3"]
    )
    live = Rollout(e, simulator_model=model)
    live.check_playing()
    run = Run.create(tmp_path, "r", "")
    asyncio.run(_whole(live, run))
    [system] = {r.messages[0].content for r in model.requests}
    assert system.count("\nAction: add") == 4 and 'Answer: "The counter shows ' in system
    assert reported(run)["environments"]["counter"]["checks"]["usage"]["calls"] == len(model.requests)


def test_a_critic_sends_an_answer_back_as_often_as_it_may(tmp_path):
    def answer(request):
        asked = request.messages[-1].content
        if "problems" in asked and "Judge one of its answers" in asked:
            return json.dumps({"problems": ["the sum is wrong"] if "shows 1." in asked else []})
        right = "An earlier answer of yours was not accepted" in asked and "- the sum is wrong" in asked
        return json.dumps({"thought": "so", "observation": "The counter shows 2." if right else "The counter shows 1."})

    model = scripted(answer)
    e = load(None, ["environments=[counter]", "mode=checked", "simulator=critic", "episodes=1", "agent.error_rate=0"])
    run = Run.create(tmp_path, "r", "")
    asyncio.run(_whole(Rollout(e, simulator_model=model), run))
    [t] = run.raw("trajectories")
    said = [s["observation"]["check"] for s in t["steps"] if "check" in s["observation"]]
    assert {c["model"] for c in said} == {"The counter shows 2."} and {c["tries"] for c in said} == {4}
    assert len(model.requests) == 4 * len(said)


async def _whole(live, run):
    await live.prepare(run)
    await live.run(run)
