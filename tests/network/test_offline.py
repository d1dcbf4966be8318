"""Offline, every command works or says that it needs the network, and opens no socket."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from simenv import network
from simenv.config import load
from simenv.errors import Offline, Unlisted
from simenv.models import connect
from simenv.options import read
from tests import ROOT

HERE = Path(__file__).parent
OPENAI = ["model=openai", "model.model=m", "model.base_url=https://models.example.com/v1"]
DRIVER = """
import json, sys
from simenv.__main__ import main

def status(words):
    try:
        return main(words)
    except SystemExit as e:
        return e.code

print(json.dumps([status(words) for words in json.loads(sys.argv[1])]))
"""
SWEEP = """
stages: {rollout: {environments: [household], episodes: 1, model: {name: openai, model: m}, agent: react}}
measure: rollout
"""


def commands(folder, *lines, **variables):
    """Exit statuses of commands in a process without network, what it printed, and what it would have reached."""
    log = folder / "reached.txt"
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, json.dumps([list(map(str, line)) for line in lines])],
        cwd=folder, capture_output=True, text=True, timeout=400, check=False,
        env=os.environ | {"PYTHONPATH": f"{HERE / 'blocked'}:{ROOT}", "REACHED": str(log), "OPENAI_API_KEY": "sk-no",
                          "ANTHROPIC_API_KEY": "no", "HF_HOME": str(folder / "hub"), "COLUMNS": "300"} | variables,
    )  # fmt: skip
    assert done.stdout.strip(), done.stderr
    return (
        json.loads(done.stdout.splitlines()[-1]),
        done.stderr,
        (log.read_text().splitlines() if log.exists() else []),
    )


def test_what_needs_no_network_works_offline(tmp_path):
    (tmp_path / "a.txt").write_text("Sepsis is treated within an hour.")
    statuses, told, reached = commands(
        tmp_path,
        ["rollout", "environments=[household]", "episodes=3", "--offline"],
        ["curate", "runs/quickstart", "--offline"],
        ["export", "curated/default", "to=trl", "--offline"],
        ["evaluate", "--offline", "environments=[household]", "episodes=2"],
        ["knowledge", "add", "documents=a.txt", "offline=true"],
        ["instruct", "pool=pools/knowledge", "dialogues=2", "rounds=1", "--offline"],
        ["verify", "runs/dialogues", "pool=pools/knowledge", "--offline"],
        ["list", "environments", "--offline"],
        ["new", "filter", "mine", "--offline"],
        ["doctor", "--offline"],
    )
    assert (statuses, reached) == ([0] * 10, []), told
    assert "offline: true" in (tmp_path / "runs/quickstart/config.yaml").read_text()


def test_what_needs_the_network_says_so_and_opens_no_socket(tmp_path):
    commands(tmp_path, ["rollout", "environments=[household]", "episodes=3"], ["curate", "runs/quickstart"])
    (tmp_path / "sweep.yaml").write_text(SWEEP)
    (tmp_path / "a.txt").write_text("Sepsis is treated within an hour.")
    (tmp_path / "a.json").write_text('[{"question": "Q?", "answer": "A"}]')
    commands(tmp_path, ["knowledge", "add", "documents=a.txt"])
    room = ["environments=[household]", "episodes=1"]
    statuses, told, reached = commands(
        tmp_path,
        ["rollout", *room, "agent=react", *OPENAI, "--offline"],
        ["rollout", *room, "agent=react", "model=anthropic", "model.model=m", "offline=true"],
        ["evaluate", *room, "agent=react", *OPENAI, "--offline"],
        ["teach", "environments=[household]", *OPENAI, "--offline"],
        ["fidelity", "environments=[db]", "episodes=1", "simulator=naive", *OPENAI, "--offline"],
        ["curate", "runs/quickstart", "name=b", "tokenizer=nobody/none", "--offline"],
        ["export", "curated/default", "to=trl", "model=nobody/none", "--offline"],
        ["finetune", "data=curated/default", "model=nobody/none", "--offline"],
        ["finetune", "data=curated/default", "model=m", "trainer=openai", "--offline"],
        ["knowledge", "refresh", "--offline"],
        ["instruct", "topics=[sepsis]", *OPENAI, "--offline"],
        ["verify", "runs/quickstart", "pool=pools/knowledge", "judge=model", *OPENAI, "--offline"],
        ["comparison", "sets=[a.json]", *OPENAI, "--offline"],
        ["sweep", "sweep.yaml", "--offline"],
    )
    assert reached == []
    assert 0 not in statuses, told
    assert told.count("this command is offline") >= 9, told


def test_without_the_switch_the_same_would_be_reached(tmp_path):
    _, told, reached = commands(
        tmp_path,
        ["rollout", "environments=[household]", "episodes=1", "agent=react", *OPENAI, "model.retries=0"],
    )
    assert len(reached) == 1 and "models.example.com" in reached[0], told


def test_the_variable_closes_it_and_no_option_opens_it(tmp_path):
    statuses, told, reached = commands(
        tmp_path,
        ["rollout", "environments=[household]", "episodes=1", "agent=react", *OPENAI, "offline=false"],
        SIMENV_OFFLINE="1",
    )
    assert (statuses, reached) == ([2], []) and "models.example.com:443" in told


@pytest.fixture
def offline(monkeypatch):
    for name in ("SIMENV_OFFLINE", "SIMENV_ADDRESSES"):
        monkeypatch.delenv(name, raising=False)
    with network.during(["--offline"]):
        yield


def test_sockets_of_other_libraries_are_stopped_before_they_are_made(offline):
    from urllib.request import urlopen

    for attempt in (
        lambda: socket.socket(socket.AF_INET),
        lambda: socket.create_connection(("192.0.2.1", 80)),
        lambda: socket.getaddrinfo("example.com", 80),
        lambda: socket.gethostbyname("example.com"),
        lambda: urlopen("http://example.com"),
    ):
        with pytest.raises(Offline, match="offline"):
            attempt()
    socket.socket(socket.AF_UNIX).close()


def test_only_the_port_that_is_named_is_open_on_this_machine(offline):
    with pytest.raises(Offline):
        socket.create_connection(("127.0.0.1", 9))
    network.reach("http://127.0.0.1:9/v1")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 9))
    with pytest.raises(Offline, match=r"127\.0\.0\.1:10"):
        socket.create_connection(("127.0.0.1", 10))
    with pytest.raises(Offline), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.sendto(b"x", ("192.0.2.1", 53))


def test_the_network_is_back_after_the_command(monkeypatch):
    monkeypatch.delenv("SIMENV_OFFLINE", raising=False)
    with network.during(["--offline"]):
        assert network.is_offline()
    assert not network.is_offline()
    socket.socket(socket.AF_INET).close()


def test_a_model_is_called_only_at_addresses_that_are_listed(monkeypatch):
    options = {"model": "m", "base_url": "http://localhost:1234/v1"}
    with network.during([]):
        read(network.Reach, {"addresses": ["models.example.com"]}, "")
        with pytest.raises(Unlisted, match="localhost:1234"):
            connect("openai", options)
    with network.during([]):
        read(network.Reach, {"addresses": ["localhost:1234"]}, "")
        connect("openai", options)
    monkeypatch.setenv("SIMENV_ADDRESSES", "models.example.com")
    with network.during([]):
        read(network.Reach, {"addresses": ["localhost:1234"]}, "")
        with pytest.raises(Unlisted):
            connect("openai", options)


def test_a_run_that_was_made_offline_says_so(tmp_path, offline):
    assert load(None, ["environments=[household]"]).offline


@pytest.mark.parametrize(
    ("listed", "address", "is_allowed"),
    [
        ("models.example.com", "https://models.example.com/v1", True),
        ("models.example.com:443", "https://Models.example.com/v1", True),
        ("models.example.com:80", "https://models.example.com/v1", False),
        (" models.example.com , other:3306", "mysql://other/db", True),
        ("other:3306", "mysql://other:3307/db", False),
        ("example.com", "https://models.example.com/v1", False),
        ("localhost", "mysql:///db", True),
    ],
)
def test_an_address_is_listed_by_its_host_or_by_host_and_port(listed, address, is_allowed, monkeypatch):
    monkeypatch.delenv("SIMENV_OFFLINE", raising=False)
    monkeypatch.setenv("SIMENV_ADDRESSES", listed)
    if is_allowed:
        network.reach(address)
    else:
        with pytest.raises(Unlisted, match=r"not among the addresses that may be called \(.*\); list it in addresses"):
            network.reach(address)


@pytest.mark.parametrize(
    ("host", "is_here"),
    [("localhost", True), ("db.localhost", True), ("127.8.9.1", True), ("[::1]", True), ("192.0.2.1", False),
     ("localhost.example.com", False)],
)  # fmt: skip
def test_offline_reaches_this_machine_alone(offline, host, is_here):
    if is_here:
        network.reach(f"http://{host}:8000/v1")
    else:
        with pytest.raises(Offline, match=rf"{host}:8000: cannot be reached: this command is offline"):
            network.reach(f"http://{host}:8000/v1")


@pytest.mark.parametrize(
    ("value", "is_closed"), [("", False), ("0", False), ("No", False), ("off", False), ("1", True)]
)
def test_the_variable_is_read_as_people_write_it(value, is_closed, monkeypatch):
    monkeypatch.setenv("SIMENV_OFFLINE", value)
    assert network.is_offline() == is_closed


def test_other_libraries_are_told_and_find_their_settings_again(monkeypatch):
    monkeypatch.delenv("SIMENV_OFFLINE", raising=False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("WANDB_MODE", "online")
    with network.during(["a", "--offline", "b"]) as words:
        assert words == ["a", "b"]
        told = [os.environ[n] for n in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE", "WANDB_MODE")]
        assert told == ["1", "1", "1", "offline"]
    assert "HF_HUB_OFFLINE" not in os.environ and os.environ["WANDB_MODE"] == "online"


def test_settings_are_written_down_only_where_they_close_something(monkeypatch):
    monkeypatch.delenv("SIMENV_OFFLINE", raising=False)
    with network.during([]):
        assert read(network.Reach, {}, "").model_dump() == {}
        assert read(network.Reach, {"addresses": ["a:1"]}, "").model_dump() == {"addresses": ("a:1",)}
        assert read(network.Reach, {"offline": True}, "").model_dump() == {"offline": True}
        assert network.is_offline()
