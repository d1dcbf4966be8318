# ruff: noqa: E501 (shell scripts read better in one line)
"""Only a shell that waits for its next line ends a command: what a script writes where ends are told is worthless."""

import re

import pytest

from simenv.plugins.environments.os.engine.bubblewrap import Bubblewrap
from simenv.plugins.environments.os.engine.sandbox import Limits

SECRET = re.compile(rb"(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f])")
PROOF = "sleep 0.2; builtin echo late"
"""Not ended early, the output ends with `late`. (Its status is what the shell says: a shell may lie about that.)"""
THIEF = """import os, re, sys, time
mine = [os.dup(int(n)) for n in sys.argv[1:]]
seen, end = b"", time.time() + 0.6
[os.set_blocking(fd, False) for fd in mine]
while time.time() < end:
    for fd in mine:
        try: seen += os.read(fd, 4096)
        except OSError: pass
    for secret in re.findall(rb"[0-9a-f]{24}", seen):
        for fd in mine:
            try: os.write(fd, b"\\x1e%s 0\\x1e\\x1e%s\\x1e" % (secret, secret))
            except OSError: pass
    time.sleep(0.01)
"""
READER = """import os, re, sys
found = set()
for line in open(f"/proc/{sys.argv[1]}/maps"):
    start, end = (int(n, 16) for n in line.split()[0].split("-"))
    try:
        with open(f"/proc/{sys.argv[1]}/mem", "rb") as memory:
            memory.seek(start)
            found |= set(re.findall(rb"036([0-9a-f]{24})", memory.read(end - start)))
    except (OSError, ValueError, OverflowError):
        pass
for secret in found:
    for fd in sys.argv[2:]:
        try: os.write(int(fd), b"\\x1e%s 0\\x1e\\x1e%s\\x1e" % (secret, secret))
        except OSError: pass
"""

KNOWLEDGE = {
    "the environment of every process": "cat /proc/*/environ /proc/self/environ | tr '\\0' '\\n'",
    "variables and functions": "set; declare -p; declare -f; export -p; local 2>&1; compgen -v",
    "history": "set -o history; history; fc -l; cat ~/.bash_history; builtin history -w /dev/stdout; set +o history",
    "the text of the command": 'echo "$BASH_COMMAND $BASH_EXECUTION_STRING $_ $-"; echo "${BASH_ARGV[@]} ${BASH_SOURCE[@]} ${FUNCNAME[@]}"',
    "a trace": "set -xv; true; set +xv",
    "a trace on the shell's own errors": "exec 9>/root/trace; BASH_XTRACEFD=9; set -x; true; set +x; cat /root/trace",
    "the command lines of every process": "cat /proc/*/cmdline /proc/*/comm | tr '\\0' ' '",
    "descriptors by their paths": "for f in /proc/$$/fd/* /dev/fd/*; do timeout 0.1 dd bs=400 count=1 if=$f; done",
    "descriptors by their paths, in the background": "for f in /proc/$$/fd/*; do (timeout 0.3 cat $f > /root/stolen$((++n))) & done; sleep 0.5; cat /root/stolen*",
    "descriptors by their numbers": "for n in 10 11 12 13 14 15 20 250 251 255; do timeout 0.1 dd bs=400 count=1 <&$n; done",
    "the input of the shell by read": 'for n in 10 11 12 13; do read -t 0.1 -u $n x && echo "$x"; mapfile -n 1 -t y < /dev/null; done',
    "jobs and coprocesses": 'coproc cat <&11; sleep 0.1; read -t 0.1 -u ${COPROC[0]} z; echo "$z"; kill %1; jobs -l',
    "a debug trap": "trap 'echo $BASH_COMMAND' DEBUG; true; trap - DEBUG",
}
"""Scripts that print what they can find out while they run."""


@pytest.fixture(scope="module")
def common():
    sandbox = start()
    yield sandbox
    sandbox.close()


def start():
    sandbox = Bubblewrap(Limits(seconds=2, memory=128, disk=16, processes=64, cpu=20))
    sandbox.start(
        {
            "files": [
                {"path": "/usr/local/lib/thief.py", "content": THIEF},
                {"path": "/usr/local/lib/reader.py", "content": READER},
            ]
        },
        "/root",
        {},
    )
    return sandbox


@pytest.mark.parametrize("name", KNOWLEDGE)
def test_a_script_cannot_know_the_secret_of_its_own_end(name, common):
    text = common.run(KNOWLEDGE[name]).text
    assert not SECRET.findall(text), SECRET.findall(text)
    assert common.run("command true").ending in ("done", "timeout", "died")


MARK = "\\036%s\\036"
FORGERIES = {
    "a mark on every descriptor by number": f"for n in $(seq 0 255); do builtin printf '\\0360\\036{MARK}' 0 >&$n; done 2> /dev/null",
    "a mark on every descriptor by path": f"for f in /proc/$$/fd/* /proc/self/fd/*; do builtin printf '\\0360\\036{MARK}' 0 > $f; done 2> /dev/null",
    "floods of marks": "for n in 10 11 12 255; do yes $'\\036' 2>/dev/null | head -c 300000 | timeout 0.1 cat >&$n; done 2> /dev/null",
    "marks that ask": "for i in $(seq 50); do builtin printf '\\0360\\036' >&12; builtin printf '\\0360\\036' >&255; done",
    "a thief with the shell's descriptors": "python3 /usr/local/lib/thief.py 0 1 <&11 >&12; true",
    "a thief in the background": "python3 /usr/local/lib/thief.py 0 1 <&11 >&12 & sleep 0.3",
    "all secrets in the memory of the shell": "python3 /usr/local/lib/reader.py $$ 1 >&12",
    "a thief by paths": "for n in 10 11 12 255; do (exec 5<>/proc/$$/fd/$n && python3 /usr/local/lib/thief.py 5) & done 2> /dev/null",
    "the input of the shell, written to": "for n in 0 10 11 12; do echo 'echo own line' > /proc/$$/fd/$n; echo 'echo own line' >&$n; done 2> /dev/null",
    "a debug trap that repeats commands": 'trap \'builtin printf "\\036%s\\036" "${BASH_COMMAND//[^0-9a-f]/}" >&2\' DEBUG',
    "a debug trap that asks early": "trap 'builtin printf \"\\0360\\036\" >&2' DEBUG",
    "an error trap that asks early": "trap 'builtin printf \"\\0360\\036\" >&2' ERR; trap 'builtin printf \"\\0360\\036\" >&2' RETURN",
    "prompts that ask early": "PS0=$'\\0360\\036'; PS1=$PS0; PS2=$PS0; PS4=$PS0; PROMPT_COMMAND='builtin printf \"\\0360\\036\" >&2'",
    "a trace that asks early": "PS4=$'\\0360\\036'; set -x",
    "an echo of input": "set -v",
    "functions for builtins": "printf() { builtin printf '\\0360\\036\\036%s\\036' \"$*\" >&2; }; eval() { builtin eval \"$@\"; builtin printf '\\0360\\036' >&2; }",
    "a function for builtin": "builtin() { command printf '\\0360\\036' >&2; command builtin \"$@\"; }",
    "a function for builtin that keeps what it is told": 'builtin() { command echo "$*" >> /root/told; command builtin "$@"; }; cat /root/told 2> /dev/null | while read x; do command printf "$x" >&12; done',
    "aliases for builtins": "shopt -s expand_aliases; alias builtin='command printf \"\\0360\\036\" >&2; builtin' eval='command printf \"\\0360\\036\" >&2; eval'",
    "builtins that are off": "enable -n printf echo",
    "a child that keeps asking": "(while :; do builtin printf '\\0360\\036' >&12 || break; sleep 0.01; done) 2> /dev/null & sleep 0.1",
    "an interrupt to itself": "(sleep 0.05; kill -INT $$) & true",
    "an end by exit, and a trap for it": "trap 'builtin printf \"\\0360\\036\" >&2; sleep 0.1' EXIT",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_no_script_ends_a_command_early(name):
    """Neither the one that it is in, nor the next ones."""
    sandbox = start()
    try:
        own = sandbox.run(f"{FORGERIES[name]}\n{PROOF}")
        assert own.restarted or own.ending == "timeout" or own.text.endswith(b"late\n"), own
        for _ in range(2):
            following = sandbox.run(PROOF)
            assert following.restarted or following.ending == "timeout" or b"late\n" in following.text, following
        assert any(b"late\n" in sandbox.run(PROOF).text for _ in range(3))
    finally:
        sandbox.close()


def test_children_hold_no_descriptor_of_the_shell(common):
    held = common.run("bash -c 'ls -l /proc/self/fd; readlink /proc/self/fd/*'").text
    assert b"socket:" not in held
    opened = "for f in /proc/$$/fd/*; do [[ $(readlink $f) == socket:* ]] && (: <> $f) && echo ESCAPED; done; true"
    assert b"ESCAPED" not in common.run(opened).text


def test_a_script_that_takes_the_shells_place_gains_what_a_background_process_has(machine):
    """Whatever reads the shell's own lines is the shell: it may say that a command has ended, and the next one is cut off."""
    machine.run("exec 0<&11; builtin printf '\\0360\\036' >&12; read -r x; read -r x; eval \"$x\"; sleep 1")
    assert machine.run("sleep 0.1; echo on").ending in ("done", "timeout", "died")
    assert machine.run("echo on").text.endswith(b"on\n")
