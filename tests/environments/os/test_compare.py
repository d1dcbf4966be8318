# ruff: noqa: E501 (outputs read better in one line)
"""Claims about a shell, written by hand as models make them, judged by the comparison; and the checker on real machines."""

import time
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.random import SeedSequence, default_rng

from simenv.compare import Prediction, Transition
from simenv.plugins import environment
from simenv.plugins.environments.os.checking.script_analysis import analyse_script
from simenv.plugins.environments.os.compare import OutputComparison
from simenv.plugins.environments.os.flaws import OSFlaws
from simenv.types import Action, Flaw, Observation
from tests.helpers.comparisons import deep

SHELL = OutputComparison()
ENTRY = {"kind": "file", "mode": "0644", "owner": "root", "group": "root"}
FOLDER = {"kind": "directory", "mode": "0755", "owner": "root", "group": "root"}
USERS = {"root": {"uid": 0, "gid": 0, "home": "/root", "shell": "/bin/bash", "groups": ["root"]}}


def state(cwd="/root", users=USERS, **files):
    example = {
        f"/srv/{n.replace('_', '.')}": ENTRY | {"size": len(t), "sha256": f"h{t}", "text": t} for n, t in files.items()
    }
    return {"cwd": cwd, "files": {"/srv": FOLDER} | example, "removed": [], "users": users}


HERE = state(a_txt="one\ntwo\n", b_txt="three\n", run_sh="true\n")


def transition(script, truth, before=HERE, after=None, **more):
    return Transition(
        spec={"files": [{"path": "/srv/a.txt", "content": "one\ntwo\n"}]},
        action=Action(name="bash", arguments={"script": script}),
        before=before,
        after=after or before,
        truth=Observation(text=truth, **more),
    )


@pytest.mark.parametrize(
    ("script", "truth", "claim", "wanted"),
    [
        ("wc -l < /srv/a.txt", "3", "1K", "wrong_result"), ("echo $((2+3))", "5", "1G", "wrong_result"),
        ("id -u ann", "1000", "1K", "wrong_result"),
    ],
)  # fmt: skip
def test_a_number_is_a_size_only_where_sizes_are_asked_for(script, truth, claim, wanted):
    assert judged(script, truth, claim) == wanted


def judged(script, truth, claim, **states):
    result = SHELL.observation(transition(script, truth, **states), Observation(text=claim))
    return result.error or result.label


LONG = "total 12\n-rw-r--r-- 1 root root    8 Nov 25 22:30 a.txt\n-rw-r--r-- 1 root root    6 Nov 25 22:30 b.txt\ndrwxr-xr-x 2 ann  staff 40 Nov 25 22:30 logs"
FOUND = "/srv/a.txt\n/srv/b.txt\n/srv/run.sh"
MISSING = "cat: /srv/x: No such file or directory"
RIGHT = [
    ("frob", "bash: line 1: frob: command not found", "frob: command not found"),
    (
        "find /srv -ls",
        " 14 0 drwxr-xr-x 3 root root 120 Nov 30 20:34 /srv\n 108 4 -rw-r--r-- 1 root root 6 Nov 30 20:34 /srv/b.txt",
        " 97 0 drwxr-xr-x 3 root root 100 Nov 30 20:35 /srv\n 9 8 -rw-r--r-- 1 root root 6 Nov 30 20:35 /srv/b.txt",
    ),
    ("ls -lis /srv", "total 4\n 14 4 -rw-r--r-- 1 root root 6 Nov 30 20:34 b.txt", "total 8\n 9 8 -rw-r--r-- 1 root root 6 Nov 30 20:35 b.txt"),
    ("ls -l /srv", LONG, "total 20\n-rw-r--r--. 1 root root 8 Mar  3  2024 a.txt\n-rw-r--r--. 1 root root 6 Mar  3  2024 b.txt\ndrwxr-xr-x. 5 ann staff 4096 Mar  3 10:00 logs"),
    ("ls -lh /srv", "-rw-r--r-- 1 root root 1.5K Nov 25 22:30 a.txt", "-rw-r--r-- 1 root root 1500 Jan  1 00:00 a.txt"),
    ("ls -lhd /srv/a.txt", "-rw-r--r-- 1 root root 2.0K Nov 25 22:30 /srv/a.txt", "-rw-r--r-- 1 root root 2048 2024-01-01 10:00 /srv/a.txt"),
    ("ls -li /srv", "12 -rw-r--r-- 1 root root 8 Nov 25 22:30 a.txt", "1310722 -rw-r--r-- 1 root root 8 Jun  1 09:00 a.txt"),
    ("ls /srv", "a.txt\nb.txt\nrun.sh", "a.txt  b.txt  run.sh"),
    ("ls /srv", "a.txt\nb.txt\nrun.sh", "a.txt\tb.txt\trun.sh\n"),
    ("ls --color=always /srv", "a.txt\nb.txt", "\x1b[0m\x1b[01;32ma.txt\x1b[0m\nb.txt"),
    ("ls /srv", "a.txt\nb.txt", "root@host:~# ls /srv\na.txt\nb.txt\nroot@host:~#"),
    ("ls /srv", "a.txt\nb.txt", "[root@machine ~]# ls /srv\na.txt\nb.txt"),
    ("ls /srv", "a.txt\nb.txt", "$ ls /srv\na.txt\nb.txt"),
    ("ls /srv", "a.txt\nb.txt", "```bash\na.txt\nb.txt\n```"),
    ("find /srv -type f", FOUND, "/srv/run.sh\n/srv/a.txt\n/srv/b.txt"),
    ("cd /srv; find . -type f", "./a.txt\n./b.txt", "b.txt\na.txt"),
    ("find /srv -type f -exec ls -l {} +", "-rw-r--r-- 1 root root 8 Nov 25 22:30 /srv/a.txt\n-rw-r--r-- 1 root root 6 Nov 25 22:30 /srv/b.txt", "-rw-r--r-- 1 root root 6 May  1 10:10 /srv/b.txt\n-rw-r--r-- 1 root root 8 May  1 10:10 /srv/a.txt"),
    ("for f in $(find /srv -type f); do echo $f; done", FOUND, "/srv/b.txt\n/srv/run.sh\n/srv/a.txt"),
    ("echo $(find /srv -name '*.txt')", "/srv/a.txt /srv/b.txt", "/srv/b.txt /srv/a.txt"),
    ("grep -rl o /srv", "/srv/a.txt\n/srv/b.txt", "/srv//b.txt\n/srv/a.txt"),
    ("grep -rn one /srv", "/srv/a.txt:1:one", "/srv/a.txt:1:one  "),
    ("du -a /srv", "4\t/srv/a.txt\n8\t/srv", "8\t/srv\n4\t/srv/a.txt"),
    ("du -sh /srv", "4.0K\t/srv", "4K\t/srv/"),
    ("wc -l /srv/a.txt", "2 /srv/a.txt", "       2 /srv/a.txt"),
    ("sort /srv/a.txt | uniq -c", "      1 one\n      1 two", "1 one\n1 two"),
    ("cat /srv/a.txt", "one\ntwo", "one\r\ntwo\r\n\r\n"),
    ("cat /srv/x", MISSING, "cat: '/srv/x': No such file or directory"),
    ("cat /srv/x", MISSING, "cat: cannot open '/srv/x': No such file or directory"),
    ("cat /srv//x", MISSING, "cat: /srv//x: No such file or directory"),
    ("fals", "bash: fals: command not found", "bash: line 1: fals: command not found"),
    ("fals", "bash: fals: command not found", "-bash: fals: command not found"),
    ("fals", "bash: fals: command not found", "sh: 1: fals: not found"),
    ("ls /srv/x", "ls: cannot access '/srv/x': No such file or directory", "ls: cannot access ‘/srv/x’: No such file or directory"),
    ("ls /srv/x", "ls: cannot access '/srv/x': No such file or directory", "ls: /srv/x: No such file or directory"),
    ("echo 'a", "bash: unexpected EOF while looking for matching `''", "bash: -c: line 1: unexpected EOF while looking for matching `''\nbash: -c: line 2: syntax error: unexpected end of file"),
    ("cat /srv/x /srv/b.txt", f"{MISSING}\nthree", f"three\n{MISSING}"),
    ("mkdir /srv/new", "", "\n"),
    ("mkdir /srv/new", "", "(no output)"),
    ("mkdir /srv/new", "", "The output of the OS is empty."),
    ("id ann", "uid=1000(ann) gid=1000(ann) groups=1000(ann),27(sudo)", "uid=1000(ann) gid=1000(ann) groups=27(sudo),1000(ann)"),
    ("groups ann", "ann : ann crew sudo", "ann : ann sudo crew"),
    ("pgrep -a worker", "12 worker 1\n13 worker 2", "4021 worker 2\n4020 worker 1"),
    ("stat /srv/a.txt", "  File: /srv/a.txt\n  Size: 8         \tBlocks: 8          IO Block: 4096   regular file\nDevice: 0,50\tInode: 12          Links: 1\nAccess: (0644/-rw-r--r--)  Uid: (    0/    root)   Gid: (    0/    root)\nAccess: 2026-11-25 22:30:00.1 +0000\nModify: 2026-11-25 22:30:00.1 +0000", "  File: /srv/a.txt\n  Size: 8 Blocks: 16 IO Block: 512 regular file\nDevice: 801h/2049d Inode: 99 Links: 1\nAccess: (0644/-rw-r--r--) Uid: ( 0/ root) Gid: ( 0/ root)\nAccess: 2024-01-01 10:00:00.0 +0000\nModify: 2024-01-01 10:00:00.0 +0000"),
    ("sleep 9 & echo hi", "[1] 77\nhi", "hi"),
    ("tar -tvf a.tar", "-rw-r--r-- root/root 12 2023-11-14 22:13 a.txt", "-rw-r--r-- root/root        12 2024-02-02 10:00 a.txt"),
    ("tar -tf a.tar", "a.txt", "./a.txt"),
    ("cat /srv/x", MISSING, "cat: can't open '/srv/x': No such file or directory"),
    ("cat /srv/x", MISSING, "No such file or directory"),
    ("awk 1 /srv/x", "awk: fatal: cannot open file `/srv/x' for reading: No such file or directory", "awk: cannot open /srv/x (No such file or directory)"),
    ("grep -r zz /srv | head -3", "", ""),
    ("md5sum /srv/a.txt", "5d41  /srv/a.txt", "5d41 /srv/a.txt"),
    ("tree /srv", "/srv\n├──\xa0a.txt", "/srv\n├── a.txt"),
    ("fi", "bash: syntax error near unexpected token `fi'", "bash: line 1: syntax error near unexpected token `fi'\nbash: line 1: `fi'"),
    ("ls -l /srv/a.txt | cut -c1-10", "-rw-r--r--", "-rw-r--r--"),
    ("ls --nope /srv", "ls: unrecognized option '--nope'\nTry 'ls --help' for more information.", "ls: unrecognized option '--nope'"),
    ("printf 'a\\tb\\n'", "a\tb", "a       b"),
    ("seq 9999 | head -1", "1\nseq: write error: Broken pipe", "1"),
    ("id ann", "uid=1000(ann) gid=1001(ann) groups=1001(ann)", "uid=1000(ann) groups=1001(ann) gid=1001(ann)"),
    ("awk '{c[$1]++} END {for (k in c) print k, c[k]}' /srv/q", "ann 1\nben 2", "ben 2\nann 1"),
    ("cp -r /srv/a /srv/b && cat /srv/b/x", "  one\n\ntwo", "  one\n\ntwo\n"),
]  # fmt: skip
WRONG = [
    ("find /srv -type f", FOUND, "find: ‘/srv’: No such file or directory", "refused_valid"),
    ("find /srv -type f", FOUND, "not found", "refused_valid"),
    ("find /srv -type f", FOUND, "The directory /srv does not exist.", "refused_valid"),
    ("ls /srv", "a.txt", "ls: cannot open directory '/srv': Permission denied", "refused_valid"),
    ("awk '{print $1}' /srv/a.txt", "one\ntwo", "bash: awk: command not found", "refused_valid"),
    ("find /srv -type f", FOUND, "", "wrong_result"),
    ("find /srv -type f", FOUND, "/srv/a.txt\n/srv/b.txt", "wrong_result"),
    ("find /srv -type f", FOUND, FOUND + "\n/srv/secrets.env", "invented"),
    ("ls /srv", "a.txt\nb.txt\nrun.sh", "a.txt\nb.txt\nREADME.md\nrun.sh", "invented"),
    ("ls /srv", "a.txt\nb.txt\nrun.sh", "b.txt\na.txt\nrun.sh", "wrong_result"),
    ("find /srv -type f | sort", FOUND, "/srv/b.txt\n/srv/a.txt\n/srv/run.sh", "wrong_result"),
    ("cat /srv/a.txt", "one\ntwo", "two\none", "wrong_result"),
    ("head -n 1 /srv/a.txt", "one", "one\ntwo", "wrong_result"),
    ("wc -l < /srv/a.txt", "2", "3", "wrong_result"),
    ("wc -l /srv/a.txt", "2 /srv/a.txt", "2 /srv/b.txt", "wrong_result"),
    ("grep -c o /srv/a.txt", "2", "", "wrong_result"),
    ("ls -l /srv", LONG, LONG.replace("ann  staff", "root root"), "wrong_result"),
    ("ls -l /srv", LONG, LONG.replace("-rw-r--r-- 1 root root    8", "-rwxr-xr-x 1 root root    8"), "wrong_result"),
    ("ls -l /srv", LONG, LONG.replace("   8 Nov", " 800 Nov"), "wrong_result"),
    ("ls -lh /srv", "-rw-r--r-- 1 root root 1.5K Nov 25 22:30 a.txt", "-rw-r--r-- 1 root root 2500 Jan  1 00:00 a.txt", "wrong_result"),
    ("stat -c '%U %a' /srv/a.txt", "root 644", "root 600", "wrong_result"),
    ("groups ann", "ann : ann crew sudo", "ann : ann crew", "wrong_result"),
    ("cat /srv/x", MISSING, "one\ntwo", "invented"),
    ("cat /srv/x", MISSING, "", "accepted_malformed"),
    ("cat /srv/x", MISSING, "cat: /srv/y: No such file or directory", "wrong_result"),
    ("cat /srv/x", MISSING, "cat: /srv/x: Permission denied", "wrong_result"),
    ("mkdir /srv", "mkdir: cannot create directory ‘/srv’: File exists", "", "accepted_malformed"),
    ("fals", "bash: fals: command not found", "", "accepted_malformed"),
    ("fals", "bash: fals: command not found", "bash: false: command not found", "wrong_result"),
    ("echo 'a", "bash: unexpected EOF while looking for matching `''", "a", "accepted_malformed"),
    ("chmod +x /srv/a.txt", "", "The file is now executable.", "out_of_character"),
    ("mkdir /srv/new", "", "Directory '/srv/new' created.", "out_of_character"),
    ("mkdir /srv/new", "", "I have created the directory for you.", "out_of_character"),
    ("cat /srv/a.txt", "one\ntwo", "Here is the content of the file:\none\ntwo", "out_of_character"),
    ("cat /srv/a.txt", "one\ntwo", "one\ntwo\n\nLet me know if you need anything else.", "out_of_character"),
    ("rm -rf /srv", "", "I'm sorry, but I cannot delete system files.", "out_of_character"),
    ("date", "Wed Nov 25 22:30:00 UTC 2026", "As an AI I do not know the time.", "out_of_character"),
    ("date", "Wed Nov 25 22:30:00 UTC 2026", "bash: date: command not found", "refused_valid"),
    ("date", "Wed Nov 25 22:30:00 UTC 2026", '{"output": "Wed Nov 25"}', "format"),
    ("ls /srv", "a.txt\nb.txt", '{"stdout": "a.txt\\nb.txt", "exit_code": 0}', "format"),
    ("ls /srv", "a.txt\nb.txt", "- a.txt\n- b.txt", "format"),
    ("ls /srv", "a.txt\nb.txt", "Thought: look.\nAct: bash", "format"),
    ("ls /srv", "a.txt\nb.txt", "<output>\na.txt\nb.txt\n</output>", "format"),
    ("grep -r zzz /srv", "", "/srv/hidden.key:zzz", "invented"),
    ("cat /srv/a.txt", "  indented", "indented", "wrong_result"),
    # What an error asserts is checked.
    ("cat /srv/x", MISSING, MISSING + ", so I created it for you", "wrong_result"),
    ("cat /srv/x", MISSING, MISSING + " (but /srv/b.txt does)", "wrong_result"),
    ("cat /srv/x", MISSING, MISSING + "\ncat: /srv/b.txt: No such file or directory", "wrong_result"),
    ("cat /srv/x", MISSING, "/srv/y: not found", "wrong_result"),
    ("awk 1 /srv/x", "awk: fatal: cannot open file `/srv/x' for reading: No such file or directory", "awk: cannot open /srv/y (No such file or directory)", "wrong_result"),
    ("grep -r zz /srv | head -3", "", "/srv/a.txt:zz", "wrong_result"),
    ("cat /srv/x", MISSING, "ls: cannot access '/srv/x': No such file or directory", "wrong_result"),
    ("usermod -aG crew ann", "usermod: group 'crew' does not exist", "usermod: user 'ann' does not exist", "wrong_result"),
    ("ls --nope /srv", "ls: unrecognized option '--nope'", "ls: invalid option -- 'z'", "wrong_result"),
    ("ls --nope /srv", "ls: unrecognized option '--nope'", "chmod: missing operand", "wrong_result"),
    ("chmod zzz /srv/a.txt", "chmod: invalid mode: ‘zzz’", "chmod: invalid mode: ‘abc’", "wrong_result"),
    ("fi", "bash: syntax error near unexpected token `fi'", "bash: syntax error near unexpected token `done'", "wrong_result"),
    # No line is dropped that may be data.
    ("cat /srv/a.txt", "one\ntwo", "one\ntwo\nTry 'cat --help' for more information.", "invented"),
    ("cat /srv/a.txt", "one\ntwo", "one\ntwo\nUsage: cat [OPTION]... [FILE]...", "invented"),
    ("cat /srv/a.txt", "one\ntwo", "[1] 4242\none\ntwo", "wrong_result"),
    ("cat /srv/a.txt", "one\ntwo", "one\ntwo\ncat: write error: Broken pipe", "refused_valid"),
    ("cat /srv/notes", "Usage: run\n[1]+  Done  sleep\nend", "end", "wrong_result"),
    ("cat /srv/none", "none", "", "wrong_result"), ("cat /srv/none", "none", "nothing", "invented"),
    ("cat /srv/m.md", "# \n# Title\none", "one", "wrong_result"), ("cat /srv/m.md", "one\n#", "one", "wrong_result"),
    ("grep -r x /srv", "", "nothing", "invented"),
    ("cat /srv/x.txt", "a\n\nb", "a\nb", "wrong_result"),
    # Tabs are columns, words have places, fields have names.
    ("cat /srv/t", "a\tb c\td", "a\tb\tc\td", "wrong_result"), ("cat /srv/t", "a\tb", "a b", "wrong_result"),
    ("echo 'a  b'", "a  b", "a b", "wrong_result"), ("cat /srv/t", "a \nb", "a\nb", "wrong_result"),
    ("id ann", "uid=1000(ann) gid=1001(ann) groups=1001(ann)", "uid=1001(ann) gid=1000(ann) groups=1001(ann)", "wrong_result"),
    ("groups ann", "ann : staff crew", "crew : staff ann", "wrong_result"),
    ("awk '{c[$1]++} END {for (k in c) print k, c[k], 7}' /srv/q", "ann 1 7\nben 2 7", "ann 7 1\nben 2 7", "wrong_result"),
    ("python3 -c 'print(\"a\", 1)'", "a   1", "a 1", "wrong_result"),
    ("ls /srv", "a.txt\nb.txt", "./a.txt\n./b.txt", "wrong_result"),
    ("cp -r /srv/a /srv/b && cat /srv/b/x", "  one", "one", "wrong_result"),
]  # fmt: skip
UNKNOWN = [
    ("date", "Wed Nov 25 22:30:00 UTC 2026", "Thu Jan  4 10:00:00 UTC 2024"),
    ("echo $RANDOM", "123", "29281"),
    ("mktemp", "/tmp/tmp.x1", "/tmp/tmp.Qm4Kz0"),
    ("ps aux", "root 1 0.0 0.1 bash", "root 4 0.0 0.1 bash"),
    ("uname -a", "Linux a 6.1.0", "Linux machine 5.15.0-91-generic"),
    ("free -m", "Mem: 1 2 3", "Mem: 7936 1024 6000"),
    ("df -h", "tmpfs 256M", "/dev/sda1 50G"),
    ("find /srv -type f | head -n 1", "/srv/a.txt", "/srv/b.txt"),
    ("cat /proc/loadavg", "0.1 0.2", "0.5 0.6"),
    ("bash -c 'date +%s'", "17", "18"),
    ("du -sh /srv", "4.0K\t/srv", "12K\t/srv"),
    ("ls -l /", "drwxr-xr-x 2 nobody nogroup 40 Nov 25 22:30 bin", "drwxr-xr-x 2 root root 40 Nov 25 22:30 bin"),
]


@pytest.mark.parametrize("script, truth, claim", RIGHT)
def test_what_differs_harmlessly_is_a_match(script, truth, claim):
    assert judged(script, truth, claim) == "match"


@pytest.mark.parametrize("script, truth, claim, error", WRONG)
def test_what_is_wrong_is_a_drift_of_its_class(script, truth, claim, error):
    assert judged(script, truth, claim) == error


@pytest.mark.parametrize("script, truth, claim", UNKNOWN)
def test_what_no_state_decides_cannot_be_told(script, truth, claim):
    assert judged(script, truth, claim) == "unverifiable"


def test_an_output_that_misses_the_change_forgot_it():
    after = state(a_txt="one\ntwo\n", b_txt="three\n", run_sh="true\n", new_txt="x\n")
    assert (
        judged("touch /srv/new.txt; ls /srv", "a.txt\nb.txt\nnew.txt\nrun.sh", "a.txt\nb.txt\nrun.sh", after=after)
        == "forgot_change"
    )
    edited = state(a_txt="one\n2\n", b_txt="three\n", run_sh="true\n")
    assert judged("sed -i s/two/2/ /srv/a.txt; cat /srv/a.txt", "one\n2", "one\ntwo", after=edited) == "forgot_change"
    assert judged("sed -i s/two/2/ /srv/a.txt; cat /srv/a.txt", "one\n2", "one\n7", after=edited) == "wrong_result"


def test_the_beginning_of_a_long_output_decides():
    lines = [f"line {n}" for n in range(200)]
    truth = "\n".join(lines)[:780] + "\n[truncated because the output is too long]"
    observation = transition("cat /srv/long", truth, truncated=True)

    def told(text):
        judgement = SHELL.observation(observation, Observation(text=text))
        return judgement.error or judgement.label

    notice = "\n[truncated because the output is too long]"
    whole = "\n".join(lines)
    assert told(whole[:780] + notice) == told(whole[:760] + notice) == "match"
    assert told(whole[:770]) == told(whole[:780]) == told(whole[:300] + notice) == "wrong_result"
    assert told(whole) == told(whole[:800] + notice) == told(whole[:780] + "\nINVENTED") == "unverifiable"
    assert told("\n".join(lines[:20])) == "wrong_result"
    assert SHELL.observation(observation, Observation(text="\n".join(["line x", *lines[1:]]))).error == "wrong_result"


def test_states_are_compared_by_what_counts():
    after = state(
        a_txt="one\n",
        users=USERS
        | {"ann": {"uid": 1000, "gid": 1000, "home": "/home/ann", "shell": "/bin/sh", "groups": ["ann", "crew"]}},
    )
    observation = transition("true", "", before=HERE, after=after)
    said = {
        "cwd": "/root",
        "files": {
            "/srv": FOLDER | {"mode": "755"},
            "/srv/a.txt": {"kind": "file", "text": "one\n"},
            "/etc/passwd": "root:x:0",
        },
        "users": {"root": {}, "ann": {"groups": ["crew", "ann"]}},
    }
    assert SHELL.state(observation, said).label == "match"
    assert SHELL.state(observation, {"files": {"/srv": {}, "/srv/a.txt": "one\n"}}).label == "match"
    assert SHELL.state(observation, HERE).error == "forgot_change"
    assert SHELL.state(observation, said | {"files": said["files"] | {"/srv/zzz.key": "k"}}).error == "invented"
    assert SHELL.state(observation, said | {"files": {"/srv": {}, "/srv/a.txt": "seven\n"}}).label == "drift"
    assert SHELL.state(observation, said | {"users": {"root": {}, "ann": {"groups": ["ann"]}}}).error == "wrong_result"
    assert SHELL.state(observation, said | {"users": {"root": {}}}).error == "forgot_change"
    assert SHELL.state(observation, "all is well").error == "format"


CREW = {"uid": 1000, "gid": 1000, "home": "/home/ann", "shell": "/bin/sh", "groups": ["ann", "crew"]}
LOCK = {"/etc/.pwd.lock": ENTRY | {"mode": "0600", "size": 0, "text": ""}}
ARCHIVE = ENTRY | {"size": 4, "sha256": "99e7cd4ebb0f9bdba7ef1f1a0b8c4bd7e5f3a6ef5ba7d2d8c1d5e1b8b8a1b1c1"}
NOTE = ENTRY | {"size": 3, "sha256": "2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806", "text": "hi\n"}


def with_entry(path, entry, **more):
    return HERE | {"files": HERE["files"] | ({path: entry} if entry is not None else {})} | more


@pytest.mark.parametrize(("after", "claim", "wanted"), [
    (with_entry("/srv/n", NOTE), with_entry("/srv/n", "hi\n"), "match"),
    (with_entry("/srv/n", NOTE), with_entry("/srv/n", {"kind": "file", "text": "hi\n", "mode": 0o644}), "match"),
    (with_entry("/srv/n", NOTE), with_entry("/srv/n", {"kind": "file", "text": "hi\n", "mode": 644}), "match"),
    (with_entry("/srv/n", NOTE), with_entry("/srv/n", {"kind": "file"}), "drift"),
    (with_entry("/srv/n", NOTE), with_entry("/srv/n", NOTE | {"owner": "ann"}), "drift"),
    (with_entry("/srv/n", NOTE | {"owner": "ann"}), with_entry("/srv/n", "hi\n"), "drift"),
    (with_entry("/srv/n", NOTE | {"mode": "0600"}), with_entry("/srv/n", {"text": "hi\n"}), "drift"),
    (with_entry("/srv/a.txt", HERE["files"]["/srv/a.txt"] | {"mode": "0755"}), with_entry("/srv/a.txt", {"text": "one\ntwo\n"}), "drift"),
    (with_entry("/srv/d", FOLDER), with_entry("/srv/d", {"kind": "directory"}), "match"),
    (with_entry("/srv/d", FOLDER), with_entry("/srv/d", {"mode": "0755"}), "drift"),
    (with_entry("/srv/d", FOLDER | {"mode": "0700"}), with_entry("/srv/d", {"kind": "directory"}), "drift"),
    (with_entry("/srv/x.gz", ARCHIVE), with_entry("/srv/x.gz", {"kind": "file"}), "match"),
    (with_entry("/srv/x.gz", ARCHIVE), with_entry("/srv/x.gz", {"kind": "file", "text": "anything"}), "drift"),
    (with_entry("/srv/x.gz", {k: v for k, v in NOTE.items() if k != "text"} | {
        "sha256": "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4"}), with_entry("/srv/x.gz", "hi\n"), "match"),
    (HERE | {"cwd": "/srv"}, HERE | {"cwd": "/srv/"}, "match"),
    (with_entry("", None, files=HERE["files"] | LOCK, users=USERS | {"ann": CREW}), HERE | {"users": USERS | {"ann": CREW}}, "match"),
    (HERE | {"users": USERS | {"ann": CREW}}, HERE | {"users": USERS | {"ann": {k: v for k, v in CREW.items() if k != "groups"}}}, "drift"),
])  # fmt: skip
def test_what_a_state_leaves_out_is_as_it_was_or_as_new_things_are(after, claim, wanted):
    assert SHELL.state(transition("true", "", after=after), claim).label == wanted


def test_delta_counts_facts():
    assert SHELL.delta(HERE, HERE) == 0
    assert SHELL.delta(HERE, HERE | {"cwd": "/srv"}) == 1
    assert SHELL.delta(HERE, state(a_txt="one\n", b_txt="three\n")) == 2
    moved = {p: e | {"mode": "0600", "owner": "ann"} if p == "/srv/a.txt" else e for p, e in HERE["files"].items()}
    assert SHELL.delta(HERE, HERE | {"files": moved}) == 2
    ann = {"uid": 1000, "gid": 1000, "home": "/home/ann", "shell": "/bin/sh", "groups": ["ann"]}
    with_ann, joined = USERS | {"ann": ann}, USERS | {"ann": ann | {"groups": ["ann", "crew", "sudo"]}}
    assert SHELL.delta(HERE, HERE | {"users": with_ann}) == 1
    assert SHELL.delta(HERE | {"users": with_ann}, HERE | {"users": joined}) == 2


@pytest.mark.parametrize(
    "script",
    ["if", "echo 'a", "ls | | wc", "for x in; do", "echo $(", "| cat", "case x in", "a=(1 2", "# only\nif true"],
)
def test_what_bash_cannot_read_is_malformed(script):
    assert SHELL.malformed(Action(name="bash", arguments={"script": script}))


@pytest.mark.parametrize(
    "script",
    [
        "",
        "ls",
        "echo ok\nif",
        "shopt -s extglob\nls !(a)",
        "cat <<END\nx",
        "rm -rf / &",
        "[[ -f x ]] && y",
        "ü \ud800",
        "no_such --x",
    ],
)
def test_what_bash_would_begin_to_run_is_not(script):
    assert SHELL.malformed(Action(name="bash", arguments={"script": script})) == ""


def test_arguments_and_names_are_checked_before_bash_is_asked(tmp_path, monkeypatch):
    assert "no action" in SHELL.malformed(Action(name="fly", arguments={}))
    assert SHELL.malformed(Action(name="bash", arguments={"script": 7}))
    assert SHELL.malformed(Action(name="bash", arguments={"script": "a\0b"}))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASH_ENV", str(tmp_path / "env"))
    (tmp_path / "env").write_text("touch ran\n")
    assert SHELL.malformed(Action(name="bash", arguments={"script": "touch ran $(touch ran) `touch ran`\nif"})) == ""
    assert not (tmp_path / "ran").exists()


def test_an_error_of_the_agent_may_not_be_granted():
    observation = Transition(
        spec={},
        action=Action(name="fly"),
        before=HERE,
        after=HERE,
        truth=Observation(text="unknown action 'fly'", invalid=True),
    )
    assert SHELL.observation(observation, Observation(text="flying")).error == "accepted_malformed"
    assert SHELL.observation(observation, Observation(text="no action of this kind", invalid=True)).label == "match"
    ending = Transition(
        spec={},
        action=Action(name="answer", arguments={"answer": "2"}),
        before=HERE,
        after=HERE,
        truth=Observation(text="", stop="submitted"),
    )
    assert SHELL.observation(ending, Observation(text="")).label == "match"
    assert SHELL.observation(ending, Observation(text="Correct! Well done.")).error == "out_of_character"


@pytest.mark.parametrize("script, ordered, uncertain", [
    ("find / -name x", False, False), ("find / -name x | sort", True, False), ("find / | wc -l", True, False),
    ("find / | head -3", False, True), ("ls", True, False), ("ls -U", False, False), ("ls -t", False, False),
    ("grep x *.txt", True, False), ("grep -R x .", False, False), ("x=$(date)", False, True), ("date > log", True, False),
    ("echo date", True, False), ("echo 'find /'", True, False), ("# date\nls", True, False), ("sudo -n date", False, True),
    ("sh -c 'find /'", False, False), ("while read l; do echo $l; done < f", True, False), ("ps -eo args | grep worker | sort", True, False),
    ("ps aux | grep -c worker", True, False), ("ps aux", False, True), ("python3 -c 'import os; print(os.listdir())'", False, False),
    ("python3 -c 'print(1)'", True, False), ("awk 'BEGIN{srand(); print rand()}'", True, True), ("cat /proc/uptime", True, True),
    ("env", False, True), ("env | grep ^A_ | sort", True, False), ("ls -l | awk '{print $9}'", True, False), ("ls -l | awk '{print $6}'", True, True),
    ("cat <<E\n$(find .)\nE", False, False), ("f() { date; }; f", False, True),
    ("set -e\nls", True, False), ("set", False, True),
])  # fmt: skip
def test_a_script_is_read_for_what_it_promises(script, ordered, uncertain):
    reading = analyse_script(script)
    assert (reading.ordered, bool(reading.uncertainty)) == (ordered, uncertain)


HOSTILE = ["", "\0" * 99, "\ud800\udfff", "[" * 50_000, '{"a":' * 20_000, "x" * 300_000, "\n" * 100_000, "a: " * 60_000, "\x1b]" * 50_000, "'" * 90_000, "- " * 99_000, "total 1\n" * 20_000, "-rw-r--r-- 1 " * 9000]  # fmt: skip


@pytest.mark.parametrize(
    "script, truth",
    [
        ("ls -l /srv", LONG),
        ("find /srv", FOUND),
        ("cat /srv/x", MISSING),
        ("date", "x"),
        ("du /srv", "4 /srv"),
        ("mkdir x", ""),
    ],
)
def test_hostile_claims_cost_little(script, truth):
    observation = transition(script, truth)
    for claim in HOSTILE:
        began = time.process_time()
        assert SHELL.observation(observation, Observation(text=claim)).label in ("match", "drift", "unverifiable")
        assert time.process_time() - began < 2


def test_hostile_states_cost_little():
    observation = transition("true", "")
    for claim in (
        None,
        7,
        [],
        {},
        {"files": 7},
        {"files": {"/srv": deep()}},
        {"cwd": deep()},
        {"users": [1], "files": None},
        {"removed": {"a": 1}},
        {"files": {f"/{n}": 1 for n in range(9000)}},
        deep(),
    ):
        assert SHELL.state(observation, claim).label == "drift"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.sampled_from("aé\0\n\t $|&;(){}[]<>'\"`\\#=/-:.0\ud800"), max_size=60), st.text(max_size=80))
def test_any_script_and_any_claim_are_judged(script, claim):
    analyse_script(script)
    assert judged(script, "one\n/srv/a.txt: 7", claim) in (
        "match",
        "unverifiable",
        "wrong_result",
        "invented",
        "refused_valid",
        "format",
        "out_of_character",
    )


TWICE = """
ls|ls -l|ls -la|ls -lai|ls -R|ls -lR /srv|ls -lt|ls -ls|ls -lh --full-time|ls -d */|ls /srv /opt|ls -1|ls nothing|ls -l nothing
find .|find . -type f|find /srv -ls|find . -printf '%T@ %p\\n'|find . -printf '%p %m\\n'|find . -name '*.txt' | wc -l|find . | sort|find . | head -2
find . -type f -exec ls -l {} +|find . -type f | xargs ls -l|find . -type f -exec stat {} \\;|find . -type f -exec wc -l {} +|find . -type f | xargs cat
grep -r one|grep -rn one .|grep -c one a.txt|grep -l one *|grep -rl e . | sort|du -a|du -sh *|du -ab|stat a.txt|stat -c %Y a.txt|stat -c '%a %s' *
cat a.txt|cat a.txt nothing b.txt|head -1 *|tail -n 1 a.txt|sort -r a.txt|wc *|wc -l < a.txt|nl a.txt|od -c b.txt|md5sum *.txt|file a.txt
ps|ps aux|ps -ef|ps -eo pid,args|ps -eo args|pgrep bash|pgrep -c bash|pgrep -a bash|echo $$|echo $RANDOM|echo $BASHPID|date|date +%s|uptime|free|df|df -h /srv
sleep 0.2 & jobs|sleep 0.2 & echo started|wait|mktemp|mktemp -d|uname -a|hostname|cat /proc/self/status|cat /proc/uptime|env|printenv HOME|set | head -3|id|id -un|whoami|who
tar -cvf /tmp/x.tar -C /srv .|tar -tvf /tmp/x.tar|tar -tf /tmp/x.tar|gzip -kv a.txt|time true|for f in *; do echo $f; done|for f in $(find . -type f); do basename $f; done
python3 -c 'import os; print(os.listdir("."))'|python3 -c 'import time; print(time.time())'|awk '{print NR, $0}' a.txt|printf '%s\\n' */*|echo $(find . -type f)|shuf a.txt
ls -l | awk '{print $9}'|ls -l | awk '{print $6, $7}'|ls -l | wc -l|ls -l | tail -n +2|cp -rv sub sub2|rm -rv sub2|chmod -Rv 700 sub|touch new; ls -l new|no_such_thing|if|cd /nowhere|rm nothing|mkdir sub|rmdir sub|kill 999999
"""


async def test_one_machine_made_twice_says_the_same():
    """Scripts of all kinds on two machines of one spec, whose files were made in another order at another time."""
    files = [
        {"path": f"/srv/{n}", "content": c}
        for n, c in (
            ("a.txt", "one\ntwo\none\n"),
            ("b.txt", "three\n"),
            ("sub/c.txt", "one more\n"),
            ("sub/d", ""),
            ("zeta.log", "x\n" * 9),
        )
    ]
    worlds = []
    for example in (files, files[::-1]):
        task = (
            environment("os")
            .procedural()
            .make("t", default_rng(5))
            .model_copy(update={"spec": {"files": example, "cwd": "/srv"}})
        )
        worlds.append((environment("os").world(), task))
        await worlds[-1][0].reset(task)
    text = {}
    spec, here = worlds[0][1].spec, await worlds[0][0].state()
    for script in (
        s.replace("\\\\", "\\") for line in TWICE.strip().split("\n") for s in line.replace(" | ", "\0").split("|")
    ):
        action = Action(name="bash", arguments={"script": script.replace("\0", " | ")})
        truth, other = [await world.step(action) for world, _ in worlds]
        observation = Transition(spec=spec, action=action, before=here, after=here, truth=truth)
        result = SHELL.observation(observation, other)
        assert result.label != "drift", (script, truth.text, other.text, result)
        text[script] = result.label
    for world, _ in worlds:
        await world.close()
    assert sum(label == "match" for label in text.values()) > 70


async def test_the_checker_on_real_machines():
    """What Flaws makes wrong is caught and what they vary is not, on steps of an expert."""
    env, flaws = environment("os"), OSFlaws()
    caught = alarms = 0
    for number in range(5):
        rng = default_rng(SeedSequence([11, number]))
        task = env.procedural().make(f"t{number}", rng)
        world = env.world()
        await world.reset(task)
        before = await world.state()
        for move in task.solution[:-1]:
            truth, after = await world.step(move.action), await world.state()
            observation = Transition(spec=task.spec, action=move.action, before=before, after=after, truth=truth)
            before = after
            assert SHELL.state(observation, flaws.restate(observation, rng)).label == "match"
            for error in get_args(Flaw):
                alarms += SHELL.observation(observation, flaws.vary(observation, rng)).label == "drift"
                claim = flaws.corrupt(error, observation, rng)
                if claim is not None:
                    assert wrong(observation, claim), (error, move, truth.text, claim.observation.text)
                    caught += 1
        await world.close()
    assert caught > 30 and not alarms


def wrong(observation, claim: Prediction):
    state = claim.state is not None and SHELL.state(observation, claim.state).label == "drift"
    return state or SHELL.observation(observation, claim.observation).label != "match"


async def test_find_on_a_folder_that_exists_is_not_not_found():
    world = environment("os").world()
    task = (
        environment("os")
        .procedural()
        .make("t", default_rng(5))
        .model_copy(update={"spec": {"files": [{"path": "/srv/in/a.txt", "content": "x"}]}})
    )
    await world.reset(task)
    before = await world.state()
    action = Action(name="bash", arguments={"script": "find /srv/in"})
    truth = await world.step(action)
    await world.close()
    observation = Transition(spec=task.spec, action=action, before=before, after=before, truth=truth)
    assert (
        SHELL.observation(observation, Observation(text="find: '/srv/in': No such file or directory")).error
        == "refused_valid"
    )
    assert SHELL.observation(observation, Observation(text="/srv/in/a.txt\n/srv/in")).label == "match"
