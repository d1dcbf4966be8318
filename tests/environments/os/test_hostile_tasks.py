"""Task files with one odd thing each: a named refusal or a task that is played, within seconds and without a traceback."""

import asyncio
import time

import pytest

from simenv.errors import SimenvError, WorldError
from simenv.plugins.environments.os.engine.goal import Goal
from simenv.plugins.environments.os.engine.sandbox import Limits
from simenv.plugins.environments.os.world import OS
from simenv.types import Action, Task


def play(spec, goal, answer="x"):
    """The grade of a task, or the message that refuses it."""
    world = OS(OS.Options(limits=Limits(seconds=1, memory=64, disk=8, processes=48)))
    try:
        world.check(spec)
        world.check_goal(goal)
        Goal.read(goal)
        asyncio.run(
            world.reset(Task(id="t", environment="os", instruction="Do it.", spec=spec, goal=goal)),
        )
        asyncio.run(world.step(Action(name="answer", arguments={"answer": answer})))
        return asyncio.run(world.grade(answer)).success
    except SimenvError as e:
        return str(e)
    finally:
        world.end()


EQUALS = {"answer": {"equals": "x"}}
REFUSED = {
    "bad base64": ({"files": [{"path": "/root/a", "content": "!!!", "encoding": "base64"}]}, "base64"),
    "a folder as a file": ({"files": [{"path": "/root", "content": "x"}]}, "/root"),
    "a file as a folder": ({"files": [{"path": "/root/a"}, {"path": "/root/a/b"}]}, "/root/a"),
    "dots": ({"files": [{"path": "/root/../../tmp/x"}]}, r"files\[0\]\.path"),
    "NUL in a path": ({"files": [{"path": "/root/\0x"}]}, r"files\[0\]\.path"),
    "NUL in the folder": ({"files": [], "cwd": "/root/\n\0x"}, "cwd"),
    "NUL in a variable": ({"files": [], "environment": {"A": "c\0d"}}, "environment"),
    "a variable's name": ({"files": [], "environment": {"A\0B": "c", "=": "x", "A\n": "y"}}, "environment"),
    "a mode": ({"files": [{"path": "/root/a", "mode": "99999999"}]}, "mode"),
    "a mode and a line end": ({"files": [{"path": "/root/a", "mode": "755\n"}]}, "mode"),
    "a time without end": ({"files": [{"path": "/root/a", "mtime": 1e300}]}, "mtime"),
    "an age without end": ({"files": [{"path": "/root/a", "age": 1e300}]}, "age"),
    "a user's number": ({"files": [], "users": [{"name": "u", "uid": 10**30}]}, "uid"),
    "a user's name": ({"files": [], "users": [{"name": "u:x:0:0::/root:/bin/sh\nroot2"}]}, "name"),
    "a line end after a name": ({"files": [], "users": [{"name": "u\n"}]}, "name"),
    "a line end after a shell": ({"files": [], "users": [{"name": "u", "shell": "/bin/sh\n"}]}, "shell"),
    "surrogates": ({"files": [{"path": "/root/\ud800", "content": "\udfff"}]}, "surrogate"),
    "a name beyond all names": ({"files": [{"path": "/root/" + "n" * 300}]}, "too long"),
    "a file beyond the disk": ({"files": [{"path": "/root/a", "content": "x" * 10_000_000}]}, "space"),
    "init without end": ({"files": [], "init": [{"code": "while :; do :; done"}]}, r"init\[0\] timeout"),
    "init that fills the disk": ({"files": [], "init": [{"code": "cat /dev/zero > /root/a"}]}, r"init\[0\]"),
    "init that ends the shell": ({"files": [], "init": [{"code": "kill -9 $PPID"}]}, r"init\[0\] died"),
    "init scripts without end": ({"files": [], "init": [{"code": "sleep 0.9"}] * 100}, r"init\[\d\] timeout"),
    "a link in the way of itself": ({"files": [], "links": [{"path": "/root/l", "target": "l"}] * 2}, "/root/l"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_odd_machines_are_refused_by_name(name):
    spec, reason = REFUSED[name]
    began = time.monotonic()
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(play(spec, EQUALS))
    assert time.monotonic() - began < 20


PLAYED = {
    "links out of the machine": {"files": [], "links": [{"path": "/usr/local/l", "target": "/../../../etc/shadow"}]},
    "a library for every program": {"files": [], "environment": {"LD_PRELOAD": "/tmp/x.so", "BASH_ENV": "/dev/zero"}},
    "a start that lasts": {"files": [], "start": "sleep 99"},
    "a folder that is not there": {"files": [], "cwd": "/nowhere"},
}


@pytest.mark.parametrize("name", PLAYED)
def test_odd_machines_that_can_be_are_played(name):
    assert play(PLAYED[name], EQUALS) is True


@pytest.mark.parametrize(
    ("goal", "answer"),
    [
        ({"answer": {"regex": "^(a+)+$"}}, "a" * 46 + "!"),
        ({"answer": {"regex": r"^(([a-z0-9 ])+)+!$"}}, "a" * 46),
        ({"answer": {"regex": r"^(\w|\s|\d)+X$"}}, "foo " * 20),
        ({"answer": {"regex": r"^(a|a)*b"}}, "a" * 60),
        ({"answer": {"regex": r"(x+x+)+y"}}, "x" * 60),
    ],
)
def test_patterns_that_search_for_ever_have_an_end(goal, answer):
    began = time.monotonic()
    assert Goal.read(goal).answer.holds(answer) is False
    assert time.monotonic() - began < 5


def test_patterns_on_files_have_an_end_too():
    spec = {"files": [{"path": "/root/a", "content": "a" * 60}]}
    assert play(spec, {"state": [{"path": "/root/a", "matches": "^(a|a)+$b"}]}) is False


@pytest.mark.parametrize(
    "pattern", ["(((a{1,1000}){1,1000}){1,100}", "(" * 5000 + ")" * 5000, "a" * 20_000, "(?P<a>", "[", "x{99999999999}"]
)
def test_patterns_that_are_none_are_refused(pattern):
    began = time.monotonic()
    with pytest.raises(WorldError, match="regular expression"):
        Goal.read({"answer": {"regex": pattern}})
    assert time.monotonic() - began < 5


def test_a_check_that_runs_its_answer_is_met_by_an_answer_of_do_nothing():
    goal = {"checks": [{"language": "python", "code": "import sys; exec(sys.argv[1])"}]}
    assert any(play({"files": []}, goal, claim) is True for claim in OS().cheats().values())


def test_checks_that_write_for_ever_fail():
    assert play({"files": []}, {"checks": [{"code": "yes"}]}) is False
