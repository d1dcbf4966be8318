"""No statement of an agent may raise anything but an SQLError, hang, or take more memory than it may."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest

from simenv.plugins.environments.db.engine.light import LightSession, heap
from simenv.plugins.environments.db.engine.light import session as light_session
from simenv.plugins.environments.db.engine.light.values.bounds import Bounds
from simenv.plugins.environments.db.engine.session import SQLError, Unsupported

from ...reliability.fuzz_sql import fuzz
from .hostile_sql import LIMIT, SECONDS, SPEC, cost, statements, within_bounds


@pytest.fixture
def light() -> Iterator[LightSession]:
    session = LightSession(SPEC, max_bytes=LIMIT)
    yield session
    session.close()


def code(session: LightSession, sql: str) -> int:
    with pytest.raises(SQLError) as caught:
        session.execute(sql, seconds=SECONDS)
    assert session.unforeseen == 0
    return caught.value.code


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT LTRIM(VALUES())", 1064),
        ("ALTER TABLE t FIRST", 1064),
        ("ALTER TABLE t ADD COLUMN z INT AFTER", 1064),
        ("ALTER TABLE t DROP COLUMN", 1064),
        ("SELECT 1e", 1054),
        ("SELECT 1.e", 1064),
        ("WITH RECURSIVE a(x, y) AS (SELECT 1 UNION ALL SELECT x + 1 FROM a WHERE x < 5) SELECT * FROM a", 4002),
        ("WITH RECURSIVE a(x) AS (SELECT 1, 2 UNION ALL SELECT x + 1, 2 FROM a WHERE x < 5) SELECT * FROM a", 4002),
        ("SET @x = 1 LIMIT 0", 1064),
        ("ALTER TABLE t ADD UNIQUE", 1064),
        ("SELECT * FROM mysql..user", 1064),
        ("DROP TABLE a..b", 1064),
        ("CREATE TABLE q (a INT, KEY ())", 1064),
        ("SELECT '2020-01-01' - INTERVAL MONTH 1", 1064),
        ("SELECT SUM(n) OVER (ORDER BY id ROWS BETWEEN 1.5 PRECEDING AND CURRENT ROW) FROM t", 1064),
        ("SELECT CAST(1 AS DECIMAL(99, 2))", 1426),
        ("SELECT CAST(1 AS DECIMAL(65, 99))", 1425),
        ("CREATE TABLE q (a VARCHAR(x))", 1064),
        ("CREATE TABLE q (a INT) AUTO_INCREMENT = x", 1064),
        ("ALTER TABLE t AUTO_INCREMENT = x", 1064),
        ("SELECT '\ud800'", 1300),
        ("INSERT INTO t (s) VALUES ('\udfff')", 1300),
        ("SELECT " + "1," * 3_000 + "1", 1117),
        ("SELECT '" + "a" * LIMIT + "'", 1153),
        ("SELECT STR_TO_DATE('9999-999', '%Y-%j')", 1235),
        ("SELECT CONV(REPEAT('z', 1000000), 36, 2)", 1235),
    ],
)
def test_a_malformed_statement_has_the_code_of_mysql_or_is_refused(
    light: LightSession, sql: str, expected: int
) -> None:
    assert code(light, sql) == expected
    assert light.execute("SELECT COUNT(*) FROM t").rows == [(3000,)]


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("ROUND(15, -300000000)", 0),
        ("ROUND(15.5, -30)", 0),
        ("ROUND(1.5e0, 400)", 1.5),
        ("ROUND(1.5e0, -400)", 0.0),
        ("TRUNCATE(1.5e0, 400)", 1.5),
        ("REPEAT('a', 9223372036854775807)", None),
        ("LPAD('a', 9223372036854775807, 'b')", None),
        ("SUBSTRING_INDEX('a,b,c', ',', 2)", "a,b"),
        ("SUBSTRING_INDEX('a,b,c', ',', -2)", "b,c"),
        ("SUBSTRING_INDEX('a,b,c', ',', 3)", "a,b,c"),
        ("SUBSTRING_INDEX('a,b,c', ',', -3)", "a,b,c"),
        ("SUBSTRING_INDEX('aaa', 'aa', -1)", "a"),
        ("SUBSTRING_INDEX('a,b,c', ',', 1)", "a"),
        ("SUBSTRING_INDEX('abc', ',', -1)", "abc"),
        ("FIND_IN_SET('c', 'a,b,c')", 3),
        ("FIND_IN_SET('', 'a,')", 2),
        ("CAST(REPEAT('9', 5000) AS SIGNED)", -1),
        ("STR_TO_DATE('2020 - 01 - 02', '%Y - %m - %d') = '2020-01-02'", 1),
        ("REGEXP_REPLACE('abcabc', 'b', 'xy')", "axycaxyc"),
        ("REGEXP_REPLACE('abc', 'z*', '-')", "-a-b-c-"),
        ("FROM_BASE64('YWJj İ')", None),
        ("CONCAT_WS('-', 'a', NULL, 'b')", "a-b"),
    ],
)
def test_numbers_and_texts_without_end_have_the_value_of_mysql(light: LightSession, sql: str, value: object) -> None:
    assert light.execute(f"SELECT {sql}").rows == [(value,)]


def test_digits_of_other_scripts_are_no_numbers(light: LightSession) -> None:
    assert light.execute("SELECT '٣' + 1").rows == [(1.0,)]


def test_an_exception_of_the_engine_is_a_refusal_that_changes_nothing_and_is_counted(
    light: LightSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise AttributeError("no such thing")

    monkeypatch.setattr(light_session, "compile_query", broken)
    monkeypatch.setitem(light_session._WRITES, next(iter(light_session._WRITES)), broken)
    before = light.tables()
    for sql, kind in (("SELECT 1", "SELECT"), ("INSERT INTO t (n) VALUES (1)", "INSERT")):
        with pytest.raises(Unsupported, match=f"this {kind} statement"):
            light.execute(sql)
    assert light.unforeseen == 2
    assert light.tables() == before


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE t ADD COLUMN z INT, DROP COLUMN nothing",
        "ALTER TABLE t MODIFY s INT",
        "RENAME TABLE t TO u, nothing TO v",
        "CREATE TABLE c AS SELECT a.a FROM big a, t b",
        "UPDATE big SET a = CONCAT(a, a, a)",
    ],
)
def test_a_statement_that_fails_changes_nothing(light: LightSession, sql: str) -> None:
    before = light.tables()
    with pytest.raises(SQLError):
        light.execute(sql, seconds=SECONDS)
    assert light.tables() == before


def test_savepoints_cannot_pile_up(light: LightSession) -> None:
    small = LightSession({"tables": []}, max_bytes=LIMIT)
    small.execute("START TRANSACTION")
    with pytest.raises(Unsupported):
        for n in range(10_000):
            small.execute(f"SAVEPOINT s{n}")
    assert len(small.save()) < LIMIT + 100_000
    small.close()


def test_the_seconds_of_a_statement_hold_for_the_select_behind_a_set(light: LightSession) -> None:
    with pytest.raises(SQLError) as caught:
        light.execute("SET @a = (SELECT COUNT(*) FROM t a, t b, t c)", seconds=0.3)
    assert caught.value.code == 1969


def test_bounds_follow_the_size_of_the_database_and_can_be_copied() -> None:
    assert Bounds.within(16 * 1024 * 1024).text == 4 * 1024 * 1024
    assert Bounds.within(1024**4).text == 16 * 1024 * 1024
    assert Bounds.within(65_536).text == 1024 * 1024
    assert pickle.loads(pickle.dumps(Bounds())) == Bounds()


def test_sqlite_takes_no_more_memory_than_a_statement_may() -> None:
    if heap._calls() is None:
        pytest.skip("SQLite's memory cannot be bounded here")
    session = LightSession(SPEC, max_bytes=LIMIT)
    columns = ", ".join(f"REPEAT('x', {900_000 + n})" for n in range(100))
    assert code(session, f"SELECT {columns}") in (1038, 1301)
    session.close()


_KINDS = sorted({kind for kind, _ in statements()})


@pytest.mark.parametrize("kind", _KINDS)
def test_hostile_statements_stay_within_the_bounds(kind: str) -> None:
    tried = [sql for k, sql in statements() if k == kind]
    for sql in tried[:: max(1, len(tried) // 8)]:
        found = cost(sql)
        assert within_bounds(found), f"{found}: {sql[:100]}"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a.a, a.a, a.a, a.a, a.a, a.a, a.a, a.a FROM big a",
        "SELECT a.a FROM big a, t b ORDER BY 1 DESC",
        "SELECT DISTINCT a.a, b.a FROM big a, big b LIMIT 3",
        "SELECT a FROM big UNION SELECT a FROM big",
    ],
)
def test_a_statement_seen_before_stays_within_the_bounds(sql: str) -> None:
    found = cost(sql, times=2)
    assert within_bounds(found), found


def test_broken_statements_end_in_rows_or_errors() -> None:
    report = fuzz(2_000, seed=7)
    assert not report.wrong, "\n".join(report.wrong)
    assert report.outcomes["rows"] > 200
