# ruff: noqa: E501 (commands read better in one line)
"""What is asked of a container engine, and what is made of its answers; the engine is the tests' own."""

import io
import sys
import tarfile
from hashlib import sha256

import pytest

from simenv.errors import ConfigError, WorldError
from simenv.plugins.environments.os.engine.containers import Container
from simenv.plugins.environments.os.engine.sandbox import Limits, Script
from tests.helpers.docker_engine import DockerException, Engine

SPEC = {
    "groups": [{"name": "crew"}, {"name": "staff", "gid": 70}],
    "users": [{"name": "ann"}, {"name": "bob", "uid": 1001, "group": "crew", "groups": ["staff", "sudo"], "home": "/b", "shell": "/bin/sh"}],
    "directories": [{"path": "/srv/d"}, {"path": "/srv/e", "mode": "700", "owner": "ann", "group": "crew", "mtime": 9}],
    "files": [
        {"path": "/srv/a b", "content": "it's"}, {"path": "/srv/c", "content": "eA==", "encoding": "base64", "mode": "600", "age": 60},
        {"path": "/srv/empty", "owner": "ann"},
    ],
    "links": [{"path": "/srv/l", "target": "a b"}],
}  # fmt: skip
COMMANDS = [
    ["groupadd", "crew"],
    ["groupadd", "-g", "70", "staff"],
    ["useradd", "-m", "-d", "/home/ann", "-s", "/bin/bash", "-U", "ann"],
    ["useradd", "-m", "-d", "/b", "-s", "/bin/sh", "-u", "1001", "-g", "crew", "-G", "staff,sudo", "bob"],
    ["sh", "-c", "mkdir -p /srv/d && chown root: /srv/d && chmod 755 /srv/d"],
    ["sh", "-c", "mkdir -p /srv/e && chown ann:crew /srv/e && chmod 700 /srv/e && touch -d @9 /srv/e"],
    ["sh", "-c", "mkdir -p $(dirname '/srv/a b') && printf %s 'it'\"'\"'s' > '/srv/a b' && chown root: '/srv/a b' && chmod 644 '/srv/a b'"],
    ["sh", "-c", "mkdir -p $(dirname /srv/c) && printf %s eA== | base64 -d > /srv/c && chown root: /srv/c && chmod 600 /srv/c && touch -d '-60 seconds' /srv/c"],
    ["sh", "-c", "mkdir -p $(dirname /srv/empty) && printf %s '' > /srv/empty && chown ann: /srv/empty && chmod 644 /srv/empty"],
    ["sh", "-c", "mkdir -p $(dirname /srv/l) && ln -s 'a b' /srv/l"],
    ["mkdir", "-p", "/root"],
]  # fmt: skip
LIMITS = {
    "network_mode": "none", "mem_limit": "96m", "memswap_limit": "96m", "pids_limit": 20, "security_opt": ["no-new-privileges"], "init": True,
    "ulimits": [{"name": "cpu", "soft": 3, "hard": 3}, {"name": "fsize", "soft": 9_437_184, "hard": 9_437_184}],
}  # fmt: skip


@pytest.fixture
def engine(tmp_path, monkeypatch):
    example = Engine(tmp_path)
    monkeypatch.setitem(sys.modules, "docker", example)
    return example


@pytest.fixture
def machine(engine):
    container = Container(Limits(seconds=5, memory=96, disk=9, processes=20, cpu=3), "debian:12")
    container.start({}, "/root", {"A": "1"})
    yield container
    container.close()


def test_a_spec_becomes_commands_of_the_image(engine):
    container = Container(Limits(memory=96, disk=9, processes=20, cpu=3), "debian:12")
    container.start(SPEC, "/root", {"A": "1"})
    made = engine.made[0]
    assert [command for command, _ in made.ran] == COMMANDS and {user for _, user in made.ran} == {"root"}
    assert (made.image, made.command, made.options) == ("debian:12", ["sleep", "infinity"], LIMITS | {"detach": True})
    options = {
        "stdin": True,
        "environment": {"TERM": "dumb", "PS1": "", "PS2": "", "A": "1"},
        "workdir": "/root",
        "user": "root",
    }
    assert engine.created == [("c0", ["bash", "--norc", "--noprofile", "--noediting", "-i"], options)]
    container.close()
    container.close()
    assert not made.alive


def test_the_shell_keeps_what_a_script_sets(machine, tmp_path):
    said = machine.run("B=2; echo $A; echo on stderr >&2; false")
    assert (said.text, said.status, said.ending, said.restarted, said.complete) == (
        b"1\non stderr\n",
        1,
        "done",
        False,
        True,
    )
    assert machine.run("echo $B; (exit 255)").model_dump(include={"text", "status"}) == {"text": b"2\n", "status": 255}
    assert machine.cwd() == str(tmp_path)


def test_a_script_that_takes_too_long_ends_the_shell(machine, engine):
    said = machine.run("B=2; sleep 30", 0.3)
    assert (said.text, said.status, said.ending, said.restarted, said.complete) == (b"", 137, "timeout", True, True)
    assert engine.made[0].restarts == 1 and machine.run("echo ${B-new}").text == b"new\n"


def test_a_script_that_ends_the_shell_or_floods_it_is_told(machine, engine):
    assert machine.run("exit").model_dump(include={"status", "ending", "restarted"}) == {
        "status": 137,
        "ending": "died",
        "restarted": True,
    }
    flood = machine.run("head -c 9000000 /dev/zero")
    assert (len(flood.text), flood.ending, flood.complete, engine.made[0].restarts) == (65_536, "flood", False, 2)
    long = machine.run("head -c 70000 /dev/zero")
    assert (len(long.text), long.ending, long.complete, long.status) == (65_536, "done", False, 0)


def test_the_tree_is_what_differs_from_the_image(machine, engine):
    made = engine.made[0]
    made.files = {
        "/srv/a": (tarfile.REGTYPE, 0o640, b"x\n"), "/srv/d": (tarfile.DIRTYPE, 0o755, b""), "/srv/l": (tarfile.SYMTYPE, 0o777, b"a"),
        "/srv/p": (tarfile.FIFOTYPE, 0o600, b""), "/srv/long": (tarfile.REGTYPE, 0o644, b"x" * 2049), "/srv/nul": (tarfile.REGTYPE, 0o644, b"\0"), "/srv/just": (tarfile.REGTYPE, 0o644, b"x" * 2048),
    }  # fmt: skip
    made.removed = ["/etc/motd"]
    tree = machine.tree()
    facts = {p: (e.kind, e.mode, e.uid, e.gid, e.size, (e.text or "")[:3]) for p, e in tree.items()}
    assert facts == {
        "/srv/a": ("file", 0o640, 7, 8, 2, "x\n"), "/srv/d": ("directory", 0o755, 7, 8, 0, ""), "/srv/l": ("link", 0o777, 7, 8, 0, ""),
        "/srv/p": ("fifo", 0o600, 7, 8, 0, ""), "/srv/long": ("file", 0o644, 7, 8, 2049, ""), "/srv/nul": ("file", 0o644, 7, 8, 1, ""), "/srv/just": ("file", 0o644, 7, 8, 2048, "xxx"),
    }  # fmt: skip
    assert (tree["/srv/l"].content, tree["/srv/a"].content) == ("a", sha256(b"x\n").hexdigest())
    assert tree["/srv/long"].text is None and machine.base_tree() == {}
    assert machine.read("/srv/a") == b"x\n" and machine.read("/srv/long", 3) == b"xxx"
    assert machine.read("/srv/d") is None and machine.read("/srv/none") is None


def test_checks_run_in_copies_until_one_fails(machine, engine):
    engine.statuses = [0, 0, 3]
    results = machine.check(
        [Script(code="a"), Script(code="b", language="python"), Script(code="c"), Script(code="d")], ["7"]
    )
    assert [(r.status, r.output, r.errors) for r in results] == [(0, "said\n", "moaned\n")] * 2 + [
        (3, "said\n", "moaned\n")
    ]
    copies = engine.made[1:]
    assert [c.command for c in copies] == [
        ["bash", "-c", "a", "--", "7"], ["python3", "-I", "-c", "b", "7", "said\n"], ["bash", "-c", "c", "--", "7", "said\n", "said\n"],
    ]  # fmt: skip
    assert all(c.options == LIMITS | {"detach": True, "entrypoint": "", "working_dir": "/root"} for c in copies)
    assert (
        {c.image for c in copies} == {"image of c0"}
        and engine.removed == [("image of c0", True)]
        and not any(c.alive for c in copies)
    )


def test_a_check_that_takes_too_long_has_status_124(machine, engine):
    def late(timeout):
        assert timeout == 5
        raise ConnectionError("read timed out")

    engine.run, run = lambda *a, **k: [setattr(c := run(*a, **k), "wait", late), c][1], engine.run
    results = machine.check([Script(code="a"), Script(code="b")], [])
    assert [(r.status, r.output, r.errors) for r in results] == [(124, "", "")]


def test_a_snapshot_brings_files_shell_and_what_is_gone(machine, engine, tmp_path):
    (tmp_path / "d").mkdir()
    machine.run("cd d; C='it is'; f() { echo $C; }; alias g=ls; umask 027")
    made = engine.made[0]
    made.files = {"/srv/a": (tarfile.REGTYPE, 0o640, b"x\n"), "/srv/l": (tarfile.SYMTYPE, 0o777, b"a")}
    made.removed = ["/etc/motd"]
    blob = machine.save()
    machine.load(blob)
    again = engine.made[1]
    assert not made.alive and again.ran == [(["rm", "-rf", "--", "/etc/motd"], "root")] and again.unpacked[0] == "/"
    with tarfile.open(fileobj=io.BytesIO(again.unpacked[1])) as archive:
        assert [(m.name, m.mode, m.linkname) for m in archive] == [("srv/a", 0o640, ""), ("srv/l", 0o777, "a")]
        assert archive.extractfile("srv/a").read() == b"x\n"
    assert machine.run("f; pwd; umask; alias g").text == f"it is\n{tmp_path}/d\n0027\nalias g='ls'\n".encode()


def test_a_snapshot_of_nothing_changed_can_be_loaded(machine, engine):
    machine.load(machine.save())
    assert engine.made[1].ran == [] and machine.tree() == {}


@pytest.mark.parametrize("blob", [b"", b"no", b"x\x9cc```\xf8\x7f\x8f\xa1\xff\xff\x0f\x00"])
def test_what_is_no_snapshot_is_told(machine, blob):
    with pytest.raises(WorldError, match="this is no snapshot: "):
        machine.load(blob)


def test_faults_of_the_engine_have_a_place(engine, machine, monkeypatch):
    engine.answers["groupadd"] = (9, b"x" * 400)
    with pytest.raises(WorldError, match=r"^environments/os: groupadd crew ended with 9: b'x{300}'$"):
        machine.start(SPEC, "/root", {})
    monkeypatch.setattr(engine, "run", fail)
    with pytest.raises(WorldError, match=r"^environments/os: the container cannot be set up: refused$"):
        machine.start({}, "/root", {})
    assert not any(c.alive for c in engine.made[:1])


def fail(*words, **options):
    raise DockerException("refused")


def test_a_container_that_does_not_answer_is_told(machine, monkeypatch):
    machine._socket.close()
    with pytest.raises(WorldError, match=r"^environments/os: the container does not answer: "):
        machine.run("true")


def test_an_engine_that_does_not_answer_is_the_users_to_mend(engine, monkeypatch):
    monkeypatch.setattr(engine, "ping", fail)
    with pytest.raises(ConfigError, match=r"^environments/os: no Docker or Podman engine answers: refused$"):
        Container(Limits(), "debian:12")
    monkeypatch.setitem(sys.modules, "docker", None)
    with pytest.raises(
        ConfigError, match=r"^environments/os: engine docker needs the docker SDK; install simenv\[docker\]$"
    ):
        Container(Limits(), "debian:12")
