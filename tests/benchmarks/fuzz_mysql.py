"""Random MySQL statements on both SQL engines: `python tests/benchmarks/fuzz_mysql.py [COUNT] [SEED]`.

A private MariaDB says what is right. Each statement that the light engine answers in another way is shrunk to the fewest
words that still differ, and printed; the status is 1 where there is one.
"""

from __future__ import annotations

import logging
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.mariadb import private_server
from simenv.plugins.environments.db.engine.server import ServerSession
from simenv.plugins.environments.db.engine.session import Result, SQLError, Unsupported
from tests.environments.db.sql_differential import ordered, same_rows, same_state, spec
from tests.environments.db.sql_generator import Generator

_VALUES: dict[str, Any] = {
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
_TABLES = ("people", "nums", "words", "dept")
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
    ),
    "s": (
        "CONCAT({x}, {x})", "CONCAT_WS(',', {s}, {x})", "UPPER({s})", "LOWER({s})", "REVERSE({s})", "TRIM({s})",
        "LEFT({s}, 2)",
        "RIGHT({s}, 2)", "SUBSTRING({s}, 2)", "SUBSTRING({s}, -2, 1)", "SUBSTRING_INDEX({s}, ' ', -1)",
        "SUBSTRING_INDEX({s}, 'a', 1)", "REPLACE({s}, 'a', {s})", "REPEAT({s}, 2)", "LPAD({s}, 5, 'xy')", "RPAD({s}, 3, '.')",
        "HEX({x})", "QUOTE({s})", "FORMAT({n}, 2)", "CAST({x} AS CHAR)", "DATE_FORMAT({d}, '%Y-%m %d %H')", "MD5({s})",
        "INSERT({s}, 2, 1, {s})", "ELT({n}, {s}, {s})", "IF({c}, {s}, {s})", "COALESCE({s}, {x})", "NULLIF({s}, {s})",
        "CASE WHEN {c} THEN {s} ELSE {x} END", "DAYNAME({d})", "DATE_ADD({s}, INTERVAL 1 DAY)",
    ),
    "d": (
        "DATE_ADD({d}, INTERVAL {n} DAY)", "({d} + INTERVAL 1 MONTH)", "DATE_SUB({d}, INTERVAL {n} HOUR)", "DATE({d})",
        "LAST_DAY({d})", "CAST({d} AS DATE)", "CAST({d} AS DATETIME)", "DATE_ADD({d}, INTERVAL {s} DAY)", "TIMESTAMP({d})",
        "DATE_ADD({d}, INTERVAL 1.5 DAY)", "DATE_ADD({d}, INTERVAL '1.5' DAY)", "IFNULL({d}, {d})", "IF({c}, {d}, {d})",
        "STR_TO_DATE({s}, '%Y-%m-%d')", "GREATEST({d}, {d})", "DATE_ADD({d}, INTERVAL '2:3' HOUR_MINUTE)",
    ),
    "t": ("SEC_TO_TIME({n})", "MAKETIME({n}, 2, 3)", "TIME({d})", "CAST({t} AS TIME)", "({t} + INTERVAL 1 HOUR)",
    "IFNULL({t}, {t})"),
    "c": (
        "{x} = {x}", "{x} <> {x}", "{n} < {x}", "{n} >= {n}", "{s} < {s}", "{d} > {d}", "{t} <= {t}", "{x} <=> {x}",
        "{n} BETWEEN {n} AND {n}", "{n} BETWEEN {s} AND {s}", "{s} BETWEEN {s} AND {s}", "{n} IN ({n}, {x})",
        "{s} IN ({s}, {s})", "{n} NOT IN ({s}, {n})", "{x} IS NULL", "{x} IS NOT NULL", "{s} LIKE '%a%'", "{s} LIKE {s}",
        "{s} REGEXP 'a'", "({c} AND {c})", "({c} OR {c})", "NOT ({c})", "({c} XOR {c})", "{n} IS TRUE",
        "bi = '9007199254740993'",
        "bi IN ('1295772036504131621', {x})", "{n}",
    ),
}  # fmt: skip
_AGGREGATES = (
    "COUNT(*)", "COUNT({x})", "COUNT(DISTINCT {x})", "SUM({n})", "AVG({n})", "MIN({x})", "MAX({x})",
    "GROUP_CONCAT({s} ORDER BY id)",
    "BIT_OR({n})", "BIT_XOR({n})", "STDDEV({n})", "MAX({n})", "MIN({d})", "SUM({s})",
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
)  # fmt: skip
_WRITES = (
    "UPDATE v SET {m} = {x} WHERE {c}", "UPDATE v SET {m} = {x}", "UPDATE v SET {m} = {x}, {m} = {x} WHERE id = {l}",
    "DELETE FROM v WHERE {c}", "INSERT INTO v ({m}) VALUES ({l}), ({l})", "INSERT INTO v (id, {m}) VALUES ({l}, {l})",
    "REPLACE INTO v (id, {m}) VALUES (1, {l}), (9, {l})", "INSERT INTO v ({m}) SELECT {x} FROM v",
    "INSERT INTO v (id, {m}) VALUES (2, {l}) ON DUPLICATE KEY UPDATE {m} = {x}",
    "INSERT IGNORE INTO v (id, ti) VALUES (1, 1), (NULL, 2)",
    "UPDATE v SET id = id + 10 WHERE {c}", "INSERT INTO v (id) VALUES (NULL), (0), (50)",
)  # fmt: skip
_DEFINITIONS = (
    "ALTER TABLE v ADD COLUMN z {k}", "ALTER TABLE v MODIFY {m} {k}", "ALTER TABLE v DROP COLUMN {m}",
    "ALTER TABLE v ADD COLUMN z {k} FIRST", "CREATE TABLE w AS SELECT id, {x} AS e FROM v",
    "CREATE VIEW u AS SELECT {x} AS e FROM v",
    "ALTER TABLE v RENAME COLUMN {m} TO z", "CREATE TABLE w (a {k}, b {k} DEFAULT {l})", "ALTER TABLE v ADD UNIQUE ({m})",
)  # fmt: skip
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
_TRIES = 400
_SLOT = re.compile(r"\{(\w)\}")
_WORD = re.compile(r"\s*(?:'(?:[^'\\]|\\.|'')*'|\d+\.\d+|\w+|<=>|<>|<=|>=|[^\w\s])")
_COLUMNS = tuple(c["name"] for c in _VALUES["columns"] if c["name"] != "id")


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
            "a": lambda: self._fill(pick(_AGGREGATES), depth - 1), "m": lambda: pick(_COLUMNS), "k": lambda: pick(_TYPES),
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
        return _WORD.sub(lambda word: word[0] if "'" in word[0] or not word[0].isupper() else change(word[0]), text)


class Engines:
    """Both engines with the same tables, put back after each statement."""

    def __init__(self, dsn: str) -> None:
        tables = {"tables": [*spec(_TABLES)["tables"], _VALUES]}
        self.light, self.exact = LightSession(tables, database="fuzz"), ServerSession(tables, dsn, database="fuzz")
        self.starts = self.light.save(), self.exact.save()

    def judge(self, statement: str) -> tuple[str, str]:
        """How the answers differ, `silently wrong` being the worst, and both in words."""
        defines = re.match(r"alter|create", statement, re.I) is not None
        if not defines:
            self.exact.execute("START TRANSACTION")
        try:
            ours, theirs = _answer(self.light, statement), _answer(self.exact, statement)
            kind = self._kind(statement, ours, theirs)
            return kind, f"  light {_text(ours)}\n  exact {_text(theirs)}"
        finally:
            self.light.load(self.starts[0])
            if defines:
                self.exact.load(self.starts[1])
            else:
                self.exact.execute("ROLLBACK")
                # InnoDB does not take its counters back.
                self.exact.execute("ALTER TABLE people AUTO_INCREMENT = 7")
                self.exact.execute("ALTER TABLE v AUTO_INCREMENT = 6")

    def _kind(self, statement: str, light: Result | SQLError, exact: Result | SQLError) -> str:
        if isinstance(light, Unsupported):
            return "refused"
        if isinstance(light, SQLError):
            return (
                "wrong error"
                if isinstance(exact, Result)
                else "same error"
                if light.code == exact.code
                else "other code"
            )
        if isinstance(exact, SQLError):
            return "accepted, MySQL refuses"
        if light.columns or exact.columns:
            if not same_rows(light.rows, exact.rows, in_order=ordered(statement)):
                return "silently wrong"
            return "equal" if light.columns == exact.columns else "wrong name"
        same = light.affected == exact.affected and same_state(self.light.tables(), self.exact.tables())
        return "equal" if same else "silently wrong"

    def close(self) -> None:
        """End both."""
        self.light.close()
        self.exact.close()


def _answer(session: LightSession | ServerSession, statement: str) -> Result | SQLError:
    try:
        return session.execute(statement)
    except SQLError as e:
        return e


def _text(answer: Result | SQLError) -> str:
    return str(answer)[:300] if isinstance(answer, SQLError) else f"{answer.rows[:8]!s:.300} affected {answer.affected}"


def shrink(statement: str, still: Callable[[str], bool]) -> str:
    """The statement with as few words as still differ: spans of words are left out, calls give way to an argument."""
    words, tries, found = _WORD.findall(statement), _TRIES, True
    while found and tries > 0:
        found = False
        for smaller in _smaller(words):
            tries -= 1
            found = still("".join(smaller))
            if found or tries <= 0:
                words = smaller if found else words
                break
    return "".join(words)


def _smaller(words: list[str]) -> Iterator[list[str]]:
    for length in sorted({len(words) // n for n in (2, 3, 4, 6, 8, 12)} | {1, 2, 3, 4, 5}, reverse=True):
        for at in range(1, len(words) - length + 1):
            yield words[:at] + words[at + length :]
    for at, word in enumerate(words):
        if word.strip() not in ("1", "(", ")", ",") and at > 1:
            yield [*words[:at], " 1", *words[at + 1 :]]


def main() -> None:
    count, seed = (int(a) for a in [*sys.argv[1:3], *("2000", "1")[len(sys.argv) - 1 :]])
    logging.disable(logging.CRITICAL)
    counts: Counter[str] = Counter()
    with private_server() as dsn:
        engines, statements = Engines(dsn), Statements(seed)
        seen: set[str] = set()
        for _ in range(count):
            statement = statements.next()
            kind, _ = engines.judge(statement)
            counts[kind] += 1
            if kind in ("silently wrong", "wrong error", "wrong name"):
                small = shrink(statement, lambda s, k=kind: engines.judge(s)[0] == k)  # type: ignore[misc]
                if small not in seen:
                    seen.add(small)
                    print(f"{kind}: {small}\n{engines.judge(small)[1]}", flush=True)
        engines.close()
    print(", ".join(f"{n} {kind}" for kind, n in counts.most_common()))
    sys.exit(counts["silently wrong"] > 0)


if __name__ == "__main__":
    main()
