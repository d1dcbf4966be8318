"""Running the same MySQL statements on two engines and saying how their answers differ."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from simenv.plugins.environments.db.engine.session import Result, Session, SQLError, Unsupported

CORPUS = Path(__file__).with_name("corpus")
_WRITES = re.compile(r"\s*(insert|replace|update|delete|create|alter|drop|truncate|rename|set|start|begin)", re.I)


@dataclass(frozen=True, slots=True)
class Case:
    """A script to be run from the file's start state, and where it stands."""

    file: str
    line: int
    statements: tuple[str, ...]

    @property
    def writes(self) -> bool:
        return any(_WRITES.match(s) for s in self.statements)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`kind` is agree, refused, code (two errors of different numbers) or wrong."""

    kind: str
    statement: str
    light: object = None
    exact: object = None


def spec(names: Sequence[str]) -> dict[str, Any]:
    tables = yaml.safe_load((CORPUS / "tables.yaml").read_text(encoding="utf-8"))
    return {"tables": [{"name": name, **tables[name]} for name in names]}


def corpus(file: str) -> tuple[dict[str, Any], list[Case]]:
    """A file's start state and cases: scripts between blank lines where statements end in `;`, else one a line."""
    lines = (CORPUS / file).read_text(encoding="utf-8").split("\n")
    names = lines[0].removeprefix("-- tables:").split()
    cases: list[Case] = []
    script: list[str] = []
    for number, line in enumerate([*lines[1:], ""], 2):
        if line.endswith(";"):
            script.append(line[:-1])
            continue
        if script:
            cases.append(Case(file, number - len(script), tuple(script)))
            script = []
        if line.strip():
            cases.append(Case(file, number, (line,)))
    return spec(names), cases


def answer(session: Session, statement: str) -> Result | SQLError:
    try:
        return session.execute(statement)
    except SQLError as e:
        return e


def ordered(statement: str) -> bool:
    """Whether the outermost query says in which order its rows come."""
    depth, text = 0, re.sub(r"'(?:[^'\\]|\\.|'')*'|`[^`]*`", "x", statement)
    for match in re.finditer(r"[()]|order\s+by", text, re.I):
        token = match.group()
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth == 0 and token not in "()":
            return True
    return False


def same_cell(a: object, b: object) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return a == b or math.isclose(a, b, rel_tol=1e-12)
    return type(a) is type(b) and a == b and str(a) == str(b)


def same_rows(a: Sequence[tuple], b: Sequence[tuple], *, in_order: bool) -> bool:
    if len(a) != len(b):
        return False
    if not in_order:
        a, b = sorted(a, key=_sortable), sorted(b, key=_sortable)
    return all(
        len(x) == len(y) and all(same_cell(p, q) for p, q in zip(x, y, strict=True)) for x, y in zip(a, b, strict=True)
    )


def _sortable(row: tuple) -> list[tuple[bool, str]]:
    return [(cell is not None, f"{cell:.9g}" if isinstance(cell, float) else str(cell)) for cell in row]


def compare(statement: str, light: Result | SQLError, exact: Result | SQLError) -> Verdict:
    """Agreement of error codes, or of rows, column names and counts."""
    if isinstance(light, Unsupported) and not (isinstance(exact, SQLError) and exact.code == light.code):
        return Verdict("refused", statement, light, exact)
    if isinstance(light, SQLError) and isinstance(exact, SQLError):
        return Verdict("agree" if light.code == exact.code else "code", statement, light, exact)
    if isinstance(light, SQLError) or isinstance(exact, SQLError):
        return Verdict("wrong", statement, light, exact)
    agree = (
        same_rows(light.rows, exact.rows, in_order=ordered(statement))
        and light.columns == exact.columns
        and light.affected == exact.affected
        and (light.last_id or exact.last_id is None or light.last_id == exact.last_id)
    )
    return Verdict("agree" if agree else "wrong", statement, light, exact)


def run(case: Case, light: Session, exact: Session) -> Iterator[Verdict]:
    """Each statement's verdict; after a refusal the rest of the script has no common ground and is left out."""
    for statement in case.statements:
        ours, theirs = answer(light, statement), answer(exact, statement)
        verdict = compare(statement, ours, theirs)
        if verdict.kind == "agree" and case.writes and _WRITES.match(statement):
            states = light.tables(), exact.tables()
            if not same_state(*states):
                verdict = Verdict("wrong", f"{statement} [state]", *states)
        yield verdict
        if verdict.kind != "agree":
            return


def same_state(a: dict[str, Any], b: dict[str, Any]) -> bool:
    if a.keys() != b.keys():
        return False
    return all(
        a[t]["columns"] == b[t]["columns"]
        and a[t]["types"] == b[t]["types"]
        and same_rows([tuple(r) for r in a[t]["rows"]], [tuple(r) for r in b[t]["rows"]], in_order=False)
        for t in a
    )
