"""The cases that were once answered wrong, with what MariaDB said to each: `../shared/cases`, where that lies beside."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.session import Result, SQLError, Unsupported

from .sql_differential import answer, ordered, same_rows

CASES = Path(__file__).parents[4] / "shared" / "cases"
SCRIPTS = sorted((CASES / "sql").glob("sql_cases*.py"))
PUBLIC = sorted((CASES / "public").glob("*/got.txt"))
_RECORD = re.compile(r"^   \[\w+\] (.*)\n       L .*\n       M (.*)$", re.M)
_ANSWER = re.compile(r"^(?:   same   |\*\* DIFFERS )(.*)\n      light   .*\n      MariaDB (.*)$", re.M)
_OTHERS = ("show", "desc", "#", "--")
_NOW = datetime.datetime(2026, 11, 30, 9, 39, 19)  # when the answers were recorded
# Of equal keys a frame of rows takes any first.
_OPEN = "sum(v) over (order by g rows"

pytestmark = pytest.mark.skipif(not SCRIPTS, reason="no ../shared/cases here")


def test_every_recorded_case_is_answered_as_mariadb_does_or_refused() -> None:
    wrong = [line for script in SCRIPTS for line in _faults(script)]
    assert not wrong, "\n".join(wrong)


def _faults(script: Path) -> Iterator[str]:
    output = script.with_suffix(".out.txt")
    sections = output.read_text(encoding="utf-8").split("## ") if output.is_file() else []
    recorded = {section.split("\n")[0]: _RECORD.findall(section) for section in sections}
    cases: list[tuple[str, tuple[str, ...]]] = []
    exec(script.read_text(encoding="utf-8"), {"case": lambda name, *ss: cases.append((name, ss))})  # noqa: S102
    for name, statements in cases:
        yield from _faults_of(statements, recorded.get(name, []))


def _faults_of(statements: Sequence[str], recorded: Sequence[tuple[str, str]]) -> Iterator[str]:
    """What is answered wrong. `recorded`: statements, in their order, with MariaDB's answers."""
    told = Counter(statement for statement, _ in recorded)
    rest = [pair for pair in recorded if told[pair[0]] == statements.count(pair[0])]
    session = LightSession({"tables": []}, database="testm", now=_NOW)
    try:
        for statement in statements:
            said = answer(session, statement)
            if isinstance(said, Unsupported) and not statement.lstrip("( ").lower().startswith(("select", "with")):
                return  # what follows has no common ground
            if rest and rest[0][0] == statement and (fault := _fault(statement, said, rest.pop(0)[1])):
                yield fault
    finally:
        session.close()


def _fault(statement: str, said: Result | SQLError, expected: str) -> str:
    """What is wrong with an answer; empty where nothing is."""
    if isinstance(said, Unsupported) or statement.lower().startswith(_OTHERS) or _OPEN in statement.lower():
        return ""
    try:
        right = eval(expected, {"datetime": datetime, "Decimal": Decimal})  # noqa: S307
    except SyntaxError:
        return ""  # a long answer, cut off
    if isinstance(right, tuple) and right[:1] == ("err",):
        return "" if isinstance(said, SQLError) else f"{statement}\n  {said.rows}\n  not error {right[1]}"
    if isinstance(said, SQLError):
        return f"{statement}\n  {said}\n  not {expected}"
    if isinstance(right, list) and not same_rows(said.rows, right, in_order=ordered(statement)):
        return f"{statement}\n  {said.rows}\n  not {expected}"
    return ""


@pytest.mark.parametrize("output", PUBLIC, ids=lambda path: path.parent.name)
def test_every_public_case_is_answered_as_mariadb_does_or_refused(output: Path) -> None:
    source = output.with_name("input.sql")
    if not source.is_file():
        pytest.skip("no statements")
    recorded = _ANSWER.findall(output.read_text(encoding="utf-8"))
    wrong: list[str] = []
    for block in source.read_text(encoding="utf-8").split("\n\n"):
        lines = [line.strip().removesuffix(";") for line in block.split("\n")]
        statements = [line for line in lines if line and not line.startswith("--")]
        wrong += _faults_of(statements, recorded[: len(statements)])
        del recorded[: len(statements)]
    assert not wrong, "\n".join(wrong)
