"""Values of odd types, where random statements put them: each answer below is MariaDB 10.11's, or a refusal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.session import SQLError, Unsupported

from .sql_differential import spec

_SETUP = (
    "CREATE TABLE v (id INT PRIMARY KEY, s VARCHAR(20), f FLOAT, x DOUBLE, at DATETIME, day DATE, y YEAR)",
    "INSERT INTO v VALUES (1, 'Ann', 0.1, 0.1, '2020-02-29 10:11:12', '2020-02-29', 2010),"
    " (2, NULL, 2.5, 1e20, NULL, NULL, 0)",
)


@pytest.fixture
def light() -> Iterator[LightSession]:
    session = LightSession({"tables": spec(("dept",))["tables"]}, database="test")
    for sql in _SETUP:
        session.execute(sql)
    yield session
    session.close()


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT CONCAT(at + INTERVAL '1' SECOND) FROM v WHERE id = 1", [("2020-02-29 10:11:13.000000",)]),
        ("SELECT CONCAT(at + INTERVAL 1e0 SECOND) FROM v WHERE id = 1", [("2020-02-29 10:11:13.000000",)]),
        ("SELECT CONCAT(at + INTERVAL 1 SECOND) FROM v WHERE id = 1", [("2020-02-29 10:11:13",)]),
        ("SELECT CONCAT(at + INTERVAL 1.50 SECOND) FROM v WHERE id = 1", [("2020-02-29 10:11:13.50",)]),
        ("SELECT CONCAT('2020-01-01 00:00:00' + INTERVAL '1' SECOND)", [("2020-01-01 00:00:01.000000",)]),
        ("SELECT 'É' BETWEEN '01:02:03' AND 12345678901", [(0,)]),
        ("SELECT '10' BETWEEN '9' AND 11, '10' BETWEEN 9 AND '9x', '10' BETWEEN 9 AND 11", [(1, 0, 1)]),
        ("SELECT WEEK('1999-12-31', NULL), YEARWEEK('1999-12-31', NULL)", [(52, 199952)]),
        ("SELECT CAST(f AS DOUBLE), f FROM v WHERE id = 1", [(0.10000000149011612, 0.1)]),
        ("SELECT ROUND(d, 100) AS c FROM (SELECT CAST(1.5 AS DECIMAL(8,2)) AS d) AS t ORDER BY c",
         [(Decimal("1.50000000000000000000000000000000000000"),)]),
        ("SELECT UPPER(NULL) UNION SELECT 5", [(None,), ("5",)]),
        ("SELECT IFNULL(LEFT(NULL, 1), 5)", [("5",)]),
        ("SELECT DATE '2020-01-31' UNION SELECT CAST('Ann' AS DATE)", [(dt.date(2020, 1, 31),), (None,)]),
        ("SELECT IF(id = 1, CAST(s AS DATE), day) FROM v", [(None,), (None,)]),
        ("SELECT COALESCE(CAST('x' AS DATE), day) FROM v WHERE id = 1", [(dt.date(2020, 2, 29),)]),
        ("SELECT DATE_SUB(day, INTERVAL 5000 YEAR) FROM v WHERE id = 1", [(None,)]),
    ],
)  # fmt: skip
def test_odd_operands_give_what_the_server_gives(
    light: LightSession, query: str, rows: list[tuple[object, ...]]
) -> None:
    assert light.execute(query).rows == rows


@pytest.mark.parametrize(
    "query",
    [
        "SELECT DISTINCT CEIL(x) FROM v",
        "SELECT ROUND(x) AS e, COUNT(*) FROM v GROUP BY e",
        "SELECT * FROM (SELECT FLOOR(x) AS e FROM v LIMIT 3) AS t",
        "SELECT FROM_DAYS(4000000)",
        "SELECT DATE_SUB(day, INTERVAL y + 10 YEAR) FROM v",
        "SELECT DATE_SUB('2020-01-31', INTERVAL 4294967295 YEAR)",
        "SELECT TIME '10:00:00' + INTERVAL 0 MONTH",
        "SELECT GREATEST(9007199254740993, x) FROM v",
        "SELECT (SELECT TIME(CAST(b.s AS TIME)) FROM v AS b WHERE b.id = v.id) FROM v",
        "SELECT GROUP_CONCAT(id ORDER BY -LENGTH(s)) FROM v",
        "WITH RECURSIVE r AS (WITH s AS (SELECT 1 AS a) SELECT a FROM s UNION ALL SELECT a + 1 FROM r) SELECT * FROM r",
        "INSERT INTO v (id, s) SELECT 3, AVG(id) FROM v",
        "UPDATE v SET s = id / 3",
        "ALTER TABLE v CHANGE s at VARCHAR(20), CHANGE at s DATETIME",
        "ALTER TABLE v RENAME COLUMN x TO y, RENAME COLUMN y TO z",
        "SELECT (SELECT CAST(b.s AS DATE) FROM v AS b WHERE b.id = v.id) FROM v",
        "SELECT MAX(CAST(CAST(s AS DATETIME) AS DATE)) FROM v",
        "SELECT CAST(y AS TIME) FROM v",
        "SELECT QUOTE(RIGHT(NULL, 2))",
        "SELECT 1 - y FROM v ORDER BY at LIMIT 1",
        "SELECT MOD(1, NULLIF(1, DATE '2020-01-31')) FROM v GROUP BY '2020-01-31'",
        "SELECT day FROM v UNION SELECT at FROM v UNION SELECT s FROM v",
        "UPDATE v SET s = 'x' WHERE 'abc' < CAST(at AS DATE)",
        "UPDATE v SET s = 'x' WHERE STR_TO_DATE('Ann', '%Y-%m-%d') IS NULL",
        "UPDATE v SET s = 'x' WHERE 1 < REVERSE('10:11:12')",
        "UPDATE v SET s = 'x' WHERE at IN ('abc', '2020-01-01')",
        "DELETE FROM v WHERE at = 'abc'",
    ],
)
def test_what_the_server_alone_computes_is_refused(light: LightSession, query: str) -> None:
    before = light.tables()
    with pytest.raises(Unsupported):
        light.execute(query)
    assert light.tables() == before


def test_a_text_that_is_no_date_is_an_error_in_the_first_row_that_has_a_date(light: LightSession) -> None:
    for condition in ("at > 'abc'", "id = 1 AND day = ''", "at BETWEEN 'abc' AND '2020-01-01'"):
        with pytest.raises(SQLError) as e:
            light.execute(f"UPDATE v SET s = 'x' WHERE {condition}")
        assert (e.value.code, isinstance(e.value, Unsupported)) == (1292, False)
    assert light.execute("UPDATE v SET s = 'x' WHERE id = 9 AND at > 'abc'").affected == 0
    assert light.execute("UPDATE v SET s = IF(at > 'abc', 'a', 'b') WHERE id = 2").affected == 1


@pytest.mark.parametrize(
    "write",
    [
        "UPDATE v SET day = DATE('x')",
        "UPDATE v SET at = CAST('x' AS DATETIME)",
        "UPDATE v SET y = YEAR(s)",
        "UPDATE v SET s = DATE_FORMAT(s, '%Y')",
        "UPDATE v SET s = 'x' WHERE DATE_ADD(s, INTERVAL 1 DAY) IS NULL",
        "UPDATE v SET s = HOUR('x')",
        "UPDATE v SET s = SEC_TO_TIME(99999999)",
        "INSERT INTO v (id, day) SELECT 3, LAST_DAY('x')",
    ],
)
def test_a_text_that_is_no_date_does_not_become_null_in_a_write(light: LightSession, write: str) -> None:
    before = light.tables()
    with pytest.raises(SQLError) as e:
        light.execute(write)
    assert e.value.code in (1292, 1235)
    assert light.tables() == before


def test_dates_and_texts_of_dates_are_read_in_a_write(light: LightSession) -> None:
    light.execute(
        "UPDATE v SET day = DATE('2020-01-05'), s = DATE_FORMAT(at, '%Y'), y = YEAR('2021-02-03') WHERE id = 1"
    )
    assert light.execute("SELECT day, s, y FROM v WHERE id = 1").rows == [(dt.date(2020, 1, 5), "2020", 2021)]


def test_a_write_has_no_columns_to_be_ordered_by_their_number(light: LightSession) -> None:
    for write in ("UPDATE v SET s = 'x' ORDER BY 1", "DELETE FROM v ORDER BY 1 LIMIT 1"):
        with pytest.raises(SQLError) as e:
            light.execute(write)
        assert e.value.code == 1054


def test_the_negative_of_an_unsigned_number_has_a_sign(light: LightSession) -> None:
    assert light.execute("SELECT IF(1, -y, id) FROM v WHERE id = 1").rows[0][0] == -2010
    assert str(light.execute("SELECT IF(1, -CAST(7 AS UNSIGNED), 3)").rows[0][0]) == "-7"


def test_a_cast_that_cuts_a_text_off_is_no_error_in_a_write(light: LightSession) -> None:
    light.execute("UPDATE v SET s = CAST(s AS CHAR(1)) WHERE id = 1")
    assert light.execute("SELECT s FROM v WHERE id = 1").rows == [("A",)]
    with pytest.raises(SQLError) as e:
        light.execute("UPDATE v SET s = CAST(12345 AS CHAR(2))")
    assert e.value.code == 1292


def test_a_year_becomes_a_text_of_four_digits(light: LightSession) -> None:
    light.execute("ALTER TABLE v MODIFY y VARCHAR(9)")
    assert light.execute("SELECT y FROM v ORDER BY id").rows == [("2010",), ("0000",)]


def test_a_column_without_an_alias_has_a_name_of_at_most_255_bytes(light: LightSession) -> None:
    columns = light.execute(f"SELECT CONCAT('{'x' * 300}'), CONCAT('{'É' * 200}')").columns
    assert [len(name.encode()) for name in columns] == [255, 254]


def test_the_year_0_is_stored_in_a_text_as_the_server_stores_it(light: LightSession) -> None:
    light.execute("CREATE TABLE w (a VARCHAR(9), b TEXT, c CHAR(5), d TINYTEXT)")
    light.execute("INSERT INTO w SELECT y, y, y, y FROM v WHERE id = 2")
    assert light.execute("SELECT * FROM w").rows == [("0", "0000", "0", "0000")]


def test_a_number_that_is_the_default_of_a_text_has_its_shortest_form(light: LightSession) -> None:
    light.execute(
        "CREATE TABLE w (a VARCHAR(9) DEFAULT 1.5e0, b CHAR(5) DEFAULT .5, c TEXT DEFAULT 1.50, d VARCHAR(9) DEFAULT 007)"
    )
    light.execute("INSERT INTO w () VALUES ()")
    assert light.execute("SELECT * FROM w").rows == [("1.5", "0.5", "1.50", "7")]


def test_a_text_that_outgrows_a_packet_is_an_error_in_a_write(light: LightSession) -> None:
    assert light.execute("SELECT LPAD('a', 20000000, 'x') IS NULL").rows == [(1,)]
    with pytest.raises(SQLError) as e:
        light.execute("UPDATE v SET id = LOCATE(LPAD('a', 20000000, 'x'), 1)")
    assert e.value.code == 1301


def test_a_timestamp_may_begin_with_a_fraction_of_its_first_second(light: LightSession) -> None:
    light.execute("CREATE TABLE w (a TIMESTAMP(3) DEFAULT '1970-01-01 00:00:00.5')")
    for default in ("(3) DEFAULT '1970-01-01 00:00:00.0005'", " DEFAULT '1970-01-01 00:00:00.9'"):
        with pytest.raises(SQLError, match="Invalid default"):
            light.execute(f"CREATE TABLE u (a TIMESTAMP{default})")


def test_serial_stands_without_what_it_says_itself(light: LightSession) -> None:
    for attribute in ("AUTO_INCREMENT", "DEFAULT 5", "NULL", "SERIAL DEFAULT VALUE"):
        with pytest.raises(SQLError) as e:
            light.execute(f"CREATE TABLE w (a SERIAL {attribute})")
        assert e.value.code == 1064
    light.execute("CREATE TABLE w (a SERIAL NOT NULL COMMENT 'x')")
    light.execute("CREATE TABLE u (a BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, b BIGINT UNSIGNED NULL DEFAULT 5)")
