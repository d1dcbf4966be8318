"""Every construct in every clause, on the light engine and on a real server: generated, none left out."""

from __future__ import annotations

from collections import Counter

import pytest

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.server import ServerSession

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
SAME_FAULT = frozenset({1064, 1054, 1111, 1056, 1241, 1242, 1305, 4015, 4016, 1247, 4074})
"""Numbers under which the two servers' parsers and resolvers report one and the same fault in different order."""


def statements() -> list[str]:
    return [clause.format(construct) for clause in CLAUSES.values() for group in CONSTRUCTS.values() for construct in group]


def verdicts(dsn: str) -> list[Verdict]:
    exact, light = ServerSession(TABLES, dsn, database="clauses"), LightSession(TABLES, database="clauses")
    starts = light.save(), exact.save()
    results = []
    try:
        for statement in statements():
            verdict = compare(statement, answer(light, statement), answer(exact, statement))
            states = light.tables(), exact.tables()
            if verdict.kind in ("agree", "code") and not same_state(*states):
                verdict = Verdict("wrong", f"{statement} [state]", *states)
            results.append(verdict)
            if not statement.startswith("SELECT"):
                light.load(starts[0])
                if states[1] != ServerSession.tables(exact) or verdict.kind != "code":
                    exact.load(starts[1])
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
    assert counts["code"] <= 0.02 * counts.total()
    assert counts["refused"] <= 0.05 * counts.total()
