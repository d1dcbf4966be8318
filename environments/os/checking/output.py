"""Parses a shell's output into rows in normal form, and errors by kind and subject."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..engine.terminal import clean
from .errors import ShellError, normalise_path, parse_error
from .guarantees import OutputGuarantees

MAX_CHARACTERS = 20_000
"""Characters of an output; the rest is not read."""
_FENCE = re.compile(r"\A\s*```[\w-]*[ \t]*\n(.*?)\n?```\s*\Z", re.DOTALL)
_MARK = r"(?:\([\w.-]{1,40}\) ?)?(?:\[?[\w.-]{1,40}@[\w.-]{1,60}[: ][^\n#$]{0,200}\]?[#$]|(?:bash|sh)-[\d.]{1,8}[#$])"
_PROMPT = re.compile(rf"^(?:{_MARK}|[#$])(?: |$)")
_BARE_PROMPT = re.compile(rf"^{_MARK}\s*$")
_EMPTY = re.compile(
    r"\A(?:[(\[<]\W*(?:no output|empty(?: output)?|nothing|none)\W*[)\]>]|no output|[#$]"
    r"|(?:the )?output(?: of the os)? (?:is|was) empty\.?)\s*\Z",
    re.I,
)
_LEAD = re.compile(r"\A\s*the output of the os:\s*\n", re.I)
_JOB = re.compile(r"^\[\d+\][+-]?\s+(\d+|Done\b.*|Running\b.*|Terminated\b.*|Exit \d+.*)$")
_HINT = re.compile(r"^(?:Try ['`](?P<program>[\w.+-]{1,40}) --help'|Usage: (?P<name>[\w.+-]{1,40})\b)")
"""Lines that may follow an error about the usage of a program."""
_ECHO = re.compile(r"^-?(?:bash|sh|dash): (?:-c: )?(?:line \d+: )?`.*'$")
"""The line in which bash found a syntax error."""
_PIPE = re.compile(r"^([\w.+-]{1,40}): .*(?:Broken pipe|write error)$")
_LONG = re.compile(
    r"^(?P<mode>[-bcdlpsDC?][-rwxsStT]{9})[.+@]?\s+(?P<links>\d+\s+)?(?P<owner>[^\s/]+)[\s/]+(?P<group>\S+)\s+"
    r"(?P<size>\d+, *\d+|[\d.,]+[KMGTPB]?i?)\s+"
    r"(?:[A-Z][a-z]{2}\s+\d{1,2}|\d{1,2}\s+[A-Z][a-z]{2}|\d{4}-\d\d-\d\d|\d\d-\d\d)"
    r"(?:\s+(?:\d{1,2}:\d\d(?::\d\d(?:[.]\d+)?)?|\d{4}))?(?:\s+[+-]\d{4})?\s+(?P<name>.+)$"
)
_BLOCKS = re.compile(r"^\d+\s+(?=[-bcdlpsDC?][-rwxsStT]{9}\s)")
"""The column of blocks that `find -ls` and `ls -s` put before the mode."""
_TIMES = re.compile(r"^\s*(Access|Modify|Change|Birth): *(\d{4}-|-)|^\s*Device: ")
_SIZE = re.compile(r"^(\d+(?:[.,]\d+)?)\s*([KMGTP]?)(?:i?B?)$", re.I)


@dataclass(frozen=True)
class ParsedOutput:
    """The rows and errors of one output."""

    rows: tuple[str, ...]
    faults: tuple[ShellError, ...]

    def __bool__(self) -> bool:
        return bool(self.rows or self.faults)


def plain_output(text: str) -> str:
    """An output without escapes, with plain blanks, and without blanks and line ends at its end."""
    return clean(text[:MAX_CHARACTERS].encode("utf-8", "replace")).replace("\xa0", " ").rstrip()


def unwrap_claim(text: str, script: str, real: str) -> str:
    """A claimed output without what a model may put around it: code fence, prompt, echo of the script, a note that there is
    no output. What the real output has itself stays."""
    text = plain_output(text)
    if text == real:
        return text
    if fence := _FENCE.match(text):
        text = fence[1]
    lines = _LEAD.sub("", text).split("\n")
    echoed = {line.strip() for line in plain_output(script).strip().split("\n")} - {""}
    while lines and (prompt := _PROMPT.match(lines[0])) and lines[0][prompt.end() :].strip() in echoed:
        lines = lines[1:]
    while lines and (not lines[-1] or (_BARE_PROMPT.match(lines[-1]) and not real.endswith(lines[-1]))):
        lines.pop()
    while lines and not lines[0].strip() and real[:1] not in (" ", "\t", "\n"):
        lines = lines[1:]
    text = "\n".join(lines)
    return "" if not real and _EMPTY.match(text[:200]) else text.rstrip()


def parse_output(text: str, guarantees: OutputGuarantees) -> ParsedOutput:
    """Parse an output by the guarantees of its script."""
    rows: list[str] = []
    faults: list[ShellError] = []
    follows: ShellError | None = None
    for line in text.split("\n") if text else ():
        if _is_aside(line, guarantees, follows):
            continue
        follows = fault = parse_error(line, guarantees.commands)
        if fault is not None:
            if fault.kind != "syntax" or all(f.kind != "syntax" for f in faults):
                faults.append(fault)
        elif (row := _row(line, guarantees)) is not None:
            rows.append(row)
    return ParsedOutput(tuple(rows if guarantees.ordered else sorted(rows)), tuple(faults))


def _is_aside(line: str, guarantees: OutputGuarantees, follows: ShellError | None) -> bool:
    """Whether a line carries no information where it stands: the number of a job, a broken pipe, a hint after an error."""
    if guarantees.jobs and _JOB.match(line):
        return True
    if (pipe := _PIPE.match(line)) and len(guarantees.commands) > 1 and pipe[1] in guarantees.commands:
        return True
    if follows and follows.kind == "syntax" and _ECHO.match(line):
        return True
    hint = _HINT.match(line)
    return bool(hint and follows and follows.kind == "usage" and (hint["program"] or hint["name"]) == follows.program)


def _row(line: str, guarantees: OutputGuarantees) -> str | None:
    """One row in normal form, without values that the state does not decide; None for a row without information."""
    if guarantees.numbered:
        line = _BLOCKS.sub("", re.sub(r"^\s*\d+\b", "", line, count=1).lstrip())
    if guarantees.listing:
        if re.match(r"^\s*total [\d.]+[KMGT]?$", line) or _TIMES.match(line):
            return None
        if long := _LONG.match(line.strip()):
            return _long(long)
        line = re.sub(r"\b(?:IO Blocks?|Blocks|Inode|Links): *\S+(?: \d+(?= ))?", "", line)
    if guarantees.sizes and (match := re.match(r"^\s*(\S+)\s+(.*)$", line)) and _SIZE.match(match[1]):
        line = match[2]
    if guarantees.names and "/" in line:
        line = " ".join(_normalise_word(w, guarantees.relative) for w in line.split(" "))
    if guarantees.words:
        return _set(line.strip())
    return " ".join(line.split()) if guarantees.padded or guarantees.listing or guarantees.sizes else line


def _set(line: str) -> str:
    """A row whose words have no order: the fields of `id` keep their names, what stands before a colon stays in front."""
    head, colon, rest = line.rpartition(" : ")
    fields = [_field(w) for w in rest.split()] if "=" in rest else re.split(r"[\s,()\[\]{}'\"]+", rest)
    return head + colon + " ".join(sorted(fields))


def _field(word: str) -> str:
    name, mark, values = word.partition("=")
    return name + mark + ",".join(sorted(values.split(",")))


def _normalise_word(word: str, relative: bool) -> str:
    """A word with its path in normal form: `./a` as `a` where `relative`; in `path:text` only the path changes."""
    head, colon, rest = word.partition(":")
    if "/" not in head or "://" in word:
        return word
    path_part = re.sub(r"/{2,}", "/", head)
    path_part = path_part.removeprefix("./") if relative else path_part
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
