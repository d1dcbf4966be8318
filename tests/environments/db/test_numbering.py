"""AUTO_INCREMENT values, LAST_INSERT_ID, and the counts of REPLACE and SELECT, as InnoDB in MariaDB 10.11 has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.session import Result, SQLError, Unsupported


@pytest.fixture
def light() -> Iterator[LightSession]:
    session = LightSession({"tables": []}, database="test")
    session.execute("CREATE TABLE t (a INT PRIMARY KEY AUTO_INCREMENT, b INT UNIQUE)")
    yield session
    session.close()


def run(session: LightSession, *statements: str) -> Result:
    """The answer of the last statement; an error of an earlier one is not told."""
    for sql in statements[:-1]:
        try:
            session.execute(sql)
        except SQLError:
            continue
    return session.execute(statements[-1])


def value(session: LightSession, item: str) -> Any:
    return session.execute(f"SELECT {item}").rows[0][0]


@pytest.mark.parametrize(
    ("statements", "rows"),
    [
        (("(b) VALUES (1), (2)", "(b) VALUES (1)", "(b) VALUES (3)"), [(1, 1), (2, 2), (4, 3)]),
        (("(b) VALUES (5), (6), (5)", "(b) VALUES (7)"), [(4, 7)]),
        (("VALUES (NULL, 1), (50, 2), (NULL, 3)", "(b) VALUES (4)"), [(1, 1), (50, 2), (51, 3), (52, 4)]),
        (("VALUES (0, 1)", "VALUES (0, 2)", "VALUES (-5, 3)", "(b) VALUES (4)"), [(-5, 3), (1, 1), (2, 2), (3, 4)]),
        (("(b) VALUES (1)", "(a, b) VALUES (500, 1)", "(b) VALUES (2)"), [(1, 1), (2, 2)]),
        (
            (
                "(b) VALUES (1), (2), (3)",
                "(b) VALUES (2), (7), (3) ON DUPLICATE KEY UPDATE b = b + 100",
                "(b) VALUES (8)",
            ),
            [(1, 1), (2, 102), (3, 103), (4, 7), (7, 8)],
        ),
        (
            ("(b) VALUES (1), (2), (3)", "(b) SELECT b + 10 FROM t", "(b) VALUES (4)"),
            [(1, 1), (2, 2), (3, 3), (4, 11), (5, 12), (6, 13), (7, 4)],
        ),
        (
            ("(b) VALUES (1), (2)", "(b) SELECT b + 10 FROM t", "(b) VALUES (4)"),
            [(1, 1), (2, 2), (3, 11), (4, 12), (6, 4)],
        ),
    ],
)
def test_values_are_reserved_by_the_statement(
    light: LightSession, statements: tuple[str, ...], rows: list[tuple[int, int]]
) -> None:
    run(light, *(f"INSERT INTO t {s}" for s in statements))
    assert light.execute("SELECT a, b FROM t ORDER BY a").rows == rows


def test_a_row_that_is_ignored_gives_its_value_to_the_next(light: LightSession) -> None:
    run(light, "INSERT INTO t (b) VALUES (1)", "INSERT IGNORE INTO t (b) VALUES (1), (7), (1)")
    assert light.execute("SELECT a FROM t ORDER BY a").rows == [(1,), (2,)]
    assert run(light, "INSERT INTO t (b) VALUES (8)").last_id == 5


def test_an_update_moves_the_counter(light: LightSession) -> None:
    run(light, "INSERT INTO t (b) VALUES (1)", "UPDATE t SET a = 300")
    assert run(light, "INSERT INTO t (b) VALUES (2)").last_id == 301
    run(
        light,
        "CREATE TABLE k (a INT, b INT AUTO_INCREMENT, KEY (b))",
        "INSERT INTO k (a) VALUES (1)",
        "UPDATE k SET b = 50",
    )
    assert run(light, "INSERT INTO k (a) VALUES (2)").last_id == 51


def test_no_value_is_left_beyond_the_columns_range(light: LightSession) -> None:
    for kind, most in (("TINYINT", 127), ("TINYINT UNSIGNED", 255), ("BIGINT", 2**63 - 1)):
        light.execute("DROP TABLE IF EXISTS o")
        light.execute(f"CREATE TABLE o (a {kind} PRIMARY KEY AUTO_INCREMENT)")
        light.execute(f"INSERT INTO o VALUES ({most})")
        with pytest.raises(SQLError) as caught:
            light.execute("INSERT INTO o VALUES (NULL)")
        assert caught.value.code == 167
        assert light.execute("SELECT a FROM o").rows == [(most,)]


def test_last_insert_id_is_the_first_generated_value_and_no_given_one(light: LightSession) -> None:
    run(light, "INSERT INTO t (b) VALUES (1), (2)", "INSERT INTO t VALUES (20, 3)")
    assert value(light, "LAST_INSERT_ID()") == 1
    assert run(light, "INSERT INTO t VALUES (30, 4)").last_id == 30
    assert run(light, "INSERT INTO t VALUES (-7, 5)").last_id == 2**64 - 7


def test_last_insert_id_of_a_number_is_remembered(light: LightSession) -> None:
    assert value(light, "LAST_INSERT_ID(5)") == 5
    assert value(light, "LAST_INSERT_ID()") == 5
    light.execute("INSERT INTO t VALUES (7, 1)")
    result = run(light, "INSERT INTO t (b) VALUES (1) ON DUPLICATE KEY UPDATE a = LAST_INSERT_ID(a), b = 3")
    assert (result.affected, result.last_id) == (2, 7)
    assert value(light, "LAST_INSERT_ID()") == 7
    assert run(light, "UPDATE t SET b = LAST_INSERT_ID(b + 40)").last_id == 43


@pytest.mark.parametrize(
    ("table", "rows", "affected"),
    [
        ("i INT PRIMARY KEY, v INT", "(1, 1)", 1),
        ("i INT PRIMARY KEY, v INT", "(1, 2)", 2),
        ("i INT PRIMARY KEY, v INT", "(1, 1), (2, 2), (3, 3)", 4),
        ("i INT PRIMARY KEY, v INT UNIQUE", "(1, 1)", 2),
        ("i INT, v INT UNIQUE", "(1, 1)", 1),
        ("i INT PRIMARY KEY, v INT UNIQUE", "(1, 9)", 2),
    ],
)
def test_replace_by_an_equal_row_counts_one(light: LightSession, table: str, rows: str, affected: int) -> None:
    run(light, f"CREATE TABLE r ({table})", "INSERT INTO r VALUES (1, 1), (2, 3)")
    assert run(light, f"REPLACE INTO r VALUES {rows}").affected == affected


def test_found_rows_counts_the_last_answer(light: LightSession) -> None:
    run(light, "INSERT INTO t (b) VALUES (1), (2), (3)", "SELECT * FROM t")
    assert value(light, "FOUND_ROWS()") == 3
    run(light, "SHOW TABLES")
    assert value(light, "FOUND_ROWS()") == 1
    run(light, "DELETE FROM t WHERE a > 1")
    assert value(light, "ROW_COUNT()") == 2


@pytest.mark.parametrize(
    ("change", "affected"),
    [
        ("MODIFY c VARCHAR(100)", 0), ("MODIFY e ENUM('x', 'y', 'z')", 0), ("MODIFY e ENUM('z', 'x', 'y')", 2),
        ("MODIFY b BIGINT", 2), ("MODIFY b BIGINT, ADD COLUMN z INT", 2), ("ADD COLUMN z INT", 0), ("DROP COLUMN b", 0),
        ("DROP PRIMARY KEY", 2), ("DROP PRIMARY KEY, ADD PRIMARY KEY (a, b)", 0), ("ADD INDEX (b)", 0),
    ],
)  # fmt: skip
def test_alter_counts_the_rows_that_are_copied(light: LightSession, change: str, affected: int) -> None:
    run(
        light,
        "CREATE TABLE r (a INT PRIMARY KEY, b INT NOT NULL, c VARCHAR(10), e ENUM('x', 'y'))",
        "INSERT INTO r VALUES (1, 1, 'a', 'x'), (2, 2, 'b', 'y')",
    )
    assert run(light, f"ALTER TABLE r {change}").affected == affected


def test_defaults_are_shown_as_mariadb_writes_them(light: LightSession) -> None:
    light.execute(
        "CREATE TABLE q (a DATE DEFAULT '2005-1-2', b DATETIME DEFAULT '2005-01-02', "
        "c DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6), d DOUBLE DEFAULT 1.50, `primary` INT, KEY (`primary`))"
    )
    defaults = [row[4] for row in light.execute("SHOW COLUMNS FROM q").rows]
    assert defaults == ["2005-01-02", "2005-01-02 00:00:00", "current_timestamp(6)", "1.5", None]
    assert "KEY `primary_2`" in light.execute("SHOW CREATE TABLE q").rows[0][1]


def test_a_negative_value_beside_the_number_1_is_refused(light: LightSession) -> None:
    # MariaDB would pass over 2 afterwards, MySQL would not.
    light.execute("INSERT INTO t VALUES (0, 1)")
    with pytest.raises(Unsupported, match="negative AUTO_INCREMENT"):
        light.execute("INSERT INTO t VALUES (-5, 2)")


def test_a_year_against_a_text_that_is_no_number_is_refused(light: LightSession) -> None:
    light.execute("CREATE TABLE y (y YEAR)")
    with pytest.raises(Unsupported, match="YEAR"):
        light.execute("SELECT 1 FROM y WHERE y < '10:11:12'")
