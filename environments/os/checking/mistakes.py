"""Mistakes that models were seen to make as a shell: another name or reason in an error, a promise after it, lines behind the
cut, empty lines left out, columns in another order. They measure the comparison, and share no code with it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from numpy.random import Generator

from simenv.compare import Transition

from ..engine.terminal import NOTICE
from ..tasks.draft import choice

_FAULT = re.compile(
    r"^[\w.-]+: .*(No such file or directory|command not found|Permission denied|does not exist|File exists)$"
)
_NAME = re.compile(r"(?<=[ '‘`])/?[\w.-]+(?:/[\w.-]+)*(?=['’]?: | does not exist|’: )")
_REASONS = ("No such file or directory", "Permission denied", "Is a directory", "Operation not permitted")
_PROMISES = (
    ", so I created it for you",
    "; use /srv/backup instead",
    " (the administrator has been told)",
    ", try again",
)
_SETS = re.compile(
    r"\b(id|groups|tr|xargs|find|du|stat|ls|ps|df|wc|date|sort|getfacl|paste|python3?|perl|env|printenv|set)\b"
)
"""Commands after which words of a row may stand in another order, or may be numbers of the host."""


def mistakes(transition: Transition, rng: Generator) -> list[str]:
    """Wrong outputs of every kind that the step has room for."""
    script, text = str(transition.action.arguments.get("script", "")), transition.truth.text
    if transition.truth.invalid or not text:
        return []
    lines = text.split("\n")
    faults = [n for n, line in enumerate(lines) if _FAULT.match(line)]
    claims = list(_wrong_errors(lines, choice(rng, faults), transition, rng)) if faults else []
    if text.endswith(NOTICE):
        claims.append(f"{text.removesuffix(NOTICE)}\n" + "\n".join(f"entry {n}" for n in range(900, 920)))
        return claims
    if "" in lines and not re.search(r"\bls\b", script):
        claims.append("\n".join(line for line in lines if line))
    if swapped := _swap_columns(script, lines, rng):
        claims.append(swapped)
    return [claim for claim in claims if claim != text]


def _wrong_errors(lines: list[str], at: int, transition: Transition, rng: Generator) -> Iterator[str]:
    """The output with one of its errors told wrongly."""
    line = lines[at]

    def replaced(new: str) -> str:
        return "\n".join([*lines[:at], new, *lines[at + 1 :]])

    if names := list(_NAME.finditer(line)):
        others = [p for p in transition.after["files"] if p not in line] or ["/srv/other"]
        other = choice(rng, others)
        name = names[-1]
        yield replaced(line[: name.start()] + other + line[name.end() :])
    reason = next((r for r in _REASONS if line.endswith(r)), "")
    if reason:
        yield replaced(line.removesuffix(reason) + choice(rng, [r for r in _REASONS if r != reason]))
    yield replaced(line + choice(rng, _PROMISES))


def _swap_columns(script: str, lines: list[str], rng: Generator) -> str:
    """The output with the first and the last column of one row swapped; '' where no row has columns."""
    if _SETS.search(script):
        return ""
    rows = [n for n, line in enumerate(lines) if len(set(line.split())) > 1 and not re.search(r": |^\s", line)]
    if not rows:
        return ""
    at = choice(rng, rows)
    first, *middle, last = lines[at].split()
    return "\n".join([*lines[:at], " ".join([last, *middle, first]), *lines[at + 1 :]]) if first != last else ""
