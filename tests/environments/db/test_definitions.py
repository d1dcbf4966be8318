"""CREATE, ALTER, DROP, TRUNCATE and RENAME: done, refused as the engine's own limit, or an error with MySQL's number."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.session import SQLError, Unsupported

TABLES = {
    "tables": [
        {
            "name": "p",
            "columns": [{"name": "a", "type": "INT"}, {"name": "b", "type": "VARCHAR(9)"}],
            "primary_key": ["a"],
            "rows": [[1, "x"], [2, "y"]],
        },
        {"name": "c", "columns": [{"name": "x", "type": "INT"}, {"name": "y", "type": "INT"}], "rows": [[1, 3]]},
    ]
}
DONE = (
    "CREATE TABLE t (a INT COMMENT 'number', b INT NOT NULL NULL) COMMENT='two', ENGINE InnoDB DEFAULT CHARSET = utf8mb4",
    "CREATE TABLE t (a INT KEY UNIQUE KEY)",
    "CREATE TABLE t (a INT, PRIMARY KEY pk USING BTREE (a))",
    "CREATE TABLE t (a SERIAL)",
    "CREATE TABLE t (a LONG, b LONG VARCHAR, e CHAR BYTE, f CHARACTER VARYING(5), g DOUBLE PRECISION, h DEC(5), i FIXED)",
    "CREATE TABLE t (a CHAR(3) BINARY, b VARCHAR(3) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)",
    "CREATE TABLE t (LIKE p)",
    "CREATE TABLE t (a INT DEFAULT -1, b BOOL DEFAULT TRUE, c DATETIME DEFAULT NOW() ON UPDATE CURRENT_TIMESTAMP)",
    "CREATE TABLE t (a INT, CONSTRAINT FOREIGN KEY (a) REFERENCES p (a) ON DELETE NO ACTION ON UPDATE CASCADE)",
    "CREATE TABLE IF NOT EXISTS db.t (a INT UNSIGNED, KEY (a), UNIQUE INDEX u (a))",
    "CREATE VIEW IF NOT EXISTS v AS SELECT 1 AS one",
    "CREATE ALGORITHM=MERGE DEFINER=CURRENT_USER SQL SECURITY INVOKER VIEW v (n) AS SELECT 1",
    "CREATE DEFINER=`root`@`localhost` VIEW v AS (SELECT a FROM p)",
    "CREATE INDEX IF NOT EXISTS i USING BTREE ON c (x, y)",
    "CREATE TABLE t (a TIMESTAMP, b TIMESTAMP(3) NULL, c INT NOT NULL DEFAULT NULL AUTO_INCREMENT PRIMARY KEY)",
    "CREATE TABLE t (a ENUM('a', 'A') COLLATE utf8mb4_bin, b ENUM('x', 'X') BINARY)",
    "ALTER TABLE c",
    "ALTER TABLE c RENAME TO c",
    "ALTER TABLE p DROP b, ADD d INT, RENAME COLUMN a TO z",
    "ALTER TABLE c ADD (z INT, KEY (z)), ADD COLUMN w INT FIRST",
    "ALTER TABLE c ADD INDEX IF NOT EXISTS i (x), COMMENT 'of two columns'",
    "ALTER TABLE c DROP INDEX IF EXISTS i, DROP COLUMN IF EXISTS nope",
    "ALTER TABLE c ENABLE KEYS",
    "ALTER TABLE c ENGINE=InnoDB, ALGORITHM=DEFAULT",
    "ALTER TABLE c DROP y CASCADE",
    "ALTER TABLE p DROP PRIMARY KEY, ADD PRIMARY KEY (a)",
    "DROP TABLE c CASCADE",
    "DROP TABLES IF EXISTS c, nope RESTRICT",
    "DROP INDEX IF EXISTS nope ON c",
    "RENAME TABLE c TO d, d TO e",
    "TRUNCATE c",
)
SYNTAX = (
    "CREATE TABLE t (a INT) FOO",
    "CREATE TABLE t (a INT b INT)",
    "CREATE TABLE t (a INT,)",
    "CREATE TABLE t ()",
    "CREATE TABLE t (a)",
    "CREATE TABLE t (a VARCHAR)",
    "CREATE TABLE t (a DOUBLE(5))",
    "CREATE TABLE t (a INT UNSIGNED SIGNED)",
    "CREATE TABLE t (a DATE UNSIGNED)",
    "CREATE TABLE t (a INT DEFAULT)",
    "CREATE TABLE t (a INT DEFAULT 1 + 1)",
    "CREATE TABLE t (a INT))",
    "CREATE TABLE t IF NOT EXISTS (a INT)",
    "CREATE UNIQUE TABLE t (a INT)",
    "CREATE TABLE t (a INT, PRIMARY (a))",
    "CREATE TABLE t (a INT, FOREIGN KEY a REFERENCES p (a))",
    "CREATE VIEW v SELECT 1",
    "CREATE INDEX ON c (x)",
    "CREATE INDEX i c (x)",
    "CREATE INDEX i ON c",
    "CREATE FOO bar",
    "CREATE",
    "DROP INDEX i",
    "DROP TABLE",
    "DROP TABLE c FOO",
    "DROP FOO bar",
    "ALTER c ADD z INT",
    "ALTER TABLE c ADD",
    "ALTER TABLE c FOO",
    "ALTER TABLE c ADD z INT,",
    "ALTER TABLE c, p ADD z INT",
    "ALTER TABLE c ADD z INT AFTER x FIRST",
    "ALTER TABLE c ALTER x TYPE INT",
    "ALTER TABLE c ALTER COLUMN x INT",
    "ALTER TABLE c CHANGE x INT",
    "ALTER TABLE c RENAME COLUMN x z",
    "RENAME c TO d",
    "RENAME TABLE c TO",
    "TRUNCATE TABLE c, p",
    "TRUNCATE",
)
NUMBERED = (
    (1005, "CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES p)"),
    (1044, "CREATE DATABASE other CHARACTER SET utf8mb4"),
    (1044, "DROP SCHEMA IF EXISTS other"),
    (1050, "CREATE TABLE c (a INT)"),
    (1054, "ALTER TABLE c ADD z INT AFTER nope"),
    (1054, "ALTER TABLE c ALTER COLUMN nope SET DEFAULT 4"),
    (1060, "ALTER TABLE c ADD z INT, ADD z INT"),
    (1060, "CREATE TABLE t (a INT, KEY (a, A))"),
    (1060, "CREATE VIEW v (a, A) AS SELECT 1, 2"),
    (1061, "CREATE TABLE t (a INT, INDEX i (a), KEY i (a))"),
    (1063, "CREATE TABLE t (a VARCHAR(3) AUTO_INCREMENT PRIMARY KEY)"),
    (1066, "DROP TABLE c, c"),
    (1067, "CREATE TABLE t (a INT NOT NULL DEFAULT NULL)"),
    (1067, "CREATE TABLE t (a VARCHAR(2) DEFAULT 'abc')"),
    (1067, "CREATE TABLE t (a INT AUTO_INCREMENT DEFAULT 3 PRIMARY KEY)"),
    (1068, "CREATE TABLE t (a INT PRIMARY KEY, b INT KEY)"),
    (1075, "ALTER TABLE c ADD z INT AUTO_INCREMENT"),
    (1091, "DROP INDEX nope ON c"),
    (1063, "CREATE TABLE t (a FLOAT(54))"),
    (
        1070,
        f"CREATE TABLE t ({', '.join(f'c{n} INT' for n in range(33))}, KEY ({', '.join(f'c{n}' for n in range(33))}))",
    ),
    (1090, "ALTER TABLE c DROP x, DROP y"),
    (1103, "DROP TABLE IF EXISTS ``"),
    (1113, "CREATE TABLE t"),
    (1170, "CREATE TABLE t (a TEXT, KEY (a))"),
    (1280, "CREATE TABLE t (a INT, KEY `` (a))"),
    (1280, "CREATE INDEX `primary` ON c (x)"),
    (1427, "CREATE TABLE t (a DECIMAL(0,10))"),
    (1628, f"CREATE TABLE t (a INT) COMMENT '{'c' * 2049}'"),
    (1629, f"CREATE TABLE t (a INT COMMENT '{'c' * 1025}')"),
    (1115, "CREATE TABLE t (a TEXT CHARSET nope)"),
    (1142, "CREATE TABLE other.t (a INT)"),
    (1142, "DROP TABLE other.t"),
    (1176, "ALTER TABLE c RENAME INDEX nope TO i"),
    (1239, "CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES p (a, b))"),
    (1273, "CREATE TABLE t (a INT) COLLATE nope"),
    (1286, "CREATE TABLE t (a INT) ENGINE=nope"),
    (1294, "CREATE TABLE t (a INT ON UPDATE NOW())"),
    (1800, "ALTER TABLE c ALGORITHM=nope, ADD z INT"),
    (1911, "CREATE TABLE t (a INT) nope=1"),
    (4161, "CREATE TABLE t (a STRING)"),
)
OWN = (
    "CREATE TABLE t (a INT, b INT AS (a) STORED NOT NULL)",
    "CREATE TABLE t (a TIMESTAMP NOT NULL)",
    "CREATE TABLE t (a BLOB, UNIQUE (a))",
    "CREATE TABLE t (a ENUM(0x41), b VARCHAR(9) COMPRESSED CHARACTER SET latin1)",
    "CREATE TABLE t (a INT, PRIMARY KEY (a)) AS SELECT 1 AS a",
    "CREATE TABLE t (a INT, CONSTRAINT q CHECK (a > 0) NOT ENFORCED)",
    "CREATE TABLE t (a INT REFERENCES p (a))",
    "CREATE TABLE t (a INT DEFAULT (1 + 2))",
    "CREATE TABLE t (a INT ZEROFILL)",
    "CREATE TABLE t (a SET('x', 'y'), b JSON)",
    "CREATE TABLE t (a INT) ENGINE=MyISAM ROW_FORMAT=DYNAMIC MAX_ROWS 5",
    "CREATE TABLE t (a TEXT, KEY (a(10) DESC))",
    "CREATE TABLE t (a TEXT, FULLTEXT KEY f (a) WITH PARSER ngram)",
    "CREATE TABLE t (a INT) PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (6))",
    "CREATE TABLE t (a TEXT CHARACTER SET latin1)",
    "CREATE TABLE t (z INT) SELECT x AS z FROM c",
    "CREATE VIEW v AS SELECT x FROM c WHERE x > 1 GROUP BY x WITH LOCAL CHECK OPTION",
    "CREATE VIEW v AS SELECT 1, 1",
    "CREATE TRIGGER r BEFORE INSERT ON c FOR EACH ROW SET NEW.x = 1",
    "CREATE PROCEDURE q() SELECT 1",
    "CREATE DEFINER=root@localhost FUNCTION f() RETURNS INT RETURN 1",
    "CREATE SPATIAL INDEX s ON c (x) COMMENT 'k'",
    "ALTER TABLE c DROP FOREIGN KEY f, ORDER BY x",
    "ALTER TABLE c ALTER INDEX i INVISIBLE, FORCE, LOCK=NONE",
    "ALTER TABLE c ADD PARTITION (PARTITION q VALUES LESS THAN (9))",
    "DROP PROCEDURE IF EXISTS q",
)


@pytest.fixture
def session() -> Iterator[LightSession]:
    session = LightSession(TABLES)
    yield session
    session.close()


@pytest.mark.parametrize("statement", DONE)
def test_what_mysql_takes_is_done(session: LightSession, statement: str) -> None:
    assert session.execute(statement).columns == ()


@pytest.mark.parametrize("statement", SYNTAX)
def test_what_is_no_definition_is_a_syntax_error(session: LightSession, statement: str) -> None:
    with pytest.raises(SQLError) as error:
        session.execute(statement)
    assert error.value.code == 1064


@pytest.mark.parametrize(("code", "statement"), NUMBERED)
def test_what_mysql_refuses_has_its_number(session: LightSession, code: int, statement: str) -> None:
    before = session.tables()
    with pytest.raises(SQLError) as error:
        session.execute(statement)
    assert (error.value.code, isinstance(error.value, Unsupported)) == (code, False)
    assert session.tables() == before


@pytest.mark.parametrize("statement", OWN)
def test_what_only_this_engine_cannot_do_is_its_own_refusal(session: LightSession, statement: str) -> None:
    before = session.tables()
    with pytest.raises(Unsupported):
        session.execute(statement)
    assert session.tables() == before


@pytest.mark.parametrize("statement", [s + " oops)" for s in OWN if "PARTITION" not in s and " PROC" not in s][:12])
def test_what_is_not_supported_is_read_to_its_end(session: LightSession, statement: str) -> None:
    with pytest.raises(SQLError) as error:
        session.execute(statement)
    assert error.value.code == 1064


def test_comments_types_and_sizes_are_shown_as_the_server_shows_them(session: LightSession) -> None:
    session.execute(
        "CREATE TABLE t (a TEXT(60), b TEXT(100), c TEXT(20000), d BLOB(255), e BLOB(256), f INT(0) COMMENT 'it''s', "
        "g DECIMAL(0,0), h INT AUTO_INCREMENT KEY COMMENT 'key') AUTO_INCREMENT 7 COMMENT 'all'"
    )
    shown = str(session.execute("SHOW CREATE TABLE t").rows[0][1])
    assert [line.strip().rstrip(",") for line in shown.splitlines()][1:] == [
        "`a` tinytext DEFAULT NULL",
        "`b` text DEFAULT NULL",
        "`c` mediumtext DEFAULT NULL",
        "`d` tinyblob DEFAULT NULL",
        "`e` blob DEFAULT NULL",
        "`f` int(11) DEFAULT NULL COMMENT 'it''s'",
        "`g` decimal(10,0) DEFAULT NULL",
        "`h` int(11) NOT NULL AUTO_INCREMENT COMMENT 'key'",
        "PRIMARY KEY (`h`)",
        ") ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci COMMENT='all'",
    ]
    assert session.execute("SHOW FULL COLUMNS FROM t LIKE 'f'").rows[0][-1] == "it's"
    named = "SELECT column_comment FROM information_schema.columns WHERE table_name = 't' AND column_name = 'h'"
    assert session.execute(named).rows == [("key",)]
    described = "SELECT table_comment FROM information_schema.tables WHERE table_name = 't'"
    assert session.execute(described).rows == [("all",)]


def test_a_saved_session_keeps_its_comments(session: LightSession) -> None:
    session.execute("CREATE TABLE t (a INT COMMENT 'one') COMMENT 'two'")
    blob, other = session.save(), LightSession({"tables": []})
    other.load(blob)
    assert other.execute("SHOW CREATE TABLE t").rows == session.execute("SHOW CREATE TABLE t").rows


def test_a_view_is_no_table_and_a_table_no_view(session: LightSession) -> None:
    session.execute("CREATE VIEW v AS SELECT x FROM c")
    for statement, code in (
        ("ALTER TABLE v ADD z INT", 1347), ("CREATE INDEX i ON v (x)", 1347), ("CREATE TABLE t LIKE v", 1347),
        ("DROP TABLE v", 1965), ("DROP VIEW c", 4092), ("TRUNCATE v", 1146), ("CREATE OR REPLACE VIEW c AS SELECT 1", 1347),
    ):  # fmt: skip
        with pytest.raises(SQLError) as error:
            session.execute(statement)
        assert error.value.code == code, statement


def test_a_table_made_of_a_query_keeps_what_its_columns_say(session: LightSession) -> None:
    session.execute("CREATE TABLE t (a VARCHAR(5) COLLATE utf8mb4_bin COMMENT 'q', b INT AUTO_INCREMENT PRIMARY KEY)")
    session.execute("ALTER TABLE t ADD d DATETIME DEFAULT NOW() ON UPDATE NOW()")
    session.execute("CREATE TABLE u AS SELECT a AS z, b, d FROM t")
    shown = str(session.execute("SHOW CREATE TABLE u").rows[0][1])
    assert [line.strip().rstrip(",") for line in shown.splitlines()][1:4] == [
        "`z` varchar(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL COMMENT 'q'",
        "`b` int(11) NOT NULL DEFAULT 0",
        "`d` datetime DEFAULT current_timestamp() ON UPDATE current_timestamp()",
    ]
