-- tables: people dept words
SELECT nope FROM people
SELECT people.nope FROM people
SELECT x.id FROM people
SELECT * FROM missing
SELECT * FROM People
SELECT id FROM people, dept
SELECT id FROM people p JOIN dept d ON p.dept_id = d.id
SELECT * FROM people WHERE nope = 1
SELECT * FROM people GROUP BY nope
SELECT * FROM people ORDER BY nope
SELECT * FROM people ORDER BY 99
SELECT * FROM people HAVING nope > 1
SELECT name FROM people HAVING age > 1
SELECT name FROM people WHERE COUNT(*) > 1
SELECT SUM(COUNT(*)) FROM people
SELECT name FROM people GROUP BY COUNT(*)
SELECT (SELECT id FROM people)
SELECT (SELECT id, name FROM people LIMIT 1)
SELECT * FROM people WHERE id = (SELECT id FROM people)
SELECT * FROM people WHERE id IN (SELECT id, name FROM people)
SELECT * FROM people p, people p
SELECT * FROM (SELECT 1)
SELECT * FROM (SELECT 1 AS a, 2 AS a) t
SELECT FROM people
SELECT * FORM people
SELECT * FROM people WHERE
SELECT name, FROM people
SELECT name age height FROM people
SELECT * FROM people LIMIT -1
SELECT * FROM people ORDER BY
SELECT 'unterminated FROM people
SELECT (1
SELECT 1)
SELECT 1; SELECT 2
SELEC 1
SELECT COUNT (*) FROM people
SELECT a::int FROM people
SELECT name FROM people WHERE name ILIKE 'a'
SELECT TOP 5 name FROM people
SELECT IF(1, 2)
SELECT IFNULL(1)
SELECT ROUND()
SELECT DATE_FORMAT('2020-01-01')
SELECT STRFTIME('%Y', born) FROM people
SELECT LEN(name) FROM people
SELECT ISNULL(name, 'x') FROM people
SELECT CHARINDEX('a', name) FROM people
SELECT (1, 2)
SELECT (1, 2) = (1, 2, 3)
SELECT * FROM people WHERE (id, name) = 1
SELECT 1 UNION SELECT 1, 2
SELECT name FROM people UNION SELECT title FROM dept ORDER BY age
SELECT other.people.id FROM people
SELECT t.* FROM people
SELECT ROW_NUMBER() FROM people
SELECT id FROM people WHERE ROW_NUMBER() OVER (ORDER BY id) = 1
SELECT RANK() OVER nope FROM people
SELECT CAST('a' AS VARCHAR2) FROM people
SELECT MAX(age) FROM people WHERE age = MAX(age)
SELECT DISTINCT FROM people
INSERT INTO people (nope) VALUES (1)
INSERT INTO people (id, id) VALUES (1, 2)
INSERT INTO people (id, name) VALUES (1)
INSERT INTO people (id, name) VALUES (7, 'a', 'b')
INSERT INTO people VALUES (1, 2)
INSERT INTO people (id, name) VALUES (1, 'dup')
INSERT INTO people (name) VALUES ('a name that is far too long for thirty characters')
INSERT INTO people (age) VALUES ('abc')
INSERT INTO people (age) VALUES ('12abc')
INSERT INTO people (age) VALUES (99999999999)
INSERT INTO people (salary) VALUES (123456789.00)
INSERT INTO people (salary) VALUES ('abc')
INSERT INTO people (born) VALUES ('2020-02-30')
INSERT INTO people (born) VALUES ('hello')
INSERT INTO people (grade) VALUES ('top')
INSERT INTO people (active) VALUES (300)
INSERT INTO people (height) VALUES ('tall')
INSERT INTO dept (id, title) VALUES (5, NULL)
INSERT INTO dept (id) VALUES (5)
INSERT INTO dept (title) VALUES ('x')
INSERT INTO dept VALUES (5, 'SALES', NULL)
INSERT INTO dept VALUES (5, 'a', NULL), (5, 'b', NULL)
INSERT INTO missing VALUES (1)
INSERT INTO dept VALUES
INSERT dept (id, title) VALUES (9, 'z'),
UPDATE people SET nope = 1
UPDATE people SET age = 'abc' WHERE id = 1
UPDATE people SET age = age / 0 WHERE id = 1
UPDATE people SET id = 2 WHERE id = 1
UPDATE dept SET title = NULL WHERE id = 1
UPDATE dept SET title = 'a title much longer than twenty' WHERE id = 1
UPDATE missing SET a = 1
UPDATE people SET WHERE id = 1
UPDATE people SET age = 1 WHERE nope = 2
UPDATE words SET w = 'x' WHERE n = 10
DELETE FROM words WHERE n > 5
DELETE FROM missing
DELETE FROM people WHERE nope = 1
CREATE TABLE people (a INT)
CREATE TABLE t (a INT, a INT)
CREATE TABLE t ()
CREATE TABLE t (a NOSUCHTYPE)
CREATE TABLE t (a VARCHAR)
CREATE TABLE t (a INT PRIMARY KEY, b INT PRIMARY KEY)
CREATE TABLE t (a INT, KEY (b))
CREATE TABLE t (a INT AUTO_INCREMENT)
CREATE TABLE t (a INT DEFAULT 'abc')
CREATE TABLE t (a TEXT PRIMARY KEY)
DROP TABLE missing
ALTER TABLE missing ADD a INT
ALTER TABLE people ADD name INT
ALTER TABLE people DROP nope
ALTER TABLE people DROP COLUMN nope
ALTER TABLE people DROP INDEX nope
ALTER TABLE people MODIFY nope INT
ALTER TABLE people RENAME COLUMN nope TO x
ALTER TABLE people ADD PRIMARY KEY (age)
ALTER TABLE people MODIFY name INT
ALTER TABLE people MODIFY name VARCHAR(2)
CREATE INDEX i ON missing (a)
CREATE INDEX i ON people (nope)
DROP INDEX nope ON people
TRUNCATE TABLE missing
DESCRIBE missing
SHOW COLUMNS FROM missing
SHOW CREATE TABLE missing
RENAME TABLE missing TO x
RENAME TABLE people TO dept
CALL nothing()
ROLLBACK TO SAVEPOINT nope
CREATE VIEW v AS SELECT nope FROM people
DROP VIEW v
SELECT * FROM people WHERE id IN ()
SELECT SUBSTRING_INDEX('a')
SELECT 1 +
SELECT * FROM people JOIN
SELECT name FROM people WHERE name = "unclosed
SELECT * FROM people LEFT JOIN dept
SELECT LOAD_FILE('/etc/passwd')
SELECT 1 INTO OUTFILE '/tmp/x'
CREATE DATABASE other
DROP DATABASE other
SELECT * FROM mysql.user
USE mysql
