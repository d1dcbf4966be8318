-- tables: people dept words nums parent child
INSERT INTO people (name, age) VALUES ('New', 20);
SELECT * FROM people ORDER BY id;

INSERT INTO people (name) VALUES ('a'), ('b'), ('c');
SELECT LAST_INSERT_ID();
SELECT id, name FROM people ORDER BY id;

INSERT INTO people VALUES (NULL, 'x', 1, 2.345, 3, '2020-01-01', '2020-01-01 10:00', TRUE, 'MID', 2);
SELECT * FROM people WHERE id = 7;

INSERT INTO people (id, name) VALUES (50, 'fifty');
INSERT INTO people (name) VALUES ('after');
SELECT id, name FROM people ORDER BY id;

INSERT INTO people SET name = 'set', age = 1 + 2, salary = '10.555';
SELECT * FROM people ORDER BY id DESC LIMIT 1;

INSERT INTO people (name, age) SELECT title, id FROM dept ORDER BY id;
SELECT id, name, age FROM people ORDER BY id;

INSERT INTO dept VALUES (9, 'Nine', DEFAULT);
SELECT * FROM dept ORDER BY id;

INSERT IGNORE INTO dept VALUES (1, 'dup', NULL), (7, 'new', NULL), (8, 'sales', 1);
SELECT * FROM dept ORDER BY id;

INSERT INTO dept VALUES (1, 'Upd', 5) ON DUPLICATE KEY UPDATE title = VALUES(title), boss = boss + VALUES(boss);
SELECT * FROM dept ORDER BY id;

INSERT INTO dept VALUES (1, 'Sales', 1) ON DUPLICATE KEY UPDATE title = 'Sales';

INSERT INTO dept VALUES (10, 'sales', 7), (11, 'fresh', 8) ON DUPLICATE KEY UPDATE boss = 99;
SELECT * FROM dept ORDER BY id;

REPLACE INTO dept VALUES (1, 'Replaced', NULL), (20, 'ops', 2);
SELECT * FROM dept ORDER BY id;

REPLACE INTO dept (id, title) VALUES (30, 'plain');

REPLACE INTO dept SET id = 2, title = 'two';
SELECT * FROM dept ORDER BY id;

UPDATE people SET age = age + 1;
SELECT id, age FROM people ORDER BY id;

UPDATE people SET age = 45 WHERE id IN (1, 2, 5);

UPDATE people SET name = UPPER(name), salary = salary * 1.1 WHERE dept_id = 1;
SELECT name, salary FROM people ORDER BY id;

UPDATE people SET age = 10, dept_id = age WHERE id = 1;
SELECT age, dept_id FROM people WHERE id = 1;

UPDATE people SET age = age + 1, dept_id = age WHERE id < 4;
SELECT age, dept_id FROM people ORDER BY id;

UPDATE people SET name = 'first' ORDER BY age DESC, id LIMIT 1;
SELECT name FROM people ORDER BY id;

UPDATE people p JOIN dept d ON p.dept_id = d.id SET p.name = d.title;
SELECT name FROM people ORDER BY id;

UPDATE people, dept SET people.age = 0 WHERE people.dept_id = dept.id AND dept.title = 'Sales';
SELECT age FROM people ORDER BY id;

UPDATE people SET salary = (SELECT 1 + 1) WHERE id = 1;
SELECT salary FROM people WHERE id = 1;

UPDATE people SET age = (SELECT MAX(id) FROM dept) WHERE age IS NULL;
SELECT age FROM people ORDER BY id;

UPDATE people SET age = NULL, grade = 'low', active = NOT active WHERE id <= 2;
SELECT age, grade, active FROM people ORDER BY id;

UPDATE people SET born = DATE_ADD(born, INTERVAL 1 MONTH), seen = '2020-05-05' WHERE id = 1;
SELECT born, seen FROM people WHERE id = 1;

UPDATE dept SET title = DEFAULT WHERE id = 1;

UPDATE dept SET boss = DEFAULT WHERE id = 1;
SELECT * FROM dept ORDER BY id;

UPDATE words SET n = '11' WHERE w = 'APPLE';
SELECT * FROM words;

UPDATE words SET `Year(s) won` = '1997, 2001, 2002', n = 5 WHERE w = 'apple';
SELECT * FROM words;

UPDATE words SET n = n WHERE w = 'apple';

UPDATE words SET w = CONCAT(w, '!') WHERE w IS NOT NULL;
SELECT w FROM words;

UPDATE nums SET i = i * 2, d = d / 3, f = f + 0.5 WHERE i IS NOT NULL AND i < 100 AND f < 1000;
SELECT * FROM nums;

UPDATE nums SET d = 1.23456, i = 2.5, t = '7' WHERE i = 7;
SELECT * FROM nums WHERE d = 1.235;

UPDATE nums SET t = t + 100 WHERE i = 7;

UPDATE nums SET u = -1 WHERE i = 7;

DELETE FROM people WHERE age = 45;
SELECT id FROM people ORDER BY id;

DELETE FROM people ORDER BY id DESC LIMIT 2;
SELECT id FROM people ORDER BY id;

DELETE FROM people;
SELECT COUNT(*) FROM people;

DELETE FROM people WHERE id > 4;
INSERT INTO people (name) VALUES ('again');
SELECT id FROM people ORDER BY id;

DELETE p FROM people p JOIN dept d ON p.dept_id = d.id WHERE d.title = 'Sales';
SELECT id FROM people ORDER BY id;

DELETE FROM people WHERE dept_id IN (SELECT id FROM dept WHERE title = 'Ops');
SELECT id FROM people ORDER BY id;

DELETE FROM words WHERE w LIKE 'a%' OR n = '9';
SELECT w FROM words;

TRUNCATE TABLE people;
INSERT INTO people (name) VALUES ('one');
SELECT id, name FROM people;

TRUNCATE words;
SELECT COUNT(*) FROM words;

INSERT INTO child VALUES (14, 9, 'x');

INSERT INTO child (id, pid) VALUES (14, 3);
SELECT * FROM child ORDER BY id;

DELETE FROM parent WHERE id = 1;

DELETE FROM parent WHERE id = 3;
SELECT * FROM parent ORDER BY id;

UPDATE parent SET id = 9 WHERE id = 1;

UPDATE child SET pid = 77 WHERE id = 10;

INSERT INTO child VALUES (15, 1, 'toolong');

INSERT INTO child VALUES (15, 1, 'pad  ');
SELECT CONCAT('[', note, ']') FROM child WHERE id = 15;

INSERT INTO child (id, note) VALUES (15, 'abcde   ');
SELECT LENGTH(note) FROM child WHERE id = 15;

TRUNCATE TABLE parent;

DROP TABLE parent;

DROP TABLE child;
DROP TABLE parent;
SHOW TABLES;

START TRANSACTION;
DELETE FROM dept;
ROLLBACK;
SELECT COUNT(*) FROM dept;

BEGIN;
INSERT INTO dept VALUES (40, 'forty', 4);
SAVEPOINT a;
UPDATE dept SET boss = 0;
ROLLBACK TO SAVEPOINT a;
COMMIT;
SELECT * FROM dept ORDER BY id;

START TRANSACTION;
INSERT INTO people (name) VALUES ('gone');
ROLLBACK;
INSERT INTO people (name) VALUES ('kept');
SELECT id, name FROM people ORDER BY id;

INSERT INTO dept VALUES (50, 'ok', 1), (1, 'dup', 1);
SELECT COUNT(*) FROM dept;

INSERT INTO people (name, born) VALUES ('d', '20200105'), ('e', '2020/01/06'), ('f', '20-1-7'), ('g', 20200108);
SELECT born FROM people WHERE id > 6 ORDER BY id;

INSERT INTO people (seen) VALUES ('2020-01-01'), ('2020-01-01T10:11:12'), ('2020-01-01 10:11:12.6');
SELECT seen FROM people WHERE id > 6 ORDER BY id;

INSERT INTO people (age) VALUES (1.5), (2.5), ('3'), ('4.6'), (TRUE);
SELECT age FROM people WHERE id > 6 ORDER BY id;

INSERT INTO people (salary) VALUES (1.005), (1), ('2.345'), (3e2), (-1.115);
SELECT salary FROM people WHERE id > 6 ORDER BY id;

INSERT INTO people (height) VALUES (1), ('2.5'), (3.25);
SELECT height FROM people WHERE id > 6 ORDER BY id;

INSERT INTO people (name) VALUES (123), (1.50), (1e3), (TRUE), ('tr   ');
SELECT name FROM people WHERE id > 6 ORDER BY id;

INSERT INTO people (grade) VALUES ('HIGH'), (2);
SELECT grade FROM people WHERE id > 6 ORDER BY id;

INSERT INTO words VALUES ('x', 12, 1.5), (NULL, '', 'ünï');
SELECT * FROM words;

INSERT INTO words (w) VALUES (CONCAT('a', 'b')), (UPPER('c')), ((SELECT title FROM dept WHERE id = 1));
SELECT w FROM words;

INSERT INTO nums (i, b) VALUES (2147483647, 9223372036854775807);
INSERT INTO nums (i) VALUES (2147483648);

INSERT INTO nums () VALUES ();
SELECT COUNT(*) FROM nums;

SET @a = 5;
SELECT @a + 1, @a;

INSERT INTO dept SELECT id + 100, CONCAT(title, '2'), boss FROM dept;
SELECT * FROM dept ORDER BY id;
