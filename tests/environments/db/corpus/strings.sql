-- tables: people words
SELECT UPPER(name), LOWER(name) FROM people
SELECT name, LENGTH(name), CHAR_LENGTH(name), OCTET_LENGTH(name) FROM people
SELECT CONCAT(name, '-', age) FROM people
SELECT CONCAT('a', NULL), CONCAT(1, 2.50, 'x'), CONCAT(salary, height) FROM people
SELECT CONCAT_WS(',', name, age, NULL, salary) FROM people
SELECT CONCAT_WS(NULL, 'a', 'b'), CONCAT_WS('-', NULL, NULL)
SELECT SUBSTRING('abcdef', 2), SUBSTRING('abcdef', 2, 3), SUBSTRING('abcdef', -3), SUBSTRING('abcdef', -3, 2), SUBSTRING('abcdef', 0), SUBSTRING('abcdef', 7), SUBSTRING('abcdef', 2, -1)
SELECT SUBSTR(name, 1, 2), MID(name, 2, 2), SUBSTRING(name FROM 2), SUBSTRING(name FROM 2 FOR 1) FROM people
SELECT SUBSTRING_INDEX('www.mysql.com', '.', 2), SUBSTRING_INDEX('www.mysql.com', '.', -2), SUBSTRING_INDEX('abc', '.', 1), SUBSTRING_INDEX('a.b', '.', 0), SUBSTRING_INDEX('a.b.c', '.', -5)
SELECT LEFT(name, 2), RIGHT(name, 2), LEFT(name, 0), RIGHT(name, 0), LEFT(name, -1), RIGHT(name, 100) FROM people
SELECT LOCATE('B', 'abcabc'), LOCATE('b', 'abcabc', 3), LOCATE('', 'abc'), LOCATE('x', 'abc'), LOCATE('b', 'abc', 0)
SELECT INSTR('foobar', 'BAR'), POSITION('o' IN 'foo'), INSTR(name, 'n') FROM people
SELECT LPAD('hi', 5, '?!'), RPAD('hi', 5, 'xy'), LPAD('hello', 3, 'x'), RPAD('hi', 1, 'x'), LPAD('a', 3, ''), LPAD('a', -1, 'x')
SELECT LPAD(id, 4, '0') FROM people
SELECT REPEAT('ab', 3), REPEAT('ab', 0), REPEAT('ab', -1), REPEAT(NULL, 2), SPACE(3)
SELECT REPLACE('www.w3.com', 'w', 'W'), REPLACE('aXbX', 'x', '-'), REPLACE('abc', '', 'z')
SELECT REVERSE('abc'), REVERSE(name) FROM people
SELECT TRIM('  a b  '), LTRIM('  a'), RTRIM('a  '), TRIM(LEADING 'x' FROM 'xxaxx'), TRIM(TRAILING 'x' FROM 'xxaxx'), TRIM(BOTH 'x' FROM 'xxaxx'), TRIM('ab' FROM 'ababcab')
SELECT ASCII('A'), ASCII(''), ORD('é'), HEX('abc'), HEX(255), HEX('é')
SELECT UNHEX('4D7953514C'), UNHEX('zz')
SELECT FIND_IN_SET('b', 'a,b,c'), FIND_IN_SET('B', 'a,b'), FIND_IN_SET('', 'a,b'), FIND_IN_SET('a,b', 'a,b')
SELECT ELT(1, 'a', 'b'), ELT(3, 'a', 'b'), ELT(0, 'a'), ELT(NULL, 'a')
SELECT FORMAT(1234567.891, 2), FORMAT(1234.5, 0), FORMAT(-1234.567, 1), FORMAT(0.5, 0), FORMAT(12332.1, 4)
SELECT FORMAT(salary, 1), FORMAT(height, 1) FROM people
SELECT STRCMP('a', 'b'), STRCMP('b', 'a'), STRCMP('A', 'a'), STRCMP('a', 'a ')
SELECT INSERT('Quadratic', 3, 4, 'What'), INSERT('Quadratic', -1, 4, 'What'), INSERT('Quadratic', 3, 100, 'What')
SELECT MD5('hello'), SHA1('hello'), SHA('x'), SHA2('hello', 256), SHA2('hello', 512), SHA2('x', 1), CRC32('hello')
SELECT MD5(name), MD5(NULL), MD5(12) FROM people
SELECT TO_BASE64('abc'), FROM_BASE64('YWJj')
SELECT CONV('a', 16, 2), CONV(10, 10, 16), CONV('zz', 36, 10), CONV('9', 8, 10)
SELECT 'a' 'b' 'c', "double", 'it''s', 'a\'b', 'tab\there', '\%', '\_'
SELECT name LIKE 'A%', name LIKE '%L%', name LIKE '_ob', name LIKE 'e%' FROM people
SELECT name FROM people WHERE name LIKE '%NN' ORDER BY id
SELECT w FROM words WHERE w LIKE '100\%'
SELECT w FROM words WHERE w LIKE '100|%' ESCAPE '|'
SELECT `Year(s) won` FROM words WHERE `Year(s) won` LIKE 'a\_b'
SELECT 'abc' LIKE 'ABC', 'a' LIKE 'a ', 'a ' LIKE 'a', 'abc' NOT LIKE 'a%', NULL LIKE 'a', 'a' LIKE NULL, '' LIKE '', '' LIKE '%'
SELECT 'abcabc' LIKE '%bc%bc', 'aab' LIKE 'a%ab', 'abc' LIKE 'a%c%', 'abc' LIKE '%a_c', 'ab' LIKE 'a_b', 'aXbXc' LIKE '%x%X%'
SELECT 10 LIKE '1%', salary LIKE '4100%', born LIKE '1975-%' FROM people
SELECT name REGEXP '^a', name RLIKE 'n$', name NOT REGEXP 'o', name REGEXP '[a-c]' FROM people WHERE id IN (1, 2, 5)
SELECT 'abc' REGEXP 'b', 'abc' REGEXP '^b', 'a1' REGEXP '[[:digit:]]', 'foo.bar' REGEXP 'foo\\.bar', 'ab' REGEXP '^(a|b)+$', 'x' REGEXP NULL, 'aaa' REGEXP 'a{2,3}'
SELECT REGEXP_REPLACE('a1b22', '[0-9]+', '#'), REGEXP_SUBSTR('abc123', '[0-9]+')
SELECT 'a' = 'A', 'a' = 'a ', 'é' = 'e', 'ß' = 's', 'a' = ' a', 'ae' = 'æ', 'Ö' = 'o'
SELECT BINARY 'a' = 'A', 'a' = BINARY 'a', 'a' COLLATE utf8mb4_bin = 'A', 'A' COLLATE utf8mb4_bin = 'A '
SELECT name FROM people WHERE name = 'ANN'
SELECT name FROM people WHERE name = 'emile'
SELECT name FROM people WHERE name = 'dora'
SELECT name FROM people WHERE name IN ('BOB', 'ZOE') ORDER BY id
SELECT name FROM people WHERE name BETWEEN 'a' AND 'c' ORDER BY id
SELECT name FROM people ORDER BY name
SELECT name FROM people ORDER BY name DESC
SELECT name FROM people ORDER BY BINARY name
SELECT MIN(name), MAX(name), MIN(w), MAX(w) FROM people, words
SELECT w, n FROM words ORDER BY w, n
SELECT n FROM words ORDER BY n + 0, n
SELECT n FROM words WHERE n > 9 ORDER BY n
SELECT n FROM words WHERE n > '9' ORDER BY n
SELECT n, n + 1, n * 2, -n FROM words
SELECT w FROM words WHERE w = 0 ORDER BY w
SELECT 'abc' = 0, '5 apples' = 5, '1.0' = 1, '01' = '1', '' = 0, ' 3' = 3, '1e1' = 10, '0x10' = 16
SELECT 'a' + 1, '3' * '4', '10' / 4, '7' DIV 2, '7.5' % 2, '5 apples' + 1, '.5' + 0, '-' + 0
SELECT SUM(n), AVG(n), MAX(n), MIN(n), COUNT(n), COUNT(w) FROM words
SELECT MAX(n + 0), MIN(CAST(n AS SIGNED)), MAX(CAST(n AS DECIMAL(10,2))) FROM words
SELECT `Year(s) won`, COUNT(*) FROM words GROUP BY `Year(s) won`
SELECT GROUP_CONCAT(w ORDER BY w), GROUP_CONCAT(w ORDER BY w DESC SEPARATOR '; ') FROM words
SELECT GROUP_CONCAT(DISTINCT `Year(s) won` ORDER BY `Year(s) won`) FROM words
SELECT GROUP_CONCAT(n ORDER BY n + 0, n), GROUP_CONCAT(w, '=', n ORDER BY n) FROM words
SELECT dept_id, GROUP_CONCAT(name ORDER BY name SEPARATOR '|') FROM people GROUP BY dept_id
SELECT GROUP_CONCAT(name ORDER BY age DESC, name) FROM people WHERE age IS NOT NULL
SELECT GROUP_CONCAT(w) FROM words WHERE 0
SELECT MD5(GROUP_CONCAT(h ORDER BY h)) FROM (SELECT SUBSTRING(MD5(CONCAT_WS(',', w, n, `Year(s) won`)), 1, 5) AS h FROM words) x
SELECT DISTINCT LOWER(`Year(s) won`) FROM words ORDER BY 1
SELECT CHAR_LENGTH('日本語'), LENGTH('日本語'), UPPER('日本é'), REVERSE('日本'), LEFT('日本語', 2), '😀' = '😁', LENGTH('😀')
SELECT 'abc' < 'abd', 'B' > 'a', 'a' < 'B', '' < 'a', 'Z' < 'a', 'zoë' > 'zoe', 'a_b' < 'aab', 'a b' < 'ab'
SELECT COALESCE(w, 'none'), IFNULL(n, 0), NULLIF(w, 'APPLE') FROM words
SELECT GREATEST('a', 'B'), LEAST('a', 'B'), GREATEST('apple', 'Banana', 'cherry')
SELECT IF(w = 'apple', 'yes', 'no'), IF(n, 'true', 'false') FROM words WHERE n NOT LIKE '%a%'
SELECT CASE WHEN w LIKE 'a%' THEN 'A' WHEN w LIKE 'b%' THEN 'B' END, CASE LENGTH(w) WHEN 5 THEN 'five' ELSE w END FROM words
SELECT 1 || 0, 0 OR 0, 1 && 0, NOT 1, ! 1, 'a' || 'b', NULL || 1, NULL && 0
SELECT CAST('12abc' AS SIGNED), CAST('abc' AS SIGNED), CAST('-5' AS SIGNED), CAST('3.9' AS SIGNED), CAST(3.5 AS SIGNED), CAST(-3.5 AS SIGNED), CAST('1e3' AS SIGNED)
SELECT CAST(12.345 AS DECIMAL(5,2)), CAST('12.345' AS DECIMAL(5,1)), CAST(1234567 AS DECIMAL(5,2)), CAST('abc' AS DECIMAL(5,2)), CAST(2.5 AS DECIMAL), CAST('1,234' AS DECIMAL(10,2))
SELECT CAST(123 AS CHAR), CAST(1.50 AS CHAR), CAST(1e20 AS CHAR), CAST('2020-01-01' AS CHAR(4)), CAST(born AS CHAR), CONVERT(age, CHAR) FROM people
SELECT CONVERT('12', SIGNED), CONVERT('é' USING utf8mb4), CAST(age AS DOUBLE), CAST('1.5' AS DOUBLE) FROM people
SELECT REPLACE(n, ' apples', '') + 0 AS v FROM words ORDER BY v, n
SELECT CAST(REPLACE('64,798', ',', '') AS SIGNED), CAST(REPLACE('$1,234.50', '$', '') AS DECIMAL(10,2))
SELECT COUNT(DISTINCT `Year(s) won`), COUNT(DISTINCT w, n) FROM words
SELECT NOSUCHFUNC(1)
SELECT UPPER()
SELECT CONCAT()
SELECT SUBSTRING('a')
SELECT name COLLATE utf8mb4_general_ci FROM people
SELECT name FROM people WHERE name LIKE BINARY 'A%'
SELECT 'it' 's' AS joined
SELECT 'x' AS `a b`, 'y' 'c d'
SELECT MAX(LENGTH(w)), MIN(CHAR_LENGTH(n)) FROM words
SELECT HEX(w) FROM words WHERE w = 'apple'
SELECT COUNT(*) FROM words WHERE w IS NULL OR w = ''
SELECT w FROM words WHERE w <> 'apple' ORDER BY w
SELECT w FROM words WHERE NOT w = 'apple' ORDER BY w
SELECT w FROM words WHERE w <=> NULL
SELECT n FROM words WHERE n IN (9, 10)
SELECT n FROM words WHERE n IN (9, 'abc')
SELECT n FROM words WHERE n BETWEEN 5 AND 10 ORDER BY n
SELECT n FROM words WHERE n NOT BETWEEN '1' AND '2' ORDER BY n
SELECT w FROM words WHERE LENGTH(w) > 5 AND w NOT LIKE '%\%%' ORDER BY LENGTH(w)
SELECT * FROM words WHERE `Year(s) won` = 2005
SELECT MAX(CAST(SUBSTRING_INDEX(`Year(s) won`, ',', 1) AS SIGNED)) FROM words WHERE `Year(s) won` REGEXP '^[0-9]'
