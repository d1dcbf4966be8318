"""Exceptions that no plugin's author foresaw: each ends its episode or task alone, is kept, counted, and named at the end."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from simenv.runs.store import Run
from tests import ROOT

POISONED = ROOT / "tests" / "poisoned"


def simenv(command, *words):
    environment = {**os.environ, "SIMENV_PLUGINS": str(POISONED), "PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-m", f"simenv.{command}", *map(str, words)]
    done = subprocess.run(line, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=300)
    return done.returncode, done.stdout, done.stderr


def rolled(folder, *words):
    return simenv(
        "rollout", "environments=[poison]", "agent=expert", "agent.error_rate=0", f"out={folder}", "name=r", *words
    )


def report(folder):
    return json.loads((folder / "r" / "report.json").read_text())


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_300_episodes_end_although_an_engine_has_a_bug_and_a_resume_plays_what_failed_last(tmp_path):
    words = ("poison.admit=all", "episodes=300", "concurrency=4")
    status, _, err = rolled(tmp_path, *words)
    assert status == 3, err
    assert "15 episodes: poison.add: KeyError: 37" in err and "poison-0-00000.0" in err and "Traceback" not in err
    run, figures = Run(tmp_path / "r"), report(tmp_path)
    assert len({t.id for t in run.trajectories()}) == 285 and all(t.grade.success for t in run.trajectories())
    failed = list(run.errors())
    assert len(failed) == 15 and all(t.bug.error == "KeyError: 37" and "broken(" in t.bug.traceback for t in failed)
    every = figures["environments"]["all"]
    assert (every["episodes"], every["errors"], every["bugs"], every["success"]) == (285, 0, 15, 1.0)
    [bug] = figures["bugs"]
    assert (bug["place"], bug["error"], bug["episodes"], len(bug["examples"])) == ("poison.add", "KeyError: 37", 15, 5)
    part = sorted((tmp_path / "r" / "trajectories").iterdir())[0]
    part.write_text("".join(part.read_text().splitlines(keepends=True)[:200]))
    status, _, err = simenv("rollout", "--resume", tmp_path / "r", "on_bug=stop", "concurrency=1")
    assert status == 1 and "KeyError: 37" in err and "Traceback" in err
    assert len(list(run.trajectories())) == 285, "what failed comes last"


@pytest.mark.parametrize("how", ["refusal", "exit", "cancelled", "text", "deep"])
@pytest.mark.parametrize("blocking", [False, True])
def test_whatever_an_engine_raises_ends_its_own_episode(tmp_path, how, blocking):
    where = {"refusal": "score", "exit": "choices", "cancelled": "add", "text": "facts", "deep": "add"}[how]
    words = [f"poison.world.{k}={v}" for k, v in {"how": how, "blocking": blocking, "where": where}.items()]
    status, _, err = rolled(tmp_path, "poison.admit=all", "episodes=40", *words)
    assert status == 3, err
    if where == "choices":  # it shows when the world is built, at admission
        assert report(tmp_path)["bugs"][0]["tasks"] == 2 and len(list(Run(tmp_path / "r").trajectories())) == 38
    else:
        assert report(tmp_path)["bugs"][0]["episodes"] == 2 and len(list(Run(tmp_path / "r").trajectories())) == 38
    assert report(tmp_path)["bugs"][0]["place"] == f"poison.{where}"


def test_a_service_that_is_down_ends_admission_and_rejects_no_task(tmp_path, monkeypatch):
    status, _, err = rolled(tmp_path, "episodes=40", "poison.world.how=down", "poison.world.where=begin")
    assert status == 1 and "nobody answers" in err and "Traceback" not in err
    assert not list((tmp_path / "r").glob("trajectories/*")) and not (tmp_path / "r" / "tasks.jsonl").exists()
    monkeypatch.setenv("POISON_UP", "1")
    status, _, err = simenv("rollout", "--resume", tmp_path / "r")
    assert status == 0, err
    assert len(list(Run(tmp_path / "r").trajectories())) == 40 and not lines(tmp_path / "r" / "rejected.jsonl")


def test_a_world_that_is_killed_at_admission_is_asked_again(tmp_path):
    status, _, err = rolled(tmp_path, "episodes=40", "poison.world.how=killed", "poison.world.where=begin")
    assert status == 0, err
    assert len(list(Run(tmp_path / "r").trajectories())) == 40 and not lines(tmp_path / "r" / "rejected.jsonl")


def test_admission_rejects_what_a_bug_spoils(tmp_path):
    status, _, err = rolled(tmp_path, "episodes=40", "poison.teacher.bad_tasks=7", "poison.teacher.solved=false")
    assert status == 3
    rejected = [r for r in lines(tmp_path / "r" / "rejected.jsonl") if r["cause"] == "bug"]
    assert {r["reason"] for r in rejected} == {
        "PoisonTeacher.make: ZeroDivisionError: no task",
        "PoisonExpert.plan: IndexError: no plan",
        "poison.add: KeyError: 37",
    }
    assert all("Traceback" in r["detail"] for r in rejected)
    tasks = lines(tmp_path / "r" / "tasks.jsonl")
    assert len(tasks) + len(rejected) == 40 and len(list(Run(tmp_path / "r").trajectories())) == len(tasks)
    assert "6 tasks: PoisonTeacher.make: ZeroDivisionError: no task" in err


@pytest.mark.parametrize("where", ["before_turn", "after_turn", "after_step"])
def test_a_hook_with_a_bug_ends_its_episode(tmp_path, where):
    status, _, err = rolled(
        tmp_path, "poison.world.where=none", "episodes=20", f"hooks=[{{name: breaking, where: {where}}}]"
    )
    assert status == 3 and f"4 episodes: hooks.breaking.{where}: AttributeError: no such thing" in err
    assert len(list(Run(tmp_path / "r").trajectories())) == 16


@pytest.mark.parametrize("how", ["key", "none", "exit", "cancelled", "refusal", "group", "init"])
def test_an_agent_with_a_bug_ends_its_episode(tmp_path, how):
    words = ("agent=stumbling", f"agent.how={how}", "poison.world.where=none", "episodes=40")
    status, _, err = simenv("rollout", "environments=[poison]", f"out={tmp_path}", "name=r", *words)
    assert status == 3, err
    bug, *others = report(tmp_path)["bugs"]
    assert bug["place"] == f"agents.stumbling.{'__init__' if how == 'init' else 'act'}"
    assert (bug["episodes"] == 2 and not others) or how == "init"
    bugs = sum(b["episodes"] for b in (bug, *others))
    assert len(list(Run(tmp_path / "r").trajectories())) + bugs == 40


def test_for_developers_a_bug_is_raised(tmp_path):
    for words in (("poison.admit=all",), (), ("poison.teacher.bad_tasks=3",)):
        status, _, err = rolled(tmp_path / str(len(words)), "episodes=40", "on_bug=stop", *words)
        assert status == 1 and "Traceback" in err and ("KeyError: 37" in err or "ZeroDivisionError: no task" in err)


def test_a_run_of_equal_bugs_ends_it(tmp_path):
    words = ("poison.admit=all", "poison.world.every=1", "episodes=40", "concurrency=2", "max_equal_bugs=10")
    status, _, err = rolled(tmp_path, *words)
    assert (
        status == 1 and "poison.add: KeyError: 37: the same bug ended 10 episodes in a row (max_equal_bugs=10)" in err
    )
    assert 10 <= len(list(Run(tmp_path / "r").errors())) <= 12 and "Traceback" not in err
    status, _, err = rolled(tmp_path, "name=s", "poison.world.every=1", "episodes=40", "max_equal_bugs=10")
    assert status == 1 and "the same bug ended 10 tasks in a row" in err


def test_admission_that_is_killed_goes_on_where_it_was(tmp_path):
    words = [
        "environments=[poison]",
        "episodes=60",
        "agent=expert",
        "poison.world.where=none",
        "poison.teacher.bad_tasks=9",
    ]
    whole = [*words, f"out={tmp_path}", "name=whole", "poison.world.delay=0.02"]
    assert simenv("rollout", *whole)[0] == 3
    environment = {**os.environ, "SIMENV_PLUGINS": str(POISONED), "PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-m", "simenv.rollout", *words, f"out={tmp_path}", "name=r", "poison.world.delay=0.02"]
    journal, kept = tmp_path / "r" / "admission.jsonl", 0
    process = subprocess.Popen(line, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    for least in (10, 25, 40):
        while not journal.exists() or len(journal.read_bytes().splitlines()) < least:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        with journal.open("ab") as file:
            file.write(b'poison task {"torn')
        assert len(journal.read_bytes().splitlines()) - 1 >= max(kept, least)
        kept = len(journal.read_bytes().splitlines()) - 1
        again = [sys.executable, "-m", "simenv.rollout", "--resume", str(tmp_path / "r")]
        process = subprocess.Popen(
            again, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
    assert process.wait(120) == 3
    for name in ("tasks.jsonl", "rejected.jsonl"):
        assert (tmp_path / "r" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert not journal.exists() and len(list(Run(tmp_path / "r").trajectories())) == 53


@pytest.mark.parametrize("none", [False, True])
def test_a_filter_with_a_bug_drops_what_it_cannot_judge(tmp_path, none):
    assert rolled(tmp_path, "poison.world.where=none", "episodes=20")[0] == 0
    out = tmp_path / "set"
    words = (tmp_path / "r", f"filters={{buggy: {{none: {none}}}, thanks: {{}}}}", f"out={tmp_path}")
    status, _, err = simenv("curate", *words, "name=set")
    kind = "TypeError" if none else "KeyError"
    assert status == 3 and f"filters.buggy: {kind}" in err and "5 times" in err and "Traceback" not in err
    verdicts = [v for v in lines(out / "verdicts.jsonl") if v["filter"] == "buggy"]
    assert len(verdicts) == 5
    assert all(v["decision"] == "drop" and v["reason"] == f"filter failed: buggy: {kind}" for v in verdicts)
    assert all("Traceback" in v["traceback"] for v in verdicts)
    funnel = json.loads((out / "funnel.json").read_text())
    assert funnel["bugs"][0]["count"] == 5 and funnel["pool"]["kept"] == 15
    status, _, err = simenv("curate", *words, "name=stopped", "on_bug=stop")
    assert status == 1 and "Traceback" in err and not (tmp_path / "stopped").exists()
    most = ("filters.buggy.every=1", "max_equal_bugs=7")
    status, _, err = simenv("curate", *words, "name=all", *most)
    assert status == 1 and "the same bug ended 7 trajectories in a row (max_equal_bugs=7)" in err
