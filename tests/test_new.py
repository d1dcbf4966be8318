"""`simenv new` writes plugins that pass `simenv conform` as they are, and `conform` says what it checked."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from simenv import plugins
from simenv.__main__ import main
from simenv.testing import CHECKS, conform, conform_plugin


@pytest.mark.parametrize("kind", ["environment", "agent", "filter", "hook"])
def test_what_is_written_passes_as_it_is(kind, tmp_path, capsys):
    assert main(["new", kind, "lending_desk", f"out={tmp_path}"]) == 0
    written = capsys.readouterr().out
    assert (
        f"simenv conform {kind} lending_desk plugins={tmp_path}" in written and "simenv rollout" in written
    ) or kind == "filter"
    assert main(["conform", kind, "lending_desk", f"plugins={tmp_path}"]) == 0
    told = capsys.readouterr().out
    assert "FAILED" not in told and "not checked" not in told
    assert told.count("  ok") == (len(CHECKS) if kind == "environment" else 3)
    assert main(["new", kind, "lending_desk", f"out={tmp_path}"]) == 2
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["envronment", "mine"], "did you mean 'environment'"),
        (["agent", "My-Agent"], "expected a Python name in small letters"),
        (["agent", "expert"], "agent 'expert' is there already"),
        (["agent", "mine", "ot=x"], "unknown option 'ot'"),
    ],
)
def test_a_wrong_word_is_answered(words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new", *words]) == 2 and message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_an_environment_with_a_task_file_and_no_teacher_is_checked_by_its_tasks(tmp_path, capsys):
    main(["new", "environment", "shelves", f"out={tmp_path}"])
    plugins.add(tmp_path)
    teacher = plugins.environment("shelves").procedural()
    from numpy.random import default_rng

    tasks = [teacher.make(f"t{n}", default_rng(n)).model_dump_json() for n in range(4)]
    plugins.environment.cache_clear()
    (tmp_path / "environments/shelves/teacher.py").unlink()
    del sys.modules["simenv.plugins.environments.shelves.teacher"]
    (tmp_path / "mine.jsonl").write_text("\n".join(tasks) + "\n")
    capsys.readouterr()
    conform("shelves", tasks=tmp_path / "mine.jsonl")
    told = capsys.readouterr().out
    assert "4 tasks of" in told and "not checked: it has no expert" in told and told.count("  ok") == 7
    assert main(["conform", "shelves"]) == 1
    assert "no procedural teacher in teacher.py and no tasks.jsonl; give tasks=FILE" in capsys.readouterr().err
    broken = json.loads(tasks[0]) | {"goal": {"thing": "cup", "place": "moon", "answer": "x"}}
    (tmp_path / "mine.jsonl").write_text(json.dumps(broken) + "\n")
    said = []
    with pytest.raises(AssertionError, match="shelves: 1 of 11 checks failed: admits_its_own_tasks"):
        conform("shelves", tasks=tmp_path / "mine.jsonl", say=said.append)
    assert len(said) == 12


def test_a_plugin_that_does_wrong_does_not_conform(tmp_path):
    (tmp_path / "filters").mkdir()
    (tmp_path / "filters/odd.py").write_text(
        "from simenv.filter import Filter\nclass Odd(Filter):\n    def judge(self, trajectory): return 'keep'\n"
    )
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks/odd.py").write_text(
        "from simenv.hook import Hook\nclass Odd(Hook):\n    async def after_turn(self, episode, turn): return 1 / 0\n"
    )
    plugins.add(tmp_path)
    with pytest.raises(AssertionError, match="judge gave 'keep'; expected a Verdict"):
        conform_plugin("filters", "odd", say=lambda text: None)
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        conform_plugin("hooks", "odd", say=lambda text: None)


def test_the_console_script_finds_modules_of_the_current_folder(tmp_path):
    (tmp_path / "of_mine").mkdir()
    (tmp_path / "of_mine/alone.py").write_text(
        "from simenv.hook import Hook\nclass Mine(Hook):\n    async def after_step(self, episode, steps): ...\n"
    )
    script = "import sys; sys.path.pop(0); from simenv.__main__ import main; sys.exit(main())"
    words = ["rollout", "hooks=[of_mine.alone]", "environments=household", "--dry-run"]
    path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", script, *words],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 0 and "of_mine.alone" in done.stdout, done.stderr
