-- tables: people dept words nums
((SELECT age FROM people WHERE age < 40) ORDER BY age DESC) LIMIT 2
((SELECT id FROM people LIMIT 3) ORDER BY id DESC)
SELECT * FROM (SELECT id FROM people LIMIT 3) AS x ORDER BY id DESC
(((SELECT id FROM people) ORDER BY id DESC)) LIMIT 1
WITH t AS (((SELECT id FROM people) ORDER BY id DESC) LIMIT 2) SELECT * FROM t
SELECT (id), ((id)), (people.id), ( id ), (id + 1), -(id) FROM people
SELECT DISTINCT(dept_id) FROM people
SELECT +42, + 42, (+42), +'a', - 5, + +1, +id FROM people
SELECT 'a\0b', '\0', ' a ', 'c  ', 'a' ' b ', "\t\n x "
SELECT 1 AS ` x`, 2 AS `  `
SELECT 1 + /*!99999 2 */ 3, 5 /*!50000 + 1 */, /*!999999 a, */ 7, 'a /*! b */', CONCAT('/*!999999 x */', '/*! y */')
SELECT 'andre%' LIKE 'andreñ%' ESCAPE 'ñ', 'andre%' LIKE 'andreñ%' ESCAPE 'Ñ', 'abc' LIKE 'aXbc' ESCAPE 'x', 'a%' LIKE 'aX%' ESCAPE 'X'
SELECT 'ab' LIKE 'a%%' ESCAPE '%', 'a%' LIKE 'a%%' ESCAPE '%', 'aé%b' LIKE 'AE\\%B', '\\' LIKE '\\', 'ab' LIKE 'a\\'
SELECT DATE_ADD('1000-01-01', INTERVAL '0 00:00:01.5000000' DAY_MICROSECOND), DATE_ADD('1000-01-01', INTERVAL '1.1234567' SECOND), DATE_ADD('1000-01-01', INTERVAL -1.1234567 SECOND)
SELECT DATE_ADD(DATE_ADD('1999-12-31 23:59:59', INTERVAL 0.125 DAY), INTERVAL 1 DAY), '2020-01-01' + INTERVAL 1 DAY + INTERVAL 1 DAY
SELECT ADDDATE('2011-05-01', born) FROM people
SELECT TIME('- 01:00:00'), TIME('- 1 01:00:00'), CAST('- 1:2' AS TIME), CAST('+ 10:11' AS TIME)
SELECT STR_TO_DATE('2020-02-30', '%b'), STR_TO_DATE('12', '%W'), STR_TO_DATE('x', '%r')
SELECT TRUNCATE(-5000111000111000155, -1), ROUND(1234567890, -1), ROUND(123456789, -2), ROUND(b, -1), ROUND(i, -1), ROUND(u, -1) FROM nums WHERE i < 3
SELECT AVG(DISTINCT a / b), SUM(DISTINCT a / b) FROM (SELECT 1 AS a, 3 AS b UNION SELECT 2, 3 UNION SELECT 2, 6) AS t
SELECT FORMAT(12345.678, 2, 'en_US'), BIT_COUNT(5.6), BIT_COUNT(-1.0)
SELECT COT(0)
SELECT DATE'xxxx'
SELECT DATE'2001-01-01 00:00:00'
SELECT TIMESTAMP'2010-01-01'
SELECT TIME'839:00:00'
SELECT TIME'838:59:59', DATE'20010101', {d'2001-01-01'}, {ts '2001-01-01 10:10:10'}, { date "1997-10-20" }, {fn LENGTH("hello")}
SELECT _utf8mb4 0x6162, _utf8 x'C3A9', _utf8mb4 x'F09F9881'
SELECT _utf8mb4 0x61FF
SELECT CAST(1 AS DECIMAL(5, 6))
SELECT 1e400
SELECT (1, 'a') IN ((1, 'A'), (2, 'b')), (1, 2) IN ((1, 2.0), (3, 4))
SELECT DATE(name) IS NULL, DATE('2020-01-01') = born, MAX(DATE(seen)) FROM people GROUP BY name, born
SELECT age FROM people ORDER BY (1)
SELECT age, COUNT(*) FROM people GROUP BY (1)
SELECT age FROM people ORDER BY ((2))
WITH t(f, f) AS (SELECT 1, 2) SELECT 1
WITH t AS (SELECT 1 AS a, 2 AS A) SELECT 1
SELECT id FROM people AS window
SELECT id FROM people UNION SELECT SQL_BUFFER_RESULT id FROM dept
SELECT i FROM nums UNION ALL SELECT NULL
SELECT b DIV 2, 7 DIV '2', 7.5 DIV 2e0 FROM nums

CREATE TABLE e (a INT DEFAULT 3, b INT, c INT);
INSERT INTO e (a, b) VALUES (1, a * 2);
INSERT INTO e (b, c) VALUES (2, b + 1), (a, b), (5, a + b);
INSERT INTO e SET a = 1, b = a + 1, c = b + 1;
INSERT INTO e VALUES (1.5, a, a * 2);
INSERT INTO e VALUES (a + b, 1, (SELECT MAX(x.a) FROM (SELECT 1 AS a) AS x WHERE x.a < b));
REPLACE INTO e VALUES (b, DEFAULT, (SELECT a));
INSERT INTO e VALUES (zz, 1, 2);
INSERT INTO e VALUES (SUM(a), 1, 2);

DELETE people FROM people, dept WHERE people.age < (SELECT MAX(age) FROM people) AND people.dept_id = dept.id;

DELETE p FROM people AS p JOIN dept ON p.dept_id = dept.id AND p.id IN (SELECT id FROM people);

DELETE FROM people USING people, dept WHERE people.id IN (SELECT id FROM people);

DELETE people FROM people, dept WHERE people.age < (SELECT MAX(age) FROM (SELECT * FROM people) AS x) AND people.dept_id = dept.id;

CREATE TABLE n (id INT PRIMARY KEY, a INT, u INT);
CREATE TABLE s (x INT, a INT);
INSERT INTO s VALUES (1, 1);
INSERT INTO n (id, a) SELECT x, a FROM s ON DUPLICATE KEY UPDATE u = a;

CREATE TABLE n (id INT PRIMARY KEY, a INT, u INT);
INSERT INTO n (id, a) SELECT 1, 2 ON DUPLICATE KEY UPDATE a = VALUES(people.a);

CREATE VIEW v (a, a) AS SELECT 1, 2;

CREATE VIEW v AS SELECT id, id FROM people;

CREATE TABLE c (s VARCHAR(10), f DOUBLE);
INSERT INTO c (s) VALUES (CAST(1000 AS CHAR(3)));
INSERT INTO c (s) VALUES (CAST('abc ' AS CHAR(3)));
UPDATE c SET s = CAST(1000 AS CHAR(3));
DELETE FROM c WHERE CAST(1000 AS CHAR(3)) = '100';
INSERT INTO c (f) VALUES ('1e1000');
INSERT INTO c (f) VALUES ('1e308');

CREATE TABLE y (yr YEAR, s VARCHAR(10));
INSERT INTO y VALUES (0, 'a'), (2020, 'b');
SELECT CONCAT(yr), yr, CONCAT(TRUNCATE(yr, 1)), CONCAT(yr % 3), yr LIKE '000%', LENGTH(yr) FROM y ORDER BY yr;
UPDATE y SET s = yr;

SELECT DATE_FORMAT('2024-05-06', '%Y') - DATE_FORMAT(born, '%Y') - (DATE_FORMAT('2024-05-06', '00-%m-%d') < DATE_FORMAT(born, '00-%m-%d')) AS age FROM people;
SELECT DATE_FORMAT(born, '%Y') + 1, DATE_FORMAT(born, '%m') * id, DATE_FORMAT(born, '%Y') = 1975, CONCAT(DATE_FORMAT(born, '%Y') + 1, '') FROM people;
SELECT ROUND(height) + 1, FLOOR(height) * 2, ROUND(height) - ROUND(height) + id, ROUND(height) + 1e0, CONCAT(ROUND(height) + 1) FROM people;

CREATE TABLE g (fl FLOAT);
INSERT INTO g VALUES (12345.7), (0.1);
SELECT MAX(NULLIF(fl, 1)), MAX(IFNULL(fl, 1)), MAX(IF(1, fl, fl)), MAX(COALESCE(fl, fl)), MAX(fl), MIN(fl) FROM g;
