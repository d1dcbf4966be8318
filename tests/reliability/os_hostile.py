# ruff: noqa: E501 (shell scripts read better in one line)
"""What an agent breaks is the agent's, by other scripts than in tests/environments/os/test_hostile_scripts.py: each grades as failed.

`pytest tests/reliability/os_hostile.py`. All scripts of that file are tried here too, one by one, each on a machine of its own.
"""

import time

import pytest

from simenv.plugins.environments.os.engine.sandbox import Limits
from simenv.plugins.environments.os.world import OS
from simenv.types import Observation
from tests.environments.os.conftest import bubblewrap  # noqa: F401
from tests.environments.os.test_hostile_scripts import GOAL, KINDS, answers


def python(code):
    return "python3 - <<'PYTHON'\n" + code + "\nPYTHON\ntrue"


SCRIPTS = {
    # what files are
    "times beyond all calendars": "touch -d @-99999999999 /root/a; touch -d @99999999999999 /root/b; touch -d '9999-12-31' /; true",
    "times at the ends of numbers": python("import os\nfor n, t in enumerate((2**63 - 1, -2**63, 1, -1)):\n open(f'/root/t{n}', 'w')\n try: os.utime(f'/root/t{n}', ns=(t, t))\n except OSError: pass"),
    "all bits of a mode": "touch /root/a; chmod 7777 /root/a /root /; chmod 1000 /etc; true",
    "attributes of files": python("import os\nfor n in range(500):\n try: os.setxattr('/root', f'user.x{n}', b'x' * 60000)\n except OSError: pass"),
    "capabilities of files": "cp /bin/true /root/t; setcap cap_net_raw,cap_sys_admin+eip /root/t; true",
    "a file of many pieces": python("f = open('/root/s', 'wb')\nfor n in range(1500):\n f.seek(n * 5000 * 3)\n try: f.write(b'x'); f.flush()\n except OSError: break"),
    "a file that ends in a hole": "truncate -s 8M /root/h; dd if=/dev/urandom of=/root/h bs=1 count=1 seek=4000000 conv=notrunc; true",
    "a file longer than any": "truncate -s 8E /root/h; dd if=/dev/zero of=/root/h2 bs=1 count=1 seek=9223372036854775806; true",
    "a file kept open and removed": "exec 7> /root/g; head -c 6000000 /dev/zero >&7; rm /root/g; true",
    "a file of zeros under many names": "head -c 3000000 /dev/zero > /root/z; cd /root; for i in $(seq 800); do ln z z$i; done; true",
    "owners beyond all users": "chown 65534:65533 /root /etc/passwd; chown 4294967294 /root; chown 65535:65535 /etc; true",
    # names
    "names as long as can be": "cd /root; for c in a b c; do touch $(printf \"$c%.0s\" $(seq 255)); done; true",
    "names that are options": "cd /root; touch -- -rf --help -e '*' '$(exit 1)' ';' '`exit`' '\"' \"'\" '\\'; true",
    "names of bytes": python("import os\nfor n in range(1, 256):\n if n != 47:\n  try: os.mkdir(b'/root/' + bytes([n]) * 3)\n  except OSError: pass"),
    "names that look like others": "cd /root; touch $'wanted\\u200b' $'\\u202ewanted' $'wanted\\n' $'w\\u0430nted' ' wanted' 'wanted '; true",
    "a wanted path under itself": "mkdir -p /root/x/root/wanted; ln -s x/root/wanted /root/w; true",
    "a folder named like its copy": "cd /; for i in $(seq 40); do mkdir -p etc.old$i usr.old$i; done; mkdir -p /etc.old /etc.old~ /usr.old; mv /etc /etc3; exit",
    # what stands where something is needed
    "a fifo for accounts": "rm -f /etc/passwd /etc/shadow /etc/group; mkfifo /etc/passwd /etc/shadow /etc/group; (cat /etc/passwd &); true",
    "a socket for accounts": python("import os, socket\nos.unlink('/etc/passwd'); socket.socket(1).bind('/etc/passwd')"),
    "folders for places to mount": "cd /etc; for n in ld.so.cache; do rm -rf $n; mkdir $n; done 2> /dev/null; rm -rf /usr /bin; touch /usr /bin; exit",
    "fifos for places to mount": "cd /; rm -rf bin sbin lib lib64; mkfifo bin sbin lib lib64; exit",
    "sockets for places to mount": python("import os, socket, shutil\nfor n in ('dev', 'proc', 'usr'):\n try: os.rename('/' + n, '/old' + n); socket.socket(1).bind('/' + n)\n except OSError as e: print(e)") + "\nexit",
    "no temporary folder": "rm -rf /tmp /var /run; touch /tmp /var /run; true",
    "its own tools": "mkdir -p /usr/local/bin; for n in bash python3 cat ls env; do printf '#!/bin/sh\\nkill -9 $PPID\\n' > /usr/local/bin/$n; chmod 755 /usr/local/bin/$n; done; hash -r; true",
    "libraries before others": "mkdir -p /usr/local/lib/python3.{9,10,11,12,13}; mkfifo /etc/ld.so.preload /usr/local/lib/libc.so.6; true",
    "a start file that ends": "echo exit > /root/.bashrc; echo exit > /etc/profile; echo exit > /etc/bash.bashrc; export BASH_ENV=/etc/profile ENV=/etc/profile; true",
    # trees that change while they are read
    "files that come and go": "(cd /root; while :; do echo x > a; rm a; mkdir b; rmdir b; ln -s . c; rm c; mkfifo d; rm d; done) > /dev/null 2>&1 &",
    "files that grow and shrink": "(while :; do head -c 2000000 /dev/zero > /root/g; truncate -s 0 /root/g; truncate -s 4000000 /root/g; done) > /dev/null 2>&1 &",
    "folders that move": "mkdir -p /root/m/a/b/c /root/n; (cd /root; while :; do mv m/a n/; mv n/a m/; done) > /dev/null 2>&1 &",
    "a folder that becomes a link": "(cd /root; while :; do mkdir k; rmdir k; ln -s /etc k; rm k; echo x > k; rm k; done) > /dev/null 2>&1 &",
    "accounts that are written without end": "(while :; do seq -f 'u%.0f:x:%.0f:0::/:/x' 3000 > /etc/passwd; : > /etc/passwd; done) > /dev/null 2>&1 &",
    "many that write": "for i in 1 2 3 4 5 6; do (while :; do head -c 900000 /dev/urandom > /tmp/w$i; rm -f /tmp/w$i; done) > /dev/null 2>&1 & done; true",
    "names that multiply": python("import os, threading\nif os.fork() == 0:\n os.setsid(); n = 0\n while 1:\n  n += 1\n  try: os.link('/etc/hosts', f'/tmp/l{n % 500}')\n  except OSError:\n   try: os.unlink(f'/tmp/l{n % 500}')\n   except OSError: pass"),
    # the state of the shell
    "names that refer to each other": "declare -n a=b b=a 2> /dev/null; declare -n self=self 2> /dev/null; a=1; unset -n a; declare -n deep=deeper; true",
    "variables that cannot change": "readonly PATH PWD OLDPWD IFS PS1 PS4 SHELLOPTS BASHOPTS UID; declare -r x=$'\\n'; true",
    "numbers that run commands": "declare -i n; arr=(1); n='arr[$(sleep 0.1; echo 0)]'; declare -ai m=('1/0' 2) 2> /dev/null; true",
    "arrays as large as can be": "a[9223372036854775807]=x; declare -A h; for i in $(seq 20000); do h[$i]=$i; done; b=($(seq 50000)); true",
    "bytes in variables": "v=$'\\xff\\xfe\\x01\\x1e'; export v; declare -A w=([$'\\n]=(']=$'\"'\\''\\\\'); f() { echo $'\\x1e0\\x1e'; }; true",
    "functions with names of their own": "function /bin/ls { :; }; function a-b.c { :; }; function 1 { :; } 2> /dev/null; function \\[ { builtin \\[ \"$@\"; } 2> /dev/null; function : { return 1; }; true",
    "a function for true": "true() { false; }; false() { builtin true; }; command() { sleep 0.3; }; true",
    "a hundred thousand names": "for i in $(seq 30000); do eval \"v$i=1\"; done; true",
    "options of all kinds": "shopt -s extdebug failglob nullglob globstar dotglob nocasematch xpg_echo lastpipe huponexit checkjobs execfail 2> /dev/null; set -o physical -o keyword -o braceexpand; true",
    "an older shell": "BASH_COMPAT=3.1; set -o posix; POSIXLY_CORRECT=1; shopt -s compat31 2> /dev/null; true",
    "no rights for anything new": "umask 777; touch /root/no; mkdir /root/none; true",
    "a folder that is gone": "mkdir -p /root/gone/gone; cd /root/gone/gone; rm -rf /root/gone; true",
    "a folder that cannot be named": "mkdir $'/root/\\xff\\n\\x1e'; cd $'/root/\\xff\\n\\x1e'; true",
    "a language that is none": "export LC_ALL=xx_YY LANG=C LANGUAGE=$'\\xff' LC_CTYPE=C.UTF-8; true",
    "a shell that waits no longer": "TMOUT=1; sleep 0.1",
    "a prompt that ends it": "PROMPT_COMMAND=exit; PS1='$(kill -9 $$)'; true",
    "a trap before every command that ends it": "shopt -s extdebug; trap 'return 2' DEBUG; true",
    "a trap at every child that kills": "set -m; trap 'kill -9 $$' CHLD; sleep 0.1 & wait; true",
    "traces into everything": "exec 8> /root/trace; BASH_XTRACEFD=8; set -xv; PS4='$(echo x) '; true",
    "a loadable builtin": "enable -f /lib/x86_64-linux-gnu/libc.so.6 puts 2> /dev/null; enable -n eval; true",
    "a preloaded library": "export LD_PRELOAD=/root/none.so LD_LIBRARY_PATH=/root LD_DEBUG=all LD_BIND_NOW=1; true",
    "itself as a child": "exec bash --norc -i",
    "another program in its place": "exec python3 -c 'import time, sys; sys.stderr.write(chr(30) + \"0\" + chr(30)); time.sleep(9)'",
    "its input for a child": "cat <&11 > /root/lines & sleep 0.1; true",
    "its input read to the end": "for n in 10 11 12 13; do timeout 0.2 cat <&$n; done; true",
    "its descriptors closed": "for n in $(seq 3 255); do eval \"exec $n>&-\" 2> /dev/null; done; true",
    # commands
    "as long as can be": "#" + "x" * 99_990,
    "of very many lines": "x=1\n" * 20_000,
    "in each other": "eval " * 2_000 + "true",
    "in parentheses": "(" * 3_000 + "true" + ")" * 3_000,
    "in braces that multiply": "echo {1..9}{1..9}{1..9}{1..9}{1..9}{1..9} > /dev/null; true",
    "with halves of characters": "echo '\ud800\udfff' > /root/h; echo \ud83d; true",
    "with control characters": "echo '\x01\x1e0\x1e\x7f\x9b\x85\u2028'; printf '\x1b[2J'; \x04 true",
    "with carriage returns": "echo a\r\necho b\r\nif true; then\r\n echo c\r\nfi\r\n",
    "that never end": "cat <<A <<B <<C\n$(cat <<D\n",
    "with patterns that never end": "[[ $(printf 'a%.0s' $(seq 28))b =~ ^(a|aa)+$ ]]; shopt -s extglob; [[ $(printf 'a%.0s' $(seq 30)) == +(a|aa|aaa)b ]]; true",
    "with numbers that never end": "echo $((2 ** 62 * 4)) $((1 << 99)) $((-9223372036854775808 / -1)); printf %d 99999999999999999999; true",
    "that call themselves": "f() { f; }; f",
    "that source themselves": "echo '. /root/again' > /root/again; . /root/again",
    # what runs while it is graded
    "loops on every processor": "for i in $(seq 20); do (while :; do :; done) & done; true",
    "a killer of graders": "(while :; do pkill -9 -x bash; pkill -9 python3; kill -9 -1; done) > /dev/null 2>&1 & true",
    "a stopper of everything": "setsid bash -c 'while :; do kill -STOP $PPID 1 2; pkill -STOP -x bash; sleep 0.01; done' > /dev/null 2>&1 & true",
    "memory that comes and goes": "(while :; do python3 -c 'x = bytearray(50 << 20)'; done) > /dev/null 2>&1 & true",
    "files in memory at the limit": "head -c 9000000 /dev/zero > /dev/shm/a; head -c 9000000 /dev/zero > /tmp/b; python3 -c 'x = bytearray(40 << 20); import time; time.sleep(0.5)' & true",
    "sockets at their limit": python("import os, socket, time\nif os.fork() == 0:\n os.setsid(); s = []\n while 1:\n  try: s.append(socket.socketpair())\n  except OSError: time.sleep(600)"),
    "watches at their limit": python("import ctypes, os, time\nif os.fork() == 0:\n os.setsid(); c = ctypes.CDLL(None); fds = []\n for _ in range(200):\n  fd = c.inotify_init()\n  if fd < 0: break\n  for d in (b'/', b'/etc', b'/root', b'/tmp'): c.inotify_add_watch(fd, d, 0xfff)\n time.sleep(600)"),
    "locks on everything": python("import fcntl, os, time\nif os.fork() == 0:\n os.setsid(); fs = []\n for d, _, ns in os.walk('/etc'):\n  for n in ns[:50]:\n   try: f = open(os.path.join(d, n)); fcntl.flock(f, fcntl.LOCK_EX); fs.append(f)\n   except OSError: pass\n time.sleep(600)"),
    "timers and signals in a flood": python("import os, signal, time\nif os.fork() == 0:\n os.setsid(); signal.signal(signal.SIGALRM, lambda *a: None); signal.setitimer(signal.ITIMER_REAL, 1e-5, 1e-5)\n while 1:\n  try: os.kill(2, signal.SIGWINCH); os.kill(2, signal.SIGINT)\n  except OSError: pass"),
    "output for ever in the background": "(while :; do head -c 60000 /dev/zero; done) & (while :; do echo x >&2; done) & true",
    "a writer that nobody reads": "mkfifo /root/w; (cat /dev/zero > /root/w) & (sleep 60 < /root/w) & true",
}  # fmt: skip


def machine():
    return OS(OS.Options(limits=Limits(seconds=1, memory=64, disk=8, processes=48, cpu=5)))


@pytest.mark.parametrize("script", [*SCRIPTS.values()], ids=SCRIPTS.keys())
def test_what_an_agent_breaks_grades_as_failed(script):
    graded(script)


@pytest.mark.parametrize("script", [script for kind in KINDS.values() for script in kind])
def test_what_breaks_machines_in_the_daily_tests_grades_as_failed_alone_too(script):
    graded(script)


def graded(script):
    """By the world itself, by a snapshot of it, and by a machine made from the snapshot."""
    world, other = machine(), machine()
    try:
        world.begin({"files": []}, None)
        other.begin({"files": []}, None)
        answers(world, script)
        other.load(world.save())
        assert not other.score(GOAL, "x").success
        assert isinstance(other.bash("echo on"), Observation)
        assert set(other.facts()) >= {"cwd", "files", "removed", "users"}
    finally:
        world.end()
        other.end()


ANSWERS = {
    "long": "x" * 3_000_000,
    "of many words": "x " * 500_000,
    "with NUL": "a\0b",
    "of half characters": "\ud800",
    "of control characters": "\x1e0\x1e\n\r\x1b[2J",
    "an option": "--help",
    "a command": "$(touch /root/wanted)`exit 0`; exit 0",
    "nothing": "",
    "a number": 10**400,
    "no text": None,
    "a list": [["x"] * 1000] * 100,
    "not a number": float("nan"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_no_answer_breaks_the_grader(name):
    world = machine()
    try:
        world.begin({"files": []}, None)
        world.bash("true")
        began = time.monotonic()
        for goal in (
            GOAL,
            {"answer": {"equals": "y"}},
            {"answer": {"regex": "^y(x|x)*$"}},
            {"checks": [{"code": '[ "$1" = y ]'}]},
        ):
            assert not world.score(goal, ANSWERS[name]).success
        assert time.monotonic() - began < 20
    finally:
        world.end()


def test_there_are_many_scripts():
    assert len(SCRIPTS) >= 60
