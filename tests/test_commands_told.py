"""What is typed wrongly is answered with what is wrong, where, and what to type: the kinds of mistakes that newcomers made."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from simenv import command
from simenv.__main__ import COMMANDS, main
from simenv.completion.cli import candidates
from simenv.errors import ConfigError
from simenv.evaluate.config import Evaluation
from simenv.evaluate.run import check_held_out
from simenv.runs.store import Run
from tests import ROOT


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """A folder with a run, an evaluation, a curated set and a chat file."""
    folder = tmp_path_factory.mktemp("workspace")
    before = os.getcwd()
    os.chdir(folder)
    try:
        assert main(["rollout", "environments=household", "episodes=6", "name=quick", "agent.error_rate=0"]) == 0
        assert main(["evaluate", "environments=household", "episodes=2", "name=measured"]) == 0
        assert main(["curate", "runs/quick", "name=set"]) == 0
    finally:
        os.chdir(before)
    (folder / "chat.jsonl").write_text(
        json.dumps({"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]}) + "\n"
    )
    (folder / "missing.yaml").write_text(
        "stages: {rollout: {environments: {household: {}}}, curate: {runs: [$rollout]}, "
        "finetune: {data: $curate, model: ./base}, evaluate: {agent: react, environments: {household: {}}, "
        "model: {name: transformers, model: $finetune}}}"
    )
    return folder


@pytest.fixture
def here(workspace, monkeypatch):
    monkeypatch.chdir(workspace)
    return workspace


TOLD = [
    (1, "finetune curated/set model=./base", "no model here|simenv tiny"),
    (
        1,
        "finetune curated/set model=models/nope --offline",
        "no folder here, and the hub cannot be reached|simenv tiny",
    ),
    (2, "sweep missing.yaml", "stages.finetune.model: ./base: no model here"),
    (32, "finetune curated/set model=nobody/none --offline", "the hub cannot be reached"),
    (4, "curate runs/measured", "runs: runs/measured: an evaluation|evaluations=[measured]"),
    (4, "curate runs/quick gold.sources=[runs/measured]", "gold.sources: runs/measured: an evaluation"),
    (5, "curate runs/quick filters.wrong_answer.only=[dbb]", "filters.wrong_answer.only: |did you mean 'db'?"),
    (5, "curate runs/quick filters.mistakes.only=[houshold]", "filters.mistakes.only: |did you mean 'household'?"),
    (13, "sweep nope", "nope: No such file|combination, methods, study"),
    (13, "rollout quickstrat", "did you mean 'quickstart'?"),
    (13, "curate runs/quick strickt.yaml", "did you mean 'strict'?"),
    (16, "view nope", "nope: no such folder"),
    (16, "view port=99999", "port: |less than or equal to 65535"),
    (16, "view --port 99999", "options are written KEY=VALUE: port=99999"),
    (17, "evaluate runs/quick", "--run runs/quick measures a run"),
    (18, "rollout environments=db,household", "environments=[db,household]"),
    (18, "curate runs/quick mix.against=a,b", "it has brackets: [a,b]"),
    (19, "rollout environments=household hooks=takover", "did you mean 'takeover'?"),
    (20, "rollout environments=os os.world.engin=docker", "did you mean 'engine'?"),
    (20, "rollout environments=os os.world.backend=docker", "os.world.backend is now os.world.engine"),
    (22, "rollout agent.error_rate =0.1", "no blank beside =: write agent.error_rate=0.1"),
    (22, "rollout episodes= 3", "no blank beside =: write episodes=3"),
    (23, "rollout name=", "name: a name is needed"),
    (24, "rollout name=../x", "name: '../x' is no name of a folder; expected letters"),
    (24, "finetune curated/set model=x/y name=a/b", "name: 'a/b' is no name of a folder"),
    (25, "export curated/set to=jsonl", "openai, sharegpt, trl|dpo"),
    (25, "export curated/set --to openai", "options are written KEY=VALUE: to=openai"),
    (26, "curate runs/quick mix.ratio=0.2", "mix.ratio: there is no chat to mix in"),
    (27, "rollout environments=db kg.episodes=1", "kg.episodes: kg is none of the environments|environments=[db, kg]"),
    (29, "rollout environments=household hooks=[takeover,first_mistake]", "hooks=[first_mistake, takeover]"),
    (29, "rollout environments=household hooks=[human]", "human acts on mistakes|hooks=[first_mistake, human]"),
    (29, "rollout environments=household hooks=[hint]", "hint acts on mistakes"),
    (29, "rollout environments=household hooks=[fork]", "fork acts on mistakes"),
    (30, "rollout --episodes 3", "options are written KEY=VALUE: episodes=3"),
    (30, "rollout --episode=3", "options are written KEY=VALUE: episodes=3"),
    (30, "curate runs/quick --name x", "options are written KEY=VALUE: name=x"),
    (30, "sweep study --jobs 2", "options are written KEY=VALUE: jobs=2"),
    (30, "rollout --dry", "unknown flag '--dry'|did you mean '--dry-run'?"),
]


@pytest.mark.parametrize(("number", "words", "told"), TOLD, ids=[words for _, words, _ in TOLD])
def test_a_mistake_is_answered_with_what_to_type(here, capsys, number, words, told):
    before = sorted(p for p in here.rglob("*"))
    try:
        status = main(words.split(" "))
    except SystemExit as e:
        status = e.code
    said = " ".join(capsys.readouterr().err.split())
    assert status == 2 and all(part in said for part in told.split("|")), said
    assert "Traceback" not in said and sorted(p for p in here.rglob("*")) == before, "nothing is left behind"


def test_an_empty_folder_of_plugins_is_no_folder(monkeypatch, capsys):
    monkeypatch.setenv("SIMENV_PLUGINS", "/nope")
    assert main(["rollout", "--dry-run"]) == 2
    assert "SIMENV_PLUGINS: /nope is not a folder" in capsys.readouterr().err


def test_a_mix_that_cannot_be_is_answered_with_one_that_can(here, capsys):
    assert main(["curate", "runs/quick", "mix.size=2", "mix.ratio=0.2", "mix.chat=[chat.jsonl]"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "cannot be met" in said and "mix.size=2" not in said.partition("possible:")[2]


def test_all_environments_are_one_star(capsys):
    assert main(["rollout", "environments=*", "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "\n  db:" in told and "\n  household:" in told


def test_an_option_means_what_it_says_and_the_next_command_is_told(here, capsys, tmp_path):
    assert main(["export", "curated/set", "to=openai", f"out={tmp_path / 'openai'}"]) == 0
    assert [p.name for p in sorted((tmp_path / "openai").glob("*.jsonl"))][:1] and not list(
        tmp_path.rglob("axolotl.yaml")
    )
    assert main(["rollout", "environments=household", "episodes=1", f"out={tmp_path}", "name=one"]) == 0
    assert f"next: simenv curate {tmp_path / 'one'}" in " ".join(capsys.readouterr().err.split())


def test_a_result_is_json_where_it_is_asked_for(capsys, tmp_path):
    words = ["rollout", "environments=household", "episodes=2", f"out={tmp_path}", "name=r", "-q", "--json"]
    assert main(words) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["environments"]["all"]["episodes"] == 2 and not told.err.strip()


def test_nobody_at_the_address_ends_a_run_at_once(capsys, tmp_path):
    words = ["agent=react", "model=openai", "model.base_url=http://127.0.0.1:9/v1", "model.model=x"]
    assert main(["rollout", "environments=household", "episodes=10", f"out={tmp_path}", *words]) == 1
    told = capsys.readouterr()
    said = " ".join(told.err.split())
    assert "no connection to http://127.0.0.1:9/v1" in said and "the first 3 tries" in said
    assert "0.0%" not in told.out and "0% success" not in told.err


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_fits_a_screen(name, capsys):
    with suppress(SystemExit):
        main([name, "--help"])
    told = capsys.readouterr().out
    assert told.count("\n") <= 50 and "--help" in told


def test_all_of_the_help_explains_every_option(capsys):
    with suppress(SystemExit):
        main(["curate", "--help", "all"])
    told = " ".join(capsys.readouterr().out.split())
    assert "filters.wrong_answer.only" in told and "mix.upsample" in told


def test_without_a_word_every_command_has_a_line(capsys):
    assert main([]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert all(any(line.split()[:1] == [name] and len(line.split()) > 3 for line in lines) for name in COMMANDS)


@pytest.mark.parametrize("kind", ["environments", "agents", "filters", "hooks", "dialects", "models", "sources"])
def test_what_there_is_of_a_kind_is_listed_with_a_line_each(kind, capsys):
    assert main(["list", kind]) == 0
    assert all(len(line.split()) > 2 for line in capsys.readouterr().out.splitlines())


def test_a_shell_is_told_what_may_come_next():
    assert "rollout" in candidates([])
    assert {"episodes=", "agent=expert", "--dry-run", "quickstart"} <= {*candidates(["rollout"])}
    assert "strict" in candidates(["curate", "runs/a"]) and candidates(["completion"]) == ["bash", "zsh", "fish"]
    assert main(["completion", "bash"]) == 0 and main(["completion", "csh"]) == 2


def test_help_is_quick():
    code = "import sys, time; from simenv.__main__ import main; main(['--help']); print(time.process_time())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert float(done.stdout.splitlines()[-1]) < 0.5


def test_sigterm_ends_what_a_command_started(tmp_path):
    pytest.importorskip("streamlit")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    words = [sys.executable, "-m", "simenv", "view", f"port={port}", "browser=false"]
    process = subprocess.Popen(
        words, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert "http" in process.stderr.readline()
    began = time.monotonic()
    while not _listens(port) and time.monotonic() - began < 200:
        time.sleep(0.1)
    [child] = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 143
    assert not Path(f"/proc/{child}").exists() and not _listens(port)


def _listens(port):
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def test_a_model_says_what_it_was_made_from_and_an_evaluation_refuses_it(here, tmp_path):
    shutil.copy(here / "curated/set/made_from.json", tmp_path)
    record = json.loads((tmp_path / "made_from.json").read_text())
    assert [row["run"] for row in record["runs"]] == ["quick"] and len(record["runs"][0]["tasks"]) == 6
    settings = Evaluation(model={"name": "transformers", "model": str(tmp_path)})
    with pytest.raises(ConfigError, match=r"trained on tasks of this evaluation: .* holds 6 of the tasks"):
        check_held_out(settings, Run.open(here / "runs/quick"))
    assert check_held_out(settings, Run.open(here / "runs/measured")) == {}


def test_an_evaluation_is_taken_as_data_only_by_its_name(here, tmp_path, capsys):
    assert main(["curate", "runs/measured", "evaluations=[measured]", f"out={tmp_path}", "name=forced"]) == 0
    assert json.loads((tmp_path / "forced/made_from.json").read_text())["runs"][0]["evaluation"]


@pytest.mark.parametrize(("width", "left_out"), [(40, 3), (60, 2), (80, 0), (160, 0)])
def test_a_table_gives_up_columns_before_letters(width, left_out):
    full = command.table("runs/quick", "environment", "episodes", "success", "tokens", "seconds", texts=["ended by"])
    full.add_row("household", "20", "100.0%", "1,234,567", "12.345", "submitted 20, too_many_invalid 3, max_steps 7")
    console = Console(width=width, file=StringIO())
    command.print_table(full, console, ("seconds", "tokens"))
    text = console.file.getvalue()
    assert all(len(line) <= width for line in text.splitlines())
    assert "environment" in text and "household" in text and "100.0%" in text
    told = " ".join(text.partition("for want of room: ")[2].split())
    assert len(list(filter(None, told.split(", ")))) == left_out, text
