"""What MySQL refuses is refused with MySQL's number; what only this engine cannot do says so, and blames nobody."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.light.parsing.reserved import RESERVED
from simenv.plugins.environments.db.engine.session import SQLError, Unsupported

TABLES = {
    "tables": [
        {"name": "a", "columns": [{"name": n, "type": "INT"} for n in ("id", "x")], "rows": [[1, 10], [2, 20]]},
        {"name": "b", "columns": [{"name": n, "type": "INT"} for n in ("id", "y")], "rows": [[1, 5], [2, 6]]},
        {"name": "c", "columns": [{"name": n, "type": "INT"} for n in ("id", "a_id")], "rows": [[7, 1], [8, 2]]},
    ]
}
SYNTAX = (
    "ALTER TABLE a ADD UNIQUE KEY u",
    "ALTER TABLE a ADD UNIQUE",
    "ALTER TABLE a ADD INDEX i (x), ADD UNIQUE u",
    "CREATE TABLE t (id INT, UNIQUE KEY u)",
    "SELECT id FROM a LIMIT 1 ORDER BY id",
    "SELECT id FROM a ORDER BY id WHERE id > 1",
    "SELECT id FROM a HAVING id > 1 GROUP BY id",
    "SELECT id FROM a LIMIT 1 WHERE id = 2",
    "SELECT id FROM a ORDER BY id GROUP BY id",
    "SELECT id FROM a WHERE id = 1 JOIN b ON 1",
    "SELECT id FROM a LIMIT 1 UNION SELECT id FROM b",
    "SELECT id FROM a ORDER BY id UNION SELECT id FROM b",
    "SELECT id FROM a WHERE x NOT NULL",
    "SELECT id FROM a WHERE id == 1",
    "SELECT id, * FROM a",
    "SELECT a.*, * FROM a",
    "SELECT id FROM a GROUP BY",
    "SELECT id FROM a GROUP BY ()",
    "SELECT id FROM a OFFSET 1",
    "SELECT id FROM a ORDER BY id OFFSET 2",
    "SELECT 1 = NOT 2",
    "SELECT COUNT(DISTINCT) FROM a",
    "SELECT COALESCE(DISTINCT 1, 2)",
    "SELECT ROW(1) = ROW(1)",
    "SELECT id FROM a NATURAL JOIN b ON a.id = b.id",
    "SELECT id FROM a LEFT JOIN b",
    "SELECT ?",
    "SELECT :id",
    "SELECT x'4'",
    "UPDATE a SET x = 1 FROM b",
    "UPDATE a SET x == 1",
    "UPDATE a SET x = 1 LIMIT 1, 1",
    "DELETE a WHERE id = 1",
    "INSERT OR REPLACE INTO a VALUES (1, 2)",
    "INSERT INTO a VALUES (1, DEFAULT + 1)",
    "REPLACE IGNORE INTO a VALUES (1, 2)",
    "CREATE TABLE t (order INT)",
    "CREATE TABLE select (a INT)",
)
NUMBERED = (
    (1235, "SELECT id FROM a WHERE id IN (SELECT id FROM b LIMIT 1)"),
    (1235, "DELETE FROM a WHERE id = ANY (SELECT id FROM b LIMIT 1)"),
    (1235, "SELECT id FROM a WHERE id IN ((SELECT id FROM b LIMIT 1) UNION (SELECT 3))"),
    (1052, "SELECT id AS c, x AS c FROM a ORDER BY c"),
    (1052, "SELECT id AS c, x AS c FROM a GROUP BY c"),
    (1221, "SELECT ALL DISTINCT id FROM a"),
    (1327, "SELECT id FROM a LIMIT n"),
    (1176, "SELECT id FROM a USE INDEX (nope)"),
    (1630, "SELECT SUM (id) FROM a"),
    (1247, "SELECT (SELECT d + 1), x * 2 AS d FROM a"),
    (1136, "INSERT INTO a (id) VALUES ()"),
    (1250, "SELECT id FROM a UNION SELECT id FROM b ORDER BY a.id"),
    (1093, "DELETE a FROM a, b WHERE a.id = b.id AND a.x < (SELECT MAX(x) FROM a)"),
    (1300, "SELECT _utf8mb4 x'616263FF'"),
    (1064, "SELECT id FROM a AS window"),
    (1064, "SELECT * FROM (SELECT 1) AS window"),
    (1427, "SELECT CAST(1 AS DECIMAL(2, 3))"),
    (1054, "INSERT INTO a VALUES (1, 2) ON DUPLICATE KEY UPDATE x = VALUES(b.x)"),
    (1525, "SELECT DATE 'xxxx'"),
    (1525, "SELECT DATE '2001-01-01 00:00:00'"),
    (1525, "SELECT TIME '900:00:00'"),
    (1525, "SELECT TIMESTAMP '2010-01-01'"),
    (1583, "SELECT UPPER('a' AS named)"),
    (1583, "SELECT CONCAT('a' named, 'b')"),
    (1584, "SELECT NOPE(1 AS named)"),
    (4161, "SELECT CAST(1 AS STRING)"),
    (1060, "WITH q (z, Z) AS (SELECT 1, 2) SELECT * FROM q"),
    (4004, "WITH q AS (SELECT 1), Q AS (SELECT 2) SELECT * FROM q"),
    (4074, "SELECT SUM(RANK() OVER (ORDER BY id)) FROM a"),
    (1103, "CREATE TABLE `` (a INT)"),
    (1103, "CREATE TABLE `a ` (a INT)"),
    (1103, f"CREATE TABLE {'a' * 65} (a INT)"),
    (1166, "CREATE TABLE t (`` INT)"),
    (1059, f"CREATE TABLE t ({'a' * 65} INT)"),
    (1059, f"CREATE TABLE t (a INT, KEY {'k' * 65} (a))"),
    (1074, "CREATE TABLE t (a CHAR(256))"),
    (1074, "CREATE TABLE t (a VARCHAR(70000))"),
    (1439, "CREATE TABLE t (a INT(256))"),
    (1426, "CREATE TABLE t (a DATETIME(7))"),
    (1291, "CREATE TABLE t (a ENUM('x', 'X'))"),
    (1425, "CREATE TABLE t (a DECIMAL(45, 39))"),
)
OWN = (
    "SELECT id FROM a ORDER BY id OFFSET 1 ROWS",
    "SELECT id FROM a FETCH FIRST 1 ROWS ONLY",
    "SELECT * FROM (SELECT 1) AS t (z)",
    "SELECT id -> '$.a' FROM a",
    "SELECT @n := @n + 1",
    "SELECT BIT_LENGTH('a')",
    "SELECT CAST('a' AS CHAR(3) BINARY)",
    "SELECT CAST('a' AS CHAR CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)",
    "SELECT CAST('1' AS INTERVAL DAY_SECOND(6))",
    "SELECT CAST('::1' AS INET6)",
    "SELECT CAST(1 AS DECIMAL(5.2))",
    "SELECT WEIGHT_STRING('a' AS CHAR(3))",
    "SELECT COLUMN_GET(COLUMN_CREATE(1, 2), 1 AS INT)",
    "SELECT JSON_ARRAYAGG(DISTINCT id ORDER BY id) FROM a",
    "SELECT FORMAT(1, 2, 'de_DE')",
    "SELECT DATE_FORMAT('2020-01-01', '%Y', 'de_DE')",
    "SELECT CRC32(1, 'a')",
    "SELECT LAST_VALUE(id, x) FROM a",
    "WITH RECURSIVE q AS (SELECT 1 AS z UNION SELECT 2 FROM q) CYCLE z RESTRICT SELECT * FROM q",
    "WITH RECURSIVE p AS (SELECT * FROM q), q AS (SELECT 1 AS z UNION SELECT z + 1 FROM p WHERE z < 3) SELECT * FROM q",
    "WITH RECURSIVE q AS (SELECT z + 1 FROM q WHERE z < 5 UNION SELECT 1 AS z) SELECT * FROM q",
    "SELECT id FROM a LIMIT 1 ROWS EXAMINED 5",
    "SELECT id, SUM(x) AS s, RANK() OVER (ORDER BY s) FROM a GROUP BY id",
    "SELECT _rowid FROM a",
    "SELECT {d '2001-01-01 10:10:10'}",
    "SELECT DATE '0000-01-01'",
    "SELECT 'a' RLIKE '(*CR)'",
    "SELECT MD5(_filename 'a')",
    "SELECT id FROM a GROUP BY id HAVING (SELECT AVG(SUM(a.x) + 1) FROM b LIMIT 1)",
    "DELETE IGNORE FROM a WHERE id = (SELECT id FROM b)",
    "INSERT INTO a VALUES (1, IGNORE)",
    "INSERT DELAYED INTO a VALUES (1, 2)",
    "SELECT UUID_TO_BIN('a')",
    "SELECT INTERVAL(1, 2)",
    "INSERT INTO a VALUES (1, 2) AS new ON DUPLICATE KEY UPDATE x = new.x",
    "WITH q AS (SELECT 1) DELETE FROM a",
    "DELETE FROM a AS q WHERE q.id = 1",
    "INSERT INTO a VALUES (1, 2) RETURNING id",
    "SELECT * FROM a, LATERAL (SELECT a.id) t",
    "SELECT VALUES(id) FROM a",
    "SELECT id FROM a WHERE MATCH (x) AGAINST ('a')",
    "SELECT id FROM a GROUP BY id HAVING COUNT(*) = (SELECT MIN(y) FROM b WHERE y >= COUNT(*))",
)
ANSWERED = (
    ("SELECT a.id FROM a JOIN b ON a.id = b.id ORDER BY id", [(1,), (2,)]),
    ("SELECT a.id, COUNT(*) FROM a JOIN b ON a.id = b.id GROUP BY id ORDER BY id", [(1, 1), (2, 1)]),
    (
        "SELECT CAST('12' AS SIGNED INTEGER), CONVERT(UPPER('x'), CHAR), CONVERT(LENGTH('ab'), SIGNED INT)",
        [(12, "X", 2)],
    ),
    ("SELECT a.id FROM (((a JOIN b ON a.id = b.id) JOIN c ON c.a_id = a.id)) ORDER BY 1", [(1,), (2,)]),
    ("SELECT a.id, c.id FROM a JOIN b JOIN c ON a.id = c.a_id WHERE b.id = 1 ORDER BY 1", [(1, 7), (2, 8)]),
    ("SELECT a.id, c.id FROM a LEFT JOIN b LEFT JOIN c ON b.id = c.a_id ON a.id = b.id ORDER BY 1", [(1, 7), (2, 8)]),
    ("SELECT x FROM a WHERE x > (SELECT SUM(y) FROM b GROUP BY id HAVING id = a.id) ORDER BY x", [(10,), (20,)]),
    ("SELECT id FROM a GROUP BY id HAVING EXISTS (SELECT 1 FROM b WHERE b.y * 3 > MAX(a.x))", [(1,)]),
    ("SELECT id FROM a WHERE (id, x) = ANY (SELECT id, y * 2 FROM b)", [(1,)]),
    ("SELECT (SELECT 1, 2) = (SELECT 1, 2), (1, 2) > (1, 1), (SELECT 1, 2) = (1, 3)", [(1, 1, 0)]),
    ("SELECT id AS n, (SELECT y FROM b WHERE b.id = n) AS y FROM a ORDER BY 1", [(1, 5), (2, 6)]),
    ("SELECT x AS z FROM a GROUP BY x HAVING AVG(z) > 10", [(20,)]),
    ("SELECT COUNT(*) FROM a WHERE id = 99 HAVING COUNT(*) = 0", [(0,)]),
    ("SELECT MAX(id) AS m FROM a WHERE id > 99 HAVING m IS NULL", [(None,)]),
    (
        "SELECT * FROM (SELECT id, 1 AS p FROM a) s NATURAL JOIN (SELECT id, 2 AS q FROM a) t NATURAL JOIN b ORDER BY 1",
        [(1, 1, 2, 5), (2, 1, 2, 6)],
    ),
    (
        "SELECT id, SUM(x) OVER (w ORDER BY id) AS s FROM a WINDOW w AS (PARTITION BY x > 0) ORDER BY id",
        [(1, 10), (2, 30)],
    ),
    ("/*!40000 SELECT 3 */", [(3,)]),
    ("SELECT 1 /*!32301 +1 */", [(2,)]),
    ("SELECT 1 /*!99999 +1 */", [(1,)]),
    ("(SELECT id FROM a ORDER BY id DESC) LIMIT 1", [(2,)]),
    ("(((SELECT * FROM a ORDER BY id) LIMIT 1) ORDER BY x DESC)", [(1, 10)]),
    ("SELECT ((SELECT 1)), ((SELECT 1) + 1), (((SELECT 1)) UNION (SELECT 2) LIMIT 1)", [(1, 2, 1)]),
    ("SELECT (1, 2, (3, 4)) IN ((3, 2, (3, 4)), (1, 2, (3, 4)))", [(1,)]),
    (
        "SELECT '2020-01-01' + INTERVAL (1) DAY, DATE_ADD('2020-01-01', INTERVAL (1 + 1) * 2 DAY)",
        [("2020-01-02", "2020-01-05")],
    ),
    ("SELECT \\N, CAST('a' AS CHAR CHARACTER SET 'utf8mb4'), AVG (id) FROM a", [(None, "a", Decimal("1.5000"))]),
    ("SELECT _utf8mb4 x'616263', _utf8mb4 0x4D7953, _utf8 b'01100001', _utf8mb4'q'", [("abc", "MyS", "a", "q")]),
    ("SELECT /*!999999 1 + /* 2 */ 3 + */ 8", [(8,)]),
    ("SELECT a.id FROM a USE INDEX (), b WHERE a.id = b.id LOCK IN SHARE MODE SKIP LOCKED", [(1,), (2,)]),
    ("SELECT (1, 10) = ((1, 10)), ((1, 2)) = (((1, 3))), ((1, 2)) IN ((1, 2))", [(1, 0, 1)]),
    ("SELECT (SELECT 1, 10) IN (SELECT id, x FROM a), (SELECT 1, 2) NOT IN (SELECT id, x FROM a)", [(1, 1)]),
    ("SELECT DATE '2020-1-2', TIME '-838:59:59' + 0", [(date(2020, 1, 2), -8385959)]),
    ("SELECT 1e0-1e0, {d '2020-01-02'} + 0, N'a'", [(0.0, 20200102, "a")]),
)


@pytest.fixture(scope="module")
def session() -> Iterator[LightSession]:
    session = LightSession(TABLES)
    yield session
    session.close()


def error(session: LightSession, statement: str) -> SQLError:
    with pytest.raises(SQLError) as raised:
        session.execute(statement)
    return raised.value


@pytest.mark.parametrize("statement", SYNTAX)
def test_what_is_no_mysql_is_a_syntax_error(session: LightSession, statement: str) -> None:
    assert error(session, statement).code == 1064


@pytest.mark.parametrize(("code", "statement"), NUMBERED)
def test_what_mysql_refuses_has_its_number_and_is_no_refusal_of_the_engines(
    session: LightSession, code: int, statement: str
) -> None:
    raised = error(session, statement)
    assert (raised.code, isinstance(raised, Unsupported)) == (code, False)


@pytest.mark.parametrize("statement", OWN)
def test_what_only_this_engine_cannot_do_is_its_own_refusal(session: LightSession, statement: str) -> None:
    assert isinstance(error(session, statement), Unsupported)


@pytest.mark.parametrize(("statement", "rows"), ANSWERED)
def test_valid_statements_that_were_once_blamed_on_the_agent_are_answered(
    session: LightSession, statement: str, rows: list[tuple]
) -> None:
    assert session.execute(statement).rows == rows


def test_a_view_and_a_table_may_be_made_of_a_query_in_brackets() -> None:
    session = LightSession(TABLES)
    session.execute("CREATE OR REPLACE VIEW v AS ((SELECT id FROM a WHERE id <= 3) UNION (SELECT 9))")
    session.execute("CREATE TABLE made AS (SELECT id FROM a)")
    assert session.execute("SELECT * FROM v ORDER BY id").rows == [(1,), (2,), (9,)]
    assert session.execute("SELECT * FROM made ORDER BY id").rows == [(1,), (2,)]


def test_no_reserved_word_is_a_column_a_table_or_an_alias(session: LightSession) -> None:
    values = {
        "CURRENT_DATE",
        "CURRENT_TIME",
        "CURRENT_TIMESTAMP",
        "CURRENT_USER",
        "CURRENT_ROLE",
        "FALSE",
        "LOCALTIME",
        "LOCALTIMESTAMP",
        "NULL",
        "TRUE",
        "UTC_DATE",
        "UTC_TIME",
        "UTC_TIMESTAMP",
    }
    for word in sorted(RESERVED):
        for statement in (f"SELECT 1 AS {word}", f"SELECT 1 FROM a, {word}", f"SELECT 1 FROM a AS {word}"):
            assert error(session, statement).code == 1064, statement
        if word not in values:
            assert error(session, f"SELECT {word} FROM a").code == 1064, word
        assert error(session, f"SELECT a.{word} FROM a").code == 1054, word


def test_a_definition_that_cannot_be_read_is_refused_in_silence() -> None:
    code = (
        "from simenv.plugins.environments.db.engine.light import LightSession\n"
        "from simenv.plugins.environments.db.engine.session import Unsupported\n"
        "try:\n    LightSession({'tables': []}).execute('CREATE TABLE t (a INT) PARTITION BY HASH (a) PARTITIONS 2')\n"
        "except Unsupported:\n    print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("refused\n", "")


def test_a_view_whose_table_has_changed_is_an_error_of_its_own() -> None:
    session = LightSession(TABLES)
    session.execute("CREATE VIEW v AS SELECT x FROM a")
    session.execute("CREATE VIEW w AS SELECT * FROM v")
    for change in ("ALTER TABLE a DROP x", "DROP TABLE a"):
        session.execute(change)
        assert [error(session, f"SELECT * FROM {name}").code for name in ("v", "w")] == [1356, 1356]


def test_a_value_may_name_the_columns_of_its_row() -> None:
    session = LightSession({"tables": []})
    session.execute(
        "CREATE TABLE d (id INT AUTO_INCREMENT PRIMARY KEY, a INT NOT NULL DEFAULT 5, b VARCHAR(3), c INT NOT NULL)"
    )
    for statement in (
        "INSERT INTO d (a, b, c) VALUES (1.6, CONCAT(a, 'x'), a + 1), ('4', a, (SELECT MAX(a) FROM d) + d.a)",
        "INSERT INTO d (c, a) VALUES (a, 9)",
        "INSERT INTO d VALUES (7, id + 1, b, a)",
        "INSERT INTO d SET c = 4, a = c * 2, b = a",
        "REPLACE INTO d (id, c, a) VALUES (1, 1, c + 10)",
    ):
        session.execute(statement)
    assert session.execute("SELECT * FROM d ORDER BY id").rows == [
        (1, 11, None, 1), (2, 4, "4", 6), (3, 9, None, 5), (7, 8, None, 8), (8, 8, "8", 4)
    ]  # fmt: skip
    assert error(session, "INSERT INTO d (a, c) VALUES (3, nope)").code == 1054
    assert error(session, "INSERT INTO d (a, c) VALUES (3, other.a)").code == 1054
    assert isinstance(error(session, "INSERT INTO d (id, c) VALUES (NULL, id)"), Unsupported)


def test_an_update_in_place_of_a_row_may_name_the_tables_of_the_select() -> None:
    session = LightSession({"tables": []})
    for statement in (
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, n INT DEFAULT 0)",
        "CREATE TABLE s (id INT PRIMARY KEY, b INT, c INT)",
        "INSERT INTO t (id, a) VALUES (1, 10), (2, 20)",
        "INSERT INTO s VALUES (1, 5, 6), (2, 7, 8), (3, 9, 9)",
        "INSERT INTO t (id, a) SELECT id, b FROM s ON DUPLICATE KEY UPDATE a = t.a + s.c, n = n + 1",
    ):
        session.execute(statement)
    assert session.execute("SELECT * FROM t ORDER BY id").rows == [(1, 16, 1), (2, 28, 1), (3, 9, 0)]
    session.execute("INSERT INTO t (id, a) SELECT id, b FROM s q ON DUPLICATE KEY UPDATE a = c, n = q.id + VALUES(a)")
    assert session.execute("SELECT * FROM t ORDER BY id").rows == [(1, 6, 6), (2, 8, 9), (3, 9, 12)]
    for code, update in ((1052, "n = id"), (1054, "n = nope"), (1054, "n = other.c")):
        assert (
            error(session, f"INSERT INTO t (id, a) SELECT id, b FROM s ON DUPLICATE KEY UPDATE {update}").code == code
        )
    assert error(session, "INSERT INTO t (id) SELECT id FROM t ON DUPLICATE KEY UPDATE n = t.n + 1").code == 1052


def test_a_column_that_is_no_key_of_its_group_is_answered_where_it_has_one_value_and_refused_where_it_has_several() -> (
    None
):
    session = LightSession(TABLES)
    session.execute("CREATE TABLE g (k INT, v INT, w INT)")
    session.execute("INSERT INTO g VALUES (1, 5, 7), (1, 5, 8), (2, 6, 9)")
    assert session.execute("SELECT k, v, COUNT(*) FROM g GROUP BY k ORDER BY k").rows == [(1, 5, 2), (2, 6, 1)]
    assert session.execute("SELECT w, COUNT(*) FROM g WHERE w = 9").rows == [(9, 1)]
    for statement in ("SELECT k, w FROM g GROUP BY k", "SELECT w, COUNT(*) FROM g"):
        assert isinstance(error(session, statement), Unsupported)
