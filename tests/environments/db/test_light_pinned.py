"""What the light engine says to every statement of the corpus and to random ones: the answer, the error, or the refusal.

test_mysql_corpus.py proves the answers against a server and bounds how many are refused; here each is pinned, so that none is
refused that was answered before. `python -m tests.environments.db.test_light_pinned` writes the lines anew.
"""

import datetime as dt
from functools import cache
from pathlib import Path

import pytest

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.session import SQLError, Unsupported
from simenv.types import digest
from tests.environments.db.sql_differential import answer, corpus, spec
from tests.environments.db.sql_generator import Generator
from tests.environments.db.sql_grid import groups, table

PINNED = Path(__file__).with_name("pinned")
FILES = (
    "strings",
    "numbers",
    "dates",
    "queries",
    "errors",
    "writes",
    "schema",
    "refused",
    "silent",
    "foreign_keys",
    "summaries",
    "definitions",
    "rules",
    "rule_texts",
    "times",
    "agents",
)
NOW = dt.datetime(2026, 1, 15, 12, 0)
CHUNKS, CHUNK, PARTS = 8, 75, 8


def words(outcome):
    """An outcome in a few words."""
    if isinstance(outcome, Unsupported):
        return f"refused {digest(outcome.message)[:8]}"
    if isinstance(outcome, SQLError):
        return f"error {outcome.code} {digest(outcome.message)[:8]}"
    rows = [[f"{type(cell).__name__} {cell}" for cell in row] for row in outcome.rows]
    return f"rows {len(rows)} {digest([outcome.columns, rows, outcome.affected, outcome.last_id])[:8]}"


def state(session):
    tables = session.tables()
    return digest({t: [[str(c) for c in row] for row in tables[t]["rows"]] for t in tables})[:8]


def of_corpus(file):
    tables, cases = corpus(f"{file}.sql")
    session = LightSession(tables, database="corpus", now=NOW)
    start = session.save()
    for case in cases:
        for statement in case.statements:
            said = words(answer(session, statement))
            yield f"{said} {state(session) if case.writes else ''} | {statement}"
        session.load(start)
    session.close()


@cache
def statements(kind):
    generator = Generator(7)
    return [getattr(generator, kind)() for _ in range(CHUNKS * CHUNK)]


def of_random(kind, chunk):
    session = LightSession(
        spec(["people", "nums", "words", "dept"] if kind == "query" else ["people", "nums"]), now=NOW
    )
    start = session.save()
    for statement in statements(kind)[chunk * CHUNK : (chunk + 1) * CHUNK]:
        said = words(answer(session, statement))
        yield f"{said} {state(session) if kind == 'write' else ''} | {statement}"
        session.load(start)
    session.close()


@cache
def grid():
    return list(groups())


def of_grid(part):
    """One line for a group of statements: how many are answered, and the digest of all that is said."""
    session = LightSession(table(), now=NOW)
    start = session.save()
    for name, statements in grid()[part::PARTS]:
        said = []
        for statement in statements:
            said.append(
                f"{words(answer(session, statement))} {'' if statement.startswith('SELECT') else state(session)}"
            )
            if not statement.startswith("SELECT"):
                session.load(start)
        counts = " ".join(f"{kind} {sum(s.startswith(kind) for s in said)}" for kind in ("rows", "error", "refused"))
        yield f"{counts} {digest(said)[:12]} | {name}"
    session.close()


SETS = {
    **{f"grid-{n}": lambda n=n: of_grid(n) for n in range(PARTS)},
    **{file: lambda file=file: of_corpus(file) for file in FILES},
    **{f"{kind}-{n}": lambda kind=kind, n=n: of_random(kind, n) for kind in ("query", "write") for n in range(CHUNKS)},
}


def lines(name):
    return [" ".join(line.split()) for line in SETS[name]()]


@pytest.mark.parametrize("name", SETS)
def test_every_statement_is_answered_as_before(name):
    now, then = lines(name), (PINNED / f"{name}.txt").read_text().splitlines()
    wrong = [f"{a}\n  was {b}" for a, b in zip(now, then, strict=False) if a != b]
    assert not wrong and len(now) == len(then), "\n".join(wrong[:10])


if __name__ == "__main__":
    PINNED.mkdir(exist_ok=True)
    for name in SETS:
        (PINNED / f"{name}.txt").write_text("\n".join(lines(name)) + "\n")
