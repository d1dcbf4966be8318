# ruff: noqa: E501 (shell scripts read better in one line)
"""The machine through the world's eyes: what a shell keeps, shows, loses and brings back, and how goals are judged."""

import asyncio
import time

import pytest

from simenv.errors import ConfigError, WorldError
from simenv.plugins.environments.os.engine.goal import Goal
from simenv.plugins.environments.os.engine.sandbox import Limits
from simenv.plugins.environments.os.world import OS
from simenv.types import Action, Stop, Task, digest

SPEC = {
    "files": [
        {"path": "/srv/a.txt", "content": "one\ntwo\n"},
        {
            "path": "/srv/b.sh",
            "content": "echo b",
            "mode": "750",
            "owner": "ann",
            "group": "staff",
            "mtime": 1_600_000_000,
        },
        {"path": "/srv/c.bin", "content": "AAEC", "encoding": "base64", "age": 86400 * 9},
    ],
    "directories": [{"path": "/srv/shared", "mode": "2775", "group": "crew"}],
    "links": [{"path": "/srv/link", "target": "a.txt"}],
    "groups": [{"name": "crew", "gid": 1500}],
    "users": [{"name": "ann", "groups": ["crew"]}, {"name": "bob", "uid": 1700, "group": "crew", "shell": "/bin/sh"}],
    "environment": {"COLOUR": 'it\'s "green"'},
    "cwd": "/srv",
}


def task(goal=None, **spec):
    return Task(
        id="t",
        environment="os",
        instruction="Do it.",
        spec={"files": []} | spec,
        goal=goal or {"answer": {"equals": "x"}},
    )


@pytest.fixture
def world():
    example = OS(OS.Options(limits=Limits(seconds=5, memory=256, disk=32, processes=64)))
    yield example
    example.end()


def say(world, script):
    return asyncio.run(world.step(Action(name="bash", arguments={"script": script})))


def begin(world, goal=None, **spec):
    example = task(goal, **spec)
    world.check(example.spec)
    world.check_goal(example.goal)
    asyncio.run(world.reset(example))


def holds(world, *state, answer=None):
    return world.score({"state": list(state)}, answer).success


def test_the_machine_is_as_the_spec_says(world):
    begin(world, **SPEC)
    observation = say(
        world,
        "pwd; echo $COLOUR; cat link; stat -c '%a %U %G %Y %n' b.sh shared; xxd -p c.bin; id ann; id bob; find . -mtime +8 -name '*.bin'",
    ).text
    assert observation.splitlines() == [
        "/srv", "it's \"green\"", "one", "two", "750 ann staff 1600000000 b.sh", observation.splitlines()[5], "000102",
        "uid=1000(ann) gid=1501(ann) groups=1501(ann),1500(crew)", "uid=1700(bob) gid=1500(crew) groups=1500(crew)", "./c.bin",
    ]  # fmt: skip
    assert observation.splitlines()[5].startswith("2775 root crew")


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"files": [{"path": "relative"}]}, r"\$\.files\[0\]\.path"),
        ({"files": [{"path": "/a/../b"}]}, r"\$\.files\[0\]\.path"),
        ({"files": [{"path": "/proc/x"}]}, r"\$\.files\[0\]\.path"),
        ({"files": [{"path": "/usr/bin/ls"}]}, r"\$\.files\[0\]\.path"),
        ({"files": [{"path": "/x", "mode": "rwx"}]}, r"\$\.files\[0\]\.mode"),
        ({"files": [], "users": [{"name": "a:b"}]}, r"\$\.users\[0\]\.name"),
        ({"files": [], "init": [{"language": "perl", "code": ""}]}, r"\$\.init\[0\]\.language"),
        ({"files": [], "environment": {"A B": "x"}}, r"\$\.environment"),
    ],
)
def test_broken_specs_are_refused_with_their_place(spec, path):
    with pytest.raises(WorldError, match=path):
        OS.check(spec)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"files": [{"path": "/x", "owner": "nobody-there"}]}, "nobody-there"),
        ({"files": [], "users": [{"name": "root"}]}, "root exists already"),
        ({"files": [], "users": [{"name": "a", "groups": ["none"]}]}, "no group none"),
        ({"files": [], "init": [{"code": "echo why >&2; exit 3"}]}, r"init\[0\] ended with 3: why"),
        (
            {"files": [], "init": [{"code": "true"}, {"language": "python", "code": "1/0"}]},
            r"(?s)init\[1\].*ZeroDivision",
        ),
        ({"files": [{"path": "/x", "encoding": "base64", "content": "%%%"}]}, "build"),
    ],
)
def test_specs_that_cannot_be_built_are_the_worlds_fault(world, spec, reason):
    with pytest.raises(WorldError, match=reason):
        asyncio.run(world.reset(task(**spec)))


def test_the_shell_keeps_folder_variables_functions_options_and_status(world):
    begin(world)
    say(
        world,
        "cd /tmp; x=5; export Y=6; f() { echo f$x; }; shopt -s extglob; alias g='echo g'; declare -A m=([k]=v); umask 077; false",
    )
    blob = world.save()
    wanted = "1 /tmp 5 6 v 0077\nf5\ng"
    script = "echo $? $PWD $x $Y ${m[k]} $(umask); f\ng"
    assert say(world, script).text == wanted
    say(world, "exit")
    assert say(world, "echo $x$PWD").text == "/root"
    world.load(blob)
    assert say(world, script).text == wanted


def test_output_is_clean_and_cut_visibly(world):
    begin(world)
    assert say(world, r"printf '\033[31mred\033[0m \033]0;title\007plain\a\r\n\n'").text == "red plain"
    assert say(world, "echo err >&2; echo out").text == "err\nout"
    assert say(world, "true").text == ""
    observation = say(world, "printf 'a%.0s' {1..801}")
    assert observation.text == "a" * 780 + "\n[truncated because the output is too long]" and observation.truncated
    observation = say(world, "printf 'a%.0s' {1..800}")
    assert observation.text == "a" * 800 and not observation.truncated
    assert say(world, r"printf '\xff\xfe'").text == "\ufffd\ufffd"


def test_what_ends_a_command_is_told(world):
    world.options = OS.Options(limits=Limits(seconds=1))
    begin(world)
    late = "a\n[the command was stopped: it ran for more than 1 seconds]"
    # On a busy host the shell may be slow to give way to the interrupt; then it is replaced, and that is told too.
    assert say(world, "echo a; sleep 9").text in (late, f"{late}\n[a new shell was started in /root]")
    assert "\n[the command was stopped: it wrote too much]" in say(world, "yes").text
    assert say(world, "x=1; exit").text == "exit\n[the shell has ended]\n[a new shell was started in /root]"
    assert say(world, "echo x$x").text == "x"


def test_background_processes_live_on_until_a_restore_and_start_is_given_again(world):
    begin(world, start="(exec -a ticker sleep 1000) &", cwd="/tmp")
    assert say(world, "sleep 0.2; pgrep -fc '^ticker'").text == "1"
    say(world, "(exec -a other sleep 1000) & sleep 0.2")
    blob = world.save()
    world.load(blob)
    assert say(world, "sleep 0.2; pgrep -fc '^ticker'; pgrep -fc '^other'; pwd").text == "1\n0\n/tmp"


def test_a_snapshot_holds_links_holes_modes_owners_times_and_odd_names(world):
    begin(world, **SPEC)
    say(
        world,
        r"""cd /root; ln /srv/a.txt hard; ln -s /nowhere broken; truncate -s 9M hole; echo x >> hole; mkfifo pipe; touch $'a\nb' $'\xff' 'ü'
        chmod 4711 'ü'; chown ann:crew broken -h; mkdir -m 0 closed; touch -d 2020-02-02 old; rm /etc/hosts; for i in {1..40}; do touch o$i; done""",
    )
    script = "cd /root; ls -lan --full-time; find . ; stat -c %h hard; sha256sum hole; du hole; ls /etc/hosts"
    before, state, blob = world.sandbox.run(script).text, digest(world.facts()), world.save()
    say(world, "rm -rf /root/* /srv; echo 127.0.0.1 > /etc/hosts")
    assert digest(world.facts()) != state
    world.load(blob)
    assert world.sandbox.run(script).text == before
    assert digest(world.facts()) == state


def test_facts_name_what_differs_from_the_bare_machine_and_no_times(world):
    begin(world)
    assert world.facts()["files"] == {} and world.facts()["removed"] == []
    say(world, "echo hi > /root/x; chmod 600 /root/x; rm /etc/hosts; useradd -m zoe; cd /tmp")
    first = world.facts()
    assert first["files"]["/root/x"] == {
        "kind": "file", "mode": "0600", "owner": "root", "group": "root", "size": 3, "text": "hi\n",
        "sha256": "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4",
    }  # fmt: skip
    assert (
        first["removed"] == ["/etc/hosts"] and first["users"]["zoe"]["home"] == "/home/zoe" and first["cwd"] == "/tmp"
    )
    time.sleep(0.01)
    say(world, "touch /root/x; sleep 0.01 & wait")
    assert world.facts() == first


STATES = [
    ("true", {"path": "/root/x", "exists": False}, True),
    ("touch /root/x", {"path": "/root/x", "exists": False}, False),
    ("mkdir /root/x", {"path": "/root/x", "kind": "directory"}, True),
    ("mkdir /root/x", {"path": "/root/x", "kind": "file"}, False),
    ("echo a > /root/x", {"path": "/root/x", "equals": "a"}, True),
    ("echo ab > /root/x", {"path": "/root/x", "equals": "a"}, False),
    ("echo ab > /root/x", {"path": "/root/x", "contains": "b", "lacks": "c"}, True),
    ("printf 'a=1\\nb=22\\n' > /root/x", {"path": "/root/x", "matches": "^b=\\d+$"}, True),
    ("mkdir /root/x", {"path": "/root/x", "contains": ""}, False),
    ("touch /root/x; chmod 640 /root/x", {"path": "/root/x", "mode": "640"}, True),
    ("touch /root/x; chmod 4640 /root/x", {"path": "/root/x", "mode": "0640"}, False),
    ("touch /root/x; chown daemon:games /root/x", {"path": "/root/x", "owner": "daemon", "group": "games"}, True),
    ("ln -s /nowhere /root/x", {"path": "/root/x", "kind": "link", "target": "/nowhere"}, True),
    ("useradd -s /bin/sh -G games eve", {"user": "eve", "shell": "/bin/sh", "groups": ["games", "eve"]}, True),
    ("useradd eve", {"user": "eve", "groups": ["games"]}, False),
    ("useradd eve", {"user": "eve", "exists": False}, False),
    ("userdel games", {"user": "games", "exists": False}, True),
    ("groupadd -g 4000 band", {"group": "band", "gid": 4000}, True),
    ("true", {"group": "band"}, False),
    ("echo 'x:y' > /etc/passwd", {"user": "root"}, False),
    ("rm /etc/passwd", {"user": "root", "exists": False}, True),
]


@pytest.mark.parametrize(("script", "condition", "so"), STATES)
def test_conditions_on_files_and_accounts(world, script, condition, so):
    begin(world, {"state": [condition]})
    say(world, script)
    assert holds(world, condition) is so


@pytest.mark.parametrize(
    ("wanted", "answer", "so"),
    [
        ({"equals": "5"}, " 5\n", True),
        ({"equals": "5", "strip": False}, " 5", False),
        ({"equals": "5"}, None, False),
        ({"equals": ""}, None, False),
        ({"regex": "^ab+c$"}, "abbc", True),
        ({"regex": "b"}, "xyz", False),
    ],
)
def test_answers(wanted, answer, so):
    assert Goal.read({"answer": wanted}).answer.holds(answer) is so


def test_chains_pass_the_answer_and_every_output_on(world):
    goal = {
        "example": {"code": "echo 7"},
        "checks": [
            None,
            {"language": "python", "code": "from sys import argv\nexit(int(argv[1]) != int(argv[2]))"},
            {"code": '[ $# = 3 ] && [ "$1" = 7 ]'},
        ],
    }
    begin(world, goal)
    assert world.score(goal, "7").success and world.score(goal, 7).progress == 1
    assert not world.score(goal, "8").success
    grade = world.score(goal, None)
    assert (
        not grade.success
        and grade.progress == 0
        and "invalid literal for int() with base 10: 'None'" in grade.reasons[1]
    )


def test_progress_is_the_share_of_conditions(world):
    goal = {"answer": {"equals": "x"}, "state": [{"path": "/root/a"}, {"path": "/root/b"}, {"path": "/root/c"}]}
    begin(world, goal)
    say(world, "touch /root/a /root/b")
    assert world.score(goal, None).progress == 0.5 and world.score(goal, "x").progress == 0.75


@pytest.mark.parametrize(
    "goal", [{"checks": [None]}, {"answer": {"regex": "("}}, {"state": [{"path": "/x", "matches": "["}]}]
)
def test_goals_that_cannot_be_judged_are_refused(goal):
    with pytest.raises(WorldError):
        Goal.read(goal)


def test_answer_and_finish_end_the_task(world):
    begin(world)
    for action, answer in ((Action(name="answer", arguments={"answer": "5"}), "5"), (Action(name="finish"), None)):
        observation = asyncio.run(world.step(action))
        assert observation.stop is Stop.submitted and observation.answer == answer


def test_scripts_that_cannot_be_run_are_invalid(world):
    begin(world)
    assert say(world, "echo \0").invalid and say(world, "#" * 100_001).invalid
    assert say(world, "echo ''\\'\necho \"$((1+1))\"").text == "'\n2"
    assert say(world, "#" * 99_999 + "\n").text == ""


def test_a_foreign_snapshot_is_refused(world):
    begin(world)
    for blob in (b"", b"x", b"\0\0\0\2[]", b"\0\0\0\2[]" + b"\0" * 8 + b"junk"):
        with pytest.raises(WorldError):
            world.load(blob)
        begin(world)


def test_worlds_that_were_not_closed_leave_nothing(world):
    begin(world)
    process = world.sandbox._process
    world.end()
    world.end()
    assert process.poll() is not None


def test_no_bubblewrap_is_told_with_the_name_of_the_package(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ConfigError, match="bubblewrap"):
        OS().begin({"files": []}, None)


def test_a_jail_that_died_is_the_worlds_fault(world):
    begin(world)
    world.sandbox._process.kill()
    with pytest.raises(WorldError, match="does not answer"):
        world.sandbox.run("true")
