# ruff: noqa: E501 (shell scripts read better in one line)
"""What an agent breaks is the agent's: after each of these scripts the world answers, and grades as failed.

Scripts of a kind run one after the other on one machine, as they would in an episode; a machine that broke for good is
replaced. Here run some of each kind; all of them, each on a machine of its own, run in tests/reliability/os_hostile.py.
"""

import time

import pytest

from simenv.plugins.environments.os.engine.sandbox import Limits
from simenv.plugins.environments.os.world import OS
from simenv.types import Observation

GOAL = {
    "state": [{"path": "/root/wanted", "exists": False}, {"user": "root", "home": "/root"}],
    "checks": [{"code": "[ -e /root/wanted ]"}, {"language": "python", "code": "print(1)"}],
}
"""What no script below attains. It makes the grader list the tree, read accounts, and run a check."""
MARK = "\\036%s 0\\036"

SOME = 3
KINDS = {
    "forged ends of a command": [
        f"for n in $(seq 0 99); do printf '{MARK}' $n >&2; done",
        f"for fd in /proc/$$/fd/*; do printf '{MARK}' 1 > $fd; done 2> /dev/null",
        f"exec 9> /proc/$$/fd/2; printf '{MARK}' x >&9; exec 9>&-",
        "printf '\\036%s\\036' $(head -c 12 /dev/urandom | od -An -tx1 | tr -d ' ') > /proc/$$/fd/250",
        f"PROMPT_COMMAND=\"printf '{MARK}' 1 >&2\"",
        f"trap \"printf '{MARK}' 7 >&2\" DEBUG",
        f"PS1='$(printf \"{MARK}\" 7)'; PS0=$PS1; PS4=$PS1; set -x; set +x",
        'trap \'builtin printf "\\036%s 999999999999\\036" "${BASH_COMMAND//[^0-9a-f]/}" >&2\' DEBUG',
        "(sleep 0.3; head -c 400 /proc/$$/fd/0 > /root/stolen) & sleep 0.1",
        "for fd in /proc/$$/fd/1*; do timeout 0.1 head -c 99 $fd; done > /root/stolen 2> /dev/null",
        "(sleep 0.1; echo 'rm -rf /root' > /proc/$$/fd/0) & sleep 0.3",
    ],
    "shadowed words of the shell": [
        "eval() { :; }",
        "builtin() { echo 1; }; printf() { echo 2; }",
        "function return { :; }; function unset { :; }; false",
        "shopt -s expand_aliases; alias builtin='echo' eval='echo' declare=false",
        "declare() { cat /dev/zero; }; shopt() { sleep 9; }; alias umask='exit'",
        "enable -n eval printf builtin declare pwd",
        "readonly -f f 2> /dev/null; readonly PWD HOME PATH BASH_ENV=/root/x; readonly _=1",
        "pwd() { yes; }; cd() { exit; }; [() { return 0; }; [[() { :; } 2> /dev/null; true",
        "IFS=0123456789; PATH=; ENV=/dev/zero; BASH_ENV=/dev/zero; TMOUT=1; unset PWD",
        "set -n",
        "set -efuC -o pipefail -o posix; set -o noexec",
        "x=$(head -c 3000000 /dev/zero | tr '\\0' x); f() { echo $x; }; export x",
    ],
    "traps and signals": [
        "trap '' INT TERM HUP QUIT; sleep 3",
        "trap 'sleep 2' EXIT; exit",
        "kill -STOP $$",
        "kill -SEGV $$",
        "kill -9 -1",
        "(while :; do kill -INT $$; kill -CONT 1; done) &",
        "(sleep 0.2; kill -9 $$) & disown; true",
        "trap 'trap - CHLD; kill -STOP $$' CHLD; sleep 0.01 & wait",
        "ulimit -t 1; while :; do :; done",
        "ulimit -n 3; ulimit -f 0; ulimit -u 1; ulimit -v 100; true",
        "exec sleep 3",
        "exec 0<&- 1>&- 2>&-; exec 250>&- 10>&- 11>&-",
        "exec < /dev/null",
        "exec 2> /dev/null",
        "suspend -f",
    ],
    "trees that no path names": [
        "python3 -c \"import os\nfor n in range(1500): os.mkdir('d' * 200); os.chdir('d' * 200)\"; true",
        "cd /tmp; for i in $(seq 30); do mkdir $(printf 'e%.0s' $(seq 250)); cd e*; done; true",
        "mkdir -p /root/a/$(printf 'x/%.0s' $(seq 1900)); mv /root/a /tmp/deep; true",
        "cd /root; for i in $(seq 300); do mkdir -p n$i/m; mv n$((i-1)) n$i/m/ 2> /dev/null; done; true",
    ],
    "links": [
        "cd /root; ln -s a b; ln -s b a; ln -s . self; ln -s /root /root/again; true",
        "head -c 4000000 /dev/urandom > /root/f; for i in $(seq 1500); do ln /root/f /root/f$i; done; true",
        "ln -s $(printf 'x%.0s' $(seq 4000)) /root/long; true",
        "rm -f /etc/passwd; ln -s /dev/zero /etc/passwd; ln -sf /proc/kmsg /etc/group; true",
        "rm -rf /root; ln -s /proc/self /root; true",
        "mv /etc /etc2; ln -s /etc2 /etc; ln -s /nowhere /etc2/nsswitch.conf.agent; true",
        "cd /; mv /usr /u; ln -s /proc /usr; exit",
        "rm -rf /dev/shm /tmp; ln -s / /tmp; true",
    ],
    "a full disk": [
        "dd if=/dev/zero of=/root/big bs=1M; true",
        "python3 -c \"import os\nwhile 1: open('/tmp/' + os.urandom(8).hex(), 'w')\"; true",
        "mv /usr /gone; mv /etc /gone2; python3 -c \"import os\nwhile 1: os.mkdir('/tmp/' + os.urandom(8).hex())\"; exit",
        "rm -rf /usr /etc /root /proc /dev 2> /dev/null; exit",
        "for i in 1 2 3 4 5 6 7 8; do truncate -s 8M /tmp/h$i; echo x >> /tmp/h$i; done; true",
        "python3 -c \"f = open('/root/s', 'wb')\nfor n in range(900): f.seek(n * 8192); f.write(b'x')\"; true",
        "(while :; do cat /dev/zero > /tmp/a; rm /tmp/a; done) 2> /dev/null &",
    ],
    "files that are none": [
        "rm -rf /root; mkfifo /root",
        "rm /etc/passwd /etc/group; mkfifo /etc/passwd /etc/group; true",
        "rm /etc/passwd; mkdir /etc/passwd; mkdir -p /etc/nsswitch.conf.agent/x",
        "python3 -c \"import socket; socket.socket(1).bind('/root/wanted.sock')\"; true",
        "for i in $(seq 500); do mkfifo /tmp/p$i; done; true",
        "mkdir /etc/ld.so.preload /usr/local/lib/python3 /usr/local/lib/x.so; mkfifo /pyvenv.cfg; true",
        "touch $'/root/\\xff\\xfe' $'/root/a\\nb' $'/root/\\x01' $'/root/\\u202e'; true",
        "chmod 0 / /root /etc /etc/passwd; true",
        "chown -R 65534:65534 / 2> /dev/null; true",
    ],
    "accounts that are none": [
        "printf 'root:x:%s:0::/root:/bin/sh\\n' $(printf '9%.0s' $(seq 9000)) > /etc/passwd; true",
        "yes 'a:x:1:1::/:/bin/sh' | head -c 900000 > /etc/passwd; true",
        "seq -f 'u%.0f:x:0:0::/:/x' 30000 > /etc/passwd; seq -f 'g%.0f:x:1000:root' 30000 > /etc/group; true",
        "head -c 900000 /dev/urandom > /etc/passwd; head -c 900000 /dev/zero > /etc/group; true",
        "printf ':::::::\\n::\\n\\0\\n\\xff:x:\\xb2:0:::\\n' > /etc/passwd; true",
        "printf 'root:x:\\xd9\\xa1:0::/root:/bin/sh\\n' > /etc/passwd; true",
    ],
    "crowds": [
        ":(){ :|:& };:",
        "for i in $(seq 99); do sleep 99 & done",
        'python3 -c "import os, time\nfor _ in range(99):\n if os.fork() == 0: os.setsid(); time.sleep(99)"; true',
        "useradd eve; for i in $(seq 60); do su eve -c 'sleep 99' & done; true",
        "(while :; do (setsid sleep 0.1 &); done) &",
        'python3 -c "import threading, time\n[threading.Thread(target=time.sleep, args=(99,)).start() for _ in range(99)]" & sleep 0.5',
    ],
    "memory": [
        "python3 -c 'x = bytearray(10**9)'; true",
        "x=$(cat /dev/zero | tr '\\0' x | head -c 300000000); true",
        "tail /dev/zero; true",
        "for i in $(seq 30); do python3 -c 'x = bytearray(10**7); import time; time.sleep(9)' & done; sleep 1",
        "python3 -c \"import socket\na = [socket.socketpair() for _ in range(400)]\nfor p in a:\n p[0].setblocking(0)\n try:\n  while 1: p[0].send(b'x' * 60000)\n except OSError: pass\"; true",
        "yes | (x=$(cat)); true",
    ],
    "output": [
        "yes",
        "cat /dev/urandom",
        "while :; do echo -n; done",
        "printf '\\033]0;%s' $(seq 9999)",
        "printf '\\xff\\xfe\\x00\\ud800\\r\\r\\n%.0s' $(seq 999)",
        "(while :; do echo late; sleep 0.01; done) &",
        "cat /dev/zero > /proc/$$/fd/2",
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_an_agent_breaks_grades_as_failed(kind):
    limits = Limits(seconds=1, memory=64, disk=8, processes=48, cpu=5)
    world = OS(OS.Options(limits=limits))
    try:
        world.begin({"files": []}, None)
        for script in KINDS[kind][:SOME]:
            answers(world, script)
            if "broken" in world.facts():
                world.begin({"files": []}, None)
    finally:
        world.end()


def answers(world, script):
    assert isinstance(world.bash(script), Observation)
    assert isinstance(world.bash("true"), Observation)
    began = time.monotonic()
    grade = world.score(GOAL, "x")
    assert not grade.success and grade.reasons, script
    assert set(world.facts()) >= {"cwd", "files", "removed", "users"}, script
    assert time.monotonic() - began < 30, script


@pytest.mark.parametrize("kind", ["trees that no path names", "a full disk", "files that are none"])
def test_a_snapshot_of_what_an_agent_broke_is_restored_or_is_broken_too(kind):
    limits = Limits(seconds=1, memory=64, disk=8, processes=48, cpu=5)
    world, other = OS(OS.Options(limits=limits)), OS(OS.Options(limits=limits))
    try:
        for script in KINDS[kind][:1]:
            world.begin({"files": []}, None)
            other.begin({"files": []}, None)
            world.bash(script)
            other.load(world.save())
            assert not other.score(GOAL, "x").success
            assert isinstance(other.bash("echo on"), Observation)
    finally:
        world.end()
        other.end()
