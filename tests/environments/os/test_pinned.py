# ruff: noqa: E501 (scripts read better in one line)
"""What a machine's teacher draws, what a script promises of its output, how claims are judged, how outputs are varied and spoilt.

Each line was read once; `python -m tests.environments.os.test_pinned` writes them anew.
"""

import dataclasses
from pathlib import Path
from typing import get_args

import pytest
from numpy.random import default_rng

from simenv.compare import Transition
from simenv.plugins.environments.os.checking import states
from simenv.plugins.environments.os.checking.output import parse_output, plain_output, sizes
from simenv.plugins.environments.os.checking.script_analysis import analyse_script
from simenv.plugins.environments.os.compare import OutputComparison
from simenv.plugins.environments.os.flaws import OSFlaws
from simenv.plugins.environments.os.tasks import draft
from simenv.plugins.environments.os.teacher import TASK_MAKERS, OSExpert, Teacher
from simenv.types import Action, Flaw, Observation, digest
from tests.environments.os.test_compare import HERE, RIGHT, UNKNOWN, USERS, WRONG, state, transition
from tests.helpers.pinned import assert_as_pinned, write_pinned

PINNED = Path(__file__).with_name("pinned")
MAKERS = {maker.__name__: maker for makers in TASK_MAKERS.values() for maker in makers}
SHELL, FLAWS, EXPERT = OutputComparison(), OSFlaws(), OSExpert()
CUT = "\n[truncated because the output is too long]"


def tasks():
    """Every plot at every difficulty, and slips on each of its moves."""
    for name, maker in MAKERS.items():
        for level in range(1, 6):
            made = maker(default_rng(level), level)
            slips = [EXPERT.perturb(None, None, m, default_rng(n)) for m in made.moves for n in range(5)]
            whole = digest([made.instruction, made.spec, made.goal, [m.model_dump(mode="json") for m in made.moves]])
            yield f"{name} {level} {whole[:12]} {digest([s.model_dump(mode='json') for s in slips])[:12]} {made.instruction}"
    for n in range(40):
        task = Teacher(Teacher.Options(difficulty=3)).make(f"t-{n}", default_rng(n))
        yield f"{task.id} {task.kind} {task.source} {digest(task.model_dump(mode='json'))[:12]}"


def slips():
    """Wrong answers near right ones, and commands with a mistake in them, as they are written."""
    for right in ("7", "-3", "/srv/a.tar.gz", "notes", "amber.csv"):
        moves = [EXPERT.perturb(None, None, draft.answer("", right), default_rng(n)) for n in range(8)]
        yield f"{right}: {sorted({m.action.arguments['answer'] for m in moves})}"
    for script in (
        "find /srv -type f | wc -l", "grep -c x /srv/a.txt", "sort -n /srv/a.txt > /srv/b.txt", "cut -d, -f1 /opt/x/y.csv | sort -u",
        "du -a /srv/x | sort -n | tail -1", "echo hi", "find /root/a -name '*.sh' -exec chmod +x {} +", "ps -eo args", "chmod 600 /home/ann/k",
    ):  # fmt: skip
        moves = [EXPERT.perturb(None, None, draft.bash("", script), default_rng(n)) for n in range(24)]
        yield f"{script}: {sorted({(m.thought, m.action.arguments['script']) for m in moves})}"


SCRIPTS = """
date|uptime|time ls|df|uname -a|hostname|ulimit -n|history|mktemp|shuf /srv/a|openssl rand 4|ps aux|top -b -n1|who|jobs|lsof
ps -eo pid,args|ps -eo args|ps -C worker -o cmd|ps -eo user,comm,time|ps -eo args | grep worker|ps aux | grep worker|ps aux | grep -v root|ps aux | grep ab|ps aux | grep abc
ps aux | wc -l|ps aux | grep -c abc|ps aux | grep abc | wc -l|ps aux | grep -q abc|pgrep worker|pgrep -c worker|pgrep -a worker|pidof bash
cat /proc/cpuinfo|ls /sys|head -c4 /dev/urandom|ls /processes|cat /dev/random
env|printenv|printenv PATH|set|set -e|export|export A=1|declare -p|compgen -A function|env A=1 ls|env A=1|env -i date|env | grep PATH|env | sort
python3 -c 'print(1)'|python3 x.py|perl -e 'print time'|python3 -c 'import os; os.walk(1)'|awk '{print $1}' f|awk 'BEGIN{srand()}'|node -e 'Object.keys(x)'|awk '{for (k in a) print k}'|ruby -e 'Dir.glob(1)'|python3 -c 'import random'
find /|find / -printf '%p %s'|find / -printf '%t'|find / -printf '%TY'|find / -ls|find . -fprintf x '%i'|find . -exec date \\;|find . -exec grep -l x {} +|find . -execdir ls -l {} \\;
du -sh /srv|locate x|lsattr|cp a b|cp -v a b|rm -v x|chmod -R 700 .|mv -v a b|chown -v a b
ls|ls -l|ls -g|ls -n|ls -o|ls --full-time|ls -U|ls -f|ls -t|ls -c|ls -u|ls -i|ls -s|ls --sort=none|ls --sort=time|ls --time=atime|ls --sort=size|dir|vdir|ll|ls -la -- -t
grep x f|grep -r x .|grep -R x .|grep --recursive x .|grep -l x f|grep -L x f|grep -c x f|egrep -r x .|rgrep x .|fgrep x f|zgrep -l x f
stat f|stat -c %s f|stat -c %y f|stat -c '%a %U' f|stat -c %i f|stat -c %d f|stat -c %b f
tar -tf a.tar|tar -tvf a.tar|tar tvf a.tar|tar xf a.tar|unzip -l a.zip|unzip a.zip
id|id -Gn ann|groups ann|tree /srv|wc -l f|nl f|cat f|cat -n f|cat -b f|cat -A f
find / | sort|find / | sort -u|find / | sort -k2 -u|find / | sort -R|ls | sort -R|find . | sort -t: -k1|ls -l | sort -k5 -u
find / | head -1|find / | tail -n 2|find / | sort | head -1|ls | head -1|find / | nl|find / | sed -n 1p|find / | sed -n '$p'|find / | sed 3d|find / | sed s/a/b/|find / | awk 'NR==1'|find / | cat -n|find / | cat|find / | less|find / | split
find / | grep x|find / | grep -n x|find / | grep -m 1 x|find / | grep -v x|find / | grep -c x|ls -l | grep x|date | grep Mon
find / | tr '\\n' ' '|ls | tr a b|ls | paste -sd,|ls | column|ls | fmt|ls | uniq|ls | uniq -c|find / | uniq -c
ls -l | awk '{print $1}'|ls -l | awk '{print $1, $3, $4, $9}'|ls -l | awk '{print $NF}'|ls -l | awk '{print $5}'|ls -l | awk '{print $6}'|ls -l | cut -c1-10|ls -l | sed s/a/b/|ls -l | gawk '{print $2}'|ls | cut -c1
ls | xargs cat|find . | xargs ls -l|find . | while read f; do echo $f; done|ls | rev|cat f | date|find / | xargs -n1 echo | sort
mkdir x|mkdir x && ls|rm x; touch y|true|: ; cd /|chmod 600 x; date|source x|sync|umask 077|kill 1|umask|useradd ann
date > f|date >> f|date &> f|date 2> f|date > /dev/stdout|date >| f|date 1> f|date 3> f|date < f|ls > f | cat|date | tee f|date | cat > f
echo $RANDOM|echo ${RANDOM}|echo $$|echo $!|echo $SECONDS|echo $HOME|echo $BASHPID|echo "$RANDOM"|echo '$RANDOM'|echo $(date)|echo `date`|x=$(date)|x=$RANDOM|# date|echo date
sudo date|nice -n 5 date|nohup find /|command ls|/bin/ls|/usr/bin/date|timeout 5 date|timeout 5s ls|timeout -k 1 5 find /|exec ls|setsid ls|sudo|nice
sh -c date|bash -c 'find /'|eval ls|eval "date"|bash x.sh|dash -c 'ls -l'|sh -c "sh -c 'sh -c date'"|bash
if ls; then date; fi|for f in *; do echo $f; done|while true; do find .; done|case x in x) date;; esac|f() { ls -l; }; f|(cd /; find .)|{ ls; date; }|ls && find /|ls || du|! ls|[[ -f x ]]|[ -f x ]|((1+1))|cat <<E\\n$(date)\\nE|cat <<<$RANDOM|diff <(ls) <(find .)|echo "$(find .)"|echo $(ls -l)|printf '%s' x
"""


def guarantees():
    for script in (s.replace("\\n", "\n") for line in SCRIPTS.strip().splitlines() for s in _parts(line)):
        promise = analyse_script(script)
        plain = {f.name: getattr(promise, f.name) for f in dataclasses.fields(promise) if f.name != "commands"}
        unusual = [f"{k}={v!r}" for k, v in plain.items() if v != f_default(k)]
        yield f"{script!r}: {' '.join(unusual)} {sorted(promise.commands)} {'silent' if promise.silent else ''}"


def _parts(line):
    """Scripts of a line; a bar without blanks stands between two."""
    held = line.replace("||", "\0").replace(" | ", "\1").replace(">|", "\2")
    return [p.replace("\0", "||").replace("\1", " | ").replace("\2", ">|") for p in held.split("|")]


def f_default(name):
    return next(f.default for f in dataclasses.fields(analyse_script("")) if f.name == name)


ERRORS = [
    "bash: line 1: fals: command not found", "sh: 1: fals: not found", "fals: command not found", "-bash: fals: command not found",
    "cat: /srv/x: No such file or directory", "cat: '/srv//x': No such file or directory", "ls: cannot access 'a b': No such file or directory",
    "mkdir: cannot create directory ‘/srv’: File exists", "rmdir: failed to remove '/srv': Directory not empty", "cat: /srv: Is a directory",
    "cp: -r not specified; omitting directory '/srv'", "cd: /srv/a.txt: Not a directory", "bash: cd: /srv/a.txt: Not a directory",
    "touch: cannot touch '/usr/x': Read-only file system", "cat: /root/k: Permission denied", "chown: changing ownership of 'x': Operation not permitted",
    "id: ‘bob’: no such user", "chown: invalid user: ‘bob’", "useradd: user 'ann' already exists", "usermod: group 'crew' does not exist",
    "ls: invalid option -- 'Z'", "mkdir: missing operand", "find: unknown predicate `-x'", "chmod: invalid mode: ‘z’", "head: option requires an argument -- 'n'",
    "bash: -c: line 1: syntax error near unexpected token `('", "syntax error: unexpected end of file", "bash: unexpected EOF while looking for matching `''",
    "bash: x: unbound variable", "cat: something odd", "note: not found", "error: it failed", "grep: /srv: Is a directory", "tail: too many arguments",
    "bash: /srv/run.sh: Permission denied", "bash: ./x: No such file or directory", "/usr/bin/cat: /srv/x: No such file or directory", "kill: (99) - No such process",
]  # fmt: skip
TEXTS = [
    "", "\n\n", "a\n\n", "\n\na", "  a  \n b", "```\na\n```", "```bash\na\nb\n```\n", "The output of the OS:\n\na", "The output of the OS is empty.", "(no output)",
    "Output is empty", "nothing", "none.", "nothing here", "$ ls\na", "# ls\na", "root@m:~# ls\na\nroot@m:~#", "[ann@host srv]$ ls\na", "bash-5.2$ ls\na", "(venv) ann@h:~$ ls\na",
    "$ cat x\na", "$ 5", "a\n$", "a\n$ ", "root@m:~# ls\nroot@m:~# ls\nroot@m:~# ls\na", "\x1b[31ma\x1b[0m", "a\r\nb\r\n", "[1] 77\na", "[1]+  Done  sleep 1\na", "[1]-  Exit 2  x",
    "a\ncat: write error: Broken pipe", "Try 'ls --help' for more information.\na", "Usage: ls [OPTION]\na", "total 12\na", "  indented", "\ttabbed", "a\n\nb",
]  # fmt: skip
LISTINGS = [
    "-rw-r--r-- 1 root root 1,024 Nov 25 22:30 a.txt", "-rw-r--r--. 1 root root 1.5K Nov 25 2024 ./a.txt", "drwxr-xr-x+ 2 ann staff 40 25 Nov 22:30 logs/", "lrwxrwxrwx 1 root root 7 Nov 25 22:30 bin -> usr/bin",
    "-rwxr-xr-x 1 root root 8B 2024-01-01 10:00:00.123 +0000 run.sh*", "crw-rw-rw- 1 root root 1, 3 Nov 25 22:30 null", "-rw-r--r-- root/root 12 2023-11-14 22:13 a.txt", "?--------- 1 a b 3 11-25 10:00 x", "srwxr-xr-x 1 a b 0 Nov 5 2020 sock",
    "12 -rw-r--r-- 1 root root 8 Nov 25 22:30 a.txt", "4.0K\t/srv", "4\t./srv//x/", "8,5M /srv", "x /srv", "16 /srv extra", "/srv/a.txt:1:one", "./a:b//c", "http://x//y", "./", ".//", "a/ b//c", "  2 two words", "Size: 8 Blocks: 16 IO Block: 512 Links: 1", "Access: 2024-01-01", "Device: 50", "total 4.0K", "uid=1(a) groups=2(b),1(a)",
]  # fmt: skip
ROWS_OF = (
    "cat f",
    "ls",
    "ls -l",
    "ls -li",
    "du -a /srv",
    "find .",
    "id ann",
    "wc -l f",
    "stat f",
    "pgrep -a x",
    "grep -rn o .",
)


def outputs():
    """How words of a shell are read: errors, rows in normal form, sizes."""
    for text in TEXTS:
        yield f"{text!r}: {plain_output(text)!r} {parse_output(plain_output(text), analyse_script('ls'))}"
    for text in ERRORS:
        script = (
            "cat; ls; mkdir; rmdir; cp; cd; touch; chown; id; useradd; usermod; find; chmod; head; grep; tail; kill"
        )
        read = parse_output(text, analyse_script(script))
        yield f"{text}: {[(f.kind, f.about) for f in read.faults]} {read.rows}"
    for script in ROWS_OF:
        yield f"{script}: {parse_output(chr(10).join(LISTINGS), analyse_script(script)).rows}"
    for text in (*LISTINGS[10:15], "1.5k x\n2G y\n3 z", "4K a/\n4096 a"):
        yield f"{text!r}: {sizes(text)}"


NEW = state(a_txt="one\n2\n", b_txt="three\n", new_txt="x\n")
ANN = {"uid": 1000, "gid": 1000, "home": "/home/ann", "shell": "/bin/sh", "groups": ["ann", "crew"]}
PEOPLED = state(a_txt="one\ntwo\n", users=USERS | {"ann": ANN})
CHANGES = [
    ("sed -i s/two/2/ /srv/a.txt; rm /srv/run.sh; echo x > /srv/new.txt; ls /srv", "a.txt\nb.txt\nnew.txt", HERE, NEW),
    ("sed -i s/two/2/ /srv/a.txt; cat /srv/a.txt", "one\n2", HERE, NEW), ("cd /srv", "", HERE, HERE | {"cwd": "/srv"}), ("rm /bin/x", "", HERE, HERE | {"removed": ["/bin/x"]}),
    ("useradd ann; id -un ann", "ann", HERE, PEOPLED), ("mkdir /srv/d", "", PEOPLED, HERE), ("ls /srv", "a.txt", PEOPLED, PEOPLED), ("date > /srv/a.txt", "", HERE, NEW),
]  # fmt: skip


def scenes():
    for script, truth, claim, *_ in (*RIGHT, *WRONG, *UNKNOWN):
        yield claim, transition(script, truth)
    for script, truth, before, after in CHANGES:
        yield "one\ntwo", transition(script, truth, before, after)
    for script in ("cat /srv/long", "find /srv", "ls -l /srv"):
        whole = "\n".join(f"/srv/line-{n}" for n in range(90))
        yield whole, transition(script, whole[:780] + CUT, truncated=True)
        yield "/srv/line-0\n/srv/line-7", transition(script, whole[:780] + CUT, truncated=True)
        yield "/srv/li", transition(script, "/srv/line-of-a-kind" + CUT, truncated=True)


def verdict(scene, text, **more):
    said = SHELL.observation(scene, Observation(text=text, **more))
    return [said.label, said.error, said.reason]


def judgements():
    """A claim about each output, the same the other way round, with words around it, in vain, and called invalid."""
    for claim, scene in scenes():
        turned = scene.model_copy(update={"truth": Observation(text=claim)})
        around = [
            claim,
            f"{claim}\nDone.",
            f"Here it is:\n{claim}",
            claim.upper(),
            "",
            scene.truth.text + "\nzebra",
            "\n".join(claim.split("\n")[::-1]),
        ]
        said = [verdict(scene, text) for text in around] + [
            verdict(turned, scene.truth.text),
            verdict(scene, claim, invalid=True),
        ]
        yield f"{' '.join(s[1] or s[0] for s in said)} {digest(said)[:12]} | {scene.action.arguments['script']!r} {said[0][2]}"


def flaws():
    """Outputs that say the same in other words, and spoilt ones, with how each is judged."""
    for claim, scene in scenes():
        wholes = [scene, scene.model_copy(update={"truth": Observation(text=claim)})]
        said = [[FLAWS.vary(s, default_rng(n)).text for n in range(10)] for s in wholes]
        said += [[FLAWS.restate(scene, default_rng(n)) for n in range(4)]]
        labels = []
        for error in get_args(Flaw):
            spoilt = [p for s in wholes for n in range(12) if (p := FLAWS.corrupt(error, s, default_rng(n)))]
            said.append([[p.observation.text, p.state] for p in spoilt])
            labels.append(f"{error[0]}{len(spoilt)}")
        yield f"{' '.join(labels)} {digest(said)[:12]} | {scene.action.arguments['script']!r}"
    refused = Transition(
        spec={},
        action=Action(name="bash", arguments={"script": "ls"}),
        before=HERE,
        after=HERE,
        truth=Observation(text="no", invalid=True),
    )
    ended = refused.model_copy(update={"truth": Observation(text="", stop="submitted")})
    for scene in (refused, ended):
        spoilt = {e: FLAWS.corrupt(e, scene, default_rng(1)) for e in get_args(Flaw)}
        yield f"{ {e: p.observation.text if p else None for e, p in spoilt.items()} } {FLAWS.vary(scene, default_rng(3)).text!r}"


def facts():
    """Differences of states, and what counts as one."""
    files = HERE["files"]
    others = [
        HERE, NEW, PEOPLED, HERE | {"cwd": "/x"}, HERE | {"removed": ["/bin/x"]}, HERE | {"files": {}}, {"files": {p: e.get("text", {}) for p, e in files.items()}},
        HERE | {"files": files | {"/srv/a.txt": {"kind": "link", "target": "b"}}}, HERE | {"files": files | {"/srv/a.txt": {"text": "one\ntwo\n", "mode": "644"}}},
        HERE | {"files": files | {"/srv/a.txt": {"mode": "644"}}}, HERE | {"files": files | {"/srv/a.txt": {"text": "", "sha256": "0"}}}, HERE | {"users": {"root": {"uid": "0", "groups": "root"}}},
        HERE | {"users": {"root": 7, "bob": {}}}, HERE | {"files": files | {"/etc/passwd": "x", "/var/log/a": "y"}}, HERE | {"removed": "x"}, {"cwd": "/root"}, [], None, {"a": 1},
        HERE | {"files": files | {f"/srv/{n}": "x" for n in range(2000)}},
    ]  # fmt: skip
    for number, claim in enumerate(others):
        for script, truth, before, after in (CHANGES[0], CHANGES[4], CHANGES[5], CHANGES[7]):
            said = SHELL.state(transition(script, truth, before, after), claim)
            yield f"{number} {script[:20]!r} {said.label} {said.error} {said.reason}"
        if (
            isinstance(claim, dict)
            and claim.keys() >= HERE.keys()
            and isinstance(claim["removed"], list)
            and number not in (6, 11, 12, 13, 19)
        ):
            yield f"{number} {states.delta(HERE, claim)} {states.delta(claim, PEOPLED)} {sorted(states.changed_names(HERE, claim))}"
    yield f"{states.as_text('x' * 300)} {states.files(None)} {states.users([])}"


REFUSALS = "not found\npermission denied\ncannot do it"


def test_three_lines_of_refusal_are_one_and_four_are_an_output():
    scene = transition("cat /srv/a.txt", "one\ntwo")
    assert verdict(scene, REFUSALS)[:2] == ["drift", "refused_valid"]
    assert verdict(scene, f"{REFUSALS}\nno such thing")[1] != "refused_valid"


SETS = {f.__name__: f for f in (tasks, slips, guarantees, outputs, judgements, flaws, facts)}


@pytest.mark.parametrize("name", SETS)
def test_each_line_is_as_it_was_read(name):
    assert_as_pinned(SETS[name](), PINNED / f"{name}.txt", f"python -m tests.environments.os.test_pinned {name}")


if __name__ == "__main__":
    write_pinned(SETS, PINNED)
