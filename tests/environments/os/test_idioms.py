"""Programs and scripts in the sandbox behave as a plain bash lets them: signals, pipes, traps, jobs, limits, files."""

import re
import subprocess
import tempfile

import pytest

IDIOMS = {
    "a pipe into head": "seq 1 200000 | head -1; echo ${PIPESTATUS[@]}",
    "yes into head": "yes | head -2; echo ${PIPESTATUS[@]}",
    "cat into head": "cat /dev/zero | head -c 3 | od -An -c; echo ${PIPESTATUS[@]}",
    "python into head": "python3 -c 'for i in range(100000): print(i)' 2>&1 | head -1",
    "find into head": "find /usr/ 2>/dev/null | head -1; echo ${PIPESTATUS[0]}",
    "pipefail": "set -o pipefail; yes | head -1 >/dev/null; echo $?; set +o pipefail",
    "tee into head": "seq 1 100000 | tee /dev/null | head -1; echo ${PIPESTATUS[0]}",
    "a grep that stops early": "yes | grep -q y; echo ${PIPESTATUS[@]}",
    "an interrupt ends a sleep": "sleep 5 & sleep 0.05; kill -TERM $!; wait $!; echo $?",
    "an interrupt is taken by a child": "bash -c 'kill -INT $$; echo still here'; echo $?",
    "a trap of an interrupt": "bash -c 'trap \"echo caught\" INT; kill -INT $$; echo on'",
    "a trap at the end": "bash -c 'trap \"echo bye\" EXIT; echo hi'",
    "a trap of a broken pipe": "bash -c 'trap \"echo pipe >&2\" PIPE; for i in $(seq 9999); do echo $i; done' 2>&1 | head -1",
    "a trap that ignores": "bash -c 'trap \"\" TERM; kill -TERM $$; echo survived'",
    "traps that are listed": "bash -c 'trap; trap \"\" INT; trap'",
    "a program killed": "bash -c 'kill -KILL $$'; echo $?",
    "a program that hangs up": "bash -c 'kill -HUP $$'; echo $?",
    "a program that aborts": "python3 -c 'import os; os.abort()' 2>/dev/null; echo $?",
    "user signals": "bash -c 'trap \"echo one\" USR1; kill -USR1 $$; :'; bash -c 'kill -USR2 $$'; echo $?",
    "an interrupt in python": (
        "python3 -c 'import os\ntry:\n    os.kill(os.getpid(), 2)\nexcept KeyboardInterrupt:\n    print(\"caught\")'"
    ),
    "which signals python finds ignored": (
        "python3 -c 'from signal import *; print([s.name for s in Signals if getsignal(s) is SIG_IGN])'"
    ),
    "which signals a program finds ignored": "grep -E 'Sig(Blk|Ign)' /proc/self/status",
    "an alarm": "timeout 0.1 sleep 5; echo $?",
    "an alarm with another signal": "timeout -s INT 0.1 sleep 5; echo $?",
    "a file that is too large": "bash -c 'ulimit -f 1; yes > /tmp/large; echo $?'; stat -c %s /tmp/large; rm -f /tmp/large",
    "jobs": "sleep 0.2 & sleep 0.2 & jobs -r | wc -l; wait; jobs -r | wc -l",
    "the status of a job": "(exit 7) & wait $!; echo $?",
    "the first of jobs": "(sleep 0.05; exit 3) & sleep 3 & wait -n; echo $?; kill %% 2>/dev/null; wait",
    "a subshell's processes": '(echo a; echo b) | while read x; do echo "[$x]"; done',
    "a named pipe": "mkfifo /tmp/p; (echo through > /tmp/p) & cat /tmp/p; wait; rm /tmp/p",
    "process substitution": "diff <(seq 3) <(seq 4); echo $?",
    "a coprocess": "coproc cat; echo hello >&${COPROC[1]}; read -u ${COPROC[0]} line; echo $line; exec {COPROC[1]}>&-; wait",
    "here documents": "cat <<A; cat <<-'B'\n$((1 + 1))\nA\n\t$HOME\n\tB",
    "descriptors": "exec 5>/tmp/five; echo five >&5; exec 5>&-; cat /tmp/five; rm /tmp/five",
    "xargs and its status": "seq 5 | xargs -n 2 echo; false | xargs false; echo $?; seq 3 | xargs -I{} sh -c 'exit 1'; echo $?",
    "nohup": "nohup echo on 2>/dev/null; trap",
    "errors of programs": "cat /nope; ls /nope; grep x /nope; cd /nope 2>/dev/null; echo $?",
    "a shell that stops at an error": "bash -c 'set -e; false; echo not here'; echo $?",
    "a shell that wants its variables": "bash -c 'set -u; echo $not_here' 2>&1 | sed 's/.*: not/not/'",
    "arithmetic": "echo $((7 / 2)) $((-7 % 3)) $((2 ** 10)) $((0x1f)); echo $((1 / 0)) 2>/dev/null; echo $?",
    "globs": "mkdir /tmp/g; cd /tmp/g; touch a b .c; echo *; echo .??*; shopt -s nullglob; echo x*; cd /; rm -r /tmp/g",
    "sorting by bytes": "printf '%s\\n' b A a B _ | LC_ALL=C sort | tr '\\n' ' '",
    "a mask": "umask; umask 077; touch /tmp/m; stat -c %a /tmp/m; umask 022; rm /tmp/m",
}


def plain(script):
    """What a bash of this machine prints, in the environment and the locale of the sandbox."""
    with tempfile.TemporaryDirectory() as home:
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": home, "LANG": "C.UTF-8"}
        done = subprocess.run(
            ["env", "--default-signal", "bash", "-c", script], cwd="/", env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
        )  # fmt: skip
    return done.stdout


def comparable(text):
    """Without what only one of the shells tells: one is interactive and numbers its jobs; the other gives the lines of errors
    and says that a child was killed."""
    text = re.sub(r"^bash: line \d+: +", "bash: ", text, flags=re.M)
    text = re.sub(r"^\[\d+\] \d+\n", "", text, flags=re.M)
    return re.sub(r"^bash: +\d+ +[A-Z].*\n", "", text, flags=re.M).strip()


@pytest.mark.parametrize("name", IDIOMS)
def test_an_idiom_prints_what_a_plain_bash_prints(shared, name):
    printed = shared.run(IDIOMS[name]).text.decode()
    assert comparable(printed) == comparable(plain(IDIOMS[name]))
