"""The light SQL engine's speed, as ratios within one run: `python tests/benchmarks/bench_sql.py`.

A statement never seen before is held against `sqlglot.transpile` plus the same work in raw sqlite3, one seen before
against sqlite3 alone; construction, snapshot and restore are given as times.
"""

from __future__ import annotations

import sqlite3
from statistics import median
from typing import Any

import sqlglot
from timing import ratio, timed

from simenv.plugins.environments.db.engine.light import LightSession

_ROWS = 100
SPEC: dict[str, Any] = {
    "tables": [
        {
            "name": "people",
            "columns": [
                {"name": "id", "type": "INT"}, {"name": "name", "type": "TEXT"}, {"name": "age", "type": "INT"},
                {"name": "city", "type": "TEXT"},
            ],
            "rows": [[i, f"name {i}", i % 60, f"city {i % 9}"] for i in range(_ROWS)],
        },
        {
            "name": "orders",
            "columns": [{"name": "id", "type": "INT"}, {"name": "person", "type": "INT"}, {"name": "total", "type": "INT"}],
            "rows": [[i, i % _ROWS, i * 3] for i in range(_ROWS)],
        },
    ]
}  # fmt: skip
STATEMENTS = [
    "SELECT * FROM people WHERE id = {n}",
    "SELECT name, age FROM people WHERE age > {n} ORDER BY age DESC, id LIMIT 5",
    "SELECT COUNT(*) FROM people WHERE city = 'city {n}'",
    "SELECT age, COUNT(*) AS c FROM people WHERE id > {n} GROUP BY age HAVING COUNT(*) > 1 ORDER BY c DESC LIMIT 5",
    "SELECT p.name, SUM(o.total) AS t FROM people AS p JOIN orders AS o ON p.id = o.person WHERE o.total > {n} "
    "GROUP BY p.id, p.name ORDER BY t DESC LIMIT 3",
    "SELECT name FROM people WHERE id IN (SELECT person FROM orders WHERE total > {n}) AND age BETWEEN 10 AND 20",
]


def raw_connection() -> sqlite3.Connection:
    """The same tables in plain sqlite3."""
    connection = sqlite3.connect(":memory:")
    for table in SPEC["tables"]:
        names = ",".join(f"{c['name']} {'INTEGER' if c['type'] == 'INT' else 'TEXT'}" for c in table["columns"])
        connection.execute(f"CREATE TABLE {table['name']} ({names})")
        marks = ",".join("?" * len(table["columns"]))
        connection.executemany(f"INSERT INTO {table['name']} VALUES ({marks})", table["rows"])
    return connection


def fresh_ratio(statement: str, times: int = 200) -> float:
    """How much longer an unseen statement takes than transpiling it and running that in sqlite3."""
    session, raw = LightSession(SPEC), raw_connection()
    counter = iter(range(10 * times))

    def ours() -> None:
        session.execute(statement.format(n=next(counter)))

    def theirs() -> None:
        text = sqlglot.transpile(statement.format(n=next(counter)), read="mysql", write="sqlite")[0]
        raw.execute(text).fetchall()

    ours(), theirs()
    return ratio(ours, theirs, times)


def seen_ratio(session: LightSession, statement: str, times: int = 3000) -> float:
    """How much longer a statement seen before takes than the same in sqlite3."""
    raw = raw_connection()
    return ratio(lambda: session.execute(statement), lambda: raw.execute(statement).fetchall(), times)


def main() -> None:
    ratios = []
    for statement in STATEMENTS:
        ratios.append(fresh_ratio(statement))
        print(f"unseen / (transpile + sqlite3)  {ratios[-1]:5.2f}  {statement[:70]}")
    print(f"unseen, median ratio            {median(ratios):5.2f}")
    session = LightSession(SPEC)
    for statement in STATEMENTS[:2]:
        text = statement.format(n=7)
        rate = 1 / timed(lambda t=text: session.execute(t), 3000)
        print(f"seen before / sqlite3           {seen_ratio(session, text):5.2f}, {rate:8.0f} a second  {text[:60]}")
    print(f"construct                       {1000 * timed(lambda: LightSession(SPEC), 50):8.2f} ms")
    blob = session.save()
    both = timed(lambda: session.load(session.save()), 100)
    print(f"snapshot + restore, {len(blob) // 1024:4d} KB      {1000 * both:8.2f} ms")


if __name__ == "__main__":
    main()
