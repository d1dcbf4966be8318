-- tables: people dept words
SELECT * FROM people WHERE id = 1
SELECT p.*, d.title FROM people p JOIN dept d ON p.dept_id = d.id ORDER BY p.id
SELECT name, title FROM people LEFT JOIN dept ON people.dept_id = dept.id ORDER BY people.id
SELECT name, title FROM people RIGHT JOIN dept ON people.dept_id = dept.id ORDER BY dept.id, people.id
SELECT p.name, d.title FROM people AS p, dept AS d WHERE p.dept_id = d.id AND d.title = 'sales' ORDER BY p.name
SELECT a.name, b.name FROM people a JOIN people b ON a.age = b.age AND a.id < b.id
SELECT * FROM dept CROSS JOIN (SELECT 1 AS x UNION SELECT 2) t ORDER BY id, x
SELECT * FROM dept NATURAL JOIN (SELECT 1 AS id, 'q' AS extra) t
SELECT * FROM dept JOIN (SELECT 1 AS id, 'q' AS extra) t USING (id)
SELECT id, extra FROM dept LEFT JOIN (SELECT 1 AS id, 'q' AS extra) t USING (id) ORDER BY id
SELECT * FROM (SELECT 1 AS id, 'q' AS extra) t RIGHT JOIN dept USING (id) ORDER BY id
SELECT d.title, COUNT(*) FROM people p JOIN dept d ON p.dept_id = d.id GROUP BY d.title ORDER BY COUNT(*) DESC, d.title
SELECT d.title, COUNT(p.id) AS c FROM dept d LEFT JOIN people p ON p.dept_id = d.id GROUP BY d.id ORDER BY c DESC, d.title
SELECT dept_id, COUNT(*) c, AVG(age) a FROM people GROUP BY dept_id HAVING c > 1 ORDER BY a DESC
SELECT dept_id, MAX(salary) FROM people GROUP BY dept_id HAVING MAX(salary) > 4000 ORDER BY dept_id
SELECT dept_id AS d, COUNT(*) FROM people GROUP BY d ORDER BY d
SELECT age > 30 AS old, COUNT(*) FROM people GROUP BY old ORDER BY old
SELECT age, COUNT(*) FROM people GROUP BY 1 ORDER BY 2 DESC, 1
SELECT active, grade, COUNT(*) FROM people GROUP BY active, grade ORDER BY active, grade
SELECT name, MAX(age) FROM people GROUP BY id ORDER BY id
SELECT COUNT(*) FROM people GROUP BY dept_id ORDER BY 1
SELECT DISTINCT age FROM people ORDER BY age
SELECT DISTINCT dept_id, active FROM people ORDER BY dept_id, active
SELECT DISTINCT age > 30 FROM people ORDER BY 1
SELECT name FROM people ORDER BY age DESC, name LIMIT 2
SELECT name FROM people ORDER BY id LIMIT 2, 2
SELECT name FROM people ORDER BY id LIMIT 2 OFFSET 1
SELECT name FROM people ORDER BY id LIMIT 0
SELECT name FROM people ORDER BY age IS NULL, age, name
SELECT name FROM people ORDER BY FIELD(grade, 'mid', 'low', 'high'), id
SELECT grade FROM people ORDER BY grade, id
SELECT grade FROM people WHERE grade = 'LOW'
SELECT grade, COUNT(*) FROM people GROUP BY grade ORDER BY grade DESC
SELECT name AS n FROM people WHERE id < 3 ORDER BY n DESC
SELECT UPPER(name) AS name FROM people ORDER BY name LIMIT 3
SELECT age * 2 AS dbl FROM people ORDER BY dbl DESC LIMIT 2
SELECT age FROM people ORDER BY -age
SELECT name FROM people WHERE age = (SELECT MAX(age) FROM people) ORDER BY name
SELECT name FROM people WHERE age > (SELECT AVG(age) FROM people) ORDER BY name
SELECT name FROM people WHERE dept_id IN (SELECT id FROM dept WHERE boss IS NOT NULL) ORDER BY name
SELECT name FROM people WHERE dept_id NOT IN (SELECT id FROM dept WHERE title = 'Sales') ORDER BY name
SELECT title FROM dept d WHERE EXISTS (SELECT 1 FROM people p WHERE p.dept_id = d.id) ORDER BY title
SELECT title FROM dept d WHERE NOT EXISTS (SELECT * FROM people p WHERE p.dept_id = d.id)
SELECT title, (SELECT COUNT(*) FROM people p WHERE p.dept_id = d.id) AS n FROM dept d ORDER BY n DESC, title
SELECT title, (SELECT name FROM people p WHERE p.id = d.boss) FROM dept d ORDER BY id
SELECT name FROM people WHERE salary >= ALL (SELECT salary FROM people WHERE salary IS NOT NULL)
SELECT name FROM people WHERE age > ANY (SELECT age FROM people WHERE dept_id = 2) ORDER BY id
SELECT name FROM people WHERE age = SOME (SELECT age FROM people WHERE dept_id = 1) ORDER BY id
SELECT 1 WHERE 1 > ALL (SELECT age FROM people WHERE 0)
SELECT name FROM people WHERE (dept_id, age) IN (SELECT dept_id, MAX(age) FROM people GROUP BY dept_id) ORDER BY name
SELECT name FROM people WHERE (dept_id, active) = (1, 0)
SELECT name FROM people WHERE (id, age) IN ((1, 31), (2, 44))
SELECT AVG(c) FROM (SELECT COUNT(*) AS c FROM people GROUP BY dept_id) t
SELECT t.d, t.c FROM (SELECT dept_id AS d, COUNT(*) AS c FROM people GROUP BY dept_id) AS t WHERE t.c > 1 ORDER BY t.d
WITH t AS (SELECT * FROM people WHERE age > 30) SELECT COUNT(*), MIN(name) FROM t
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a) SELECT x, y FROM a, b
WITH a (p, q) AS (SELECT id, name FROM people) SELECT q FROM a WHERE p = 2
WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM c WHERE n < 5) SELECT * FROM c ORDER BY n
WITH RECURSIVE c (n, f) AS (SELECT 1, 1 UNION ALL SELECT n + 1, f * (n + 1) FROM c WHERE n < 6) SELECT * FROM c ORDER BY n
SELECT 1 UNION SELECT 2 UNION SELECT 1 ORDER BY 1
SELECT 1 UNION ALL SELECT 1
SELECT 'a' AS x UNION SELECT 'A'
SELECT 1 AS x UNION SELECT 'b' ORDER BY x
SELECT name FROM people WHERE age > 40 UNION SELECT title FROM dept ORDER BY name
SELECT id FROM people INTERSECT SELECT id FROM dept ORDER BY id
SELECT id FROM people EXCEPT SELECT id FROM dept ORDER BY id
(SELECT name FROM people ORDER BY age DESC, id LIMIT 1) UNION ALL (SELECT title FROM dept ORDER BY id LIMIT 1)
SELECT age FROM people UNION SELECT dept_id FROM people ORDER BY 1 LIMIT 3
SELECT 1, 2 UNION SELECT 3
SELECT id, ROW_NUMBER() OVER (ORDER BY age DESC, id) FROM people ORDER BY id
SELECT name, RANK() OVER (ORDER BY age), DENSE_RANK() OVER (ORDER BY age) FROM people ORDER BY id
SELECT id, SUM(salary) OVER (PARTITION BY dept_id ORDER BY id) FROM people ORDER BY id
SELECT id, AVG(age) OVER (PARTITION BY active), COUNT(*) OVER (), MAX(age) OVER (PARTITION BY dept_id) FROM people ORDER BY id
SELECT id, LAG(age) OVER (ORDER BY id), LEAD(age) OVER (ORDER BY id), LAG(age, 2) OVER (ORDER BY id) FROM people ORDER BY id
SELECT id, FIRST_VALUE(name) OVER (PARTITION BY dept_id ORDER BY id), NTILE(2) OVER (ORDER BY id), PERCENT_RANK() OVER (ORDER BY id), CUME_DIST() OVER (ORDER BY id) FROM people ORDER BY id
SELECT id, SUM(age) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) s FROM people ORDER BY id
SELECT id, SUM(age) OVER w FROM people WINDOW w AS (PARTITION BY dept_id ORDER BY id) ORDER BY id
SELECT * FROM (SELECT name, ROW_NUMBER() OVER (PARTITION BY dept_id ORDER BY salary DESC, id) rn FROM people) t WHERE rn = 1 ORDER BY name
SELECT dept_id, SUM(salary) s, RANK() OVER (ORDER BY SUM(salary) DESC) FROM people GROUP BY dept_id ORDER BY s DESC
SELECT name FROM people WHERE age IS NULL
SELECT name FROM people WHERE age <> 45 ORDER BY name
SELECT name FROM people WHERE NOT (age > 30) ORDER BY name
SELECT name FROM people WHERE age > 30 AND active OR id = 6 ORDER BY id
SELECT name FROM people WHERE age > 30 XOR active ORDER BY id
SELECT name FROM people WHERE active = TRUE ORDER BY id
SELECT name FROM people WHERE active IS NOT TRUE ORDER BY id
SELECT name FROM people HAVING name LIKE 'a%'
SELECT name, age + 1 AS nxt FROM people HAVING nxt > 40 ORDER BY name
SELECT COUNT(*) FROM people HAVING COUNT(*) > 100
SELECT MAX(age) AS m FROM people HAVING m > 10
SELECT people.name FROM people WHERE people.id = 2
SELECT `name` FROM `people` WHERE `id` = 2
SELECT P.name FROM people P WHERE p.id = 2
SELECT NAME, Age FROM people WHERE ID = 2
SELECT COUNT(*) AS `total count` FROM people
SELECT count( * ) , Max( age ) FROM people
SELECT 1 FROM dual
SELECT 1
SELECT DATABASE() IS NOT NULL
SELECT 'a' FROM people LIMIT 2
SELECT NULL, 1 IS NULL
SELECT EXISTS (SELECT 1 FROM people WHERE id = 99), EXISTS (SELECT * FROM people)
SELECT (SELECT 1), (SELECT age FROM people WHERE id = 99)
SELECT id FROM people WHERE id IN (1, 3, 5) ORDER BY id DESC
SELECT p.name, (SELECT MAX(q.age) FROM people q WHERE q.dept_id = p.dept_id) m FROM people p ORDER BY p.id
SELECT d.title FROM dept d JOIN people p ON p.dept_id = d.id JOIN people b ON b.id = d.boss WHERE p.age > 25 ORDER BY p.id
SELECT COUNT(*) FROM people p LEFT JOIN dept d ON p.dept_id = d.id AND d.title LIKE 'S%' WHERE d.id IS NULL
SELECT t.name FROM (SELECT name, age FROM people WHERE age BETWEEN 20 AND 40) t ORDER BY t.age
SELECT COUNT(DISTINCT name), COUNT(DISTINCT UPPER(name)) FROM people
SELECT SUM(salary) FROM people WHERE dept_id = 99
SELECT MIN(age), dept_id FROM people GROUP BY dept_id HAVING MIN(age) < (SELECT AVG(age) FROM people) ORDER BY dept_id
SELECT IF(SUM(age) > 100, 'big', 'small') FROM people
SELECT CASE WHEN COUNT(*) > 3 THEN 'many' ELSE 'few' END AS how, dept_id FROM people GROUP BY dept_id ORDER BY dept_id
SELECT ROUND(AVG(age), 1) AS a FROM people GROUP BY active ORDER BY a
SELECT GROUP_CONCAT(DISTINCT age ORDER BY age) FROM people
SELECT dept_id, GROUP_CONCAT(id ORDER BY id DESC) FROM people GROUP BY dept_id ORDER BY dept_id
SELECT name FROM people WHERE name IN (SELECT title FROM dept) OR age IN (SELECT 45)
SELECT name, age FROM people WHERE age = 45 AND name LIKE '%\'%'
SELECT id FROM people WHERE id = '2'
SELECT id FROM people WHERE id = '2abc'
SELECT id FROM people WHERE salary = 4100 ORDER BY id
SELECT id FROM people WHERE salary > '4000' ORDER BY id
SELECT id FROM people WHERE height > 1.7 ORDER BY id
SELECT id FROM people WHERE grade > 'low' ORDER BY id
SELECT id, name FROM people ORDER BY 2 DESC, 1
SELECT * FROM dept ORDER BY boss DESC, id
SELECT a.id FROM dept a WHERE a.boss = (SELECT MIN(b.boss) FROM dept b)
SELECT @x, @y IS NULL
SELECT VERSION() LIKE '10%', @@autocommit
SELECT LAST_INSERT_ID() >= 0, ROW_COUNT() IS NOT NULL
SELECT dept.title, people.name FROM dept STRAIGHT_JOIN people ON people.dept_id = dept.id ORDER BY people.id
SELECT p.id FROM people p JOIN (SELECT dept_id, MAX(age) m FROM people GROUP BY dept_id) x ON p.dept_id = x.dept_id AND p.age = x.m ORDER BY p.id
SELECT COUNT(*) FROM people a, people b WHERE a.id <> b.id
SELECT COUNT(*) FROM people a JOIN people b
SELECT title FROM dept WHERE boss <=> NULL ORDER BY title
SELECT w, n FROM words WHERE w <=> NULL OR n <=> '9'
