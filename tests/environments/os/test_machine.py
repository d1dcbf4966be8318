"""The machine is the same for the agent and the grader, and the host's programs look like those of a system of its own."""

import os
from pathlib import Path

import pytest

from simenv.plugins.environments.os.engine.bubblewrap import Bubblewrap
from simenv.plugins.environments.os.engine.sandbox import Limits, Script
from simenv.plugins.environments.os.world import OS

BACKGROUND = {
    "a job": "sleep 97 &",
    "several": "for i in 1 2 3; do (sleep 97) & done",
    "a chain": "bash -c 'bash -c \"sleep 97; true\"; true' &",
    "another user's": "useradd jack; su jack -c 'sleep 97' & sleep 0.3",
    "a polite one": "nice -n 7 sleep 97 &",
    "an odd name": "(exec -a 'a very long name of a program, with spaces' sleep 97) &",
    "a script": "printf 'sleep 97\\ntrue\\n' > /root/loop.sh; bash /root/loop.sh one two &",
}
VIEWS = {
    "names": 'x=$(ps -eo user=,comm=); echo "$x" | sort',
    "nice values": 'x=$(ps -eo ni=,comm=); echo "$x" | sort',
    "arguments": 'x=$(ps -eo args=); echo "$x" | grep -v "^bash --norc" | sort',
    "process numbers": "pgrep sleep; pgrep -f odd",
    "all of them": 'x=$(ps -A); echo "$x" | wc -l',
    "shells": 'x=$(ps -ef); echo "$x" | grep -ci bash',
    "one kind": "pgrep -c sleep",
}


@pytest.mark.parametrize("background", BACKGROUND)
def test_a_check_sees_the_processes_that_the_agent_sees(machine, background):
    machine.run(BACKGROUND[background])
    for name, view in VIEWS.items():
        (check,) = machine.check([Script(code=view)], ["x"])
        assert check.output == machine.run(view).text.decode(), name


def test_a_check_sees_the_files_that_the_agent_sees(machine):
    view = "ls -la --time-style=+ /etc / /root /usr | grep -v proc | sort; find /etc /root /var -printf '%p %m %u %g\\n' | sort"
    assert machine.check([Script(code=view)], [])[0].output == machine.run(view).text.decode()


def test_a_check_has_its_own_switch_of_name_services(machine):
    machine.run("echo 'passwd: evil' > /etc/nsswitch.conf; rm /etc/hostname")
    checks = machine.check([Script(code="getent passwd root | cut -c1-4; ls /etc | wc -l")], [])
    assert checks[0].output == "root\n" + machine.run("ls /etc | wc -l").text.decode()


def test_all_files_can_be_listed_without_an_error():
    machine = Bubblewrap(Limits(seconds=120))
    machine.start({}, "/", {})
    machine.run("sleep 300 &")
    for script in (
        "find / -name nothing 2>&1; echo $?",
        "ls -R /proc/1 /proc/tty > /dev/null 2> /tmp/e; wc -l < /tmp/e",
    ):
        assert machine.run(script).text == machine.check([Script(code=script)], [])[0].output.encode() == b"0\n"
    machine.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's sandbox shows the host's programs as nobody's")
def test_the_hosts_programs_belong_to_root_and_cannot_be_changed(machine):
    owners = machine.run("stat -c '%U %G' /usr /usr/bin /usr/bin/env /bin /lib /etc/alternatives").text.decode()
    if "nobody" in owners:
        pytest.skip("the file system of /usr has no idmapped mounts")
    assert set(owners.splitlines()) == {"root root"}
    script = "touch /usr/bin/x /etc/alternatives/x; chmod u+s /usr/bin/env; chown jack /usr/bin/env; ls /usr/bin/x"
    assert "Read-only" in machine.run(script).text.decode() and machine.run("test -e /usr/bin/x").status != 0
    assert machine.run("mount -o remount,rw /usr/bin").status != 0 and not os.path.exists("/usr/bin/x")


def test_a_number_of_a_descriptor_may_be_as_large_as_the_host_allows(machine):
    most = int(machine.run("ulimit -n").text)
    assert machine.run(f"echo {most - 1}>/root/a && ls /root/a").text == b"\n/root/a\n"


def test_an_init_script_may_take_longer_than_a_command():
    world = OS(OS.Options(limits={"seconds": 1}))
    world.begin({"files": [], "init": [{"code": "sleep 1.5; touch /root/late"}]}, None)
    try:
        assert world.sandbox.run("ls /root/late").text == b"/root/late\n"
    finally:
        world.end()


def test_an_interrupt_of_the_terminal_does_not_reach_the_sandbox(machine):
    sandboxes = [
        int(folder.name)
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit() and f" {os.getpid()} " in _stat(folder) and "jail" in _words(folder)
    ]
    assert sandboxes and all(os.getpgid(pid) == pid and os.getsid(pid) == pid for pid in sandboxes)


def _stat(process):
    try:
        return (process / "stat").read_text().rpartition(")")[2]
    except OSError:
        return ""


def _words(process):
    try:
        return (process / "cmdline").read_text()
    except OSError:
        return ""
