"""The command: what it says, what it refuses, and that it comes up and goes down."""

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from simenv.serve import cli
from simenv.serve.config import load
from tests import ROOT


def command(capsys, *words):
    """Exit status and what went to standard error."""
    try:
        status = cli.serve(list(words))
    except SystemExit as e:
        status = e.code
    return status, capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "one of the arguments --agentbench --mcp --openenv is required"),
        (("--agentbench", "--mcp", "db"), "not allowed with"),
        (("--agentbench", "--http"), "--http goes with --mcp"),
        (("--openenv", "db", "--http"), "OpenEnv's protocol is HTTP always"),
        (("--openenv", "db", "reward=both"), "reward"),
        (("--agentbench", "only=[dbench-dev]"), "did you mean 'dbbench-dev'"),
        (("--agentbench", "prot=1"), "unknown option 'prot'"),
        (("--agentbench", "port=99999"), "port"),
        (("--agentbench", "token=hunter2-hunter2"), "token: "),
        (("--mcp", "household", "token=mine"), "token: "),
        (("--agentbench", "port=[1"), "not a YAML value"),
        (("--agentbench", "port=1", "port.x=2"), "port is 1 and has no settings of its own"),
        (("--agentbench", "nothing.yaml"), "No such file"),
        (("--agentbench", "a.yaml", "b.yaml"), "a config is given already"),
        (("--agentbench", "data=nowhere", "only=dbbench-dev"), "nowhere/dbbench/dev.jsonl does not exist"),
        (("--agentbench", "tasks.t.environment=nope", "only=t"), "unknown environment 'nope'"),
        (("--agentbench", "tasks.t={}", "only=t"), "tasks.t.environment: Field required"),
        (
            ("--agentbench", "tasks.t.environment=db", "tasks.t.dialect=agentbnch", "only=t"),
            "did you mean 'agentbench'",
        ),
        (("--agentbench", "tasks.t.environment=db", "tasks.t.dialect=tools", "only=t"), "needs function calls"),
        (("--agentbench", "tasks.t.environment=db", "tasks.t.world={gradr: x}", "only=t"), "did you mean 'grader'"),
        (("--mcp", "houshold"), "did you mean 'household'"),
        (("--mcp", "household", "world.closet=true"), "did you mean 'closest'"),
        (("--mcp", "household", "source=nowhere.jsonl"), "does not exist"),
        (("--mcp", "household", "sessions=0"), "sessions"),
    ],
)
def test_wrong_input_is_told_in_one_line_and_status_2(capsys, words, says):
    status, told = command(capsys, *words)
    assert status == 2 and says in told and "Traceback" not in told


def test_a_port_that_is_taken_is_told(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, told = command(capsys, "--agentbench", "only=household", f"port={port}")
    assert status == 2 and f"cannot listen at 127.0.0.1:{port}" in told


def test_nothing_to_serve_is_told(capsys, tmp_path):
    config = tmp_path / "mine.yaml"
    config.write_text("tasks: {t: {environment: db, source: nowhere.jsonl}}")
    status, told = command(capsys, "--agentbench", str(config))
    assert status == 2 and "t is left out: " in told and "there is no task to serve" in told


def test_help_names_every_option(capsys):
    with pytest.raises(SystemExit) as done:
        cli.serve(["--help", "all"])
    shown = capsys.readouterr().out
    assert done.value.code == 0
    for key in (
        "tasks.NAME.dialect",
        "capacity",
        "--no-token",
        "hosts",
        "/TOKEN/api",
        "SIMENV_TOKEN",
        "idle",
        "sessions",
        "household",
    ):
        assert key in shown


def test_the_bundled_config_knows_agentbenchs_names():
    config = load(None, [])
    assert {"dbbench-dev", "dbbench-std", "alfworld-dev", "alfworld-std"} <= set(config.tasks)
    assert config.host == "127.0.0.1" and config.port == 5000
    assert config.tasks["alfworld-std"].world == {"closest": True, "repeats": 3}


@pytest.mark.parametrize("more", [["--no-token"], ["token=none"]])
def test_without_a_token_it_says_so(more):
    words = ["--agentbench", "only=household", "tasks.household.episodes=1", "port=0", *more]
    process = subprocess.Popen(
        [sys.executable, "-m", "simenv", "serve", *words], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    try:
        lines = [process.stderr.readline() for _ in range(3)]
        assert lines[1] == "no token: whoever reaches the port may act\n"
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/api\n", lines[2])
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_it_comes_up_serves_and_ends_when_interrupted():
    words = ["--agentbench", "only=household", "tasks.household.episodes=3", "port=0"]
    process = subprocess.Popen(
        [sys.executable, "-m", "simenv", "serve", *words], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    try:
        lines = [process.stderr.readline() for _ in range(2)]
        assert lines[0] == "household: 3 samples\n"
        address = re.fullmatch(r"(http://127\.0\.0\.1:\d+/[\w-]{43}/api)\n", lines[1])[1]
        with urllib.request.urlopen(f"{address}/get_indices?name=household", timeout=60) as answer:
            assert json.loads(answer.read()) == [0, 1, 2]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0 and "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.stderr.close()
