"""Statements that want too much time or memory, by kind, and what one of them costs.

Run it for all of them: `python -m tests.environments.db.hostile_sql` prints each that exceeds the bounds.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.session import SQLError

MIB = 1024 * 1024
LIMIT = 16 * MIB
SECONDS = 3.0
SPEC = {
    "tables": [
        {
            "name": "t",
            "columns": [
                {"name": "id", "type": "INT", "auto_increment": True},
                {"name": "n", "type": "INT"},
                {"name": "s", "type": "VARCHAR(40)"},
            ],
            "rows": [[i, i % 97, f"name {i * 7919 % 10_007}"] for i in range(1, 3001)],
            "primary_key": ["id"],
        },
        {"name": "big", "columns": [{"name": "a", "type": "LONGTEXT"}], "rows": [["x" * 900_000]] * 8},
        {"name": "small", "columns": [{"name": "a", "type": "INT"}], "rows": [[i] for i in range(40)]},
    ]
}  # fmt: skip
_HUGE = (
    "300000000",
    "-300000000",
    "9223372036854775807",
    "-9223372036854775808",
    "99999999999999999999999999",
    "1e300",
    "4300",
)
_NUMERIC = (
    "ROUND(15, {n})", "ROUND(15.5, {n})", "ROUND(1.5e0, {n})", "TRUNCATE(15.55, {n})", "TRUNCATE(1e10, {n})", "POW(10, {n})",
    "FORMAT(15.5, {n})", "REPEAT('a', {n})", "SPACE({n})", "LPAD('a', {n}, 'b')", "RPAD('é', {n}, '🙂')", "LEFT('a', {n})",
    "RIGHT('a', {n})", "SUBSTRING('abc', {n}, {n})", "SUBSTRING_INDEX('a,b', ',', {n})", "INSERT('abc', {n}, {n}, 'x')",
    "ELT({n}, 'a')", "CONV({n}, 10, 36)", "1 << {n}", "BIN({n})", "HEX({n})", "CHAR({n})", "MAKEDATE(2020, {n})",
    "MAKETIME({n}, 1, 1)", "SEC_TO_TIME({n})", "FROM_DAYS({n})", "FROM_UNIXTIME({n})", "PERIOD_ADD(202001, {n})",
    "DATE_ADD('2020-01-01', INTERVAL {n} DAY)", "DATE_ADD('2020-01-01', INTERVAL {n} YEAR)", "CAST({n} AS DECIMAL(65,30))",
    "CAST('{n}' AS SIGNED)", "EXP({n})", "{n} * {n}", "{n} DIV 0.0001", "CAST(REPEAT('9', 100000) AS DECIMAL(65, {n}))",
)  # fmt: skip
_TEXTS = (
    "CONV(REPEAT('9', 1000000), 10, 16)", "CAST(REPEAT('9', 1000000) AS SIGNED)", "CAST(REPEAT('9', 1000000) AS DOUBLE)",
    "REPLACE(REPEAT('a', 900000), 'a', REPEAT('b', 900000))", "REGEXP_REPLACE(REPEAT('a', 900000), 'a', REPEAT('b', 900000))",
    "REPEAT('a', 900000) LIKE CONCAT('%', REPEAT('_', 10000), 'b%')", "REPEAT('a', 900000) LIKE REPEAT('%a', 10000)",
    "REPEAT('ab', 400000) LIKE CONCAT('%', REPEAT('a_', 20000), 'c')", "REPEAT('é', 900000) LIKE '%É%z'",
    "CONCAT_WS(REPEAT(',', 900000), {many})", "CONCAT({many})", "SUBSTRING_INDEX(REPEAT('ab,', 300000), ',', -200000)",
    "FIND_IN_SET('z', REPEAT('ab,', 300000))", "LOCATE(REPEAT('a', 400000), REPEAT('ab', 400000))",
    "LOCATE('é', REPEAT('e', 900000))",
    "TRIM(BOTH 'ab' FROM REPEAT('ab', 400000))", "REVERSE(REPEAT('é', 900000))", "HEX(REPEAT('é', 900000))",
    "TO_BASE64(REPEAT('a', 4000000))", "QUOTE(REPEAT('\\'', 4000000))", "UPPER(REPEAT('ß', 900000))",
    "UNHEX(REPEAT('F', 4000000))",
    "STR_TO_DATE(REPEAT('1', 100), '{years}')", "STR_TO_DATE(REPEAT(' ', 3000), REPEAT(' x', 1000))",
    "DATE_FORMAT('2020-01-01', REPEAT('%W', 900000))", "STR_TO_DATE('1', '%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Yx')",
    "CAST(REPEAT(' ', 900000) AS DATE)", "CAST(REPEAT('1', 900000) AS DATETIME)", "CAST(REPEAT('1', 900000) AS TIME)",
    "REPEAT('a', 30) REGEXP '(a|a)*b'", "REPEAT('a', 5000) REGEXP '(a*)*(a*)*b$'",
    "'a' REGEXP '((a{{1,1000}}){{1,1000}}){{1,1000}}'",
    "'a' REGEXP REPEAT('(', 500)", "'a' REGEXP REPEAT('a?', 5000)", "REPEAT('a', 900000) REGEXP '(.*)(.*)(.*)(.*)(.*)x'",
    "'a' REGEXP REPEAT('[', 3000)", "'a' REGEXP CONCAT(REPEAT('(a', 300), REPEAT(')*', 300))",
    "REGEXP_SUBSTR(REPEAT('a', 900000), '(a+)+b')",
    "SHA2(REPEAT('a', 4000000), 512)", "CRC32(REPEAT('a', 4000000))", "STRCMP(REPEAT('é', 900000), REPEAT('É', 900000))",
)  # fmt: skip
_QUERIES = (
    "SELECT {text} FROM t", "SELECT {text} FROM t a, t b", "SELECT COUNT(*) FROM t WHERE {text} = s",
    "SELECT a.a, b.a, c.a FROM big a, big b, big c",
    "SELECT a.a FROM big a, t b ORDER BY 1 DESC", "SELECT DISTINCT CONCAT(a.a, b.id) FROM big a, t b",
    "SELECT GROUP_CONCAT({text}) FROM t",
    "SELECT GROUP_CONCAT('' SEPARATOR '') FROM t a, t b", "SELECT GROUP_CONCAT(a.s, b.s ORDER BY a.s, b.s DESC) FROM t a, t b",
    "SELECT {sums} FROM t a, t b", "SELECT COUNT(*) FROM t a, t b, t c", "SELECT a.s, b.s FROM t a, t b ORDER BY a.s DESC, b.s",
    "SELECT a.id, b.id FROM t a, t b ORDER BY b.id + a.id", "SELECT DISTINCT a.s, b.s FROM t a, t b",
    "SELECT a.s, COUNT(*) FROM t a, t b GROUP BY a.s, b.s", "SELECT a.id FROM t a, t b UNION SELECT b.id * a.id FROM t a, t b",
    "SELECT a.s FROM t a, t b WHERE a.s < b.s AND CONCAT(a.s, b.s) LIKE '%zz%'",
    "SELECT RANK() OVER (ORDER BY a.s, b.s) FROM t a, t b",
    "SELECT SUM(a.n) OVER (PARTITION BY b.s ORDER BY a.s ROWS BETWEEN 1000 PRECEDING AND 1000 FOLLOWING) FROM t a, t b",
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT * FROM r, t a, t b",
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT a.n FROM r a, t b) SELECT COUNT(*) FROM r",
    "SELECT (SELECT COUNT(*) FROM t b WHERE b.s > a.s AND b.n IN (SELECT n FROM t c WHERE c.s > b.s)) FROM t a",
    "SELECT {columns} FROM big", "SELECT {columns} FROM big a, big b", "SELECT {repeats}",
    "SELECT * FROM t a, t b, t c LIMIT 10000",
    "SELECT a.a FROM big a WHERE a.a REGEXP '(x+x+)+y'",
    "SELECT COUNT(*) FROM t a, t b WHERE CONCAT(REPEAT(a.s, 100), b.s) REGEXP '(a|b|ab)*c'",
    "SELECT COUNT(DISTINCT CONCAT(a.s, b.s)) FROM t a, t b", "SELECT MAX(CONCAT(a.a, b.a)) FROM big a, big b",
    "SELECT UPPER(REPEAT(CONCAT(a.s, 'é'), 3000)) FROM t a, t b",
    "SELECT s FROM t WHERE s IN (SELECT CONCAT(a.s, b.s) FROM t a, t b)",
    "SELECT BIT_XOR(a.id), STDDEV(a.id * b.id) FROM t a, t b, small c", "SELECT {elts} FROM t a, t b",
)  # fmt: skip
_WRITES = (
    "UPDATE t SET s = {text}", "UPDATE big SET a = CONCAT(a, a)", "UPDATE big SET a = REPEAT('y', 3000000)",
    "UPDATE big SET a = REVERSE(a)",
    "INSERT INTO big SELECT a.a FROM big a, t b", "INSERT INTO big SELECT {text} FROM t",
    "INSERT INTO t (n, s) SELECT a.n, b.s FROM t a, t b",
    "INSERT INTO small SELECT a.id FROM t a, t b", "DELETE a FROM t a, t b",
    "DELETE FROM t WHERE s IN (SELECT CONCAT(a.s, b.s) FROM t a, t b)",
    "UPDATE t a, t b SET a.n = 1", "UPDATE t SET n = (SELECT COUNT(*) FROM big x, t y, t z WHERE x.a > y.s)",
    "CREATE TABLE c AS SELECT a.a FROM big a, t b", "CREATE TABLE c AS SELECT a.s, b.id FROM t a, t b",
    "ALTER TABLE big ADD COLUMN z INT",
    "ALTER TABLE big MODIFY a LONGBLOB", "CREATE INDEX i ON t (s)", "REPLACE INTO t (id, s) SELECT a.id, b.s FROM t a, t b",
    "INSERT INTO t (id, n) SELECT a.id, b.id FROM t a, t b ON DUPLICATE KEY UPDATE n = n + 1",
    "INSERT IGNORE INTO t (id, n) SELECT a.id, b.id FROM t a, t b",
    "DELETE FROM big", "TRUNCATE TABLE big", "ALTER TABLE t MODIFY s VARCHAR(80)",
)  # fmt: skip


def _grammar() -> Iterator[str]:
    """Long and deep statements."""
    for n in (1_000, 60_000, 900_000):
        yield from (
            "SELECT " + "(" * n, "SELECT " + "-" * n + "1", "SELECT " + "a," * n + "1", "SELECT " + "1+" * n + "1",
            "SELECT '" + "a" * n + "'", "SELECT " + "'a' " * n, "SELECT " + "NOT " * n + "1", "SELECT " + "9" * n,
            "INSERT INTO small VALUES " + "(1)," * n + "(1)", "SELECT 1 IN (" + "1," * n + "1)", "SELECT " + "x." * n + "x",
            "SELECT 1 " + "UNION SELECT 1 " * n, "SELECT " + "/*" * n, "SELECT " + "`" * n, "SELECT " + "'" * n,
            "(" * n, ";" * n,
            "SELECT * FROM t " + "JOIN t " * n, "SELECT " + "CASE WHEN 1 THEN " * n,
            "CREATE TABLE q (" + "c INT," * n + "d INT)",
            "SELECT 0x" + "f" * n, "\\" * n, "SELECT '" + "\\'" * n, "SELECT " + "@" * n, "SET @a = " + "1+" * n + "1",
        )  # fmt: skip
    yield (
        "WITH a0 AS (SELECT 1 AS x), "
        + ", ".join(f"a{i} AS (SELECT p.x FROM a{i - 1} p, a{i - 1} q)" for i in range(1, 40))
        + " SELECT * FROM a39"
    )
    yield "SELECT " + "NULLIF(" * 50 + "s" + ", 1)" * 50 + " FROM t"
    yield "SELECT " + "GREATEST(" * 40 + "n" + ", n, n)" * 40 + " FROM t"
    yield "SELECT * FROM " + ", ".join(f"t a{i}" for i in range(64))


def statements() -> list[tuple[str, str]]:
    """All of them, each with its kind."""
    long_text = "REPEAT('x', 900000)"
    words = {
        "many": ", ".join([long_text] * 60), "text": long_text, "years": "%Y" * 60, "columns": ", ".join(["a"] * 60),
        "sums": ", ".join(f"GROUP_CONCAT(a.s, {i})" for i in range(200)), "repeats": ", ".join([long_text] * 500),
        "elts": ", ".join(f"REPEAT('é', {i})" for i in range(900, 1200)),
    }  # fmt: skip
    found = [("number", f"SELECT {f.format(n=n)}") for f in _NUMERIC for n in _HUGE]
    found += [("text", f"SELECT {f.format(**words)}") for f in _TEXTS]
    found += [("query", f.format(**words)) for f in _QUERIES]
    found += [("write", f.format(**words)) for f in _WRITES]
    return found + [("grammar", sql) for sql in _grammar()]


@dataclass(frozen=True, slots=True)
class Cost:
    """`outcome`: the error's code, or how many rows came; `seconds` of this process, so that other work on the machine
    does not count, and `wall` by the clock; `growth` in bytes of resident memory, None if unknown."""

    outcome: str
    seconds: float
    wall: float
    growth: int | None


def _resident(field: str) -> int | None:
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(field)), None)


def _settle() -> None:
    """Give free memory back and forget the peak, so that the next one is seen."""
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except (OSError, AttributeError):
        pass


def cost(sql: str, times: int = 1) -> Cost:
    """Run one statement in a session of its own, at 16 MiB and 3 seconds. Raises whatever is no SQLError.

    `times`: how often it is run; the second time it is one that the session has seen."""
    _settle()
    before = _resident("VmRSS")
    session = LightSession(SPEC, max_bytes=LIMIT)
    start, wall = time.process_time(), time.monotonic()
    for _ in range(times):
        try:
            outcome = f"{len(session.execute(sql, seconds=SECONDS).rows)} rows"
        except SQLError as e:
            outcome = f"error {e.code}"
    seconds, wall = time.process_time() - start, time.monotonic() - wall
    if session.unforeseen:
        outcome = "not foreseen"
    peak = _resident("VmHWM")
    session.close()
    return Cost(outcome, seconds, wall, peak - before if peak is not None and before is not None else None)


def within_bounds(found: Cost) -> bool:
    """Half a second and 32 MiB over the limits at most, and no exception of the engine's own."""
    small = found.growth is None or found.growth <= LIMIT + 32 * MIB
    return small and found.seconds <= SECONDS + 0.5 and found.wall < 10 * SECONDS and found.outcome != "not foreseen"


def main() -> None:
    tried = statements()
    worst_time, worst_growth, bad = 0.0, 0, 0
    for kind, sql in tried:
        found = cost(sql)
        growth = found.growth or 0
        worst_time, worst_growth = max(worst_time, found.seconds), max(worst_growth, growth)
        if not within_bounds(found):
            bad += 1
            print(
                f"{kind:8} {found.seconds:6.2f} s ({found.wall:.2f}) {growth / MIB:7.1f} MiB {found.outcome:12} {sql[:90]}",
                flush=True,
            )
    print(
        f"{len(tried)} statements, {bad} beyond the bounds; longest {worst_time:.2f} s, most {worst_growth / MIB:.1f} MiB"
    )
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
