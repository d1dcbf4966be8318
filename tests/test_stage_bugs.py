"""Exceptions that nobody foresaw, in the stages around a rollout: each is named, costs its own episode and no other."""

import json
from collections import Counter

import pytest
import yaml

import simenv.fidelity.run as fidelity_run
from simenv.fidelity.cli import fidelity
from simenv.runs.store import Run
from simenv.sweep.cli import sweep
from tests.rollout.test_bugs import POISONED, simenv

WORDS = (
    "environments=[counter]",
    "episodes=10",
    "simulator.rates={}",
    "simulator.rate=0",
    "simulator.vary=0",
    "pairs=false",
)


def answers(folder):
    return [json.loads(line) for part in folder.glob("answers/*.jsonl") for line in part.read_text().splitlines()]


def broken(function, every):
    """A function that fails at each n-th call, counted over all of them."""
    calls = Counter()

    async def failing(*arguments):
        calls["all"] += 1
        if calls["all"] % every == 0:
            raise KeyError("no such thing")
        return await function(*arguments)

    return failing


def test_a_bug_while_answers_are_judged_leaves_the_others_and_a_resume_asks_again(tmp_path, monkeypatch, capfd):
    with monkeypatch.context() as patched:
        patched.setattr(fidelity_run, "score", broken(fidelity_run.score, 7))
        assert fidelity([*WORDS, f"out={tmp_path}", "name=m"]) == 3
    episodes = len((tmp_path / "m" / "questions.jsonl").read_text().splitlines())
    bugs = 2 * episodes // 7
    assert bugs and len(answers(tmp_path / "m")) == 2 * episodes - bugs
    [row] = json.loads((tmp_path / "m" / "report.json").read_text())["bugs"]
    assert "failing" in row.pop("traceback")
    assert row == {"place": "fidelity.counter", "error": "KeyError: 'no such thing'", "count": bugs}
    assert f"a bug ended {bugs} episodes: fidelity.counter: KeyError" in capfd.readouterr().err
    assert fidelity(["--resume", str(tmp_path / "m")]) == 0
    assert len({a["id"] for a in answers(tmp_path / "m")}) == 2 * episodes
    assert "bugs" not in json.loads((tmp_path / "m" / "report.json").read_text())


def test_a_bug_while_questions_are_recorded_leaves_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr(fidelity_run, "record", broken(fidelity_run.record, 5))
    assert fidelity([*WORDS, f"out={tmp_path}", "name=m"]) == 3
    assert len((tmp_path / "m" / "questions.jsonl").read_text().splitlines()) >= 20


def test_equal_bugs_in_a_row_end_a_measurement(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(fidelity_run, "score", broken(fidelity_run.score, 1))
    assert fidelity([*WORDS, "episodes=30", f"out={tmp_path}", "name=m"]) == 1
    assert "the same bug ended 50 episodes in a row" in " ".join(capfd.readouterr().err.split())


@pytest.mark.parametrize("where", ["result", "overall"])
def test_metrics_with_a_bug_are_named_and_the_run_can_be_measured_again(tmp_path, where, monkeypatch):
    monkeypatch.setenv("POISONED_METRICS", where)
    words = (
        "environments=[poison]",
        "agent=expert",
        "poison.world.where=none",
        "episodes=5",
        f"out={tmp_path}",
        "name=e",
    )
    status, _, err = simenv("evaluate", *words)
    assert status == 3 and f"metrics.poison: KeyError: '{where}'" in err and "Traceback" not in err
    assert len(list(Run(tmp_path / "e").trajectories())) == 5 and not (tmp_path / "e" / "evaluation.json").exists()
    monkeypatch.delenv("POISONED_METRICS")
    status, _, err = simenv("evaluate", "--run", tmp_path / "e")
    assert status == 0, err
    assert json.loads((tmp_path / "e" / "evaluation.json").read_text())["environments"]["poison"]["success"] == 1.0


def test_a_sweep_names_the_bugs_of_its_stages_and_uses_what_they_made(tmp_path, capfd):
    stage = {"environments": {"poison": {"admit": "all"}}, "episodes": 40, "agent": {"name": "expert", "error_rate": 0}}
    settings = {
        "name": "two", "code": "version", "stages": {"rollout": stage}, "grid": {"rollout.seed": [0]},
        "measure": "rollout", "plugins": [str(POISONED)], "out": str(tmp_path),
    }  # fmt: skip
    file = tmp_path / "sweep.yaml"
    file.write_text(yaml.safe_dump(settings))
    for outcome in ("ran", "reused"):
        assert sweep([str(file)]) == 3
        entry = json.loads((tmp_path / "two" / "log.jsonl").read_text().splitlines()[-1])
        assert entry["what"] == outcome and "2 episodes: poison.add: KeyError: 37" in entry["bugs"][0]
        printed = " ".join(capfd.readouterr()).replace("\n", " ")
        assert "a bug in rollout" in printed and "| poison |" in (tmp_path / "two" / "table.md").read_text()
