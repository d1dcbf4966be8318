"""Errors that commands report: their program, kind and subject, and whether two of them say the same of the machine."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass

_SHELLS = frozenset(["bash", "sh", "dash"])
_SHELL_NAMES = ("bash: ", "sh: ", "dash: ", "-bash: ")
_SHELL = re.compile(
    r"^-?(?:/(?:usr/)?bin/)?(?:ba|da)?sh: (?:-c: )?(?:eval: )?(?:line )?(?:\d+: )?(?:eval: )?(?:line \d+: )?"
)
_QUOTED = re.compile(r"(?<!\w)[‘'`\"“]([^‘’'`\"“”]{1,500})[’'\"”]")
_OPTION = re.compile(r"(?<![\w-])(--?[A-Za-z][\w-]*)")
_PATH = re.compile(r"(?<![\w.])/[\w./+-]*\w")
_END = re.compile(r"unexpected (?:end of file|eof)", re.I)
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
    r"|(?:user|group) .* does not exist",
    "usage": r"invalid option|unrecognized option|unknown option|missing operand|usage:|try '.*--help'"
    r"|unknown (?:predicate|primary)|invalid (?:mode|argument|number)|extra operand|missing argument"
    r"|requires an argument|too (?:many|few) arguments",
}  # fmt: skip
_KIND = {name: re.compile(pattern, re.I) for name, pattern in _KINDS.items()}
_WORD = re.compile(r"[^\W\d_][\w'’.+-]*|\d+")
_PLAIN = frozenset(
    """a access action actions already an another any are argument arguments at bad bash be busy by can can't cannot can’t
    command conflicting could couldn't create dash denied descriptor destination device directory do does doesn't
    doesn’t don't empty end entered eof error exist exists expression extra failed failure fatal few file filename
    files find for found from get group groups has help if illegal in information input integer invalid is it kind
    known line link long looking many match matching missing mode more move name near no non-empty non-existent not
    number of omitting on open operand operation operator option options or output owner path pattern perform
    permission permitted process program read read-only reading recognized regular remove required requires resource
    same set sh skipping source stat statx string such support supported syntax system target temporarily terminated
    text that the there this to token too try unable unavailable unexpected unknown unmatched unrecognized
    unterminated usage use used user users valid value was while with without write writing""".split()  # noqa: SIM905
)
"""What messages of shells and tools are made of; every other word asserts something, as a name does."""


@dataclass(frozen=True)
class ShellError:
    """An error that a command reports: its kind, its subject (a path, a name, an option, or ''), its line and its program."""

    kind: str
    about: str
    text: str
    program: str = ""

    def same(self, claim: ShellError) -> bool:
        """Whether a claimed error is this one: of the same program and kind, about the same thing, and saying no more."""
        if (
            self.kind != claim.kind
            or not _same_program(self.program, claim.program)
            or asserts_more(claim.text, self.text)
        ):
            return False
        return self.about == claim.about or not claim.about or (not self.about and claim.about in self.text)


def _same_program(a: str, b: str) -> bool:
    return not a or not b or a == b or {a, b} <= _SHELLS


def asserts_more(claim: str, truth: str) -> bool:
    """Whether a claimed message has a word that neither the true one has nor messages are made of."""
    known = {w.casefold() for w in _words(truth)}
    return any(w.casefold() not in known and w.casefold() not in _PLAIN for w in _words(claim))


def _words(text: str) -> Iterable[str]:
    return (w.strip(".'’-") for w in _WORD.findall(_SHELL.sub("", text[:2000])))


def parse_error(line: str, commands: Iterable[str]) -> ShellError | None:
    """The error that a line reports, if a command of the script or the shell reports it."""
    head, colon, _ = line.partition(": ")
    program = head.strip().rsplit("/", 1)[-1].lstrip("-")
    if not colon or (program not in commands and program not in _SHELLS):
        bare = next((n for n in ("no command", "syntax") if _KIND[n].search(line)), "") if len(line) < 200 else ""
        if not bare or (bare == "no command" and "command not found" not in line):
            return None
        program = ""
    kind = error_kind(line)
    if not kind and program not in _SHELLS:
        return None
    about = _about(line, kind)
    names_no_shell = kind == "no command" and program == about
    return ShellError(kind or "other", about, line, "" if names_no_shell else program)


def error_kind(line: str) -> str:
    """The kind of error that a line reports; '' if unknown."""
    order = ("syntax", "nobody", "exists", "no directory", "not empty", "directory", "read-only", "denied", "usage")
    for name in (*order, "no command", "missing"):
        if _KIND[name].search(line[:1000]):
            return name
    return ""


def _about(line: str, kind: str) -> str:
    """The subject of an error: the quoted text, or the part before the reason."""
    if kind == "syntax" and _END.search(line[:1000]):
        return "end of file"
    if quote := _QUOTED.search(line[:1000]):
        return quote[1].lstrip("-") if kind == "usage" else normalise_path(quote[1])
    if kind == "usage":
        option = _OPTION.search(line[:1000])
        return option[1].lstrip("-") if option else ""
    if kind == "syntax":
        return ""
    parts = [p.strip() for p in _SHELL.sub("", line[:1000]).split(": ")]
    if kind == "no command":
        names = [
            p for p in parts if p and not _KIND["no command"].search(p) and p not in ("not found", "command not found")
        ]
        return normalise_path(names[-1]) if names else ""
    if len(parts) > 2 or (len(parts) == 2 and line.startswith(_SHELL_NAMES)):
        return normalise_path(re.sub(r"^.*\s(?=/)", "", parts[-2]))
    path = _PATH.search(line[:1000])
    return normalise_path(path[0]) if path else ""


def normalise_path(text: str) -> str:
    """A path in normal form."""
    return posixpath.normpath(text.strip().replace("//", "/")) if text.strip() else ""
