"""Parses a shell's output into rows in normal form, and errors by kind and subject."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..engine.terminal import NOTICE, clean
from .guarantees import OutputGuarantees

MAX_CHARACTERS = 20_000
"""Characters of an output; the rest is not read."""
_FENCE = re.compile(r"\A\s*```[\w-]*[ \t]*\n(.*?)\n?```\s*\Z", re.DOTALL)
_PROMPT = re.compile(
    r"^(?:\([\w.-]{1,40}\) ?)?(?:\[?[\w.-]{1,40}@[\w.-]{1,60}[: ][^\n#$]{0,200}\]?[#$]|(?:bash|sh)-[\d.]{1,8}[#$]|[#$])(?: |$)"
)
_EMPTY = re.compile(
    r"\A\W*(?:(?:the )?output(?: of the os)? (?:is|was) empty|no output|empty(?: output)?|nothing|none)\W*\Z", re.I
)
_LEAD = re.compile(r"\A\s*the output of the os:\s*\n", re.I)
_JOB = re.compile(r"^\[\d+\][+-]?\s+(\d+|Done\b.*|Running\b.*|Terminated\b.*|Exit \d+.*)$")
_ASIDE = re.compile(r": (?:Broken pipe|write error)$|^Try '.{1,80} --help'|^Try `.{1,80} --help'|^Usage: ")
"""Lines that carry no information: broken pipes, and hints to read the help."""
_LONG = re.compile(
    r"^(?P<mode>[-bcdlpsDC?][-rwxsStT]{9})[.+@]?\s+(?P<links>\d+\s+)?(?P<owner>[^\s/]+)[\s/]+(?P<group>\S+)\s+"
    r"(?P<size>\d+, *\d+|[\d.,]+[KMGTPB]?i?)\s+"
    r"(?:[A-Z][a-z]{2}\s+\d{1,2}|\d{1,2}\s+[A-Z][a-z]{2}|\d{4}-\d\d-\d\d|\d\d-\d\d)"
    r"(?:\s+(?:\d{1,2}:\d\d(?::\d\d(?:[.]\d+)?)?|\d{4}))?(?:\s+[+-]\d{4})?\s+(?P<name>.+)$"
)
_TIMES = re.compile(r"^\s*(Access|Modify|Change|Birth): *(\d{4}-|-)|^\s*Device: ")
_SIZE = re.compile(r"^(\d+(?:[.,]\d+)?)\s*([KMGTP]?)(?:i?B?)$", re.I)
_SHELL = re.compile(r"^-?(?:/(?:usr/)?bin/)?(?:ba|da)?sh: (?:eval: )?(?:line )?(?:\d+: )?(?:eval: )?(?:line \d+: )?")
_QUOTED = re.compile(r"[‘'`\"“]([^‘’'`\"“”]{1,500})[’'\"”]")
_KINDS = {
    "syntax": r"syntax error|unexpected (?:end of file|eof)|unmatched|unterminated|parse error",
    "no command": r"command not found|: not found$|not found: ?$|not recognized as",
    "missing": r"no such file|cannot (?:stat|find|statx) .*no such|does(?: not|n't) exist|not found|no such (?:directory|path)",
    "denied": r"permission denied|operation not permitted|access denied|not permitted",
    "exists": r"file exists|already exists",
    "directory": r"is a directory|omitting directory",
    "no directory": r"not a directory",
    "not empty": r"directory not empty",
    "read-only": r"read-only file system",
    "nobody": r"no such (?:user|group|process)|invalid (?:user|group|owner)|unknown (?:user|group)|no user"
    r"|user .* does not exist",
    "usage": r"invalid option|unrecognized option|unknown option|missing operand|usage:|try '.*--help'"
    r"|unknown (?:predicate|primary)|invalid (?:mode|argument|number)|extra operand|missing argument"
    r"|requires an argument|too (?:many|few) arguments",
}  # fmt: skip
_KIND = {name: re.compile(pattern, re.I) for name, pattern in _KINDS.items()}


@dataclass(frozen=True)
class ShellError:
    """An error that a command reports: its kind, its subject (a path, a name, or ''), and its line."""

    kind: str
    about: str
    text: str

    def same(self, other: ShellError) -> bool:
        """Whether both are the same kind of error about the same subject; one without a subject matches names in its text."""
        if self.kind != other.kind:
            return False
        return self.about == other.about or self.kind in ("syntax", "usage") or self._says(other) or other._says(self)

    def _says(self, other: ShellError) -> bool:
        return not self.about and (not other.about or other.about in self.text)


@dataclass(frozen=True)
class ParsedOutput:
    """The rows and errors of one output."""

    rows: tuple[str, ...]
    faults: tuple[ShellError, ...]

    def __bool__(self) -> bool:
        return bool(self.rows or self.faults)


def normalise_output(text: str, script: str) -> str:
    """An output without escapes, prompt, echo of the script, code fence, and blanks at line ends."""
    text = clean(text[:MAX_CHARACTERS].encode("utf-8", "replace"))
    if fence := _FENCE.match(text):
        text = fence[1]
    text = _LEAD.sub("", text)
    lines = [line.rstrip() for line in text.split("\n")]
    script_lines = [
        line.strip() for line in script[:MAX_CHARACTERS].encode("utf-8", "replace").decode().strip().split("\n")
    ]
    echo_count = 0
    while lines and echo_count <= len(script_lines) and (prompt := _PROMPT.match(lines[0])):
        rest = lines[0][prompt.end() :].strip()
        if rest and rest not in script_lines:
            break
        lines, echo_count = lines[1:], echo_count + 1
    while lines and (not lines[-1] or ((end := _PROMPT.match(lines[-1])) and end.end() >= len(lines[-1]))):
        lines.pop()
    while lines and not lines[0]:
        lines = lines[1:]
    return "" if len(lines) == 1 and _EMPTY.match(lines[0][:200]) else "\n".join(lines)


def parse_output(text: str, guarantees: OutputGuarantees) -> ParsedOutput:
    """Parse a normalised output by the guarantees of its script."""
    rows: list[str] = []
    faults: list[ShellError] = []
    for line in text.split("\n") if text else ():
        if _JOB.match(line) or _ASIDE.search(line):
            continue
        if (fault := parse_error(line, guarantees.commands)) is not None:
            if fault.kind != "syntax" or all(f.kind != "syntax" for f in faults):
                faults.append(fault)
        elif (row := _row(line, guarantees)) is not None:
            rows.append(row)
    return ParsedOutput(tuple(rows if guarantees.ordered else sorted(rows)), tuple(faults))


def parse_error(line: str, commands: Iterable[str]) -> ShellError | None:
    """The error that a line reports, if a command of the script or the shell reports it."""
    head, colon, _ = line.partition(": ")
    program = head.strip().rsplit("/", 1)[-1].lstrip("-")
    if not colon or (program not in commands and program not in ("bash", "sh", "dash")):
        bare = next((n for n in ("no command", "syntax") if _KIND[n].search(line)), "") if len(line) < 200 else ""
        if not bare or (bare == "no command" and "command not found" not in line):
            return None
    kind = error_kind(line)
    if not kind and program not in ("bash", "sh", "dash"):
        return None
    return ShellError(kind or "other", _about(line, kind), line)


def error_kind(line: str) -> str:
    """The kind of error that a line reports; '' if unknown."""
    order = ("syntax", "nobody", "exists", "no directory", "not empty", "directory", "read-only", "denied", "usage")
    for name in (*order, "no command", "missing"):
        if _KIND[name].search(line[:1000]):
            return name
    return ""


def _about(line: str, kind: str) -> str:
    """The subject of an error: the quoted text, or the part before the reason."""
    if kind in ("syntax", "usage"):
        return ""
    if quote := _QUOTED.search(line[:1000]):
        return normalise_path(quote[1])
    parts = [p.strip() for p in _SHELL.sub("", line[:1000]).split(": ")]
    if kind == "no command":
        names = [
            p for p in parts if p and not _KIND["no command"].search(p) and p not in ("not found", "command not found")
        ]
        return normalise_path(names[-1]) if names else ""
    return normalise_path(re.sub(r"^.*\s(?=/)", "", parts[-2])) if len(parts) > 1 else ""


def normalise_path(text: str) -> str:
    """A path in normal form."""
    return posixpath.normpath(text.strip().replace("//", "/")) if text.strip() else ""


def _row(line: str, guarantees: OutputGuarantees) -> str | None:
    """One row in normal form, without values that the state does not decide; None for a row without information."""
    if guarantees.numbered:
        line = re.sub(r"^\s*\d+\b", "", line, count=1)
    if guarantees.listing:
        if re.match(r"^\s*total [\d.]+[KMGT]?$", line) or _TIMES.match(line):
            return None
        if long := _LONG.match(line.strip()):
            return _long(long)
        line = re.sub(r"\b(?:IO Blocks?|Blocks|Inode|Links): *\S+", "", line)
    if guarantees.sizes and (match := re.match(r"^\s*(\S+)\s+(.*)$", line)) and _SIZE.match(match[1]):
        line = match[2]
    if guarantees.names and "/" in line:
        line = " ".join(_normalise_word(w) for w in line.split(" "))
    if guarantees.words:
        return " ".join(sorted(re.split(r"[\s,=()\[\]{}'\"]+", line.strip())))
    if not line.strip():
        return "" if guarantees.ordered and not guarantees.names else None
    blanks = "" if guarantees.padded or guarantees.names else line[: len(line) - len(line.lstrip())]
    return blanks.replace("\t", "    ") + " ".join(line.split())


def _normalise_word(word: str) -> str:
    """A word with its path in normal form: `./a` as `a`; in `path:text` only the path changes."""
    head, colon, rest = word.partition(":")
    if "/" not in head or "://" in word:
        return word
    path_part = re.sub(r"/{2,}", "/", head).removeprefix("./")
    return (path_part.rstrip("/") or "/" if len(path_part) > 1 else path_part or ".") + colon + rest


def _long(row: re.Match[str]) -> str:
    """A row of `ls -l` in normal form: mode, owner, group, size (of files only), name."""
    mode, name = row["mode"], row["name"].rstrip("*/" if " -> " not in row["name"] else "*")
    size = "" if mode[0] != "-" else _bytes(row["size"])
    return f"{mode} {row['owner']} {row['group']} {size} {re.sub(r'^[.]/', '', name)}"


def _bytes(text: str) -> str:
    """A size without separators; `1.5K` stays, for it stands for several numbers of bytes."""
    return text.replace(",", "").removesuffix("B")


def sizes(text: str) -> list[tuple[str, float]]:
    """Path and size in bytes of each row of `du`, sorted, so that 4.0K and 4096 are equal."""
    rows = []
    for line in text.split("\n"):
        row = re.match(r"^\s*(\S+)\s+(\S.*)$", line)
        if row and (size := _SIZE.match(row[1])):
            power = " KMGTP".index(size[2].upper() or " ")
            rows.append((normalise_path(row[2]), float(size[1].replace(",", ".")) * 1024**power))
    return sorted(rows)


def certain_part(text: str) -> str | None:
    """The certain part of an output that was cut: its whole lines before the notice; None if it was not cut."""
    if not text.endswith(NOTICE):
        return None
    return text.removesuffix(NOTICE).rpartition("\n")[0]
