"""Locks, the modes of a session in its snapshots, and what the engine refuses beside them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.session import SQLError, Unsupported


@pytest.fixture
def light() -> Iterator[LightSession]:
    session = LightSession({"tables": []}, database="test")
    session.execute("CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(9), n INT)")
    session.execute("CREATE TABLE u (id INT)")
    session.execute("INSERT INTO t VALUES (1, 'a', 5), (2, 'b', NULL), (3, 'c', 7)")
    yield session
    session.close()


def test_locked_tables_bar_the_others_until_they_are_unlocked(light: LightSession) -> None:
    light.execute("LOCK TABLES t READ")
    light.load(light.save())
    assert light.execute("SELECT COUNT(*) FROM t").rows == [(3,)]
    for statement, code in (("DELETE FROM t", 1099), ("SELECT * FROM u", 1235), ("CREATE TABLE v (a INT)", 1235)):
        with pytest.raises(SQLError) as caught:
            light.execute(statement)
        assert caught.value.code == code
    light.execute("UNLOCK TABLES")
    assert light.execute("DELETE FROM t").affected == 3
    light.execute("LOCK TABLE u WRITE")
    light.execute("INSERT INTO u VALUES (1)")
    light.execute("BEGIN")
    assert light.execute("SELECT * FROM t").rows == []


def test_the_modes_of_a_session_survive_a_snapshot(light: LightSession) -> None:
    light.execute("SET autocommit = 0")
    light.load(light.save())
    assert light.execute("SELECT @@autocommit").rows == [(0,)]
    light.execute("DELETE FROM t")
    light.load(light.save())
    light.execute("ROLLBACK")
    assert light.execute("SELECT COUNT(*) FROM t").rows == [(3,)]
    light.execute("START TRANSACTION READ ONLY")
    light.load(light.save())
    with pytest.raises(SQLError) as caught:
        light.execute("DELETE FROM t")
    assert caught.value.code == 1792


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT @r := @r + 1 FROM t", "SELECT @r := id FROM t", "SELECT @r := id FROM t ORDER BY id LIMIT 1",
        "SELECT id INTO @d FROM (SELECT 1.5 AS id) d", "SELECT SLEEP(n) FROM t", "DO (SELECT id FROM t)",
        "SELECT JSON_OBJECT('a', (SELECT JSON_ARRAYAGG(id) FROM t))",
        "SELECT JSON_ARRAY(o) FROM (SELECT JSON_OBJECT('i', id) AS o FROM t) d",
        "CREATE UNIQUE INDEX k ON t (s(3))", "SHOW WARNINGS", "SHOW STATUS LIKE 'Uptime'",
    ],
)  # fmt: skip
def test_what_would_be_the_servers_choice_is_refused(light: LightSession, statement: str) -> None:
    with pytest.raises(Unsupported):
        light.execute(statement)
