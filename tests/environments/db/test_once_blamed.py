# ruff: noqa: E501 - a table: one statement a line
"""Valid statements of eight kinds that were once answered with an error of MySQL's: answered, or refused as our own limit."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.server import ServerSession
from simenv.plugins.environments.db.engine.session import Unsupported

SETUP = (
    "CREATE TABLE dept (id INT PRIMARY KEY, name VARCHAR(40))",
    "CREATE TABLE emp (id INT PRIMARY KEY, name VARCHAR(40), dept_id INT, salary DECIMAL(10,2))",
    "CREATE TABLE ord (id INT PRIMARY KEY, emp_id INT, amt INT)",
    "INSERT INTO dept VALUES (1, 'A'), (2, 'B'), (3, 'C')",
    "INSERT INTO emp VALUES (1, 'Ann', 1, 100.50), (2, 'Bob', 1, 80), (3, 'Cid', 2, 120), (4, 'Dan', NULL, 60)",
    "INSERT INTO ord VALUES (1, 1, 10), (2, 1, 20), (3, 3, 7)",
)
# Each kind: statements with the rows that MySQL 8 and MariaDB 10.11 give; None where the engine refuses.
KINDS: dict[str, tuple[tuple[str, list[tuple] | None], ...]] = {
    "unqualified ORDER BY of a selected column": (
        (
            "SELECT e.name, d.name AS dept, e.id FROM emp e JOIN dept d ON e.dept_id = d.id ORDER BY id",
            [("Ann", "A", 1), ("Bob", "A", 2), ("Cid", "B", 3)],
        ),
        (
            "SELECT d.*, e.name AS who FROM dept d JOIN emp e ON e.dept_id = d.id ORDER BY id, who",
            [(1, "A", "Ann"), (1, "A", "Bob"), (2, "B", "Cid")],
        ),
        (
            "SELECT e.id, COUNT(*) FROM emp e JOIN ord o ON o.emp_id = e.id JOIN dept d ON d.id = e.dept_id GROUP BY e.id ORDER BY id DESC",
            [(3, 1), (1, 2)],
        ),
    ),
    "CONVERT(f(x), type)": (
        ("SELECT CONVERT(AVG(salary), DECIMAL(10, 1)) FROM emp", [(Decimal("90.1"),)]),
        ("SELECT CONVERT(UPPER(name), CHAR(2)) FROM emp WHERE id = 1", [("AN",)]),
        ("SELECT CONVERT(LENGTH(name), SIGNED), CONVERT(ROUND(salary), UNSIGNED) FROM emp WHERE id = 1", [(3, 101)]),
    ),
    "CAST(x AS SIGNED INTEGER)": (
        ("SELECT CAST('12' AS SIGNED INTEGER)", [(12,)]),
        ("SELECT CAST(salary AS UNSIGNED INT) FROM emp WHERE id = 1", [(101,)]),
        ("SELECT CAST(SUM(salary) AS SIGNED INTEGER) FROM emp", [(361,)]),
    ),
    "nested brackets in FROM": (
        (
            "SELECT e.name FROM ((emp e JOIN dept d ON e.dept_id = d.id) JOIN ord o ON o.emp_id = e.id) ORDER BY o.id",
            [("Ann",), ("Ann",), ("Cid",)],
        ),
        ("SELECT COUNT(*) FROM (((emp JOIN dept ON emp.dept_id = dept.id)))", [(3,)]),
        (
            "SELECT d.name, o.id FROM (dept d LEFT JOIN (emp e JOIN ord o ON o.emp_id = e.id) ON e.dept_id = d.id) ORDER BY d.id, o.id",
            [("A", 1), ("A", 2), ("B", 3), ("C", None)],
        ),
    ),
    "a join without ON followed by others": (
        ("SELECT COUNT(*) FROM emp e JOIN dept d JOIN ord o ON o.emp_id = e.id", [(9,)]),
        (
            "SELECT d.name, o.id FROM dept d JOIN emp e LEFT JOIN ord o ON o.emp_id = e.id WHERE e.dept_id = d.id ORDER BY d.id, o.id",
            [("A", None), ("A", 1), ("A", 2), ("B", 3)],
        ),
        (
            "SELECT e.id FROM dept d CROSS JOIN emp e JOIN ord o ON o.emp_id = e.id AND e.dept_id = d.id ORDER BY o.id",
            [(1,), (1,), (3,)],
        ),
    ),
    "outer columns in a subquery's HAVING": (
        (
            "SELECT d.name FROM dept d WHERE EXISTS (SELECT 1 FROM emp e GROUP BY dept_id HAVING dept_id = d.id) ORDER BY 1",
            [("A",), ("B",)],
        ),
        (
            "SELECT name FROM dept d WHERE 100 < (SELECT SUM(salary) FROM emp e GROUP BY e.dept_id HAVING e.dept_id = d.id) ORDER BY name",
            [("A",), ("B",)],
        ),
        (
            "SELECT id, (SELECT COUNT(*) FROM ord o GROUP BY o.emp_id HAVING o.emp_id = e.id) AS n FROM emp e ORDER BY id",
            [(1, 2), (2, None), (3, 1), (4, None)],
        ),
    ),
    "outer aggregates": (
        (
            "SELECT dept_id FROM emp GROUP BY dept_id HAVING EXISTS (SELECT 1 FROM ord WHERE ord.amt * 10 > MAX(emp.salary)) ORDER BY 1",
            [(None,), (1,), (2,)],
        ),
        (
            "SELECT dept_id, (SELECT COUNT(*) FROM ord WHERE amt > MIN(emp.salary) / 10) AS n FROM emp GROUP BY dept_id ORDER BY 1",
            None,
        ),
        (
            "SELECT dept_id FROM emp GROUP BY dept_id HAVING COUNT(*) > (SELECT COUNT(*) FROM ord WHERE amt > MAX(emp.salary)) ORDER BY 1",
            None,
        ),
    ),
    "row comparisons with ANY and ALL": (
        ("SELECT id FROM emp WHERE (id, dept_id) = ANY (SELECT emp_id, 1 FROM ord) ORDER BY id", [(1,)]),
        ("SELECT id FROM emp WHERE (id, dept_id) <> ALL (SELECT emp_id, 1 FROM ord) ORDER BY id", [(2,), (3,), (4,)]),
        ("SELECT (1, 2) = SOME (SELECT 1, 2), (1, 3) <> ALL (SELECT 1, 2)", [(1, 1)]),
    ),
}
STATEMENTS = [(statement, rows) for kind in KINDS.values() for statement, rows in kind]


@pytest.fixture(scope="module")
def session() -> Iterator[LightSession]:
    session = LightSession({"tables": []})
    for statement in SETUP:
        session.execute(statement)
    yield session
    session.close()


@pytest.mark.parametrize(("statement", "rows"), STATEMENTS)
def test_a_valid_statement_is_answered_or_refused_and_blames_nobody(
    session: LightSession, statement: str, rows: list[tuple] | None
) -> None:
    if rows is None:
        with pytest.raises(Unsupported):
            session.execute(statement)
    else:
        assert session.execute(statement).rows == rows


def test_the_server_gives_these_rows(dsn: str) -> None:
    server = ServerSession({"tables": []}, dsn)
    try:
        for statement in SETUP:
            server.execute(statement)
        for statement, rows in STATEMENTS:
            answer = server.execute(statement)
            assert rows is None or answer.rows == rows, statement
    finally:
        server.close()
