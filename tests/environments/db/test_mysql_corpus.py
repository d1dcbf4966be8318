"""The light engine against a real server: the corpus, random statements, and what the engine must refuse."""

from __future__ import annotations

from collections import Counter

import pytest

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.server import ServerSession
from simenv.plugins.environments.db.engine.session import SQLError, Unsupported

from .sql_differential import Verdict, answer, compare, corpus, ordered, run, same_state, spec
from .sql_generator import Generator

FILES = (
    "strings.sql",
    "numbers.sql",
    "dates.sql",
    "queries.sql",
    "errors.sql",
    "writes.sql",
    "schema.sql",
    "syntax.sql",
    "silent.sql",
    "foreign_keys.sql",
    "summaries.sql",
    "definitions.sql",
    "rules.sql",
    "rule_texts.sql",
    "times.sql",
    "agents.sql",
)
RANDOM_STATEMENTS = 600
RANDOM_SEED = 20_260


def verdicts(file: str, dsn: str) -> list[Verdict]:
    """Every statement of a file on both engines, each script from the same start state."""
    tables, cases = corpus(file)
    exact = ServerSession(tables, dsn, database="corpus")
    light = LightSession(tables, database="corpus")
    results: list[Verdict] = []
    try:
        starts = light.save(), exact.save()
        for case in cases:
            outcomes = list(run(case, light, exact))
            results.extend(outcomes)
            light.load(starts[0])
            if case.writes and not all(isinstance(v.exact, SQLError) for v in outcomes):
                exact.load(starts[1])
    finally:
        light.close()
        exact.close()
    return results


@pytest.mark.slow
def test_corpus_agrees_with_the_server_and_is_never_silently_wrong(dsn: str) -> None:
    counts: Counter[str] = Counter()
    wrong = []
    for file in FILES:
        for verdict in verdicts(file, dsn):
            counts[verdict.kind] += 1
            if verdict.kind == "wrong":
                wrong.append(f"{file}: {verdict.statement}\n  light {verdict.light}\n  exact {verdict.exact}")
    print(f"\ncorpus: {dict(counts)}")
    assert not wrong, "\n".join(wrong)
    assert counts.total() >= 400
    assert counts["agree"] >= 0.98 * counts.total()


@pytest.mark.slow
def test_random_selects_agree_or_are_refused(dsn: str) -> None:
    tables = spec(["people", "nums", "words", "dept"])
    exact, light = ServerSession(tables, dsn), LightSession(tables)
    generator = Generator(RANDOM_SEED)
    counts: Counter[str] = Counter()
    wrong = []
    try:
        for _ in range(RANDOM_STATEMENTS):
            statement = generator.query()
            verdict = compare(statement, answer(light, statement), answer(exact, statement))
            counts[verdict.kind] += 1
            if verdict.kind == "wrong":
                wrong.append(f"{statement}\n  light {verdict.light}\n  exact {verdict.exact}")
    finally:
        light.close()
        exact.close()
    print(f"\nrandom: {dict(counts)}")
    assert not wrong, "\n".join(wrong)
    assert counts["agree"] >= 0.7 * counts.total()


@pytest.mark.slow
def test_random_writes_agree_or_are_refused(dsn: str) -> None:
    tables = spec(["people", "nums"])
    exact, light = ServerSession(tables, dsn), LightSession(tables)
    start, before = light.save(), exact.tables()
    generator = Generator(RANDOM_SEED)
    counts: Counter[str] = Counter()
    wrong = []
    try:
        for _ in range(RANDOM_STATEMENTS // 2):
            statement = generator.write()
            exact.execute("START TRANSACTION")
            verdict = compare(statement, answer(light, statement), answer(exact, statement))
            if verdict.kind == "agree" and not same_state(light.tables(), exact.tables()):
                verdict = Verdict("wrong", f"{statement} [state]")
            counts[verdict.kind] += 1
            if verdict.kind == "wrong":
                wrong.append(f"{statement}\n  light {verdict.light}\n  exact {verdict.exact}")
            light.load(start)
            exact.execute("ROLLBACK")
            # InnoDB does not take its counter back.
            exact.execute("ALTER TABLE people AUTO_INCREMENT = 7")
        assert exact.tables() == before
    finally:
        light.close()
        exact.close()
    print(f"\nrandom writes: {dict(counts)}")
    assert not wrong, "\n".join(wrong)
    assert counts["agree"] >= 0.7 * counts.total()


def test_what_is_known_to_differ_is_refused_with_a_reason() -> None:
    tables, cases = corpus("refused.sql")
    for case in cases:
        session = LightSession(tables)
        outcome = answer(session, case.statements[0])
        assert isinstance(outcome, Unsupported), (case.statements[0], outcome)
        assert "doesn't yet support" in outcome.message
        session.close()


def test_only_the_outermost_order_counts() -> None:
    assert ordered("SELECT a FROM t ORDER BY a")
    assert not ordered("SELECT ROW_NUMBER() OVER (ORDER BY a) FROM t")
    assert not ordered("SELECT 'order by' FROM t")
