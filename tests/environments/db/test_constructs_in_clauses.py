"""Every construct in every clause, on the light engine and on a real server: generated, none left out."""

from __future__ import annotations

from collections import Counter

import pytest

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.server import ServerSession
from simenv.plugins.environments.db.engine.session import SQLError

from .sql_differential import Verdict, answer, compare, same_state

CONSTRUCTS = {
    "aggregate": ("SUM(b)", "COUNT(*)", "a + MAX(b)", "IF(COUNT(*) > 1, 1, 0)", "GROUP_CONCAT(a)", "COALESCE(SUM(b), 0)"),
    "window": ("ROW_NUMBER() OVER ()", "MAX(b) OVER ()", "SUM(b) OVER (ORDER BY a)"),
    "subquery": (
        "(SELECT MAX(v) FROM u)", "(SELECT v FROM u WHERE u.id = t.a)", "EXISTS (SELECT 1 FROM u WHERE u.v < 6)",
        "2 IN (SELECT id FROM u)", "(SELECT id, v FROM u LIMIT 1)", "(SELECT v FROM u)",
    ),
    "alias": ("k", "k + 1", "nope"),
    "star": ("*", "t.*", "a * b"),
    "values": ("VALUES(a)", "VALUES(b) + 1", "DEFAULT(a)", "DEFAULT"),
    "parameter": ("?", ":a", "@nope", "@nope + a"),
}  # fmt: skip
"""What may stand in a clause. `t(a, b)` and `u(id, v)` are tables, `k` is an alias where the clause has a select list."""

CLAUSES = {
    "select": "SELECT a AS k, {} FROM t",
    "select alone": "SELECT {} FROM t",
    "select without table": "SELECT {}",
    "where": "SELECT a AS k FROM t WHERE {} > 0",
    "on": "SELECT t.a AS k FROM t JOIN u ON {} > 0",
    "group": "SELECT a AS k FROM t GROUP BY {}",
    "having": "SELECT a AS k FROM t GROUP BY a HAVING {} > 0",
    "having without group": "SELECT a AS k FROM t HAVING {} > 0",
    "order": "SELECT a AS k FROM t ORDER BY {}",
    "limit": "SELECT a AS k FROM t ORDER BY a LIMIT {}",
    "offset": "SELECT a AS k FROM t ORDER BY a LIMIT 1 OFFSET {}",
    "set": "UPDATE t SET a = {}",
    "set of a join": "UPDATE t JOIN u ON t.a = u.id SET t.b = {}",
    "update where": "UPDATE t SET b = 9 WHERE {} > 0",
    "update order": "UPDATE t SET b = 9 ORDER BY {} LIMIT 1",
    "delete where": "DELETE FROM t WHERE {} > 0",
    "values": "INSERT INTO t (a, b) VALUES ({}, 2)",
    "insert set": "INSERT INTO t SET a = {}",
    "replace": "REPLACE INTO t (a, b) VALUES ({}, 2)",
    "insert select": "INSERT INTO t (a, b) SELECT {}, 7 FROM u",
    "on duplicate": "INSERT INTO t (a, b) VALUES (1, 2) ON DUPLICATE KEY UPDATE b = {}",
    "default": "CREATE TABLE made (x INT DEFAULT {})",
    "partition": "SELECT SUM(a) OVER (PARTITION BY {}) AS k FROM t",
    "window order": "SELECT RANK() OVER (ORDER BY {}) AS k FROM t",
    "argument": "SELECT SUM({}) AS k FROM t",
    "subquery where": "SELECT a AS k FROM t WHERE EXISTS (SELECT 1 FROM u WHERE {} > 0)",
    "subquery having": "SELECT a AS k FROM t WHERE EXISTS (SELECT 1 FROM u GROUP BY id HAVING {} > 0)",
    "subquery in having": "SELECT a AS k FROM t GROUP BY a HAVING EXISTS (SELECT 1 FROM u WHERE {} > 0)",
    "derived table": "SELECT k FROM (SELECT {} AS k FROM t) d",
    "set variable": "SET @seen = {}",
}
TABLES = {
    "tables": [
        {
            "name": "t",
            "columns": [{"name": "a", "type": "INT", "nullable": False, "default": 5}, {"name": "b", "type": "INT"}],
            "primary_key": ["a"],
            "rows": [[1, 5], [2, 6], [3, 6]],
        },
        {
            "name": "u",
            "columns": [{"name": "id", "type": "INT"}, {"name": "v", "type": "INT"}],
            "rows": [[1, 4], [2, 8]],
        },
    ]
}


def statements() -> list[str]:
    """Every construct in every clause."""
    return [clause.format(c) for clause in CLAUSES.values() for group in CONSTRUCTS.values() for c in group]


def verdicts(dsn: str) -> list[Verdict]:
    """Each statement on both engines; what it writes is compared, too, and taken back."""
    exact, light = ServerSession(TABLES, dsn, database="clauses"), LightSession(TABLES, database="clauses")
    start, results = light.save(), []
    try:
        for statement in statements():
            if statement.startswith("SELECT"):
                results.append(compare(statement, answer(light, statement), answer(exact, statement)))
                continue
            exact.execute("START TRANSACTION")
            verdict = compare(statement, answer(light, statement), answer(exact, statement))
            states = light.tables(), exact.tables()
            if verdict.kind in ("agree", "code") and not same_state(*states):
                verdict = Verdict("wrong", f"{statement} [state]", *states)
            results.append(verdict)
            light.load(start)
            exact.execute("ROLLBACK")
            exact.execute("DROP TABLE IF EXISTS made")
    finally:
        light.close()
        exact.close()
    return results


@pytest.mark.slow
def test_every_construct_in_every_clause_is_answered_refused_or_rejected_as_by_the_server(dsn: str) -> None:
    outcomes = verdicts(dsn)
    counts = Counter(v.kind for v in outcomes)
    print(f"\nconstructs in clauses: {dict(counts)}")
    wrong = [f"{v.statement}\n  light {v.light}\n  exact {v.exact}" for v in outcomes if v.kind == "wrong"]
    assert not wrong, "\n".join(wrong)
    assert counts["agree"] >= 690
    assert counts["code"] <= 40


def test_an_aggregate_in_an_assignment_is_an_error_and_changes_nothing() -> None:
    session = LightSession(TABLES)
    before = session.tables()
    for statement in (
        "UPDATE t SET a = SUM(b)", "UPDATE t SET b = b / SUM(b) * 100", "INSERT INTO t (a, b) VALUES (MIN(1), 2)",
        "UPDATE t JOIN u ON t.a = u.id SET t.b = SUM(u.v)", "INSERT INTO t SET a = COUNT(*)",
        "INSERT INTO t (a, b) VALUES (1, 2) ON DUPLICATE KEY UPDATE b = SUM(b)", "REPLACE INTO t (a, b) VALUES (MAX(1), 2)",
    ):  # fmt: skip
        with pytest.raises(SQLError) as error:
            session.execute(statement)
        assert error.value.code == 1111, statement
    with pytest.raises(SQLError) as error:
        session.execute("UPDATE t SET b = ROW_NUMBER() OVER ()")
    assert error.value.code == 4015
    assert session.tables() == before
