"""What a shell script's output promises, told from its syntax alone: an order of rows, and that the state decides them.

Nothing is run. The grammar is tree-sitter's; what each command promises is said here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

_LONGEST = 20_000
"""Characters of a script that are read."""
_DEEPEST = 40
_CLOCK, _HOST = "it tells the time", "it tells of the host, which the state does not hold"
_CHANCE, _PROCESSES = "it is drawn by chance", "it tells of processes, which the state does not hold"
_SOME = "it takes some rows of an order that no command promises"
_PROGRAM = "it runs a program that reads the clock, chance or processes"
_ENVIRONMENT = "it lists the whole environment of the shell"
_UNSETTLED = {
    **dict.fromkeys(("date", "uptime", "times", "time", "cal", "hwclock", "timedatectl", "last", "lastlog"), _CLOCK),
    **dict.fromkeys(("df", "free", "uname", "hostname", "hostnamectl", "lscpu", "nproc", "arch", "dmesg", "vmstat"), _HOST),
    **dict.fromkeys(("mount", "findmnt", "lsblk", "blkid", "getconf", "sysctl", "ulimit", "ip", "ifconfig", "ss"), _HOST),
    **dict.fromkeys(("netstat", "tty", "journalctl", "history", "locale", "iostat", "swapon"), _HOST),
    **dict.fromkeys(("mktemp", "shuf", "uuidgen", "openssl"), _CHANCE),
    **dict.fromkeys(("ps", "top", "htop", "pidof", "jobs", "w", "who", "lsof", "pstree", "fuser", "strace"), _PROCESSES),
}  # fmt: skip
_DICE = frozenset("RANDOM SRANDOM SECONDS EPOCHSECONDS EPOCHREALTIME BASHPID PPID UPTIME $ !".split())
_DEVICES = re.compile(r"/(proc|sys)(/|$)|/dev/u?random")
_FREE = frozenset(["find", "du", "locate", "lsattr", "updatedb"])
_PREFIXES = frozenset(["sudo", "nice", "nohup", "command", "builtin", "exec", "stdbuf", "ionice", "setsid"])
_SHELLS = frozenset(["sh", "bash", "eval", "dash"])
_PROGRAMS = frozenset(["python", "python3", "perl", "ruby", "node", "awk", "gawk", "mawk"])
_READS_CLOCK = re.compile(r"random|shuffle|\btime\b|datetime|uuid|getpid|systime|strftime|\brand\(|/proc|psutil")
_WALKS = re.compile(r"listdir|os\.walk|scandir|i?r?glob|iterdir|\bset\(|readdir|\bkeys\b|for\s*\(\s*\w+\s+in\b")
_TIMES = re.compile(r"%[0-9.+#-]*[aActTbikDn]|%[0-9.+#-]*[ACT].")
_STAT_TIMES = re.compile(r"%[0-9.+#-]*[xXyYzZwWiIdDbBo]")
_STEADY = frozenset("1 3 4 5 9 NF".split())
"""Columns of `ls -l` that the state decides."""
_SILENT = frozenset(
    """mkdir rmdir touch rm mv cp ln chmod chown chgrp cd export unset useradd usermod userdel groupadd groupmod groupdel gpasswd
    chpasswd true : sleep install truncate kill source . alias test [ sync umask""".split()
)  # noqa: SIM905
_ROWS = frozenset(["head", "tail", "nl", "less", "split", "more"])


@dataclass(frozen=True)
class Reading:
    """`unsettled`: why the state does not decide the output, '' where it does. `ordered`: rows come in an order that the
    command promises. `words`: those of a row are a set. `listing`: rows as `ls -l` and
    `stat` write them, with times, links and sizes of folders; `numbered`: each row begins with an inode number or a
    process; `names`: rows name paths; `sizes`: rows begin with the use of the disk; `columns`: rows are names that a terminal would
    show side by side; `padded`: blanks at the beginning of rows only align. `commands`: the names of what is run."""

    unsettled: str = ""
    ordered: bool = True
    words: bool = False
    listing: bool = False
    numbered: bool = False
    names: bool = False
    sizes: bool = False
    columns: bool = False
    padded: bool = False
    narrowed: bool = False
    commands: frozenset[str] = frozenset()

    @property
    def silent(self) -> bool:
        """Whether only commands are run that print nothing."""
        return bool(self.commands) and self.commands <= _SILENT


_NOTHING = Reading()


@lru_cache(maxsize=512)
def read(script: str) -> Reading:
    """What its output promises, standard error left aside."""
    return _read(script, 0)


def _read(script: str, depth: int) -> Reading:
    text = script[:_LONGEST].encode("utf-8", "replace")
    tree = Parser(Language(tree_sitter_bash.language())).parse(text)
    return _flow(tree.root_node, depth)


def _both(flows: Iterable[Reading]) -> Reading:
    """One after the other."""
    made = _NOTHING
    first = True
    for flow in flows:
        made = Reading(
            unsettled=made.unsettled or flow.unsettled,
            ordered=made.ordered and flow.ordered,
            words=made.words or flow.words,
            listing=made.listing or flow.listing,
            numbered=made.numbered or flow.numbered,
            names=made.names or flow.names,
            sizes=made.sizes or flow.sizes,
            columns=flow.columns and (first or made.columns),
            padded=made.padded or flow.padded,
            commands=made.commands | flow.commands,
        )
        first = first and not flow.commands
    return made


def _flow(node: Node, depth: int) -> Reading:
    if depth > _DEEPEST:
        return Reading(unsettled="it is nested too deeply to be read")
    if node.type == "pipeline":
        first, *rest = node.named_children
        flow = _flow(first, depth + 1)
        for stage in rest:
            flow = _through(flow, stage, depth + 1)
        return flow
    if node.type == "command":
        return _command(node, depth)
    if node.type == "redirected_statement" and _to_file(node):
        return Reading(commands=_both(_flow(c, depth + 1) for c in node.named_children).commands)
    if node.type in ("simple_expansion", "expansion"):
        name = _text(node).strip("${}") or "$"
        return Reading(unsettled=_CHANCE if name in _DICE else "")
    if node.type == "comment":
        return _NOTHING
    return _both(_flow(c, depth + 1) for c in node.named_children)


def _to_file(node: Node) -> bool:
    """Whether standard output goes elsewhere."""
    for part in node.named_children:
        if part.type != "file_redirect":
            continue
        mark = next((c.type for c in part.children if not c.is_named), "")
        number = next((_text(c) for c in part.children if c.type == "file_descriptor"), "1")
        target = _text(part.named_children[-1]) if part.named_children else ""
        if mark in (">", ">>", "&>", "&>>", ">|") and number == "1" and target not in ("/dev/stdout", "/dev/stderr"):
            return True
    return False


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _words(node: Node) -> list[str]:
    """The command and its arguments, without quotes around them."""
    words = []
    for part in node.named_children:
        if part.type in ("variable_assignment", "file_redirect", "herestring_redirect", "heredoc_redirect"):
            continue
        text = _text(part)
        words.append(text[1:-1] if len(text) > 1 and text[0] in "'\"" and text[-1] == text[0] else text)
    return words


def _command(node: Node, depth: int) -> Reading:
    words = _words(node)
    inner = _both(
        _flow(c, depth + 1) for p in node.named_children for c in ([p] if p.type != "command_name" else p.named_children)
        if p.type not in ("word", "raw_string", "number")
    )  # fmt: skip
    own = _promise(words, depth)
    joined = not inner.ordered
    return replace(_both([own, inner]), words=own.words or joined, columns=own.columns, listing=own.listing)


def _promise(words: list[str], depth: int) -> Reading:
    """What one command with its arguments promises."""
    while words and (words[0].rsplit("/", 1)[-1] in _PREFIXES or words[0].startswith("-")):
        words = words[1:]
    if not words:
        return _NOTHING
    name, rest = words[0].rsplit("/", 1)[-1], words[1:]
    if name == "timeout":
        return _promise([w for n, w in enumerate(rest) if n or not w[:1].isdigit()], depth)
    if name == "env" and rest:
        return _promise([w for w in rest if "=" not in w], depth) if any("=" not in w for w in rest) else _ENV
    if name in _SHELLS and rest and (name == "eval" or "-c" in rest) and depth < _DEEPEST // 2:
        return _both([Reading(commands=frozenset([name])), _read(rest[-1], depth + _DEEPEST // 4)])
    known = Reading(commands=frozenset([name]))
    if any(_DEVICES.search(w) for w in rest):
        return replace(known, unsettled=_HOST)
    if name in ("env", "printenv", "set", "export", "declare", "compgen") and not [w for w in rest if w[:1] != "-"]:
        return replace(known, unsettled=_ENVIRONMENT if name != "set" or not rest else "", ordered=False)
    flags = _flags(rest)
    return _SPECIAL[name](known, flags, rest) if name in _SPECIAL else _plain(known, name, flags, rest)


def _flags(words: list[str]) -> str:
    """The letters of all short options, up to `--`."""
    given = words[: words.index("--")] if "--" in words else words
    return "".join(w[1:] for w in given if w.startswith("-") and not w.startswith("--"))


_ENV = Reading(unsettled=_ENVIRONMENT, ordered=False, commands=frozenset(["env"]))


def _plain(known: Reading, name: str, flags: str, rest: list[str]) -> Reading:
    if name in _PROGRAMS:
        code = " ".join(rest)
        reason = _PROGRAM if _READS_CLOCK.search(code) else ""
        return replace(known, unsettled=reason, ordered=not _WALKS.search(code), padded=True)
    if name in _UNSETTLED:
        return replace(known, unsettled=_UNSETTLED[name], ordered=False)
    if name in _FREE or (name in ("cp", "rm", "mv", "chmod", "chown", "chgrp", "rsync") and flags):
        return replace(known, ordered=False, names=True)
    return known


def _ls(known: Reading, flags: str, rest: list[str]) -> Reading:
    long = any(f in flags for f in "lgno") or "--full-time" in rest
    free = any(f in flags for f in "Uftcu") or any(w.startswith(("--sort=none", "--sort=time", "--time")) for w in rest)
    numbered = "i" in flags or "s" in flags
    return replace(known, listing=long, ordered=not free, numbered=numbered, names=True, columns=not long)


def _find(known: Reading, flags: str, rest: list[str]) -> Reading:
    formats = [rest[n + 1] for n, w in enumerate(rest[:-1]) if w in ("-printf", "-fprintf")]
    reason = _CLOCK if any(_TIMES.search(f) for f in formats) else ""
    inner = _NOTHING
    if (at := next((n for n, w in enumerate(rest) if w in ("-exec", "-execdir", "-ok")), -1)) >= 0:
        inner = _promise([w for w in rest[at + 1 :] if w not in ("{}", "\\;", ";", "+")], 1)
    made = _both([replace(known, unsettled=reason, names=True), inner])
    return replace(made, ordered=False, listing=made.listing or "-ls" in rest, numbered="-ls" in rest, columns=False)


def _grep(known: Reading, flags: str, rest: list[str]) -> Reading:
    recursive = "r" in flags or "R" in flags or "--recursive" in rest
    return replace(known, ordered=not recursive, names=recursive or "l" in flags or "L" in flags)


def _stat(known: Reading, flags: str, rest: list[str]) -> Reading:
    formats = [w for w in rest if "%" in w]
    reason = _CLOCK if any(_STAT_TIMES.search(f) for f in formats) else ""
    return replace(known, unsettled=reason, listing=not formats, names=True)


def _tar(known: Reading, flags: str, rest: list[str]) -> Reading:
    short = flags or (rest[0] if rest else "")
    return replace(known, listing="t" in short and "v" in short, ordered="c" not in short, names=True)


def _ps(known: Reading, flags: str, rest: list[str]) -> Reading:
    """Columns that a start command decides are firm; process numbers and times are not."""
    columns = " ".join(w for w in rest if not w.startswith("-")) + flags
    firm = bool(re.search(r"\b(args|cmd|comm|command|user)=?", columns)) and not re.search(
        r"pid|time|start|mem|cpu|vsz|rss|tty|stat", columns
    )
    return replace(known, unsettled=_PROCESSES if firm else f"{_PROCESSES} ", ordered=False)


def _pgrep(known: Reading, flags: str, rest: list[str]) -> Reading:
    return replace(known, numbered="c" not in flags, ordered="c" in flags)


def _names(known: Reading, flags: str, rest: list[str]) -> Reading:
    """Groups of a user: a set."""
    return replace(known, words=True)


_SPECIAL = {
    "ls": _ls, "dir": _ls, "vdir": _ls, "ll": _ls, "find": _find, "grep": _grep, "egrep": _grep, "fgrep": _grep,
    "rgrep": lambda k, f, r: _grep(k, f + "r", r), "zgrep": _grep, "stat": _stat, "tar": _tar, "ps": _ps, "pgrep": _pgrep,
    "id": _names, "groups": _names, "unzip": lambda k, f, r: replace(k, listing="l" in f, names=True),
    "du": lambda k, f, r: replace(k, ordered=False, sizes=True, names=True),
    "tree": lambda k, f, r: replace(k, names=True), "wc": lambda k, f, r: replace(k, padded=True),
    "nl": lambda k, f, r: replace(k, padded=True), "cat": lambda k, f, r: replace(k, padded="n" in f or "b" in f),
}  # fmt: skip


def _through(flow: Reading, stage: Node, depth: int) -> Reading:
    """What is left of a promise after one more command of a pipeline."""
    if stage.type == "redirected_statement" and _to_file(stage):
        return Reading(commands=flow.commands | _flow(stage, depth).commands)
    words = _words(stage) if stage.type == "command" else []
    if stage.type == "redirected_statement" and (inner := [c for c in stage.named_children if c.type == "command"]):
        words = _words(inner[0])
    while words and words[0] in _PREFIXES:
        words = words[1:]
    name, rest = (words[0].rsplit("/", 1)[-1], words[1:]) if words else ("", [])
    flags = _flags(rest)
    after = _filter(flow, name, flags, rest)
    own = _flow(stage, depth) if after is None else Reading(commands=frozenset([name]))
    if after is None:
        after = replace(flow, columns=False, padded=flow.padded or own.padded)
        if name == "xargs":
            own = _promise([w for w in rest if not re.fullmatch(r"-.*|\d+|\{\}", w)], depth)
            after = replace(after, words=after.words or not own.commands)
            own = replace(own, columns=False)
        after = replace(_both([after, own]), listing=after.listing or own.listing)
    return replace(after, commands=flow.commands | own.commands, narrowed=flow.narrowed)


def _filter(flow: Reading, name: str, flags: str, rest: list[str]) -> Reading | None:
    """The commands that change what is promised; None for all others, which pass on what they get."""
    counts = name == "wc" or (name in ("grep", "egrep", "fgrep") and ("c" in flags or "q" in flags))
    settled = flow.unsettled.startswith(_PROCESSES) and (flow.narrowed or (counts and name != "wc"))
    if counts:
        if flow.sizes or flow.numbered or flow.listing or settled:
            return Reading(unsettled="" if settled else flow.unsettled, padded=True)
        return Reading(unsettled=flow.unsettled, padded=True)
    if name == "sort":
        by_chance = "R" in flags
        if "u" in flags and any(w.startswith(("-k", "-t")) for w in rest) and not flow.ordered:
            return flow
        return replace(flow, ordered=not by_chance, words=False, columns=False)
    if name in ("grep", "egrep", "fgrep"):
        firm = flow.unsettled in (_PROCESSES, _ENVIRONMENT)
        narrows = "v" not in flags and any(len(w) > 2 for w in rest)
        unsettled = "" if firm and narrows else flow.unsettled
        if not flow.ordered and ("n" in flags or "m" in flags):
            unsettled = unsettled or _SOME
        return replace(flow, unsettled=unsettled, narrowed=flow.narrowed or narrows, columns=False)
    picks = name in _ROWS or (name == "sed" and bool(re.search(r"(^|\s)('?\d+[,\dpqd$]|\$[pd])", " ".join(rest))))
    picks = picks or (name in ("awk", "gawk") and "NR" in " ".join(rest)) or (name == "cat" and "n" in flags)
    if picks:
        lost = not flow.ordered and not flow.unsettled
        return replace(flow, unsettled=_SOME if lost else flow.unsettled, columns=False, padded=True)
    if name in ("tr", "paste", "column", "fmt"):
        return replace(flow, words=flow.words or not flow.ordered, columns=False)
    if name == "uniq":
        return replace(flow, columns=False, padded=flow.padded or "c" in flags)
    if name in ("awk", "gawk") and flow.listing and set(re.findall(r"\$(\w+)", " ".join(rest))) <= _STEADY:
        return replace(flow, columns=False, listing=False)
    if name in ("awk", "gawk", "sed", "cut") and flow.listing:
        return replace(flow, columns=False, listing=False, unsettled=flow.unsettled or "it takes columns of a listing")
    return None
