# ruff: noqa: E501, SIM905 - a table: one claim a line
"""What a model says of a database, judged against the engine: rows by value, errors by code, changes by count."""

import asyncio
import copy
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simenv.plugins import environment
from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.session import SQLError
from simenv.types import Action, Observation
from tests import DATA
from tests.benchmarks.bench_checker import measure
from tests.helpers.comparisons import HOSTILE, deep, scene, verdict
from tests.helpers.judgements import is_well_judged

from .sql_differential import corpus

ROWS = [
    [1, "Ann", "12.50", "2020-01-02", 7.5, "pending"], [2, "Bob", "3.00", "2021-05-06", None, "done"],
    [3, "Cid", "12.50", None, 0.1, "pending"], [4, "O'Neil", "99.99", "2020-12-31", 3.25, "done"],
]  # fmt: skip
SPEC = {
    "tables": [
        {
            "name": "orders",
            "columns": [
                {"name": "id", "type": "INT", "auto_increment": True}, {"name": "customer", "type": "VARCHAR(20)"},
                {"name": "total", "type": "DECIMAL(8,2)"}, {"name": "order_date", "type": "DATE"},
                {"name": "weight", "type": "DOUBLE"}, {"name": "status", "type": "TEXT"},
            ],
            "rows": ROWS,
            "primary_key": ["id"],
        },
        {"name": "codes", "columns": [{"name": "code", "type": "TEXT"}], "rows": [["7"], ["007"], ["a|b"], [""]]},
    ]
}  # fmt: skip
GOAL = {"answer": [1]}


def at(query, *before):
    return scene("db", SPEC, ("execute_sql", {"query": query}), [("execute_sql", {"query": q}) for q in before], GOAL)


DELETE = "DELETE FROM orders WHERE status = 'pending' AND order_date < '2021-01-01'"
SCENES = {
    "names": at("SELECT id, customer FROM orders"),
    "sorted": at("SELECT customer, total FROM orders ORDER BY total"),
    "hidden": at("SELECT customer FROM orders ORDER BY total"),
    "limited": at("SELECT id, customer FROM orders LIMIT 2"),
    "tied": at("SELECT customer FROM orders ORDER BY total DESC LIMIT 2"),
    "distinct": at("SELECT DISTINCT status FROM orders ORDER BY status"),
    "dates": at("SELECT customer, order_date, total FROM orders WHERE id < 3"),
    "average": at("SELECT AVG(total) FROM orders"),
    "floats": at("SELECT weight FROM orders"),
    "count": at("SELECT COUNT(*) FROM orders"),
    "none": at("SELECT id FROM orders WHERE id > 99"),
    "codes": at("SELECT code FROM codes"),
    "long": at("SELECT a.customer, b.customer, c.customer FROM orders a, orders b, orders c"),
    "tables": at("SHOW TABLES"),
    "describe": at("DESCRIBE codes"),
    "deleted": at(DELETE),
    "nobody": at(DELETE, DELETE),
    "raised": at("UPDATE orders SET total = 12.50 WHERE total >= 3"),
    "inserted": at("INSERT INTO orders (customer, total) VALUES ('Dee', 1), ('Eve', 2)"),
    "created": at("CREATE TABLE notes (id INT)"),
    "typo": at("SELEC id FROM orders"),
    "missing": at("SELECT * FROM customers"),
    "column": at("SELECT nope FROM orders"),
    "denied": at("CREATE DATABASE shop"),
    "refused": at("SELECT RAND()"),
    "clock": at("SELECT NOW(), id FROM orders WHERE id = 1"),
    "argument": scene("db", SPEC, ("execute_sql", {"query": None}), goal=GOAL),
}
TABLE = "+----+----------+\n| id | customer |\n+----+----------+\n|  1 | Ann      |\n|  4 | O'Neil   |\n|  2 | Bob      |\n|  3 | Cid      |\n+----+----------+"
CLAIMS = (
    ("names", "[(1, 'Ann'), (2, 'Bob'), (3, 'Cid'), (4, \"O'Neil\")]", "match"),
    ("names", "[(4, 'O\\'Neil'),(2,'Bob'),(3,'Cid'),(1,'Ann')]", "match"),
    ("names", '[[1, "Ann"], [2, "Bob"], [3, "Cid"], [4, "O\'Neil"]]', "match"),
    ("names", '```json\n[{"id": 1, "customer": "Ann"}, {"id": 2, "customer": "Bob"}, {"id": 3, "customer": "Cid"}, {"id": 4, "customer": "O\'Neil"}]\n```', "match"),
    ("names", TABLE, "match"),
    ("names", TABLE + "\n4 rows in set (0.00 sec)", "match"),
    ("names", TABLE + "\n3 rows in set (0.00 sec)", "wrong_result"),
    ("names", "| id | name |\n|---|---|\n| 1 | Ann |\n| 2 | Bob |\n| 3 | Cid |\n| 4 | O'Neil |", "match"),
    ("names", "id\tcustomer\n1\tAnn\n2\tBob\n3\tCid\n4\tO'Neil", "match"),
    ("names", "1\tAnn\n2\tBob\n3\tCid\n4\tO'Neil", "match"),
    ("names", "((1, 'Ann'), (2, 'Bob'), (3, 'Cid'), (4, \"O'Neil\"))", "match"),
    ("names", "[]", "wrong_result"),
    ("names", "Empty set (0.00 sec)", "wrong_result"),
    ("names", "[(1, 'Ann'), (2, 'Bob'), (3, 'Cid')]", "wrong_result"),
    ("names", "[(1, 'Ann'), (2, 'Bob'), (3, 'Cid'), (4, \"O'Neil\"), (4, \"O'Neil\")]", "wrong_result"),
    ("names", "[(1, 'Bob'), (2, 'Ann'), (3, 'Cid'), (4, \"O'Neil\")]", "wrong_result"),
    ("names", "[('1', 'Ann'), ('2', 'Bob'), ('3', 'Cid'), ('4', \"O'Neil\")]", "wrong_result"),
    ("names", "[(1, 'Ann'), (2, 'Bob'), (3, 'Cid'), (4, \"O'Neil\"), (5, 'Zed')]", "invented"),
    ("names", "[(1, 'Ann'), (2, 'Bob'), [TRUNCATED]]", "wrong_result"),
    ("names", "[(1, 'Ann'), (2, 'Bob'", "format"),
    ("names", "There are four orders: Ann, Bob, Cid and O'Neil.", "format"),
    ("names", "Query OK, 4 rows affected (0.01 sec)", "wrong_result"),
    ("names", "ERROR 1146 (42S02): Table 'db.orders' doesn't exist", "refused_valid"),
    ("names", "Error: table orders not found", "refused_valid"),
    ("names", "Sure! [(1, 'Ann'), (2, 'Bob'), (3, 'Cid'), (4, \"O'Neil\")]", "out_of_character"),
    ("names", "[(1, 'Ann'), (2, 'Bob'), (3, 'Cid'), (4, \"O'Neil\")]\n\nLet me know if you need anything else!", "out_of_character"),
    ("names", "", "format"),
    ("sorted", "[('Bob', 3.0), ('Ann', 12.5), ('Cid', 12.5), (\"O'Neil\", 99.99)]", "match"),
    ("sorted", "[('Bob', Decimal('3')), ('Cid', Decimal('12.5')), ('Ann', Decimal('12.500')), (\"O'Neil\", Decimal('99.99'))]", "match"),
    ("sorted", "[('Ann', 12.5), ('Bob', 3.0), ('Cid', 12.5), (\"O'Neil\", 99.99)]", "wrong_result"),
    ("hidden", "[('Bob',), ('Cid',), ('Ann',), (\"O'Neil\",)]", "match"),
    ("hidden", "[('Cid',), ('Bob',), ('Ann',), (\"O'Neil\",)]", "wrong_result"),
    ("limited", "[(3, 'Cid'), (4, \"O'Neil\")]", "match"),
    ("limited", "[(3, 'Cid'), (4, 'Ann')]", "wrong_result"),
    ("limited", "[(3, 'Cid'), (3, 'Cid')]", "wrong_result"),
    ("limited", "[(3, 'Cid')]", "wrong_result"),
    ("tied", "[(\"O'Neil\",), ('Cid',)]", "match"),
    ("tied", "[(\"O'Neil\",), ('Ann',)]", "match"),
    ("tied", "[(\"O'Neil\",), ('Bob',)]", "wrong_result"),
    ("tied", "[('Ann',), (\"O'Neil\",)]", "wrong_result"),
    ("distinct", "[('pending',), ('done',)]", "wrong_result"),
    ("dates", "[('Ann', '2020-01-02', '12.50'), ('Bob', '2021-05-06', '3.00')]", "match"),
    ("dates", "[('Ann', datetime.date(2020, 1, 2), Decimal('12.5')), ('Bob', datetime.date(2021, 5, 6), 3)]", "match"),
    ("dates", "[('Ann', datetime.date(2020, 1, 3), Decimal('12.5')), ('Bob', datetime.date(2021, 5, 6), 3)]", "invented"),
    ("dates", "[('Ann', '2020-01-02', 12.51), ('Bob', '2021-05-06', 3)]", "wrong_result"),
    ("average", "[(Decimal('31.997500'),)]", "match"),
    ("average", "[(31.9975,)]", "match"),
    ("average", "31.9975", "match"),
    ("average", "[(32.0,)]", "wrong_result"),
    ("floats", "[(None,), (0.1,), (7.5,), (3.25,)]", "match"),
    ("floats", "| weight |\n|---|\n| 7.50 |\n| NULL |\n| 0.10 |\n| 3.25 |", "match"),
    ("floats", "[(0,), (0.1,), (7.5,), (3.25,)]", "wrong_result"),
    ("floats", "[('',), (0.1,), (7.5,), (3.25,)]", "wrong_result"),
    ("count", "[[4]]", "match"),
    ("count", "[(4,)]\n1 row in set (0.00 sec)", "match"),
    ("count", "[(5,)]", "wrong_result"),
    ("none", "Empty set (0.01 sec)", "match"),
    ("none", "()", "match"),
    ("none", "[(None,)]", "wrong_result"),
    ("none", "0 rows in set", "match"),
    ("codes", "[('7',), ('007',), ('a|b',), ('',)]", "match"),
    ("codes", "[(7,), ('007',), ('a|b',), ('',)]", "wrong_result"),
    ("codes", "+------+\n| code |\n+------+\n| 7    |\n| 007  |\n| a|b  |\n|      |\n+------+", "match"),
    ("codes", "+------+\n| code |\n+------+\n| 7    |\n| 7    |\n| a|b  |\n|      |\n+------+", "wrong_result"),
    ("tables", "[('orders',), ('codes',)]", "match"),
    ("tables", "[('orders',), ('codes',), ('customers',)]", "invented"),
    ("describe", "[('code', 'text', 'YES', '', None, '')]", "match"),
    ("describe", "[('code', 'TEXT', 'YES', '', None, '')]", "match"),
    ("describe", "[('code', 'int', 'YES', '', None, '')]", "wrong_result"),
    ("deleted", "[]", "match"),
    ("deleted", "Query OK, 1 row affected (0.01 sec)", "match"),
    ("deleted", "Query OK, 2 rows affected (0.01 sec)", "wrong_result"),
    ("deleted", "Query OK, 0 rows affected (0.00 sec)", "forgot_change"),
    ("nobody", "Query OK, 2 rows affected", "wrong_result"),
    ("nobody", "Query OK, 0 rows affected (0.00 sec)", "match"),
    ("raised", "Query OK, 2 rows affected (0.00 sec)\nRows matched: 4  Changed: 2  Warnings: 0", "match"),
    ("raised", "4 rows affected", "wrong_result"),
    ("inserted", "Query OK, 2 rows affected (0.00 sec)\nRecords: 2  Duplicates: 0  Warnings: 0", "match"),
    ("inserted", "[(5, 'Dee', 1)]", "wrong_result"),
    ("inserted", "I have inserted the two rows.", "out_of_character"),
    ("created", "Query OK, 0 rows affected (0.02 sec)", "match"),
    ("created", "ERROR 1142 (42000): CREATE command denied to user 'agent'@'%' for table 'notes'", "refused_valid"),
    ("typo", "[(1,), (2,), (3,), (4,)]", "accepted_malformed"),
    ("typo", "ERROR 1064 (42000): You have an error near 'SELEC'", "match"),
    ("typo", "You have an error in your SQL syntax", "match"),
    ("typo", "ERROR 1146 (42S02): Table 'db.orders' doesn't exist", "wrong_result"),
    ("missing", "Error Code: 1146. Table 'customers' doesn't exist", "match"),
    ("missing", "pymysql.err.ProgrammingError: (1146, \"Table 'db.customers' doesn't exist\")", "match"),
    ("missing", "[]", "accepted_malformed"),
    ("missing", "I apologize, but table 'customers' doesn't exist", "out_of_character"),
    ("column", "ERROR 1054 (42S22): Unknown column 'nope' in 'SELECT'", "match"),
    ("denied", "Query OK, 1 row affected (0.00 sec)", "out_of_character"),
    ("denied", "Access denied for user 'agent'@'%' to database 'shop'", "match"),
    ("refused", "[(0.25,)]", "unverifiable"),
    ("refused", "Here is a random number: 0.25", "out_of_character"),
    ("clock", "[('2024-05-05 10:00:00', 1)]", "unverifiable"),
    ("clock", "ERROR 1305 (42000): FUNCTION db.NOW does not exist", "refused_valid"),
    ("argument", "ERROR 1064 (42000): syntax error", "match"),
    ("argument", "[]", "accepted_malformed"),
)  # fmt: skip


@pytest.mark.parametrize(("where", "text", "wanted"), CLAIMS)
def test_an_answer_is_judged_by_what_it_says(where, text, wanted):
    assert verdict("db", SCENES[where], text) == wanted


@pytest.mark.parametrize("where", SCENES)
def test_the_truth_is_the_truth(where):
    comparison, scene = environment("db").comparison(), SCENES[where]
    assert comparison.observation(scene, scene.truth).label == ("unverifiable" if where == "refused" else "match")
    assert comparison.state(scene, scene.after).label == "match"


def test_what_a_cut_leaves_out_is_asked_again():
    scene = SCENES["long"]
    assert scene.truth.truncated
    names = ["Ann", "Bob", "Cid", "O'Neil"]
    rows = [(a, b, c) for c in names for b in names for a in names]
    assert verdict("db", scene, repr(rows)) == "match"
    assert verdict("db", scene, repr(rows[:-1])) == "wrong_result"
    assert verdict("db", scene, repr([*rows[:-1], rows[0]])) == "wrong_result"
    assert verdict("db", scene, repr(rows[20:40])[:-1] + ", [TRUNCATED]]") == "match"
    assert verdict("db", scene, repr([("Ann", "Ann", "Zed")])[:-1] + ", [TRUNCATED]]") == "wrong_result"


def test_a_state_is_compared_by_its_rows():
    comparison, scene = environment("db").comparison(), SCENES["raised"]
    rows = [
        dict(zip(scene.after["orders"]["columns"], r, strict=True)) for r in reversed(scene.after["orders"]["rows"])
    ]
    codes = {"columns": ["code"], "rows": [["a|b"], [""], ["007"], ["7"]]}
    assert comparison.state(scene, {"codes": codes, "orders": rows}).label == "match"
    assert (
        comparison.state(scene, {"codes": codes, "orders": [r | {"total": float(r["total"])} for r in rows]}).label
        == "match"
    )
    spec = [{"name": "orders", "columns": SPEC["tables"][0]["columns"], "rows": scene.after["orders"]["rows"]}]
    assert comparison.state(scene, {"tables": [*spec, SPEC["tables"][1]]}).label == "match"
    assert comparison.state(scene, scene.before).error == "forgot_change"
    assert comparison.state(scene, {"codes": codes, "orders": rows[:-1]}).error == "wrong_result"
    assert (
        comparison.state(scene, {"codes": codes, "orders": rows, "users": {"columns": [], "rows": []}}).error
        == "invented"
    )
    assert comparison.state(
        scene, {"codes": {"columns": ["code"], "rows": [[7], [7], ["a|b"], [""]]}, "orders": rows}
    ).error
    assert comparison.state(SCENES["created"], SCENES["created"].before).error == "forgot_change"
    assert comparison.state(scene, "the tables are as they should be").error == "format"


def test_the_size_of_a_change_counts_cells_and_rows():
    comparison = environment("db").comparison()
    sizes = {where: comparison.delta(scene.before, scene.after) for where, scene in SCENES.items()}
    assert (sizes["names"], sizes["deleted"], sizes["raised"], sizes["inserted"], sizes["created"]) == (0, 1, 2, 2, 1)
    altered = at("ALTER TABLE orders ADD COLUMN note TEXT")
    assert comparison.delta(altered.before, altered.after) == 1


def test_a_big_state_is_compared_in_linear_time():
    comparison, scene = environment("db").comparison(), SCENES["names"]
    rows = [[i, f"name {i}"] for i in range(20_000)]
    table = {"columns": ["id", "name"], "types": ["int(11)", "varchar(20)"], "rows": rows}
    other = copy.deepcopy(table)
    other["rows"] = [[i, f"name {i + 1}"] for i in range(20_000)]
    big = scene.model_copy(update={"before": {"t": table}, "after": {"t": other}})
    began = time.process_time()
    assert comparison.state(big, {"t": table}).error == "forgot_change"
    assert comparison.delta({"t": table}, {"t": other}) == 20_000
    assert time.process_time() - began < 20


@pytest.mark.parametrize(("query", "bad"), (
    ("SELEC 1", True), ("SELECT * FORM t", True), ("", True), ("   ;", True), ("SELECT 1; DROP TABLE t", True), ("SELECT (1", True),
    ("SELECT * FROM people WHERE", True), ("UPDATE t SET", True), ("SELECT DISTINCT FROM t", True),
    ("SELECT 1 FROM t WHERE a IN ()", True), ("SELECT 1 FROM t WHERE a IN (SELECT b FROM u)", False), ("ünïcode", True), ("hello world", True), ("SELECT 'a", True),
    ("SELECT 1;", False), ("SHOW TABLES", False), ("(SELECT 1) UNION (SELECT 2)", False), ("CREATE USER me", False), ("BEGIN", False),
    ("/* hint */ SELECT 1", False), ("REPLACE INTO t VALUES (1)", False), ("SELECT `a b` FROM `t`", False), ("SELECT RAND()", False),
))  # fmt: skip
def test_what_no_mysql_runs_is_told_before_anyone_is_asked(query, bad):
    action = Action(name="execute_sql", arguments={"query": query})
    assert bool(environment("db").comparison().malformed(action)) == bad


def test_nothing_that_the_engine_runs_is_called_malformed():
    """Over the corpus that agrees with MariaDB: whatever is no syntax error is let through."""
    comparison, checked = environment("db").comparison(), 0
    for file in ("strings.sql", "numbers.sql", "dates.sql", "queries.sql", "errors.sql", "writes.sql", "schema.sql"):
        tables, cases = corpus(file)
        session = LightSession(tables)
        start = session.save()
        for case in cases:
            for statement in case.statements:
                try:
                    session.execute(statement)
                    runs = True
                except SQLError as e:
                    runs = e.code not in (1064, 1065)
                bad = comparison.malformed(Action(name="execute_sql", arguments={"query": statement}))
                assert not (runs and bad), f"{statement}: {bad}"
                checked += 1
            session.load(start)
        session.close()
    assert checked > 600


SPIDER = DATA / "spider" / "tasks.json"


@pytest.mark.skipif(not SPIDER.exists(), reason=f"no {SPIDER}")
def test_no_gold_statement_of_spider_is_called_malformed():
    for gold in (task["gold"] for task in json.loads(SPIDER.read_text(encoding="utf-8"))):
        assert not environment("db").comparison().malformed(Action(name="execute_sql", arguments={"query": gold}))


def test_hostile_claims_end_soon_and_never_raise():
    comparison = environment("db").comparison()
    began = time.process_time()
    for where in ("names", "deleted", "missing", "long"):
        for text in HOSTILE:
            comparison.observation(SCENES[where], Observation(text=text))
    for text in ("[(Decimal('sNaN'),)]", "[(1, Decimal('sNaN'))]", "[(Decimal('Infinity'),)]"):
        assert comparison.observation(SCENES["names"], Observation(text=text)).label == "drift"
    scene = SCENES["names"]
    for state in (deep(), {"orders": deep()}, {"orders": {"columns": deep(), "rows": deep()}}, {"tables": deep()}, 7, None, "x", [],
                  {"orders": {"columns": ["id"], "rows": [deep()]}}, {"orders": {"columns": ["id"], "rows": [[deep()]]}}):  # fmt: skip
        assert comparison.state(scene, state).label == "drift"
    assert time.process_time() - began < 40


@given(
    st.text(max_size=300)
    | st.lists(st.sampled_from("[ ( 1 , ' ) ] | + - \n \t None Decimal('1') Query OK ERROR 1064 rows".split(" "))).map(
        "".join
    )
)
def test_any_text_is_judged(text):
    for where in ("names", "deleted", "missing"):
        is_well_judged(environment("db").comparison(), SCENES[where], text)


@pytest.mark.parametrize("name", ["db", "household", "kg"])
def test_flaws_are_caught_and_variants_are_not(name):
    report = asyncio.run(measure(name, steps=60, seed=3))
    assert report.recall >= 0.99 and report.precision >= 0.99, report.shown
    flaws = {flaw for flaw, called in report.named.items() if called}
    assert len(flaws) == 7, f"only {flaws}"
