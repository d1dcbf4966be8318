"""A grammar of random MySQL statements over a table with a column of each type, and a few of ordinary ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import Any

from tests.environments.db.sql_generator import Generator

VALUES: dict[str, Any] = {
    "name": "v",
    "columns": [
        {"name": "id", "type": "INT", "auto_increment": True}, {"name": "ti", "type": "TINYINT"},
        {"name": "bi", "type": "BIGINT"}, {"name": "bu", "type": "BIGINT UNSIGNED"}, {"name": "de", "type": "DECIMAL(12,3)"},
        {"name": "fl", "type": "FLOAT"}, {"name": "db", "type": "DOUBLE"}, {"name": "vc", "type": "VARCHAR(20)"},
        {"name": "tx", "type": "TEXT"}, {"name": "da", "type": "DATE"}, {"name": "dt", "type": "DATETIME"},
        {"name": "d3", "type": "DATETIME(3)"}, {"name": "tm", "type": "TIME"}, {"name": "yr", "type": "YEAR"},
        {"name": "en", "type": "ENUM('lo','mid','hi')"},
    ],
    "rows": [
        [1, 5, 9007199254740993, 7, "12.500", 0.1, 0.1, "Ann", "9007199254740992", "2020-02-29", "2020-02-29 10:11:12",
         "2020-01-31 10:15:30.125", "10:11:12", 2010, "lo"],
        [2, -3, -5, 0, "-0.125", 2.3, -2.5, "É a", "5 apples", "1999-12-31", "1999-12-31 23:59:59",
         "1999-12-31 23:59:59.999", "-01:02:03", 1999, "hi"],
        [3, None, 1295772036504131621, 18, "99999.999", 12345.7, 1e20, "", "1e2", None, None, None, None, None, None],
        [4, 127, 0, None, None, None, None, None, None, "2001-01-01", "2001-01-01 00:00:00", None, "00:00:00", 0, "mid"],
        [5, 0, None, 4294967295, "0.000", 0.0, 0.0, "a b,c", "-3.5", "2020-03-01", "2020-03-01 12:00:00",
         "2020-03-01 00:00:00.000", "100:00:01", 2020, "mid"],
    ],
    "primary_key": ["id"],
}  # fmt: skip
TABLES = ("people", "nums", "words", "dept")
# What stands for each letter in a template: n a number, s a text, d a date or moment, t a time, x anything.
_LEAVES = {
    "n": ("ti", "bi", "bu", "de", "fl", "db", "id", "yr", "0", "1", "-3", "2.5", "1e0", "9007199254740993", "0.125", "NULL",
          "12345678901"),
    "s": ("vc", "tx", "en", "'Ann'", "'ann '", "'5'", "'9007199254740992'", "'5 apples'", "''", "'2020-02-29'", "'a b,c'",
          "'-3.5'", "'É'", "NULL", "'10:11:12'"),
    "d": ("da", "dt", "d3", "DATE '2020-01-31'", "TIMESTAMP '2020-01-31 10:15:30'", "'2020-01-31'", "'1999-12-31 23:59:59'"),
    "t": ("tm", "TIME '10:11:12'", "'01:02:03'"),
}  # fmt: skip
_TEMPLATES = {
    "n": (
        "({n} + {n})", "({n} - {n})", "({n} * {n})", "({n} / {n})", "({n} DIV {n})", "({n} % {n})", "-{n}", "ROUND({n}, 1)",
        "ROUND({n})", "TRUNCATE({n}, 1)", "FLOOR({n})", "CEIL({n})", "ABS({n})", "SIGN({n})", "MOD({n}, {n})", "({s} + {n})",
        "CAST({s} AS SIGNED)", "CAST({n} AS SIGNED)", "CAST({n} AS UNSIGNED)", "CAST({n} AS DECIMAL(12,2))", "POW({n}, 2)",
        "CAST({s} AS DECIMAL(20,4))", "LENGTH({s})", "CHAR_LENGTH({s})", "LOCATE({s}, {s})", "INSTR({s}, {s})", "ASCII({s})",
        "FIND_IN_SET({s}, {s})", "STRCMP({s}, {s})", "YEAR({d})", "MONTH({d})", "DAYOFWEEK({d})", "WEEK({d})",
        "DATEDIFF({d}, {d})", "TIMESTAMPDIFF(DAY, {d}, {d})", "TO_DAYS({d})", "HOUR({t})", "SECOND({t})", "MICROSECOND({d})",
        "TIME_TO_SEC({t})", "EXTRACT(YEAR FROM {d})", "IF({c}, {n}, {n})", "IFNULL({n}, {n})", "COALESCE({n}, {n})",
        "NULLIF({n}, {x})", "CASE WHEN {c} THEN {n} ELSE {n} END", "CASE {x} WHEN {x} THEN {n} END", "GREATEST({n}, {n})",
        "LEAST({n}, {n})", "({n} & {n})", "({n} | {n})", "BIT_COUNT({n})", "({c})", "FIELD({x}, {x}, {x})", "CRC32({s})",
        "LENGTH({x})", "CHAR_LENGTH({x})", "YEAR({x})", "TO_DAYS({x})", "DATEDIFF({x}, {d})", "LOCATE({x}, {x}, {n})",
        "TIMESTAMPDIFF(MONTH, {d}, {x})", "HOUR({x})", "(SELECT {a} FROM people)", "COALESCE({x}, {x}, {n})",
        "ROUND({n}, {n})", "CAST({x} AS SIGNED)", "CAST({x} AS DECIMAL(14,3))", "CAST({x} AS UNSIGNED)", "({x} + {x})",
        "({d} + 0)", "({t} + 0)", "MOD({x}, {n})", "GREATEST({x}, {x})", "LEAST({n}, {n}, {n})", "CAST({n} AS DOUBLE)",
        "NULLIF({x}, {x})", "INTERVAL({n}, 1, 5)", "DAYOFYEAR({x})", "QUARTER({x})", "WEEK({d}, {n})", "SQRT({n})",
    ),
    "s": (
        "CONCAT({x}, {x})", "CONCAT_WS(',', {s}, {x})", "UPPER({s})", "LOWER({s})", "REVERSE({s})", "TRIM({s})",
        "LEFT({s}, 2)",
        "RIGHT({s}, 2)", "SUBSTRING({s}, 2)", "SUBSTRING({s}, -2, 1)", "SUBSTRING_INDEX({s}, ' ', -1)",
        "SUBSTRING_INDEX({s}, 'a', 1)", "REPLACE({s}, 'a', {s})", "REPEAT({s}, 2)", "LPAD({s}, 5, 'xy')", "RPAD({s}, 3, '.')",
        "HEX({x})", "QUOTE({s})", "FORMAT({n}, 2)", "CAST({x} AS CHAR)", "DATE_FORMAT({d}, '%Y-%m %d %H')", "MD5({s})",
        "INSERT({s}, 2, 1, {s})", "ELT({n}, {s}, {s})", "IF({c}, {s}, {s})", "COALESCE({s}, {x})", "NULLIF({s}, {s})",
        "CASE WHEN {c} THEN {s} ELSE {x} END", "DAYNAME({d})", "DATE_ADD({s}, INTERVAL 1 DAY)",
        "UPPER({x})", "TRIM({x})", "LEFT({x}, {n})", "RIGHT({x}, {n})", "SUBSTRING({x}, {n}, {n})", "REPLACE({x}, {x}, {x})",
        "DATE_FORMAT({x}, '%W %d %b %Y %j %T')", "LPAD({x}, {n}, {x})", "REVERSE({x})", "SUBSTRING_INDEX({x}, {x}, {n})",
        "CONCAT_WS({x}, {x}, {x})", "IF({x}, {x}, {x})", "CASE {x} WHEN {x} THEN {x} WHEN {x} THEN {x} END", "QUOTE({x})",
        "TRIM(BOTH {s} FROM {x})", "TRIM(LEADING 'a' FROM {s})", "CAST({x} AS CHAR(3))", "TIME_FORMAT({t}, '%H-%i-%s')",
        "IFNULL({x}, {x})", "INSERT({x}, {n}, {n}, {x})", "REPEAT({x}, 3)", "MONTHNAME({x})", "MAX({x}) OVER ()",
    ),
    "d": (
        "DATE_ADD({d}, INTERVAL {n} DAY)", "({d} + INTERVAL 1 MONTH)", "DATE_SUB({d}, INTERVAL {n} HOUR)", "DATE({d})",
        "LAST_DAY({d})", "CAST({d} AS DATE)", "CAST({d} AS DATETIME)", "DATE_ADD({d}, INTERVAL {s} DAY)", "TIMESTAMP({d})",
        "DATE_ADD({d}, INTERVAL 1.5 DAY)", "DATE_ADD({d}, INTERVAL '1.5' DAY)", "IFNULL({d}, {d})", "IF({c}, {d}, {d})",
        "STR_TO_DATE({s}, '%Y-%m-%d')", "GREATEST({d}, {d})", "DATE_ADD({d}, INTERVAL '2:3' HOUR_MINUTE)",
        "DATE_ADD({x}, INTERVAL {n} MONTH)", "CAST({x} AS DATE)", "CAST({x} AS DATETIME)", "DATE({x})", "LAST_DAY({x})",
        "STR_TO_DATE({x}, '%Y-%m-%d %H:%i')", "ADDDATE({d}, {n})", "FROM_DAYS({n})", "MAKEDATE({n}, {n})",
        "CASE WHEN {c} THEN {d} ELSE {d} END", "DATE_SUB({d}, INTERVAL {n} {u})",
    ),
    "t": ("SEC_TO_TIME({n})", "MAKETIME({n}, 2, 3)", "TIME({d})", "CAST({t} AS TIME)", "({t} + INTERVAL 1 HOUR)",
    "TIMEDIFF({d}, {d})",
    "CAST({x} AS TIME)", "TIME({x})", "CASE WHEN {c} THEN {t} ELSE {t} END",
    "IFNULL({t}, {t})"),
    "c": (
        "{x} = {x}", "{x} <> {x}", "{n} < {x}", "{n} >= {n}", "{s} < {s}", "{d} > {d}", "{t} <= {t}", "{x} <=> {x}",
        "{n} BETWEEN {n} AND {n}", "{n} BETWEEN {s} AND {s}", "{s} BETWEEN {s} AND {s}", "{n} IN ({n}, {x})",
        "{s} IN ({s}, {s})", "{n} NOT IN ({s}, {n})", "{x} IS NULL", "{x} IS NOT NULL", "{s} LIKE '%a%'", "{s} LIKE {s}",
        "{s} REGEXP 'a'", "({c} AND {c})", "({c} OR {c})", "NOT ({c})", "({c} XOR {c})", "{n} IS TRUE",
        "bi = '9007199254740993'",
        "bi IN ('1295772036504131621', {x})", "{n}",
        "{x} BETWEEN {x} AND {x}", "{x} IN ({x}, {x}, {x})", "{x} NOT IN ({x}, {x})", "{x} LIKE {x}", "({x}, {x}) = ({x}, {x})",
        "({n}, {s}) IN (({n}, {s}), ({n}, {s}))", "{x} IS NOT TRUE", "{x} IS FALSE", "{x} > ALL (SELECT {x} FROM people)",
        "{x} = ANY (SELECT {x} FROM people)", "{x} NOT IN (SELECT {x} FROM v)", "EXISTS (SELECT 1 FROM people WHERE {c})",
        "{x}", "{n} > (SELECT {a} FROM v)", "({x}, {x}) < ({x}, {x})",
    ),
}  # fmt: skip
_AGGREGATES = (
    "COUNT(*)", "COUNT({x})", "COUNT(DISTINCT {x})", "SUM({n})", "AVG({n})", "MIN({x})", "MAX({x})",
    "GROUP_CONCAT({s} ORDER BY id)",
    "BIT_OR({n})", "BIT_XOR({n})", "STDDEV({n})", "MAX({n})", "MIN({d})", "SUM({s})",
    "SUM(DISTINCT {n})", "AVG({x})", "SUM({x})", "MAX({d})",
    "GROUP_CONCAT(DISTINCT {x} ORDER BY 1 SEPARATOR '|')", "GROUP_CONCAT({x} ORDER BY {x}, id)", "VAR_POP({n})", "MIN({t})",
    "COUNT(DISTINCT {x}, {x})", "SUM(IF({c}, {n}, 0))", "COUNT({c} OR NULL)", "BIT_AND({n})",
)  # fmt: skip
_SELECTS = (
    "SELECT {x}, {x} FROM v", "SELECT {x} FROM v WHERE {c}", "SELECT {x} AS e, COUNT(*) AS n FROM v GROUP BY e",
    "SELECT {a}, {a} FROM v", "SELECT {a} FROM v WHERE {c}", "SELECT yr, {a} FROM v GROUP BY yr HAVING {a} > {x}",
    "SELECT DISTINCT {x} FROM v", "SELECT id, {x} FROM v ORDER BY {x}, id",
    "SELECT id, {x} FROM v ORDER BY {x} DESC, id LIMIT 2",
    "SELECT {x} FROM v UNION SELECT {x} FROM v", "SELECT {x} FROM v UNION ALL SELECT {x} FROM people",
    "SELECT a.id, b.id FROM v AS a JOIN v AS b ON a.ti = b.{m} ", "SELECT id FROM v WHERE {x} IN (SELECT {x} FROM v)",
    "SELECT id, (SELECT {a} FROM people) FROM v", "SELECT id, SUM({n}) OVER (ORDER BY id) FROM v",
    "SELECT id, LAG({x}, 1) OVER (ORDER BY id) FROM v", "SELECT * FROM (SELECT {x} AS e, {x} AS f FROM v) AS d WHERE e = f",
    "SELECT id FROM v WHERE EXISTS (SELECT 1 FROM people WHERE age > v.{m})",
    "SELECT id, {w} OVER (ORDER BY id {f}) FROM v", "SELECT id, {w} OVER (PARTITION BY {x} ORDER BY {x}, id {f}) FROM v",
    "SELECT id, {w} OVER w, {w} OVER (w {f}) FROM v WINDOW w AS (ORDER BY {m} DESC, id)",
    "SELECT yr, RANK() OVER (ORDER BY {a}) FROM v GROUP BY yr", "SELECT id, DENSE_RANK() OVER (ORDER BY {x}) FROM v",
    "SELECT {x} FROM v INTERSECT SELECT {x} FROM v", "SELECT {x} FROM v EXCEPT SELECT {x} FROM people",
    "(SELECT {x} AS e FROM v ORDER BY id LIMIT 2) UNION ALL (SELECT {x} FROM v WHERE {c}) ORDER BY e LIMIT 3",
    "SELECT {x} UNION SELECT {x} UNION ALL SELECT {x}", "SELECT e, f FROM (SELECT {x} AS e, {a} AS f FROM v GROUP BY e) AS d",
    "SELECT {x} AS e, {a} AS f FROM v GROUP BY e HAVING f > {n}", "SELECT {x} AS e, {a} FROM v GROUP BY 1 HAVING e <> {x}",
    "SELECT {x} AS e, {a} AS f FROM v GROUP BY {x}", "SELECT {x} AS e, {a} FROM v GROUP BY e WITH ROLLUP",
    "SELECT {a} AS f FROM v HAVING f IS NOT NULL", "SELECT yr FROM v GROUP BY yr HAVING {a} IN ({x}, {x})",
    "WITH c AS (SELECT id, {x} AS e FROM v) SELECT a.e, b.id FROM c AS a JOIN c AS b ON a.e = b.e",
    "WITH c AS (SELECT {x} AS e FROM v), d AS (SELECT e, COUNT(*) AS n FROM c GROUP BY e) SELECT * FROM d WHERE e > {l}",
    "SELECT a.id, b.{m} FROM v AS a LEFT JOIN v AS b ON a.{m} = b.{m} AND b.id > {l}", "SELECT v.id FROM v NATURAL JOIN v AS b",
    "SELECT id FROM v ORDER BY {c} DESC, id LIMIT 3 OFFSET 1", "SELECT DISTINCT {x}, {x} FROM v WHERE {c}",
    "SELECT {x} AS e FROM v HAVING e = {x}", "SELECT id, {x} FROM v WHERE {x} = {x} ORDER BY 2, 1",
    "SELECT (SELECT {x} FROM v AS b WHERE b.id = v.id), {x} FROM v", "SELECT COUNT(*) FROM v JOIN people ON {c}",
    "SELECT id FROM v WHERE ({x}, {x}) IN (SELECT {x}, {x} FROM v)", "SELECT {a}, {a} FROM (SELECT * FROM v WHERE {c}) AS v",
)  # fmt: skip
_WRITES = (
    "UPDATE v SET {m} = {x} WHERE {c}", "UPDATE v SET {m} = {x}", "UPDATE v SET {m} = {x}, {m} = {x} WHERE id = {l}",
    "DELETE FROM v WHERE {c}", "INSERT INTO v ({m}) VALUES ({l}), ({l})", "INSERT INTO v (id, {m}) VALUES ({l}, {l})",
    "REPLACE INTO v (id, {m}) VALUES (1, {l}), (9, {l})", "INSERT INTO v ({m}) SELECT {x} FROM v",
    "INSERT INTO v (id, {m}) VALUES (2, {l}) ON DUPLICATE KEY UPDATE {m} = {x}",
    "INSERT IGNORE INTO v (id, ti) VALUES (1, 1), (NULL, 2)",
    "UPDATE v SET id = id + 10 WHERE {c}", "INSERT INTO v (id) VALUES (NULL), (0), (50)",
    "UPDATE v SET {m} = {x} ORDER BY id DESC LIMIT 2", "UPDATE v SET {m} = {x} WHERE {c} ORDER BY {x}, id LIMIT 1",
    "DELETE FROM v WHERE {c} ORDER BY {x}, id LIMIT 1", "UPDATE v SET {m} = (SELECT {a} FROM people)",
    "UPDATE v SET {m} = {x} WHERE id IN (SELECT id FROM people WHERE {y})", "DELETE FROM v WHERE id > (SELECT {a} FROM people)",
    "INSERT INTO v (id, {m}) SELECT id, {x} FROM v WHERE {c} ON DUPLICATE KEY UPDATE {m} = VALUES({m})",
    "INSERT INTO v (id, {m}) SELECT id + 10, {x} FROM v WHERE {c}", "REPLACE INTO v (id, {m}) SELECT id, {x} FROM v WHERE {c}",
    "INSERT INTO v (id, {m}) VALUES ({x}, {x})", "INSERT INTO v SET {m} = {x}, {m} = {x}",
    "INSERT INTO v (id, {m}) VALUES (1, {l}), (11, {l}) ON DUPLICATE KEY UPDATE {m} = {x}, {m} = VALUES({m})",
    "UPDATE v JOIN people ON v.id = people.id SET v.{m} = {x} WHERE {y}", "UPDATE v SET {m} = DEFAULT WHERE {c}",
    "DELETE a FROM v AS a JOIN people AS b ON a.id = b.id WHERE b.{y}", "INSERT INTO v ({m}) SELECT {a} FROM v GROUP BY yr",
    "UPDATE v SET {m} = {m}", "DELETE FROM v WHERE id IN (SELECT e FROM (SELECT {x} AS e FROM v) AS d)",
)  # fmt: skip
_DEFINITIONS = (
    "ALTER TABLE v ADD COLUMN z {k}", "ALTER TABLE v MODIFY {m} {k}", "ALTER TABLE v DROP COLUMN {m}",
    "ALTER TABLE v ADD COLUMN z {k} FIRST", "CREATE TABLE w AS SELECT id, {x} AS e FROM v",
    "CREATE VIEW u AS SELECT {x} AS e FROM v",
    "ALTER TABLE v RENAME COLUMN {m} TO z", "CREATE TABLE w (a {k}, b {k} DEFAULT {l})", "ALTER TABLE v ADD UNIQUE ({m})",
    "ALTER TABLE v MODIFY {m} {k} NOT NULL", "ALTER TABLE v CHANGE {m} z {k} DEFAULT {l}", 
    "ALTER TABLE v ADD z {k} DEFAULT {l}",
    "ALTER TABLE v ADD z {k} AFTER {m}, DROP COLUMN {m}", "ALTER TABLE v ADD INDEX ({m}, {m})", 
    "ALTER TABLE v DROP PRIMARY KEY",
    "ALTER TABLE v ALTER {m} SET DEFAULT {l}", "ALTER TABLE v ADD CHECK ({c})", "ALTER TABLE v ADD z {k} NOT NULL",
    "CREATE TABLE w (a {k} DEFAULT {l}, b {k} NOT NULL, CHECK (a > {l}), UNIQUE (b))", "ALTER TABLE v MODIFY {m} {k} FIRST",
    "CREATE TABLE w AS SELECT {a} AS e, {x} AS f FROM v GROUP BY f", "CREATE TABLE w AS SELECT {x} AS e UNION SELECT {x}",
    "CREATE UNIQUE INDEX i ON v ({m})", "CREATE VIEW u AS SELECT {a} AS e, yr FROM v GROUP BY yr",
    "CREATE TABLE w (a INT, b {k} AS (a + {l}))",
)  # fmt: skip
_WINDOWED = (
    "SUM({n})", "COUNT({x})", "AVG({n})", "MIN({x})", "MAX({x})", "FIRST_VALUE({x})", "LAST_VALUE({x})", "NTH_VALUE({x}, 2)",
    "COUNT(*)",
)  # fmt: skip
_FRAMES = (
    "", "ROWS UNBOUNDED PRECEDING", "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
    "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
    "ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING", "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", "ROWS 2 PRECEDING",
    "RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING", "ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING",
)  # fmt: skip
_UNITS = ("SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
# Conditions on `people`.
_PEOPLE = ("age > {l}", "name = {l}", "age IN ({l}, {l})", "name LIKE {l}", "born < {l}")
_TYPES = (
    "INT",
    "BIGINT",
    "TINYINT UNSIGNED",
    "DECIMAL(8,2)",
    "DOUBLE",
    "FLOAT",
    "VARCHAR(5)",
    "VARCHAR(40)",
    "TEXT",
    "DATE",
    "DATETIME",
    "TIME",
)
_SLOT = re.compile(r"\{(\w)\}")
WORD = re.compile(r"\s*(?:'(?:[^'\\]|\\.|'')*'|\d+\.\d+|\w+|<=>|<>|<=|>=|[^\w\s])")
_COLUMNS = tuple(c["name"] for c in VALUES["columns"] if c["name"] != "id")


class Statements:
    """An endless sequence of statements that the seed decides."""

    def __init__(self, seed: int) -> None:
        self.random, self.generator = Random(seed), Generator(seed)

    def next(self) -> str:
        """The next statement, with its keywords in upper, lower or mixed case."""
        chance = self.random.random()
        if chance < 0.25:
            text = self.generator.query()
        elif chance < 0.3:
            text = self.generator.write()
        else:
            forms = _SELECTS if chance < 0.8 else _WRITES if chance < 0.95 else _DEFINITIONS
            text = self._fill(self.random.choice(forms), 2)
        return self._cased(text)

    def _fill(self, template: str, depth: int) -> str:
        return _SLOT.sub(lambda slot: self._slot(slot[1], depth), template)

    def _slot(self, kind: str, depth: int) -> str:
        pick = self.random.choice
        fixed: dict[str, Callable[[], str]] = {
            "a": lambda: self._fill(pick(_AGGREGATES), depth - 1), "m": lambda: pick(_COLUMNS),
            "k": lambda: pick(_TYPES), "w": lambda: self._fill(pick(_WINDOWED), 1),
            "f": lambda: pick(_FRAMES), "u": lambda: pick(_UNITS), "y": lambda: self._fill(pick(_PEOPLE), depth - 1),
            "l": lambda: pick([leaf for leaf in _LEAVES[pick("nsd")] if not leaf.isidentifier() or leaf == "NULL"]),
        }  # fmt: skip
        if kind in fixed:
            return fixed[kind]()
        kind = pick("nnnssddt") if kind == "x" else kind
        if kind != "c" and (depth <= 0 or self.random.random() < 0.35):
            return pick(_LEAVES[kind])
        return self._fill(pick(_TEMPLATES[kind]), depth - 1)

    def _cased(self, text: str) -> str:
        chance = self.random.random()
        if chance < 0.5:
            return text
        change = str.lower if chance < 0.75 else str.title
        return WORD.sub(lambda word: word[0] if "'" in word[0] or not word[0].isupper() else change(word[0]), text)
