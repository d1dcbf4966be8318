"""Ways in which a shell's output may vary without being wrong, to measure the comparison with. They share no code with it."""

from __future__ import annotations

import re
from collections.abc import Callable

from numpy.random import Generator

from simenv.compare import Transition

from ..tasks.draft import choice

ERROR = re.compile(
    r": .*(No such file|Permission denied|not permitted|not found|File exists|s a directory|ot a directory|not empty"
    r"|[Ii]nvalid|requires an argument"
    r"|missing operand|syntax error|unexpected|cannot|[Nn]o such|does not exist|unrecognized|Read-only|already exists)",
)  # fmt: skip
_FREE = re.compile(r"(find|grep -\w*[rR]\w*|du) [^|;&<>()`$\n]*")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

Change = Callable[[str], str]


def script_of(transition: Transition) -> str:
    return str(transition.action.arguments.get("script", "")).strip()


def wrappings(transition: Transition, text: str) -> list[Change]:
    """Text that may stand around an output without being wrong."""
    script = script_of(transition)
    changes: list[Change] = [lambda t: f"{t}\n\n"]
    if transition.truth.invalid or not text.strip() or text.startswith(("The output", "(no output)")):
        return changes
    changes += [lambda t: t.replace("\n", "\r\n"), lambda t: f"\x1b[0m{t}\x1b[0m", lambda t: f"```\n{t}\n```"]
    if script and "\n" not in script:
        changes += [
            lambda t: f"root@machine:~# {script}\n{t}",
            lambda t: f"{t}\nroot@machine:~#",
            lambda t: f"$ {script}\n{t}",
        ]
    return changes


def harmless_changes(transition: Transition, rng: Generator) -> list[Change]:
    """Changes of an output that leave its meaning the same."""
    script, text = script_of(transition), transition.truth.text
    lines = text.split("\n")
    changes: list[Change] = [lambda t: t + " " * int(rng.integers(0, 3)) if t else t]
    if transition.truth.invalid:
        return changes
    if not text:
        return [*changes, lambda t: choice(rng, ("The output of the OS is empty.", "(no output)", "", "\n"))]
    if (
        _FREE.fullmatch(script)
        and len(lines) > 2
        and not any(map(ERROR.search, lines))
        and not transition.truth.truncated
    ):
        changes += [lambda t: _shuffle(t, rng)] * 4
        if script.startswith("find") and "-printf" not in script and "-exec" not in script:
            changes.append(lambda t: re.sub(r"(?<=\w)/(?=\w)", "//", t, count=1))
    if re.fullmatch(r"ls( /[\w./-]+)?", script) and len(lines) > 1 and " " not in text and "/" not in text:
        changes += [lambda t: "  ".join(t.split("\n"))] * 2
    if re.search(r"\bls -\w*l", script):
        changes += [lambda t: _change_dates(t, rng)] * 4
    if any(map(ERROR.search, lines)):
        changes += [lambda t: _reword(t, rng)] * 4
    return changes


def _shuffle(text: str, rng: Generator) -> str:
    lines = text.split("\n")
    return "\n".join(lines[i] for i in rng.permutation(len(lines)))


def _change_dates(text: str, rng: Generator) -> str:
    """The same listing on another day and file system."""
    when = f"{choice(rng, _MONTHS)} {int(rng.integers(1, 29)):2} {int(rng.integers(24)):02}:{int(rng.integers(60)):02}"
    text = re.sub(rf"\b({'|'.join(_MONTHS)}) +\d{{1,2}} +(\d\d:\d\d|\d{{4}})", when, text)
    text = re.sub(r"^(d\S+ +)\d+( +\S+ +\S+ +)\d+", rf"\g<1>{int(rng.integers(2, 9))}\g<2>4096", text, flags=re.M)
    return re.sub(r"^total \d+", f"total {int(rng.integers(4, 99))}", text)


def _reword(text: str, rng: Generator) -> str:
    """Errors in the wording of another version of the same tool."""
    text = text.replace("‘", "'").replace("’", "'") if rng.random() < 0.5 else text
    text = re.sub(r"^bash: (line \d+: )?(\S+): command not found", r"bash: \2: command not found", text, flags=re.M)
    text = re.sub(
        r"cannot open '([^']+)' for reading: ", r"\1: " if rng.random() < 0.5 else r"cannot open '\1': ", text
    )
    replacement = r"\1: cannot open '\2': No such" if rng.random() < 0.5 else r"\1: '\2': No such"
    return re.sub(r"^(cat|grep): (/\S+): No such", replacement, text, flags=re.M)
