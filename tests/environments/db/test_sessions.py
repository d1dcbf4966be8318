"""Both SQL engines as sessions: one statement a call, bounds, snapshots, transactions, and nothing reaching the host."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.server import ServerSession
from simenv.plugins.environments.db.engine.session import Session, SQLError, Unsupported

SPEC: dict[str, Any] = {
    "tables": [
        {
            "name": "shop items",
            "columns": [
                {"name": "id", "type": "INT", "nullable": False, "auto_increment": True},
                {"name": "name", "type": "VARCHAR(20)", "default": "none"},
                {"name": "price", "type": "DECIMAL(8,2)"},
                {"name": "added-on", "type": "DATE"},
            ],
            "rows": [[1, "Tea", "2.50", "2024-01-31"], [2, "Kaffee ü", 3, None]],
            "primary_key": ["id"],
            "unique": [["name"]],
        }
    ]
}


@pytest.fixture(params=["light", "server"])
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    engines = {
        "light": lambda: LightSession(SPEC),
        "server": lambda: ServerSession(SPEC, request.getfixturevalue("dsn")),
    }
    session: Session = engines[request.param]()
    yield session
    session.close()


@pytest.fixture
def light() -> Iterator[LightSession]:
    session = LightSession(SPEC)
    yield session
    session.close()


def code(session: Session, sql: str, **bounds: Any) -> int:
    with pytest.raises(SQLError) as caught:
        session.execute(sql, **bounds)
    return caught.value.code


def test_rows_come_as_pymysql_gives_them(session: Session) -> None:
    result = session.execute("SELECT * FROM `shop items` ORDER BY id")
    assert result.columns == ("id", "name", "price", "added-on")
    assert result.rows == [(1, "Tea", Decimal("2.50"), dt.date(2024, 1, 31)), (2, "Kaffee ü", Decimal("3.00"), None)]
    assert str(session.execute("SELECT AVG(price), COUNT(*), SUM(id) FROM `shop items`").rows) == (
        "[(Decimal('2.750000'), 2, Decimal('3'))]"
    )


def test_rows_of_a_spec_leave_all_other_keys_free() -> None:
    columns = [{"name": "id", "type": "INT", "nullable": False}, {"name": "name", "type": "VARCHAR(9)"}]
    table = {"name": "queue", "columns": columns, "rows": [[3, "a"], [7, "b"]], "primary_key": ["id"]}
    light = LightSession({"tables": [table]})
    light.execute("INSERT INTO queue VALUES (2, 'c'), (1, 'd')")
    light.execute("UPDATE queue SET id = 4 WHERE id = 7")
    assert light.execute("SELECT id FROM queue ORDER BY id").rows == [(1,), (2,), (3,), (4,)]
    with pytest.raises(SQLError, match="Duplicate entry '3'"):
        light.execute("INSERT INTO queue VALUES (3, 'e')")


def test_one_statement_a_call(session: Session) -> None:
    assert code(session, "SELECT 1; SELECT 2") == 1064
    assert session.execute("SELECT 1;").rows == [(1,)]


def test_state_is_logical_and_canonical(session: Session) -> None:
    session.execute("INSERT INTO `shop items` (name, price) VALUES ('Milk', 1)")
    session.execute("DELETE FROM `shop items` WHERE id = 1")
    assert session.tables() == {
        "shop items": {
            "columns": ["id", "name", "price", "added-on"],
            "types": ["int(11)", "varchar(20)", "decimal(8,2)", "date"],
            "rows": [[2, "Kaffee ü", "3.00", None], [3, "Milk", "1.00", None]],
        }
    }


def test_load_brings_back_what_save_saw(session: Session) -> None:
    before, blob = session.tables(), session.save()
    session.execute("UPDATE `shop items` SET price = 9")
    session.execute("CREATE TABLE extra (a INT)")
    session.load(blob)
    assert session.tables() == before
    session.execute("INSERT INTO `shop items` (name) VALUES ('next')")
    assert session.execute("SELECT MAX(id) FROM `shop items`").rows == [(3,)]


def test_rows_beyond_the_cap_are_cut_and_said_to_be(session: Session) -> None:
    result = session.execute("SELECT a.id FROM `shop items` a, `shop items` b", max_rows=3)
    assert len(result.rows) == 3
    assert result.truncated
    assert not session.execute("SELECT 1", max_rows=1).truncated


def test_a_failed_statement_leaves_no_trace(session: Session) -> None:
    before = session.tables()
    assert code(session, "INSERT INTO `shop items` (id, name) VALUES (7, 'x'), (1, 'y')") == 1062
    assert session.tables() == before


def test_rollback_and_savepoints(session: Session) -> None:
    before = session.tables()
    session.execute("START TRANSACTION")
    session.execute("DELETE FROM `shop items`")
    session.execute("SAVEPOINT a")
    session.execute("INSERT INTO `shop items` (name) VALUES ('z')")
    session.execute("ROLLBACK TO SAVEPOINT a")
    assert session.execute("SELECT COUNT(*) FROM `shop items`").rows == [(0,)]
    session.execute("ROLLBACK")
    assert session.tables() == before


def test_close_twice_is_close_once(session: Session) -> None:
    session.close()
    session.close()
    with pytest.raises(Exception, match=r"(?i)clos|lost|gone"):
        session.execute("SELECT 1")


def test_a_statement_without_end_is_interrupted(session: Session) -> None:
    session.execute("CREATE TABLE n (a INT)")
    session.execute("INSERT INTO n VALUES " + ",".join("(1)" for _ in range(300)))
    endless = "SELECT COUNT(*) FROM n a, n b, n c, n d WHERE a.a + b.a + c.a + d.a > 9"
    assert code(session, endless, seconds=0.3) == 1969
    assert session.execute("SELECT 1").rows == [(1,)]


def test_an_open_transaction_survives_save_and_load(light: LightSession) -> None:
    light.execute("BEGIN")
    light.execute("DELETE FROM `shop items`")
    blob = light.save()
    other = LightSession({"tables": []})
    other.load(blob)
    assert other.execute("SELECT COUNT(*) FROM `shop items`").rows == [(0,)]
    other.execute("ROLLBACK")
    assert other.execute("SELECT COUNT(*) FROM `shop items`").rows == [(2,)]
    other.close()


def test_the_clock_can_be_fixed() -> None:
    session = LightSession({"tables": []}, now=dt.datetime(2024, 2, 29, 12, 30, 5))
    assert session.execute("SELECT NOW(), CURDATE(), DATE_ADD(CURDATE(), INTERVAL 1 YEAR)").rows == [
        (dt.datetime(2024, 2, 29, 12, 30, 5), dt.date(2024, 2, 29), dt.date(2025, 2, 28))
    ]
    session.close()


def test_the_database_has_a_name(light: LightSession) -> None:
    assert light.execute("SHOW TABLES").columns == ("Tables_in_db",)
    assert light.execute("SELECT DATABASE()").rows == [("db",)]
    assert code(light, "SELECT * FROM nope") == 1146


def test_table_names_can_ignore_case() -> None:
    session = LightSession(SPEC, fold_names=True)
    assert session.execute("SELECT COUNT(*) FROM `SHOP Items` AS T WHERE t.id = 1").rows == [(1,)]
    session.close()


@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH DATABASE '/tmp/x' AS y",
        "PRAGMA writable_schema = 1",
        "SELECT load_extension('x')",
        "SELECT readfile('/etc/passwd')",
        "SELECT writefile('/tmp/x', 'y')",
        "SELECT 1 INTO OUTFILE '/tmp/x'",
        "SELECT * FROM sqlite_master",
        "SELECT m_hex('a')",
        "SELECT sqlite_version()",
        "LOAD DATA INFILE '/etc/passwd' INTO TABLE t",
        "GRANT ALL ON *.* TO root",
        "VACUUM INTO '/tmp/x'",
        "CREATE DATABASE other",
        "USE mysql",
        "SELECT SLEEP(100)",
    ],
)
def test_nothing_reaches_the_host(light: LightSession, sql: str) -> None:
    with pytest.raises(SQLError):
        light.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "(" * 10_000 + "1" + ")" * 10_000,
        "SELECT " + "NOT " * 10_000 + "1",
        "SELECT " + "-" * 1 + " -" * 10_000 + "1",
        "SELECT 1" + " + 1" * 20_000,
        "SELECT " + "CASE WHEN 1 THEN " * 3_000 + "1" + " END" * 3_000,
        "SELECT " + "UPPER(" * 5_000 + "'a'" + ")" * 5_000,
        "SELECT 1 WHERE 1" + " AND 1 = 1" * 10_000,
        "SELECT 1" + " UNION SELECT 1" * 5_000,
        "SELECT * FROM " + "(SELECT * FROM " * 2_000 + "t" + ") x" * 2_000,
        "SELECT 1" + " = 1" * 20_000,
        "SELECT 1 FROM `shop items`" + " JOIN `shop items`" * 3_000,
        "SELECT 'a'" + " LIKE 'a'" * 15_000,
        "SELECT " + "1," * 50_000 + "1",
    ],
    ids=range(13),
)
def test_a_nesting_bomb_is_an_error_like_any_other(light: LightSession, sql: str) -> None:
    try:
        light.execute(sql, seconds=5)
    except SQLError as e:
        assert e.message
    assert light.execute("SELECT 1").rows == [(1,)]


@pytest.mark.parametrize(
    "sql", ["", "   ", ";", "-- nothing", "\0", "SELECT '\0'", "SELECT \ud800", "'", "`", "/*", "1"]
)
def test_odd_texts_are_answered_or_are_errors(light: LightSession, sql: str) -> None:
    try:
        light.execute(sql)
    except SQLError as e:
        assert isinstance(e.code, int)


def test_patterns_cannot_hang_the_engine(light: LightSession) -> None:
    text = "a" * 5_000
    assert light.execute(f"SELECT '{text}' LIKE '{'%a' * 500}%b'").rows == [(0,)]
    with pytest.raises(SQLError):
        light.execute(f"SELECT '{'a' * 40}!' REGEXP '^(a|a|aa)+$' AND '{text}!' REGEXP '(a*)*(a*)*(a*)*b$'", seconds=5)


def test_growth_is_bounded() -> None:
    session = LightSession(SPEC, max_bytes=1_000_000)
    session.load(session.save())
    session.execute("CREATE TABLE big (a LONGTEXT)")
    session.execute("INSERT INTO big VALUES (REPEAT('x', 100000))")
    with pytest.raises(SQLError) as caught:
        for _ in range(10):
            session.execute("INSERT INTO big SELECT * FROM big")
    assert caught.value.code == 1114
    assert session.execute("SELECT REPEAT('x', 1000000000), RPAD('x', 1000000000, 'y')").rows == [(None, None)]
    session.close()


def test_a_refusal_names_the_feature_and_the_way_around(light: LightSession) -> None:
    with pytest.raises(Unsupported, match=r"LAG with a default.*COALESCE"):
        light.execute("SELECT LAG(id, 1, 0) OVER (ORDER BY id) FROM `shop items`")


def test_a_seen_statement_is_not_compiled_again_until_the_schema_changes(light: LightSession) -> None:
    sql = "SELECT * FROM `shop items` WHERE id = 1"
    assert len(light.execute(sql).columns) == 4
    light.execute("ALTER TABLE `shop items` ADD COLUMN more INT")
    assert len(light.execute(sql).columns) == 5
