"""Guarantees of shell commands about their output: whether the state decides it, and whether its rows have an order."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

_CLOCK, _HOST = "it tells the time", "it tells of the host, which the state does not hold"
CHANCE, _PROCESSES = "it is drawn by chance", "it tells of processes, which the state does not hold"
SOME = "it takes some rows of an order that no command promises"
_PROGRAM = "it runs a program that reads the clock, chance or processes"
_ENVIRONMENT = "it lists the whole environment of the shell"
_UNCERTAIN = {
    **dict.fromkeys(("date", "uptime", "times", "time", "cal", "hwclock", "timedatectl", "last", "lastlog"), _CLOCK),
    **dict.fromkeys(("df", "free", "uname", "hostname", "hostnamectl", "lscpu", "nproc", "arch", "dmesg", "vmstat"), _HOST),
    **dict.fromkeys(("mount", "findmnt", "lsblk", "blkid", "getconf", "sysctl", "ulimit", "ip", "ifconfig", "ss"), _HOST),
    **dict.fromkeys(("netstat", "tty", "journalctl", "history", "locale", "iostat", "swapon"), _HOST),
    **dict.fromkeys(("mktemp", "shuf", "uuidgen", "openssl"), CHANCE),
    **dict.fromkeys(("ps", "top", "htop", "pidof", "jobs", "w", "who", "lsof", "pstree", "fuser", "strace"), _PROCESSES),
}  # fmt: skip
_FREE = frozenset(["find", "du", "locate", "lsattr", "updatedb"])
_PROGRAMS = frozenset(["python", "python3", "perl", "ruby", "node", "awk", "gawk", "mawk"])
_READS_CLOCK = re.compile(r"random|shuffle|\btime\b|datetime|uuid|getpid|systime|strftime|\brand\(|/proc|psutil")
_WALKS = re.compile(r"listdir|os\.walk|scandir|i?r?glob|iterdir|\bset\(|readdir|\bkeys\b|for\s*\(\s*\w+\s+in\b")
_TIMES = re.compile(r"%[0-9.+#-]*[aActTbikDn]|%[0-9.+#-]*[ACT].")
_STAT_TIMES = re.compile(r"%[0-9.+#-]*[xXyYzZwWiIdDbBo]")
_DAY = re.compile(r"\d{4}[-/]\d|@\d|^\d{8}\b|\$")
_TODAY = re.compile(r"\b(now|today|yesterday|tomorrow)\b", re.I)
_DEVICES = re.compile(r"/(proc|sys)(/|$)|/dev/u?random")
_LISTERS = frozenset(["env", "printenv", "set", "export", "declare", "compgen"])
_STEADY = frozenset(["1", "3", "4", "5", "9", "NF"])
"""Columns of `ls -l` that the state decides."""
_SILENT = frozenset(
    """mkdir rmdir touch rm mv cp ln chmod chown chgrp cd export unset useradd usermod userdel groupadd groupmod groupdel
    gpasswd chpasswd true : sleep install truncate kill source . alias test [ sync umask""".split()  # noqa: SIM905
)
_ALIGNED = frozenset(
    "wc column uniq pr file od hexdump xxd cksum sum md5sum sha1sum sha256sum sha512sum b2sum chage".split()  # noqa: SIM905
)
"""Commands that put blanks between columns as it fits."""
_ROWS = frozenset(["head", "tail", "nl", "less", "split", "more"])


@dataclass(frozen=True)
class OutputGuarantees:
    """Guarantees about one output.

    `uncertainty`: why the state does not decide it, '' if it does. `ordered`: the order of rows is guaranteed. `words`: the
    words of a row are a set. `listing`: rows are like those of `ls -l` and `stat`, with times, link counts, and sizes of
    folders. `numbered`: each row begins with an inode or process number. `names`: rows contain paths. `sizes`: rows begin
    with disk usage. `columns`: rows are names that a terminal may show side by side. `padded`: leading blanks only align.
    `is_subset`: the rows are a part of a longer list. `relative`: a leading `./` of a path does not count. `jobs`: the shell
    may tell of a job in the background. `commands`: the names of the commands that are run.
    """

    uncertainty: str = ""
    ordered: bool = True
    words: bool = False
    listing: bool = False
    numbered: bool = False
    names: bool = False
    sizes: bool = False
    columns: bool = False
    padded: bool = False
    is_subset: bool = False
    relative: bool = False
    jobs: bool = False
    commands: frozenset[str] = frozenset()

    @property
    def silent(self) -> bool:
        """Whether all commands are of those that print nothing."""
        return bool(self.commands) and self.commands <= _SILENT


def short_options(words: list[str]) -> str:
    """The letters of all short options before `--`."""
    words_before_dashes = words[: words.index("--")] if "--" in words else words
    return "".join(w[1:] for w in words_before_dashes if w.startswith("-") and not w.startswith("--"))


WHOLE_ENVIRONMENT = OutputGuarantees(uncertainty=_ENVIRONMENT, ordered=False, commands=frozenset(["env"]))
"""Of a command that prints the whole environment."""


def command_guarantees(name: str, rest: list[str]) -> OutputGuarantees:
    """The guarantees of one command with its arguments."""
    base = OutputGuarantees(commands=frozenset([name]))
    if any(_DEVICES.search(w) for w in rest):
        return replace(base, uncertainty=_HOST)
    if name in _LISTERS and not [w for w in rest if w[:1] != "-" or name == "set"]:
        return replace(base, uncertainty=_ENVIRONMENT, ordered=False)
    flags = short_options(rest)
    return _SPECIAL[name](base, flags, rest) if name in _SPECIAL else _plain(base, name, flags, rest)


def _plain(base: OutputGuarantees, name: str, flags: str, rest: list[str]) -> OutputGuarantees:
    if name in _PROGRAMS:
        code = " ".join(rest)
        reason = _PROGRAM if _READS_CLOCK.search(code) else ""
        walks = bool(_WALKS.search(code))
        in_one_row = walks and (not name.endswith("awk") or "printf" in code)
        return replace(base, uncertainty=reason, ordered=not walks, words=in_one_row)
    if name in _UNCERTAIN:
        return replace(base, uncertainty=_UNCERTAIN[name], ordered=False)
    if name in _FREE or (name in ("cp", "rm", "mv", "chmod", "chown", "chgrp", "rsync") and flags):
        return replace(base, ordered=False, names=name in _FREE or bool(set("vc") & set(flags)), relative=name in _FREE)
    return replace(base, padded=name in _ALIGNED)


_FOREIGN = re.compile(r"/|/(?:bin|sbin|lib|lib32|lib64|libx32|usr(?!/local))(?:/.*)?")
"""Paths whose owners and sizes are the host's."""


def _ls(base: OutputGuarantees, flags: str, rest: list[str]) -> OutputGuarantees:
    long = any(f in flags for f in "lgno") or "--full-time" in rest
    free = any(f in flags for f in "Uftcu") or any(w.startswith(("--sort=none", "--sort=time", "--time")) for w in rest)
    numbered = "i" in flags or "s" in flags
    reason = _HOST if long and any(_FOREIGN.fullmatch(w) for w in rest) else ""
    return replace(
        base, uncertainty=reason, listing=long, ordered=not free, numbered=numbered, names=True, columns=not long
    )


def _find(base: OutputGuarantees, flags: str, rest: list[str]) -> OutputGuarantees:
    formats = [rest[n + 1] for n, w in enumerate(rest[:-1]) if w in ("-printf", "-fprintf")]
    reason = _CLOCK if any(_TIMES.search(f) for f in formats) else ""
    listing = "-ls" in rest
    return replace(
        base, uncertainty=reason, names=True, relative=True, ordered=False, listing=listing, numbered=listing
    )


def _grep(base: OutputGuarantees, flags: str, rest: list[str]) -> OutputGuarantees:
    recursive = "r" in flags or "R" in flags or "--recursive" in rest
    names = recursive or "l" in flags or "L" in flags
    return replace(base, ordered=not recursive, names=names, relative=names)


def _stat(base: OutputGuarantees, flags: str, rest: list[str]) -> OutputGuarantees:
    formats = [w for w in rest if "%" in w]
    reason = _CLOCK if any(_STAT_TIMES.search(f) for f in formats) else ""
    return replace(base, uncertainty=reason, listing=not formats, names=True)


def _tar(base: OutputGuarantees, flags: str, rest: list[str]) -> OutputGuarantees:
    """Members are in the order in which the folder was read when the archive was made."""
    short = flags or (rest[0] if rest else "")
    return replace(base, listing="t" in short and "v" in short, ordered=False, names=True, relative=True)


def _ps(base: OutputGuarantees, flags: str, rest: list[str]) -> OutputGuarantees:
    """Columns that the start command decides are certain; process numbers and times are not."""
    columns = " ".join(w for w in rest if not w.startswith("-")) + flags
    firm = bool(re.search(r"\b(args|cmd|comm|command|user)=?", columns)) and not re.search(
        r"pid|time|start|mem|cpu|vsz|rss|tty|stat", columns
    )
    return replace(base, uncertainty=_PROCESSES if firm else f"{_PROCESSES} ", ordered=False)


def _pgrep(base: OutputGuarantees, flags: str, rest: list[str]) -> OutputGuarantees:
    return replace(base, numbered="c" not in flags, ordered="c" in flags)


def _date(base: OutputGuarantees, flags: str, rest: list[str]) -> OutputGuarantees:
    """A day that is given (`-d 2025-03-03`, `-d "$day"`) is certain, unless it is told from today."""
    texts = [w.removeprefix("--date=") if w.startswith("--date=") else after for w, after in pairwise([*rest, ""])
             if w in ("-d", "--date") or w.startswith("--date=")]  # fmt: skip
    is_given = any(_DAY.search(text) and not _TODAY.search(text) for text in texts)
    return base if is_given else replace(base, uncertainty=_CLOCK, ordered=False)


def _names(base: OutputGuarantees, flags: str, rest: list[str]) -> OutputGuarantees:
    """The groups of a user are a set."""
    return replace(base, words=True)


_SPECIAL = {
    "ls": _ls, "dir": _ls, "vdir": _ls, "ll": _ls, "find": _find, "grep": _grep, "egrep": _grep, "fgrep": _grep,
    "rgrep": lambda k, f, r: _grep(k, f + "r", r), "zgrep": _grep, "stat": _stat, "tar": _tar, "ps": _ps, "pgrep": _pgrep,
    "id": _names, "groups": _names, "unzip": lambda k, f, r: replace(k, listing="l" in f, ordered=False, names=True),
    "du": lambda k, f, r: replace(k, ordered=False, sizes=True, names=True, relative=True),
    "tree": lambda k, f, r: replace(k, names=True), "date": _date,
    "nl": lambda k, f, r: replace(k, padded=True), "cat": lambda k, f, r: replace(k, padded="n" in f or "b" in f),
}  # fmt: skip


def pipe_guarantees(before: OutputGuarantees, name: str, rest: list[str]) -> OutputGuarantees | None:
    """The guarantees after one more command of a pipeline; None for a command that does not change them."""
    flags = short_options(rest)
    counts = name == "wc" or (name in ("grep", "egrep", "fgrep") and ("c" in flags or "q" in flags))
    is_certain = before.uncertainty.startswith(_PROCESSES) and (before.is_subset or (counts and name != "wc"))
    if counts:
        return OutputGuarantees(uncertainty="" if is_certain else before.uncertainty, padded=True)
    if name == "sort":
        by_chance = "R" in flags
        if "u" in flags and any(w.startswith(("-k", "-t")) for w in rest) and not before.ordered:
            return before
        return replace(before, ordered=not by_chance, words=False, columns=False)
    if name in ("grep", "egrep", "fgrep"):
        firm = before.uncertainty in (_PROCESSES, _ENVIRONMENT)
        narrows = "v" not in flags and any(len(w) > 2 for w in rest)
        uncertainty = "" if firm and narrows else before.uncertainty
        if not before.ordered and ("n" in flags or "m" in flags):
            uncertainty = uncertainty or SOME
        return replace(before, uncertainty=uncertainty, is_subset=before.is_subset or narrows, columns=False)
    if name == "cut" and before.listing and "-c1-10" in rest:
        return replace(before, columns=False, listing=False)
    picks = name in _ROWS or (name == "sed" and bool(re.search(r"(^|\s)('?\d+[,\dpqd$]|\$[pd])", " ".join(rest))))
    picks = picks or (name in ("awk", "gawk") and "NR" in " ".join(rest)) or (name == "cat" and "n" in flags)
    if picks:
        is_lost = not before.ordered and not before.uncertainty
        padded = before.padded or name in ("nl", "cat")
        return replace(before, uncertainty=SOME if is_lost else before.uncertainty, columns=False, padded=padded)
    if name in ("tr", "paste", "column", "fmt"):
        padded = before.padded or name == "column"
        return replace(before, words=before.words or not before.ordered, columns=False, padded=padded)
    if name == "uniq":
        return replace(before, columns=False, padded=before.padded or "c" in flags)
    if name in ("awk", "gawk") and before.listing and set(re.findall(r"\$(\w+)", " ".join(rest))) <= _STEADY:
        return replace(before, columns=False, listing=False)
    if name in ("awk", "gawk", "sed", "cut") and before.listing:
        return replace(
            before, columns=False, listing=False, uncertainty=before.uncertainty or "it takes columns of a listing"
        )
    return None
