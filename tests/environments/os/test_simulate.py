"""What a simulator is told of the machine: every example is the engine's own, and what changes comes last."""

import asyncio
import base64
from functools import cache

from simenv.plugins import environment
from simenv.prompts import render
from simenv.types import Action, Task

OS = environment("os")
SCRIPTS = [
    "foo",
    "cd /x",
    "if",
    "cat /nope",
    "ls /nope",
    "ls --nope /srv",
    "rm /nope",
    "mkdir /root",
    "chmod zzz /root",
    "chown zz /root",
    "id zz",
    "useradd root",
    "usermod -aG nogrp root",
    "head -n 9 /etc/passwd",
    "tail -n 9 /etc/passwd",
    "cut -d: -f1,3 /etc/group | tr ':' ' ' | paste -sd, | sed 's/,/, /g'",
    "ls -A / | paste -sd' '",
    "cat /root/.bashrc /root/.profile /etc/skel/.bashrc",
    "echo $LANG $(umask) $(hostname) $PATH",
]


def told(spec=(), state=None):
    return render(OS.simulate, spec=dict(spec), opening="", state=state)


@cache
def answers() -> str:
    async def run() -> list[str]:
        world = OS.world()
        await world.reset(Task(id="t", environment="os", instruction="-", spec={}, goal={}))
        texts = [(await world.step(Action(name="bash", arguments={"script": s}))).text for s in SCRIPTS]
        await world.close()
        return texts

    return "\n".join(asyncio.run(run()))


def test_every_example_is_the_engines():
    text = told().split("# What the state holds")[0]
    errors = text.partition("tells no line number.\n")[2].partition("\n\n")[0].split("\n")
    accounts = [line for line in text.split("\n") if line.count(":") == 6]
    assert len(errors) >= 12 and len(accounts) == 18
    for line in errors + accounts:
        assert line in answers(), line


def test_what_is_told_of_the_bare_machine_is_so():
    text = " ".join(told().split())
    groups, root, *dotfiles, facts = answers().split("\n")[-9:]
    assert groups in text and f"/ holds {root};" in text
    assert all(fact in text for fact in facts.split())
    assert all(line in text for line in dotfiles), dotfiles


def test_variables_and_archives_of_the_spec_are_told_and_files_stand_in_the_state():
    archive = base64.b64encode(b"\0\0oak.txt\0\0moss and fern\n").decode()
    spec = {
        "environment": {"FERN": "1"},
        "files": [{"path": "/srv/a", "content": "plain"}, {"path": "/srv/b", "content": archive, "encoding": "base64"}],
    }
    text = told(spec)
    assert '{"FERN": "1"}' in text and 'in /srv/b: "oak.txt moss and fern"' in text
    assert "plain" not in text and archive not in text


def test_a_state_is_told_a_line_each_and_any_state_can_be_told():
    entry = {
        "kind": "file",
        "mode": "0640",
        "owner": "ann",
        "group": "crew",
        "size": 3,
        "sha256": "9" * 64,
        "text": "<a>",
    }
    files = {"/srv/a": entry, "/srv/l": entry | {"kind": "link", "target": "/srv/a"}, "/srv/odd": "text alone"}
    state = {"cwd": "/srv", "files": files, "removed": [], "users": {}}
    lines = told(state=state).split("\n")
    assert '/srv/a file 0640 ann:crew "<a>"' in lines and "/srv/l link 0640 ann:crew -> /srv/a" in lines
    assert '/srv/odd "text alone"' in lines
    for odd in ({}, {"files": [1]}, {"files": {"/a": {"kind": 1}}, "cwd": "/"}, [], None, "x"):
        assert told(state=odd)
