CREATE TABLE customers (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(100) NOT NULL, email VARCHAR(255) UNIQUE, country VARCHAR(50) DEFAULT 'US', created_at DATETIME DEFAULT CURRENT_TIMESTAMP, balance DECIMAL(10,2) DEFAULT 0.00)
CREATE TABLE products (id INT AUTO_INCREMENT PRIMARY KEY, sku CHAR(8) NOT NULL, title VARCHAR(200), price DECIMAL(8,2), stock INT UNSIGNED DEFAULT 0, category ENUM('toy','book','food') DEFAULT 'book', KEY idx_sku (sku))
CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, customer_id INT NOT NULL, ordered_at DATETIME, status VARCHAR(20), total DECIMAL(10,2), CONSTRAINT fk_cust FOREIGN KEY (customer_id) REFERENCES customers(id) ON DELETE CASCADE ON UPDATE CASCADE)
CREATE TABLE order_items (order_id INT, product_id INT, qty INT, price DECIMAL(8,2), PRIMARY KEY (order_id, product_id), FOREIGN KEY (order_id) REFERENCES orders(id), FOREIGN KEY (product_id) REFERENCES products(id))
CREATE TABLE employees (id INT, name VARCHAR(50), dept VARCHAR(30), salary INT, hired DATE, manager_id INT NULL)
INSERT INTO customers (name,email,country,created_at,balance) VALUES ('Ann','ann@x.com','US','2023-01-05 10:00:00',10.50),('Bob','bob@x.com','DE','2023-02-10 11:30:00',0),('Cid',NULL,'US','2023-03-15 09:15:00',99.99),('Dee','dee@y.org','FR','2023-03-20 23:59:59',-5.25)
INSERT INTO products (sku,title,price,stock,category) VALUES ('A0000001','Train set',49.90,5,'toy'),('B0000001','Novel',12.00,100,'book'),('B0000002','Atlas',35.50,0,'book'),('F0000001','Honey',7.25,40,'food')
INSERT INTO orders (customer_id,ordered_at,status,total) VALUES (1,'2023-04-01 10:00:00','paid',61.90),(1,'2023-04-15 12:00:00','open',12.00),(2,'2023-05-02 08:00:00','paid',35.50),(3,'2023-05-20 18:45:00','cancelled',NULL)
INSERT INTO order_items VALUES (1,1,1,49.90),(1,2,1,12.00),(2,2,1,12.00),(3,3,1,35.50),(4,4,2,7.25)
INSERT INTO employees VALUES (1,'Zoe','IT',9000,'2015-06-01',NULL),(2,'Yan','IT',7000,'2018-03-12',1),(3,'Xia','HR',5000,'2019-11-30',1),(4,'Wes','HR',5200,'2020-02-29',3),(5,'Vic','Ops',4000,'2021-07-07',2)
SHOW TABLES
SHOW FULL TABLES
SHOW DATABASES
DESCRIBE customers
DESC orders
SHOW COLUMNS FROM products
SHOW FULL COLUMNS FROM products
SHOW CREATE TABLE orders
SHOW CREATE TABLE order_items
SHOW INDEX FROM products
SHOW INDEXES FROM order_items
SHOW KEYS FROM orders WHERE Key_name = 'PRIMARY'
SHOW TABLE STATUS LIKE 'orders'
SHOW TABLE STATUS
SHOW VARIABLES LIKE 'sql_mode'
SHOW VARIABLES LIKE 'version%'
SHOW STATUS LIKE 'Threads_connected'
SHOW PROCESSLIST
SHOW WARNINGS
SHOW ERRORS
SHOW ENGINES
SHOW GRANTS
SHOW CHARACTER SET
SHOW COLLATION LIKE 'utf8mb4%'
SHOW TRIGGERS
SHOW PROCEDURE STATUS
SHOW COUNT(*) WARNINGS
SELECT DATABASE(), USER(), VERSION()
SELECT @@version
SELECT @@sql_mode
SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name
SELECT COLUMN_NAME, DATA_TYPE, IS_NULLABLE, COLUMN_DEFAULT FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'orders' ORDER BY ORDINAL_POSITION
SELECT TABLE_NAME, COLUMN_NAME, CONSTRAINT_NAME, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL ORDER BY 1,2
SELECT constraint_name, delete_rule, update_rule FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE() ORDER BY 1
SELECT table_name, constraint_type FROM information_schema.table_constraints WHERE table_schema = DATABASE() ORDER BY 1,2
SELECT table_name, GROUP_CONCAT(column_name ORDER BY ordinal_position SEPARATOR ', ') AS cols FROM information_schema.columns WHERE table_schema = DATABASE() GROUP BY table_name
SELECT schema_name FROM information_schema.schemata ORDER BY 1
SELECT index_name, column_name, seq_in_index FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name='order_items' ORDER BY 1,3
WITH spend AS (SELECT customer_id, SUM(total) AS s FROM orders WHERE status = 'paid' GROUP BY customer_id) SELECT c.name, s.s FROM customers c LEFT JOIN spend s ON s.customer_id = c.id ORDER BY c.name
WITH RECURSIVE chain AS (SELECT id, name, manager_id, 0 AS depth FROM employees WHERE manager_id IS NULL UNION ALL SELECT e.id, e.name, e.manager_id, c.depth + 1 FROM employees e JOIN chain c ON e.manager_id = c.id) SELECT * FROM chain ORDER BY depth, id
WITH RECURSIVE chain AS (SELECT id, CAST(name AS CHAR(200)) AS path, manager_id FROM employees WHERE manager_id IS NULL UNION ALL SELECT e.id, CONCAT(c.path, ' > ', e.name), e.manager_id FROM employees e JOIN chain c ON e.manager_id = c.id) SELECT id, path FROM chain ORDER BY id
WITH RECURSIVE d AS (SELECT DATE('2023-01-01') AS day UNION ALL SELECT DATE_ADD(day, INTERVAL 1 DAY) FROM d WHERE day < '2023-01-10') SELECT day FROM d
WITH RECURSIVE d AS (SELECT '2023-01-01' AS day UNION ALL SELECT day + INTERVAL 1 DAY FROM d WHERE day < '2023-01-05') SELECT * FROM d
WITH RECURSIVE months(m) AS (SELECT 1 UNION ALL SELECT m+1 FROM months WHERE m < 12) SELECT m, COUNT(o.id) FROM months LEFT JOIN orders o ON MONTH(o.ordered_at) = m GROUP BY m ORDER BY m
SELECT name, dept, salary, RANK() OVER (PARTITION BY dept ORDER BY salary DESC) AS rnk FROM employees ORDER BY dept, rnk
SELECT name, salary, salary - LAG(salary, 1, 0) OVER (ORDER BY hired) AS diff FROM employees ORDER BY hired
SELECT dept, name, SUM(salary) OVER (PARTITION BY dept ORDER BY hired ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run FROM employees ORDER BY dept, hired
SELECT name, NTILE(2) OVER (ORDER BY salary DESC) AS half, CUME_DIST() OVER (ORDER BY salary) cd FROM employees ORDER BY salary
SELECT * FROM (SELECT e.*, ROW_NUMBER() OVER (PARTITION BY dept ORDER BY salary DESC) rn FROM employees e) t WHERE rn = 1 ORDER BY dept
SELECT name, AVG(salary) OVER w AS a, MAX(salary) OVER w AS m FROM employees WINDOW w AS (PARTITION BY dept) ORDER BY name
SELECT dept, SUM(salary) FROM employees GROUP BY dept WITH ROLLUP
SELECT COALESCE(dept,'TOTAL') AS d, COUNT(*) c, AVG(salary) FROM employees GROUP BY dept WITH ROLLUP
SELECT YEAR(hired) y, dept, SUM(salary) FROM employees GROUP BY YEAR(hired), dept WITH ROLLUP
SELECT IFNULL(country,'All') AS country, COUNT(*) FROM customers GROUP BY country WITH ROLLUP
SELECT country, GROUP_CONCAT(name ORDER BY name DESC SEPARATOR '; ') FROM customers GROUP BY country
SELECT GROUP_CONCAT(DISTINCT status ORDER BY status SEPARATOR '|') FROM orders
SELECT GROUP_CONCAT(CONCAT(name, ':', IFNULL(email,'-')) ORDER BY id) FROM customers
SELECT JSON_EXTRACT('{"a": {"b": [1,2,3]}}', '$.a.b[1]')
SELECT JSON_OBJECT('id', id, 'name', name) FROM customers ORDER BY id
SELECT JSON_ARRAYAGG(name) FROM employees
SELECT dept, JSON_OBJECTAGG(name, salary) FROM employees GROUP BY dept
SELECT JSON_UNQUOTE(JSON_EXTRACT('{"k":"v"}', '$.k'))
SELECT JSON_LENGTH('[1,2,3]'), JSON_VALID('{}'), JSON_TYPE('[]')
SELECT JSON_CONTAINS('[1,2,3]', '2')
SELECT JSON_ARRAY(1, 'a', NULL)
SELECT JSON_KEYS('{"a":1,"b":2}')
SELECT JSON_SET('{"a":1}', '$.b', 2)
SELECT JSON_VALUE('{"a":"x"}', '$.a')
CREATE TABLE events (id INT PRIMARY KEY, data JSON)
INSERT INTO events VALUES (1, '{"type":"click","n":3}')
SELECT JSON_EXTRACT(data, '$.type') FROM events
SELECT id FROM events WHERE JSON_UNQUOTE(JSON_EXTRACT(data, '$.type')) = 'click'
SELECT * FROM JSON_TABLE('[1,2]', '$[*]' COLUMNS (v INT PATH '$')) AS j
SELECT DATE_FORMAT(ordered_at, '%Y-%m') AS ym, COUNT(*), SUM(total) FROM orders GROUP BY ym ORDER BY ym
SELECT DATE_FORMAT(ordered_at, '%W, %M %e, %Y %h:%i %p') FROM orders ORDER BY id
SELECT TIMESTAMPDIFF(DAY, '2023-01-01', ordered_at), DATEDIFF(ordered_at, '2023-01-01') FROM orders ORDER BY id
SELECT TIMEDIFF('2023-01-01 12:00:00', '2023-01-01 10:30:00')
SELECT TIMEDIFF(MAX(ordered_at), MIN(ordered_at)) FROM orders
SELECT ADDTIME('10:00:00', '01:30:00'), SUBTIME('10:00:00', '01:30:00')
SELECT ADDTIME(ordered_at, '02:00:00') FROM orders ORDER BY id
SELECT MAKEDATE(2023, 60), MAKETIME(10, 30, 15), SEC_TO_TIME(3661), TIME_TO_SEC('01:01:01')
SELECT STR_TO_DATE('05/03/2023', '%d/%m/%Y'), LAST_DAY('2023-02-03'), DAYNAME('2023-02-03'), WEEKDAY('2023-02-03'), DAYOFYEAR('2023-02-03')
SELECT CONVERT_TZ('2023-01-01 12:00:00','+00:00','+02:00')
SELECT EXTRACT(YEAR FROM ordered_at), QUARTER(ordered_at), WEEK(ordered_at, 1), YEARWEEK(ordered_at) FROM orders ORDER BY id
SELECT PERIOD_DIFF(202303, 202301), PERIOD_ADD(202301, 2), TO_DAYS('2023-01-01'), FROM_DAYS(738886)
SELECT UNIX_TIMESTAMP('2023-01-01 00:00:00'), FROM_UNIXTIME(1672531200)
SELECT FROM_UNIXTIME(1672531200, '%Y-%m-%d')
SELECT DATE_SUB('2023-03-31', INTERVAL 1 MONTH), '2023-01-01' + INTERVAL 1 WEEK, DATE('2023-01-01 10:00:00') - INTERVAL 1 DAY
SELECT TIMESTAMP('2023-01-01', '10:00:00')
SELECT TIMESTAMPADD(MONTH, 2, '2023-01-31')
SELECT name FROM customers WHERE email REGEXP '^[a-c].*\\.com$'
SELECT name FROM customers WHERE name RLIKE '(ann|bob)'
SELECT REGEXP_REPLACE('a1b22', '[0-9]+', '#'), REGEXP_SUBSTR('abc123def', '[0-9]+'), REGEXP_INSTR('abc123','[0-9]')
SELECT name, CASE WHEN balance > 50 THEN 'high' WHEN balance > 0 THEN 'some' ELSE 'none' END AS tier FROM customers ORDER BY id
SELECT FORMAT(1234567.891, 2), ROUND(1.005, 2), TRUNCATE(1.999, 1), CEIL(1.2), FLOOR(-1.2), MOD(10,3), POWER(2,10), SQRT(2), SIGN(-3)
SELECT GREATEST(1, 2.5, 3), LEAST('b','a'), COALESCE(NULL, 0), NULLIF(1,1), IFNULL(NULL,'x'), IF(1>2,'a','b')
SELECT GREATEST(salary, 5000.5) FROM employees ORDER BY id
SELECT LEAST(balance, 10), GREATEST(balance, 0) FROM customers ORDER BY id
SELECT SUBSTRING_INDEX('a.b.c', '.', 2), LPAD('7', 3, '0'), REVERSE('abc'), REPEAT('ab', 3), INSTR('hello','l'), LOCATE('l','hello',4), CONCAT_WS('-', 'a', NULL, 'b')
SELECT CHAR_LENGTH('é'), LENGTH('é'), UPPER('é'), ASCII('A'), CHAR(65), HEX('A'), UNHEX('41'), MD5('a'), SHA1('a'), SHA2('a',256)
SELECT INET_ATON('10.0.0.1'), INET_NTOA(167772161)
SELECT SOUNDEX('Robert'), SPACE(2), STRCMP('a','b'), ELT(2,'a','b'), FIELD('b','a','b'), FIND_IN_SET('b','a,b,c'), QUOTE("it's"), TRIM(LEADING '0' FROM '007'), CRC32('a')
SELECT BIT_AND(id), BIT_OR(id), BIT_XOR(id), BIT_COUNT(7), 5 & 3, 5 | 3, 5 ^ 3, 1 << 3, ~1 FROM customers
SELECT STDDEV(salary), VARIANCE(salary), STDDEV_SAMP(salary), VAR_SAMP(salary) FROM employees
SELECT CAST('12' AS UNSIGNED), CAST(3.7 AS SIGNED), CAST('2023-01-01' AS DATE), CONVERT('1.50', DECIMAL(5,1)), CAST(1 AS CHAR), CAST(5 AS DOUBLE)
SELECT e.name, m.name AS manager FROM employees e LEFT JOIN employees m ON e.manager_id = m.id ORDER BY e.id
SELECT c.name FROM customers c WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)
SELECT name FROM employees WHERE salary > ALL (SELECT salary FROM employees WHERE dept = 'HR')
SELECT * FROM employees WHERE (dept, salary) IN (SELECT dept, MAX(salary) FROM employees GROUP BY dept) ORDER BY id
SELECT dept, COUNT(*) FROM employees GROUP BY dept HAVING COUNT(*) > (SELECT AVG(c) FROM (SELECT COUNT(*) c FROM employees GROUP BY dept) t)
SELECT * FROM orders WHERE id IN (SELECT id FROM (SELECT id FROM orders ORDER BY total DESC LIMIT 2) t) ORDER BY id
SELECT * FROM orders WHERE customer_id IN (SELECT id FROM customers ORDER BY balance DESC LIMIT 2)
(SELECT name FROM customers ORDER BY balance DESC LIMIT 1) UNION ALL (SELECT name FROM employees ORDER BY salary DESC LIMIT 1)
SELECT 'c' src, name FROM customers UNION SELECT 'e', name FROM employees ORDER BY src, name LIMIT 3
SELECT country FROM customers INTERSECT SELECT 'US'
SELECT country FROM customers EXCEPT SELECT 'US'
SELECT * FROM customers c CROSS JOIN (SELECT MAX(price) mp FROM products) p ORDER BY c.id
SELECT SQL_CALC_FOUND_ROWS * FROM customers LIMIT 1
SELECT FOUND_ROWS()
SELECT DISTINCT country FROM customers ORDER BY country LIMIT 2 OFFSET 1
SELECT c.name, o.total FROM customers c JOIN LATERAL (SELECT total FROM orders WHERE customer_id = c.id LIMIT 1) o ON TRUE
SELECT * FROM employees PROCEDURE ANALYSE()
VALUES (1,2),(3,4)
SELECT * FROM (VALUES (1,'a'),(2,'b')) AS v
TABLE customers
INSERT INTO customers (name, email) VALUES ('Eve', 'eve@x.com')
SELECT LAST_INSERT_ID()
INSERT INTO customers (id, name, email) VALUES (1, 'Anna', 'ann@x.com') ON DUPLICATE KEY UPDATE name = VALUES(name), balance = balance + 1
INSERT INTO customers (id, name, email) VALUES (1, 'Anne', 'ann@x.com') AS new ON DUPLICATE KEY UPDATE name = new.name
INSERT IGNORE INTO customers (name, email) VALUES ('Dup', 'bob@x.com')
INSERT INTO employees (id,name,dept,salary) SELECT id + 100, name, 'Sales', 3000 FROM customers WHERE country = 'US'
INSERT INTO employees SET id = 50, name = 'Set', dept = 'IT', salary = 1
REPLACE INTO products (id, sku, title, price) VALUES (4, 'F0000001', 'Honey 500g', 8.00)
UPDATE products SET price = price * 1.1 WHERE category = 'book'
UPDATE orders o JOIN customers c ON c.id = o.customer_id SET o.status = 'vip' WHERE c.balance > 50
UPDATE orders o JOIN customers c ON c.id = o.customer_id SET o.status = 'x', c.country = 'ZZ' WHERE c.id = 2
UPDATE employees e JOIN (SELECT dept, AVG(salary) a FROM employees GROUP BY dept) d ON e.dept = d.dept SET e.salary = d.a WHERE e.dept = 'HR'
UPDATE orders SET total = (SELECT SUM(qty*price) FROM order_items i WHERE i.order_id = orders.id) WHERE total IS NULL
UPDATE employees SET salary = CASE dept WHEN 'IT' THEN salary + 100 ELSE salary + 50 END ORDER BY id LIMIT 3
DELETE FROM employees WHERE salary < (SELECT a FROM (SELECT AVG(salary) a FROM employees) t) AND dept = 'Sales'
DELETE o FROM orders o LEFT JOIN order_items i ON i.order_id = o.id WHERE i.order_id IS NULL
DELETE c1 FROM employees c1 INNER JOIN employees c2 WHERE c1.id > c2.id AND c1.name = c2.name
DELETE FROM employees WHERE id = 50 LIMIT 1
SELECT ROW_COUNT()
START TRANSACTION
UPDATE customers SET balance = balance - 10 WHERE id = 1
SAVEPOINT sp1
UPDATE customers SET balance = 0
ROLLBACK TO SAVEPOINT sp1
RELEASE SAVEPOINT sp1
COMMIT
BEGIN
DELETE FROM employees
ROLLBACK
SET autocommit = 0
SET autocommit = 1
SET TRANSACTION ISOLATION LEVEL READ COMMITTED
SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE
START TRANSACTION READ ONLY
COMMIT
SET @x = 5
SELECT @x + 1
SELECT @n := COUNT(*) FROM customers
SELECT COUNT(*) INTO @cnt FROM orders
SELECT @cnt
SELECT @r := @r + 1 AS rn, name FROM customers, (SELECT @r := 0) t ORDER BY name
SET FOREIGN_KEY_CHECKS = 0
SET FOREIGN_KEY_CHECKS = 1
SET SQL_SAFE_UPDATES = 0
SET NAMES utf8mb4
SET SESSION sql_mode = ''
SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION'
PREPARE st FROM 'SELECT * FROM customers WHERE id = ?'
SET @id = 1
EXECUTE st USING @id
DEALLOCATE PREPARE st
PREPARE st2 FROM 'SELECT COUNT(*) FROM orders'
EXECUTE st2
DROP PREPARE st2
EXPLAIN SELECT * FROM orders WHERE customer_id = 1
EXPLAIN SELECT c.name, COUNT(*) FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY c.id
ANALYZE TABLE orders
CHECK TABLE orders
OPTIMIZE TABLE orders
CREATE TEMPORARY TABLE tmp_totals AS SELECT customer_id, SUM(total) AS t FROM orders GROUP BY customer_id
SELECT * FROM tmp_totals ORDER BY customer_id
CREATE TEMPORARY TABLE tmp2 (a INT, b VARCHAR(10))
INSERT INTO tmp2 VALUES (1,'x')
SELECT * FROM tmp2
DROP TEMPORARY TABLE tmp2
DROP TEMPORARY TABLE IF EXISTS tmp_totals
CREATE TABLE accounts (id INT PRIMARY KEY, amount DECIMAL(10,2) CHECK (amount >= 0), CONSTRAINT chk_id CHECK (id > 0))
INSERT INTO accounts VALUES (1, 10)
INSERT INTO accounts VALUES (2, -1)
UPDATE accounts SET amount = -5 WHERE id = 1
SHOW CREATE TABLE accounts
ALTER TABLE accounts ADD CONSTRAINT chk_max CHECK (amount < 1000)
INSERT INTO accounts VALUES (3, 5000)
ALTER TABLE accounts DROP CONSTRAINT chk_max
CREATE TABLE lines (qty INT, price DECIMAL(8,2), total DECIMAL(10,2) GENERATED ALWAYS AS (qty * price) STORED)
INSERT INTO lines (qty, price) VALUES (2, 3.50)
SELECT * FROM lines
UPDATE lines SET qty = 3
SELECT total FROM lines
CREATE TABLE vlines (first VARCHAR(20), last VARCHAR(20), full_name VARCHAR(50) AS (CONCAT(first, ' ', last)))
INSERT INTO vlines (first,last) VALUES ('A','B')
SELECT full_name FROM vlines
CREATE VIEW active_orders AS SELECT o.id, c.name, o.total FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.status <> 'cancelled'
SELECT * FROM active_orders ORDER BY id
SHOW CREATE VIEW active_orders
CREATE OR REPLACE VIEW rich AS SELECT id, name, balance FROM customers WHERE balance > 50
UPDATE rich SET balance = 60 WHERE id = 3
INSERT INTO rich (name, balance) VALUES ('Viewy', 70)
CREATE VIEW cnt AS SELECT country, COUNT(*) FROM customers GROUP BY country
SELECT * FROM cnt ORDER BY country
ALTER VIEW rich AS SELECT id, name FROM customers
SHOW FULL TABLES WHERE Table_type = 'VIEW'
DROP VIEW IF EXISTS rich, cnt
ALTER TABLE customers ADD COLUMN phone VARCHAR(20) AFTER email
ALTER TABLE customers ADD COLUMN loyalty INT NOT NULL DEFAULT 0, ADD INDEX idx_country (country)
ALTER TABLE orders ADD COLUMN note TEXT
ALTER TABLE orders MODIFY COLUMN status VARCHAR(30) NOT NULL DEFAULT 'open'
ALTER TABLE orders CHANGE note remark VARCHAR(500)
ALTER TABLE orders RENAME COLUMN remark TO comment
ALTER TABLE orders DROP COLUMN comment
ALTER TABLE employees ADD PRIMARY KEY (id)
ALTER TABLE employees ADD CONSTRAINT fk_mgr FOREIGN KEY (manager_id) REFERENCES employees(id)
ALTER TABLE orders DROP FOREIGN KEY fk_cust
ALTER TABLE orders ADD CONSTRAINT fk_cust2 FOREIGN KEY (customer_id) REFERENCES customers(id)
ALTER TABLE employees ADD UNIQUE KEY uq_name (name)
ALTER TABLE employees ALTER COLUMN dept SET DEFAULT 'IT'
ALTER TABLE employees ALTER salary DROP DEFAULT
ALTER TABLE employees AUTO_INCREMENT = 100
ALTER TABLE employees RENAME TO staff
RENAME TABLE staff TO employees
ALTER TABLE employees ADD COLUMN created TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
ALTER TABLE employees ENGINE = InnoDB
ALTER TABLE employees CONVERT TO CHARACTER SET utf8mb4
ALTER TABLE employees COMMENT = 'people'
CREATE INDEX idx_dept ON employees (dept)
CREATE INDEX idx_title ON products (title(20))
CREATE UNIQUE INDEX uq_sku ON products (sku)
CREATE FULLTEXT INDEX ft ON products (title)
DROP INDEX idx_dept ON employees
CREATE TABLE copy LIKE products
INSERT INTO copy SELECT * FROM products
CREATE TABLE summary AS SELECT category, COUNT(*) AS n, AVG(price) AS avg_price FROM products GROUP BY category
CREATE TABLE summary2 AS SELECT *, price * stock AS value FROM products
SELECT * FROM summary ORDER BY category
CREATE TABLE IF NOT EXISTS logs (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, msg TEXT, level TINYINT(1) DEFAULT 0, at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4
CREATE TABLE sets (id INT, tags SET('a','b','c'), flags BIT(8), yr YEAR, bin VARBINARY(10), d DOUBLE(8,2))
CREATE OR REPLACE TABLE logs (id INT)
TRUNCATE TABLE logs
DROP TABLE IF EXISTS logs, nothere
DROP TABLE summary, summary2
LOCK TABLES orders WRITE
UNLOCK TABLES
DO SLEEP(0)
CREATE PROCEDURE p() SELECT 1
CREATE TRIGGER tr BEFORE INSERT ON products FOR EACH ROW SET NEW.stock = 0
CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1
SELECT name FROM products WHERE MATCH(title) AGAINST ('atlas')
SELECT title FROM products WHERE title LIKE '%a%' AND price BETWEEN 10 AND 40 ORDER BY price DESC
SELECT COUNT(DISTINCT country, name) FROM customers
SELECT category, SUM(IF(stock > 0, 1, 0)) AS in_stock, SUM(CASE WHEN stock = 0 THEN 1 END) AS oos FROM products GROUP BY category ORDER BY category
SELECT AVG(DATEDIFF(ordered_at, created_at)) FROM orders o JOIN customers c ON c.id = o.customer_id
SELECT p.title, IFNULL(SUM(i.qty), 0) sold FROM products p LEFT JOIN order_items i ON i.product_id = p.id GROUP BY p.id, p.title ORDER BY sold DESC, p.title
SELECT name, salary, PERCENT_RANK() OVER (ORDER BY salary) FROM employees ORDER BY salary
SELECT DISTINCT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY salary) OVER () FROM employees
SELECT MEDIAN(salary) OVER () FROM employees
SELECT HOUR(ordered_at) h, COUNT(*) FROM orders GROUP BY h ORDER BY h
SELECT UUID() IS NOT NULL, RAND() < 1, NOW() > '2020-01-01', CURDATE() IS NOT NULL
SELECT * FROM customers WHERE created_at >= NOW() - INTERVAL 10 YEAR ORDER BY id
SELECT TIME('2023-01-01 10:11:12'), DATE('2023-01-01 10:11:12'), SECOND('10:11:12'), MICROSECOND('10:11:12.5')
SELECT BINARY 'a' = 'A', 'a' = 'A', 'a' COLLATE utf8mb4_bin = 'A'
SELECT TIME_FORMAT('10:05:03', '%H:%i'), DATE_FORMAT('2023-01-01', '%j')
SELECT DATE(ordered_at) d, SUM(SUM(total)) OVER (ORDER BY DATE(ordered_at)) FROM orders GROUP BY d ORDER BY d
SELECT name, FIRST_VALUE(name) OVER (PARTITION BY dept ORDER BY salary DESC) top FROM employees ORDER BY id
SELECT customer_id, SUM(total) OVER (PARTITION BY customer_id ORDER BY ordered_at RANGE BETWEEN INTERVAL 30 DAY PRECEDING AND CURRENT ROW) FROM orders
SELECT LEFT(sku,1) pre, COUNT(*) FROM products GROUP BY pre ORDER BY pre
SELECT EXPORT_SET(5,'Y','N',',',4), MAKE_SET(5,'a','b','c'), OCT(8), BIN(5), CONV('ff',16,10)
SELECT 10 / 4, 10 DIV 4, 10 % 4, -10 DIV 3, 1/0, 5 <=> NULL, NOT 1, 1 XOR 0
SELECT NAME_CONST('a', 1)
SELECT TO_BASE64('abc'), FROM_BASE64('YWJj')
DELETE FROM orders WHERE id = 1
DELETE FROM products WHERE id = 1
DROP TABLE customers
TRUNCATE TABLE orders
HELP 'select'
USE test
