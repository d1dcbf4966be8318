"""The command: what it prints, what it refuses, what it leaves behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
import yaml

from simenv.runs.store import Run
from tests import ROOT
from tests.helpers.commands import rollout

COUNTER = ["environments=[counter]", "episodes=4"]


def test_a_rollout_ends_in_a_table_and_a_run_folder(tmp_path):
    status, out, err = rollout(*COUNTER, "agent.error_rate=0", f"out={tmp_path}")
    assert status == 0, err
    assert "100.0%" in out and "submitted 4" in out
    folder = tmp_path / "quickstart"
    assert {p.name for p in folder.iterdir()} >= {
        "config.yaml",
        "tasks.jsonl",
        "rejected.jsonl",
        "report.json",
        "trajectories",
    }
    report = json.loads((folder / "report.json").read_text())["environments"]["counter"]
    assert (report["episodes"], report["success"], report["errors"]) == (4, 1.0, 0)
    low, high = report["success_interval"]
    assert low == pytest.approx(0.5101, abs=1e-4) and high == 1.0


def test_a_dry_run_resolves_everything_and_writes_nothing(tmp_path):
    status, out, err = rollout(*COUNTER, "counter.world.delay=0.5", f"out={tmp_path / 'runs'}", "--dry-run")
    assert status == 0, err
    assert yaml.safe_load(out)["environments"]["counter"]["world"] == {"delay": 0.5}
    assert not (tmp_path / "runs").exists()


def test_help_names_options_environments_and_agents():
    status, out, _ = rollout("--help", "all")
    assert status == 0 and "KEY=VALUE" in out and "counter" in out and "expert" in out and "concurrency" in out
    assert (
        "first_mistake, fork, hint, human, nudge, parser, reflexion, resample, takeover" in out
        and "hooks.continuations " in out
    )
    assert "'answ…] " in out, "what is cut says so"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["agnet=expert"], "did you mean 'agent'?"),
        (["environments=[contr]"], "did you mean 'counter'?"),
        (["agent=exprt", *COUNTER], "did you mean 'expert'?"),
        (["agent.error_rate=2", *COUNTER], "agent.error_rate: Input should be less than or equal to 1 (got 2)"),
        (["agent=react", "model=opnai", *COUNTER], "did you mean 'openai'?"),
        (["agent=react", "model=openai", "model.modle=x", *COUNTER], "did you mean 'model'?"),
        (["agent=react", *COUNTER], "needs a model"),
        (["nothing.yaml"], "nothing.yaml: No such file"),
        (["tests"], "tests: a folder, not a YAML file; --resume tests goes on with a run"),
        (["policy=flag", *COUNTER], "policy=flag, but mode=engine; only mode=checked"),
        (["counter.source=nothing.jsonl", *COUNTER], "nothing.jsonl does not exist"),
        (["counter.source=README.md", *COUNTER], "none of the formats it reads: tasks"),
        (["episodes=0"], "greater than or equal to 1 (got 0)"),
        (["--resume", "nowhere"], "no run here"),
    ],
)
def test_wrong_input_is_told_with_status_2_before_anything_is_written(tmp_path, words, error):
    status, _, err = rollout(*words, f"out={tmp_path / 'runs'}") if "--resume" not in words else rollout(*words)
    assert status == 2 and error in " ".join(err.split()), err
    assert "Traceback" not in err and not (tmp_path / "runs").exists()


def test_a_resumed_run_keeps_its_options(tmp_path):
    rollout(*COUNTER, f"out={tmp_path}")
    status, _, err = rollout("--resume", tmp_path / "quickstart", "seed=7")
    assert status == 2 and "only concurrency, budget, on_bug, max_equal_bugs may change" in err
    status, _, err = rollout("--resume", tmp_path / "quickstart", "concurrency=1")
    assert status == 0, err
    assert sum(1 for _ in Run(tmp_path / "quickstart").raw("trajectories")) == 4


def test_an_interrupt_ends_cleanly_and_the_run_resumes(tmp_path):
    words = ["environments=[counter]", "episodes=40", "counter.world.delay=0.1", "concurrency=2", f"out={tmp_path}"]
    process = rollout(*words, wait=False)
    folder = tmp_path / "quickstart"
    began = time.monotonic()
    while not list(folder.glob("trajectories/part-*")) and time.monotonic() - began < 60:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err and "counter" in out and (folder / "report.json").exists()
    kept = {t["id"] for t in Run(folder).raw("trajectories")}
    assert 0 < len(kept) < 40


def test_the_console_command_knows_its_words():
    command = [sys.executable, "-m", "simenv", "rolout"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=os.environ)
    assert done.returncode == 2 and "did you mean 'rollout'?" in done.stderr


def test_a_rollout_without_a_local_model_does_not_wait_for_torch():
    words = ["rollout", "environments=[counter]", f"plugins=[{ROOT}/tests/plugins]", "--dry-run"]
    heavy = "sorted(m for m in sys.modules if m in ('torch', 'transformers', 'altair'))"
    code = f"import sys; from simenv.__main__ import main; print(main({words!r}), {heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 []", done.stdout


def test_commands_that_help_and_readme_show_can_be_typed_into_any_shell():
    shown = [
        (path.name, line.strip())
        for path in (ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("simenv/**/*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.lstrip().startswith(("python -m simenv.", "simenv "))
    ]
    bare = [(name, re.sub(r"""'[^']*'|"[^"]*"|\s#.*|\s{3,}.*""", "", line)) for name, line in shown]
    assert len(shown) > 60 and [(name, line) for name, line in bare if set(line) & set("[]*")] == []
