# ruff: noqa: E501 (statements read better in one line)
"""Where MariaDB's documented limits lie: the last value that is taken, the first that is not, and the words of the refusal.

`python -m tests.environments.db.test_limits` writes the answers to the other statements anew; each was read once.
"""

import datetime as dt
from pathlib import Path

import pytest

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.session import SQLError, Unsupported
from tests.environments.db.sql_differential import answer, corpus
from tests.helpers.pinned import assert_as_pinned, write_pinned

PINNED = Path(__file__).with_name("pinned")
NOW = dt.datetime(2026, 1, 15, 12, 0)


@pytest.fixture
def session():
    made = fresh()
    yield made
    made.close()


def fresh():
    return LightSession(corpus("writes.sql")[0], database="corpus", now=NOW)


def said(session, statement):
    outcome = answer(session, statement)
    if isinstance(outcome, Unsupported):
        return f"refused: {outcome.message}"
    if isinstance(outcome, SQLError):
        return f"{outcome.code} {outcome.message}"
    rows = "; ".join(", ".join(f"{type(c).__name__} {c}" for c in row) for row in outcome.rows)
    return f"{outcome.affected} {outcome.last_id} {outcome.columns} {rows}"


def column(kind):
    return f"CREATE TABLE t9 (c {kind})"


NAME = "n" * 64
TAKEN_AND_NOT = [
    (column("CHAR(255)"), column("CHAR(256)"), "1074 Column length too big for column 'c' (max = 255); use BLOB or TEXT instead"), (column("BINARY(255)"), column("BINARY(256)"), "1074 Column length too big for column 'c' (max = 255); use BLOB or TEXT instead"),
    (column("VARCHAR(16383)"), column("VARCHAR(16384)"), "1074 Column length too big for column 'c' (max = 16383); use BLOB or TEXT instead"), (column("VARBINARY(65532)"), column("VARBINARY(65533)"), "1074 Column length too big for column 'c' (max = 65532); use BLOB or TEXT instead"),
    *[(column(f"{kind}(255)"), column(f"{kind}(256)"), "1439 Display width out of range for 'c' (max = 255)") for kind in ("TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT")],
    (column("INT(255) UNSIGNED"), column("INT(256) UNSIGNED"), "1439 Display width out of range for 'c' (max = 255)"),
    (column("DATETIME(6)"), column("DATETIME(7)"), "1426 Too big precision specified for 'c'. Maximum is 6"), (column("TIME(6)"), column("TIME(7)"), "1426 Too big precision specified for 'c'. Maximum is 6"), (column("DECIMAL(38,38)"), column("DECIMAL(65,39)"), "1425 Too big scale specified for 'c'. Maximum is 38"),
    (column("ENUM('a','b')"), column("ENUM('a','A')"), "1291 Column 'c' has duplicated value 'A' in ENUM"),
    (f"CREATE TABLE {NAME} (c INT)", f"CREATE TABLE {NAME}n (c INT)", f"1103 Incorrect table name '{NAME}n'"), (f"CREATE TABLE t9 ({NAME} INT)", f"CREATE TABLE t9 ({NAME}n INT)", f"1059 Identifier name '{NAME}n' is too long"), (f"CREATE TABLE t9 (c INT, KEY {NAME} (c))", f"CREATE TABLE t9 (c INT, KEY {NAME}n (c))", f"1059 Identifier name '{NAME}n' is too long"),
    ("CREATE TABLE `a b` (c INT)", "CREATE TABLE `a ` (c INT)", "1103 Incorrect table name 'a '"), ("CREATE TABLE t9 (`a b` INT)", "CREATE TABLE t9 (`a ` INT)", "1166 Incorrect column name 'a '"), ("CREATE TABLE `select` (c INT)", "CREATE TABLE select (c INT)", None), ("CREATE TABLE t9 (`order` INT)", "CREATE TABLE t9 (order INT)", None),
]  # fmt: skip


@pytest.mark.parametrize(("taken", "refused", "words"), TAKEN_AND_NOT, ids=lambda x: x and x[:50])
def test_a_definition_may_be_just_so_large(session, taken, refused, words):
    start = session.save()
    assert said(session, taken) == "0 0 () " or said(session, taken).startswith("1050")
    session.load(start)
    first = said(session, refused)
    assert first == words if words else first[:4] in ("1064", "1074")


NUMBERS = [
    ("TINYINT", -128, 127), ("TINYINT UNSIGNED", 0, 255), ("SMALLINT", -32768, 32767), ("SMALLINT UNSIGNED", 0, 65535), ("MEDIUMINT", -8388608, 8388607), ("MEDIUMINT UNSIGNED", 0, 16777215), ("INT", -2147483648, 2147483647), ("INT UNSIGNED", 0, 4294967295), ("DECIMAL(3,1)", "-99.9", "99.9"), ("YEAR", 1901, 2155),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "low", "high"), NUMBERS, ids=lambda x: str(x))
def test_a_number_lies_within_the_bounds_of_its_type(session, kind, low, high):
    said(session, column(kind))
    for value in (low, high):
        assert said(session, f"INSERT INTO t9 VALUES ({value})").startswith("1 None ")
    found = said(session, "SELECT c FROM t9")
    assert str(low) in found and str(high) in found
    for value in (f"{low} - 1", f"{high} + 1"):
        assert said(session, f"INSERT INTO t9 VALUES ({value})") == "1264 Out of range value for column 'c' at row 1"


OTHERS = """
CREATE TABLE t9 (a INT PRIMARY KEY, b INT PRIMARY KEY)
CREATE TABLE t9 (a INT, a INT)
CREATE TABLE t9 (a INT, KEY k (a), KEY k (a))
CREATE TABLE t9 (a INT, KEY (b))
CREATE TABLE t9 (a TEXT, KEY (a))
CREATE TABLE t9 (a TEXT, KEY (a(10)))
CREATE TABLE t9 (a INT AUTO_INCREMENT)
CREATE TABLE t9 (a INT AUTO_INCREMENT KEY, b INT AUTO_INCREMENT UNIQUE)
CREATE TABLE t9 (a INT DEFAULT 'x')
CREATE TABLE t9 (a INT NOT NULL DEFAULT NULL)
CREATE TABLE t9 (a DATE DEFAULT '2020-02-30')
CREATE TABLE t9 (a VARCHAR(2) DEFAULT 'abc')
CREATE TABLE t9 ()
CREATE TABLE people (a INT)
CREATE TABLE IF NOT EXISTS people (a INT)
CREATE TABLE t9 LIKE people
CREATE TABLE t9 LIKE nope
CREATE TABLE t9 AS SELECT 1 AS a, 'x' AS b
CREATE TABLE t9 AS SELECT 1 AS a, 2 AS a
CREATE TABLE t9 (a INT, b INT DEFAULT 5) AS SELECT 1 AS a
CREATE INDEX k ON people (nope)
CREATE INDEX k ON nope (a)
CREATE UNIQUE INDEX k ON people (active)
CREATE INDEX k ON people (name(3), age DESC)
DROP INDEX nope ON people
DROP TABLE nope
DROP TABLE IF EXISTS nope
DROP TABLE people, nope
DROP VIEW people
DROP VIEW IF EXISTS nope
DROP DATABASE nope
CREATE DATABASE corpus
CREATE DATABASE IF NOT EXISTS corpus
RENAME TABLE people TO persons
RENAME TABLE nope TO persons
RENAME TABLE people TO dept
RENAME TABLE people TO people
ALTER TABLE nope ADD a INT
ALTER TABLE people ADD name INT
ALTER TABLE people ADD IF NOT EXISTS name INT
ALTER TABLE people ADD z INT FIRST
ALTER TABLE people ADD z INT AFTER name
ALTER TABLE people ADD z INT AFTER nope
ALTER TABLE people ADD (y INT, z INT NOT NULL DEFAULT 3)
ALTER TABLE people DROP nope
ALTER TABLE people DROP IF EXISTS nope
ALTER TABLE people DROP COLUMN name, DROP COLUMN name
ALTER TABLE people MODIFY nope INT
ALTER TABLE people MODIFY name INT
ALTER TABLE people MODIFY age TINYINT
ALTER TABLE people MODIFY age VARCHAR(1)
ALTER TABLE people MODIFY age INT FIRST
ALTER TABLE people MODIFY age INT AFTER id
ALTER TABLE people CHANGE nope z INT
ALTER TABLE people CHANGE age name INT
ALTER TABLE people CHANGE age years BIGINT AFTER name
ALTER TABLE people RENAME COLUMN age TO years
ALTER TABLE people RENAME COLUMN nope TO years
ALTER TABLE people RENAME COLUMN age TO name
ALTER TABLE people RENAME TO persons
ALTER TABLE people RENAME TO dept
ALTER TABLE people ALTER age SET DEFAULT 7
ALTER TABLE people ALTER age DROP DEFAULT
ALTER TABLE people ALTER nope SET DEFAULT 7
ALTER TABLE people ADD PRIMARY KEY (age)
ALTER TABLE people DROP PRIMARY KEY
ALTER TABLE people ADD INDEX k (age), ADD INDEX k (name)
ALTER TABLE people ADD UNIQUE u (id, name)
ALTER TABLE people DROP INDEX nope
ALTER TABLE people DROP KEY IF EXISTS nope
ALTER TABLE people AUTO_INCREMENT = 100
ALTER TABLE people COMMENT = 'c'
ALTER TABLE people ENGINE = InnoDB
ALTER TABLE people
INSERT INTO people (id) VALUES (1)
INSERT IGNORE INTO people (id) VALUES (1)
INSERT INTO people (id, id) VALUES (91, 92)
INSERT INTO people (nope) VALUES (1)
INSERT INTO people VALUES (1)
INSERT INTO people (id, name) VALUES (91)
INSERT INTO people (id, age) VALUES (91, 'x')
INSERT INTO people (id, age) VALUES (91, '12x')
INSERT INTO people (id, age) VALUES (91, 99999999999)
INSERT INTO people (id, born) VALUES (91, '2020-02-30')
INSERT INTO people (id, born) VALUES (91, 'x')
INSERT INTO people () VALUES ()
INSERT INTO people SET id = 91, name = 'z'
INSERT INTO people (id, name) VALUES (1, 'z') ON DUPLICATE KEY UPDATE name = VALUES(name), age = age + 1
INSERT INTO people (id, name) SELECT id + 100, name FROM people WHERE id < 3
REPLACE INTO people (id, name) VALUES (1, 'z'), (93, 'y')
INSERT INTO nope VALUES (1)
UPDATE people SET nope = 1
UPDATE people SET age = NULL WHERE id = 1
UPDATE people SET age = age + 1 ORDER BY id DESC LIMIT 2
UPDATE people SET id = 1
UPDATE people SET age = 'x' WHERE id = 1
UPDATE nope SET a = 1
UPDATE people SET age = (SELECT MAX(age) FROM people)
DELETE FROM people ORDER BY id LIMIT 2
DELETE FROM people WHERE nope = 1
DELETE FROM nope
DELETE p FROM people p JOIN dept d ON p.dept_id = d.id WHERE d.id = 1
DELETE FROM people LIMIT 0
TRUNCATE people
TRUNCATE TABLE nope
START TRANSACTION
COMMIT
ROLLBACK
SAVEPOINT a
ROLLBACK TO nope
RELEASE SAVEPOINT nope
SET @a = 1, @b := 'x'
SET NAMES utf8mb4
SET autocommit = 0
SET SESSION sql_mode = ''
SET nope = 1
USE corpus
USE nope
SHOW TABLES
SHOW TABLES LIKE 'p%'
SHOW FULL TABLES
SHOW DATABASES
SHOW COLUMNS FROM people
SHOW FULL COLUMNS FROM people
SHOW COLUMNS FROM people LIKE 'n%'
SHOW COLUMNS FROM nope
SHOW INDEX FROM people
SHOW CREATE TABLE people
SHOW CREATE TABLE nope
SHOW WARNINGS
SHOW STATUS
DESCRIBE people
DESC people name
DESCRIBE nope
SELECT DATABASE(), USER(), VERSION(), CONNECTION_ID()
SELECT LAST_INSERT_ID(), ROW_COUNT(), FOUND_ROWS()
SELECT name, ROW_NUMBER() OVER (ORDER BY id), RANK() OVER (ORDER BY active), DENSE_RANK() OVER (ORDER BY active) FROM people
SELECT id, SUM(age) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM people
SELECT id, SUM(age) OVER (PARTITION BY active ORDER BY id) FROM people
SELECT id, FIRST_VALUE(name) OVER (ORDER BY id), LAST_VALUE(name) OVER (ORDER BY id) FROM people
SELECT id, LAG(id) OVER (ORDER BY id), LEAD(id) OVER (ORDER BY id) FROM people
SELECT id, NTILE(2) OVER (ORDER BY id), PERCENT_RANK() OVER (ORDER BY id), CUME_DIST() OVER (ORDER BY id) FROM people
SELECT SUM(age) OVER w FROM people WINDOW w AS (ORDER BY id)
SELECT SUM(age) OVER nope FROM people
SELECT ROW_NUMBER() FROM people
SELECT name FROM people WHERE ROW_NUMBER() OVER () = 1
SELECT GROUP_CONCAT(name ORDER BY id SEPARATOR '/'), GROUP_CONCAT(DISTINCT active) FROM people
SELECT BIT_AND(id), BIT_OR(id), BIT_XOR(id), STD(age), VARIANCE(age), VAR_SAMP(age), STDDEV_SAMP(age) FROM people
SELECT COUNT(DISTINCT active, age), COUNT(NULL), MIN(name), MAX(born), AVG(age) FROM people
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4) SELECT * FROM n
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a) SELECT * FROM a, b
WITH a AS (SELECT 1), a AS (SELECT 2) SELECT * FROM a
WITH a (x, y) AS (SELECT 1) SELECT * FROM a
SELECT 1 UNION SELECT 1 UNION ALL SELECT 1
SELECT 1 UNION SELECT 1, 2
(SELECT 2 LIMIT 1) UNION (SELECT 1) ORDER BY 1 LIMIT 1 OFFSET 1
SELECT 1 INTERSECT SELECT 1
SELECT 1 EXCEPT SELECT 1
SELECT * FROM people NATURAL JOIN dept
SELECT p.id FROM people p LEFT JOIN dept d USING (id)
SELECT p.id FROM people p RIGHT JOIN dept d ON p.dept_id = d.id
SELECT * FROM people CROSS JOIN dept LIMIT 1
SELECT * FROM people JOIN nope
SELECT * FROM (SELECT id FROM people) AS x WHERE x.id = 1
SELECT id FROM people LIMIT 2, 1
SELECT id FROM people LIMIT 1 OFFSET 2
SELECT id FROM people LIMIT -1
SELECT id FROM people LIMIT 'a'
SELECT DISTINCT active FROM people ORDER BY active DESC
SELECT active, COUNT(*) FROM people GROUP BY active HAVING COUNT(*) > 1 ORDER BY 2
SELECT name FROM people WHERE name LIKE 'a\\_%' ESCAPE '|'
SELECT 'a' LIKE 'A', BINARY 'a' = 'A', 'a ' = 'a', 'a' <=> NULL, NULL <=> NULL, 1 BETWEEN 0 AND 2, 1 NOT IN (2, NULL)
SELECT CASE WHEN 1 THEN 'a' ELSE 2 END, CASE 1 WHEN 2 THEN 3 END, IF(0, 1, 'x'), IFNULL(NULL, 2), NULLIF(1, 1), COALESCE(NULL, 3)
SELECT EXISTS (SELECT 1 FROM people WHERE id = 99), (SELECT COUNT(*) FROM dept), 1 = ANY (SELECT id FROM people), 1 > ALL (SELECT id FROM people)
SELECT CAST('12x' AS SIGNED), CAST(1.5 AS DECIMAL(3,1)), CAST('2020-01-01' AS DATE), CAST(5 AS CHAR(1)), CAST('a' AS BINARY(3)), CONVERT('1', UNSIGNED), CAST('10:11' AS TIME)
SELECT 0x41, b'101', X'4142', 1e3, .5, 1., 'a' 'b', _utf8'x', DATE '2020-01-01', TIME '10:00:00', TIMESTAMP '2020-01-01 00:00:00'
SELECT DATE '2020-13-01'
SELECT 1 / 0, 5 DIV 0, 5 % 0, 7 DIV 2, -7 % 3, 1 + '2', '3a' * 2, 2 ^ 3, 1 << 3, 5 & 3, 5 | 3, ~0
SELECT 9223372036854775807 + 1
SELECT ROUND(2.5), ROUND(-1.55, 1), TRUNCATE(1.999, 2), CEIL(1.2), FLOOR(-1.2), SIGN(-3), ABS(-4), MOD(7, 3), POW(2, 10), SQRT(-1), LN(0), EXP(1), LOG(2, 8), LOG10(100), LOG2(8), PI(), CONV('ff', 16, 10), CRC32('a'), GREATEST(1, 2), DEGREES(PI())
SELECT CONCAT('a', NULL), CONCAT_WS('-', 'a', NULL, 'b'), SUBSTRING('hello', 2, 3), SUBSTRING('hello', -3), LEFT('abc', 2), RIGHT('abc', 2), LPAD('a', 3, 'xy'), RPAD('a', 3, 'xy'), REPEAT('a', 3), REVERSE('abc'), REPLACE('aXa', 'X', 'b'), TRIM(BOTH 'x' FROM 'xax'), LOCATE('b', 'abc'), INSTR('abc', 'c'), POSITION('b' IN 'abc'), INSERT('abcd', 2, 2, 'X'), ELT(2, 'a', 'b'), FIND_IN_SET('b', 'a,b'), STRCMP('a', 'b'), SPACE(2), ASCII('a'), ORD('a'), CHAR(65, 66), HEX('a'), UNHEX('41'), BIN(5), OCT(9), LENGTH('é'), CHAR_LENGTH('é'), UPPER('a'), LOWER('A'), FORMAT(1234.567, 2), MD5('a'), SHA1('a'), SUBSTRING_INDEX('a.b.c', '.', 2)
SELECT DATE_FORMAT('2020-03-04 05:06:07', '%Y %y %m %c %d %e %H %h %i %s %p %W %a %M %b %j %U %u %V %v %X %x %w %f %T %r %D %k %l %%'), STR_TO_DATE('4,3,2020', '%d,%m,%Y'), DATEDIFF('2020-03-01', '2020-02-01'), TIMESTAMPDIFF(MONTH, '2020-01-31', '2020-03-01'), TIMESTAMPADD(DAY, 1, '2020-02-28'), LAST_DAY('2021-02-01'), MAKEDATE(2020, 60), MAKETIME(1, 2, 3), SEC_TO_TIME(3661), TIME_TO_SEC('01:01:01'), FROM_DAYS(737000), TO_DAYS('2020-01-01'), UNIX_TIMESTAMP('2020-01-01'), FROM_UNIXTIME(0), EXTRACT(YEAR_MONTH FROM '2020-03-04'), ADDTIME('10:00:00', '01:30:00'), SUBTIME('10:00:00', '01:30:00'), TIMEDIFF('10:00:00', '09:00:00'), PERIOD_ADD(202001, 3), PERIOD_DIFF(202003, 202001), DAYNAME('2020-01-01'), YEARWEEK('2020-01-01', 3)
SELECT NOW(), CURDATE(), CURTIME(), UTC_DATE(), SYSDATE() = NOW(), CURRENT_TIMESTAMP(3)
SELECT NOPE(1)
SELECT LEFT('a')
SELECT COUNT()
SELECT SUM(DISTINCT age), SUM(ALL age) FROM people
SELECT FROM people
SELECT * FROM
SELEC 1
SELECT 1 FROM DUAL WHERE
SELECT 'unclosed
SELECT `a
SELECT (1
SELECT 1)
SELECT 1; SELECT 2
/* c */ SELECT 1 -- x
SELECT @a, @b
SELECT @@version, @@autocommit
SELECT @@nope
DO 1
CALL p()
GRANT ALL ON *.* TO x
CREATE VIEW v9 AS SELECT id, name FROM people
CREATE OR REPLACE VIEW v9 AS SELECT 1
CREATE VIEW people AS SELECT 1
CREATE TRIGGER x BEFORE INSERT ON people FOR EACH ROW SET @a = 1
CREATE TABLE t9 (a INT REFERENCES people (id))
CREATE TABLE t9 (a INT, FOREIGN KEY (a) REFERENCES people (id))
CREATE TABLE t9 (a INT, FOREIGN KEY (a) REFERENCES nope (id))
CREATE TABLE t9 (a FLOAT(7,3), b DOUBLE, c DECIMAL, d BOOL, e TINYTEXT, f MEDIUMBLOB, g YEAR, h TIMESTAMP, i REAL, j NUMERIC(4))
CREATE TABLE t9 (a INT ZEROFILL, b INT COMMENT 'x', c INT UNIQUE, d VARCHAR(3) COLLATE utf8mb4_bin)
CREATE TABLE t9 (a VARCHAR)
CREATE TABLE t9 (a NOPE)
CREATE TABLE t9 (a DECIMAL(2,3))
CREATE TABLE t9 (a DECIMAL(66,0))
SELECT table_name, column_name, column_type, is_nullable, column_key, extra FROM information_schema.columns WHERE table_schema = 'corpus' AND table_name = 'people'
SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'corpus' ORDER BY 1
SELECT * FROM information_schema.nope
SELECT index_name, column_name, non_unique FROM information_schema.statistics WHERE table_name = 'people'
SELECT schema_name FROM information_schema.schemata
"""


def told():
    """Each statement on the same tables: what is answered, and what the tables are then like where it changed them."""
    session = fresh()
    start = session.save()
    before = state(session)
    for statement in OTHERS.strip().splitlines():
        yield f"{statement[:100]} => {said(session, statement)}"
        if (after := state(session)) != before:
            changed = sorted({name: rows for name, rows in after.items() if before.get(name) != rows}.items())
            gone = sorted(before.keys() - after.keys())
            yield f"  then {changed} {'without ' + ', '.join(gone) if gone else ''}"
        session.load(start)
    session.close()


def state(session):
    """Each table with its rows and its definition."""
    shown = {}
    for name, table in session.tables().items():
        rows = [[str(cell) for cell in row] for row in table["rows"]]
        shown[name] = ([*map(str, table["columns"])], rows, said(session, f"SHOW CREATE TABLE `{name}`"))
    return shown


SETS = {"limits": told}


def test_every_other_statement_is_answered_as_it_was_read():
    assert_as_pinned(told(), PINNED / "limits.txt", "python -m tests.environments.db.test_limits")


if __name__ == "__main__":
    write_pinned(SETS, PINNED)
