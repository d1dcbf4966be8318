"""Claims of the kinds that models make: what a refusal asserts, cells in free forms, figures of a client, doubles and cuts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simenv.plugins import environment
from simenv.plugins.environments.db.checking.output_parser import parse_output
from simenv.plugins.environments.db.checking.row_comparison import equal_in_order
from simenv.plugins.environments.db.engine.answers import fits
from simenv.types import Observation
from tests.helpers.checker_pairs import CUSTOMERS, DATED, EMPTY, FLOATS, LOGS, STAFF
from tests.helpers.comparisons import scene

GOAL = {"answer": [1]}
CLAIMS = (
    ("SELECT * FROM nope LIMIT 3", "ERROR 1146 (42S02): Table 'db.nope' doesn't exist. It has 3 rows.", "drift"),
    ("DROP TABLE nope", "ERROR 1146 (42S02): Table 'db.nope' doesn't exist", "match"),
    ("DROP TABLE nope", "ERROR 1051 (42S02): Unknown table 'db.staff'", "drift"),
    ("SELECT id, dept FROM staff WHERE id IN (1, 3)", "(1, 'Sales'), (3, 'IT')", "match"),
    ("SELECT * FROM nope", "ERROR 1146 (42S02): Table 'db.nope' doesn't exist", "match"),
    ("SELECT * FROM nope", "(1146, \"Table 'db.nope' doesn't exist\")", "match"),
    ("SELECT * FROM nope", "Table 'nope' doesn't exist", "match"),
    ("SELECT * FROM nope", "ERROR 1146 (42S02) at line 1: Table 'shop.nope' doesn't exist", "drift"),
    ("SELECT * FROM nope", "pymysql.err.ProgrammingError: (1146, \"Table 'db.nope' doesn't exist\")", "match"),
    ("SELECT * FROM nope", "Error Code: 1146. Table 'db.nope' doesn't exist", "match"),
    ("SELECT * FROM nope", "no such table: nope", "match"),
    ("SELECT * FROM nope", "ERROR: table nope does not exist", "match"),
    ("SELECT * FROM nope", "ERROR 1146 (42S02): Table 'db.nope' doesn't exist.", "match"),
    ("SELECT * FROM nope", "ERROR 1146 (42S02): Table 'db.staff' doesn't exist", "drift"),
    ("SELECT * FROM nope", "ERROR 1146 (42S02): Table 'db.logs' doesn't exist", "drift"),
    ("SELECT * FROM nope", "ERROR 1146 (42S02): Table 'db.nopes' doesn't exist", "drift"),
    (
        "SELECT * FROM nope",
        "ERROR 1146 (42S02): Table 'db.nope' doesn't exist. The existing tables are users and orders.",
        "drift",
    ),
    ("SELECT * FROM nope", "ERROR 1146 (42S02): Table 'db.nope' doesn't exist. Creating it now.", "drift"),
    ("SELECT * FROM nope", "Table 'db.nope' doesn't exist. Did you mean users?", "drift"),
    ("SELECT * FROM nope", "Table 'db.nope' doesn't exist. Did you mean 'logs'?", "match"),
    ("SELECT * FROM nope", "ERROR 1146 (42S02): Table 'db.nope' does exist", "drift"),
    ("SELECT * FROM nope", "ERROR 1146 (42S02): Table 'db.nope' exists", "drift"),
    ("SELECT * FROM nope", "ERROR 1146 (42S02): Table 'db.nope' doesn't exist\n[(1, 'a')]", "drift"),
    ("SELECT * FROM nope", "ERROR 1146 (42S02): Table 'db.nope' doesn't exist\nQuery OK, 0 rows affected", "drift"),
    (
        "SELECT * FROM nope",
        "ERROR 1146 (42S02): Table 'db.nope' doesn't exist and table 'db.staff' doesn't exist",
        "drift",
    ),
    ("SELECT * FROM nope", "ERROR 1146 (42S02): Table 'db.nope' was dropped by user 7", "drift"),
    ("SELECT * FROM nope", "ERROR 1146 (42S02): Table 'db.nope' doesn't exist, please try again later", "drift"),
    ("SELECT * FROM nope", "ERROR 1146 (42S02): Table 'db.nope' does not exist", "match"),
    ("SELECT * FROM nope", "ERROR 1146", "match"),
    ("SELECT * FROM nope", "ERROR 1146 (42S02)", "match"),
    ("SELECT nope FROM staff", "ERROR 1054 (42S22): Unknown column 'nope' in 'SELECT'", "match"),
    ("SELECT nope FROM staff", "Unknown column 'staff.nope' in 'field list'", "match"),
    ("SELECT nope FROM staff", "no such column: nope", "match"),
    ("SELECT nope FROM staff", "ERROR 1054 (42S22): Unknown column 'name' in 'field list'", "drift"),
    ("SELECT nope FROM staff", "ERROR 1054 (42S22): Unknown column 'nop' in 'field list'", "drift"),
    ("SELECT nope FROM staff", "ERROR 1054 (42S22): Unknown column 'nope' in 'where clause'", "drift"),
    (
        "SELECT nope FROM staff",
        "ERROR 1054 (42S22): Unknown column 'nope' in 'field list'; did you mean 'name'?",
        "match",
    ),
    (
        "SELECT nope FROM staff",
        "ERROR 1054 (42S22): Unknown column 'nope' in 'field list'; did you mean 'nickname'?",
        "drift",
    ),
    (
        "SELECT nope FROM staff",
        "ERROR 1054 (42S22): Unknown column 'nope' in 'field list' (available: id, name, nick)",
        "drift",
    ),
    ("INSERT INTO staff (id,name) VALUES (1,'x')", "ERROR 1062 (23000): Duplicate entry '1' for key 'name'", "drift"),
    (
        "INSERT INTO staff (id,name) VALUES (1,'x')",
        "ERROR 1062 (23000): Duplicate entry '1' for key 'db.staff.PRIMARY'",
        "match",
    ),
    (
        "INSERT INTO staff (id,name) VALUES (1,'x')",
        "ERROR 1062 (23000): Duplicate entry '1' for key 'logs.PRIMARY'",
        "drift",
    ),
    (
        "INSERT INTO staff (id,name) VALUES (1,'x')",
        "ERROR 1062 (23000): Duplicate entry 'x' for key 'PRIMARY'",
        "drift",
    ),
    ("INSERT INTO staff (id,name) VALUES (1,'x')", "Duplicate entry '1' for key 'staff.PRIMARY'", "match"),
    ("INSERT INTO staff (id,name) VALUES (1,'x')", "UNIQUE constraint failed: duplicate entry '1'", "match"),
    ("INSERT INTO staff (id,name) VALUES (9,NULL)", "Column 'name' cannot be null", "match"),
    ("INSERT INTO staff (id,name) VALUES (9,NULL)", "Column 'dept' cannot be null", "drift"),
    (
        "INSERT INTO staff (id,name) VALUES (9,NULL)",
        "ERROR 1048 (23000): Column 'name' cannot be null, using '' instead",
        "drift",
    ),
    ("INSERT INTO staff (id) VALUES (9)", "ERROR 1364 (HY000): Field 'dept' doesn't have a default value", "drift"),
    ("INSERT INTO staff (id) VALUES (9)", "Field 'name' doesn't have a default value", "match"),
    (
        "INSERT INTO staff (id, name, hired) VALUES (9,'q','soon')",
        "ERROR 1292 (22007): Incorrect date value: 'soon' for column 'hired' at row 1",
        "match",
    ),
    (
        "INSERT INTO staff (id, name, hired) VALUES (9,'q','soon')",
        "ERROR 1292 (22007): Incorrect date value: 'later' for column 'hired' at row 1",
        "drift",
    ),
    (
        "INSERT INTO staff (id, name, hired) VALUES (9,'q','soon')",
        "ERROR 1292 (22007): Incorrect date value: 'soon' for column 'last_login' at row 1",
        "drift",
    ),
    (
        "INSERT INTO staff (id, name, hired) VALUES (9,'q','soon')",
        "ERROR 1292 (22007): Incorrect date value: 'soon' for column 'hired' at row 2",
        "drift",
    ),
    (
        "INSERT INTO staff (id, name, hired) VALUES (9,'q','soon')",
        "ERROR 1292 (22007): Incorrect date value: 'soon' for column `db`.`staff`.`hired` at row 1",
        "match",
    ),
    ("SELECT * FORM staff", "You have an error in your SQL syntax near 'FORM staff'", "match"),
    ("SELECT * FORM staff", "You have an error in your SQL syntax near 'WHERE staff'", "drift"),
    ("SELECT * FORM staff", "ERROR 1064 (42000): You have an error in your SQL syntax", "match"),
    ("SELECT * FORM staff", "syntax error at or near 'FORM'", "match"),
    (
        "SELECT * FORM staff",
        "ERROR 1064 (42000): You have an error in your SQL syntax; I have corrected it: [(1, 'a')]",
        "drift",
    ),
    (
        "SELECT * FORM staff",
        "ERROR 1064 (42000): You have an error in your SQL syntax; the word FORM should be FROM and then it works",
        "drift",
    ),
    (
        "CREATE DATABASE shop",
        "ERROR 1044 (42000): Access denied for user 'root'@'localhost' to database 'shop'",
        "match",
    ),
    ("CREATE DATABASE shop", "ERROR 1044 (42000): Access denied for user 'agent'@'%' to database 'shop'", "match"),
    (
        "CREATE DATABASE shop",
        "ERROR 1044 (42000): Access denied for user 'root'@'localhost' to database 'mysql'",
        "drift",
    ),
    ("CREATE DATABASE shop", "Access denied, but I created shop2 for you", "drift"),
    ("CREATE TABLE logs (a INT)", "Table 'logs' already exists", "match"),
    ("CREATE TABLE logs (a INT)", "Table 'staff' already exists", "drift"),
    ("CREATE TABLE logs (a INT)", "ERROR 1050 (42S01): Table 'db.logs' already exists", "match"),
    ("CREATE TABLE logs (a INT)", "Table 'logs' already exists with 3 rows", "drift"),
    ("SELECT FOO(1)", "FUNCTION db.FOO does not exist", "match"),
    ("SELECT FOO(1)", "FUNCTION FOO does not exist", "match"),
    ("SELECT FOO(1)", "FUNCTION db.BAR does not exist", "drift"),
    ("SELECT FOO(1)", "no such function: FOO", "match"),
    ("SELECT score FROM staff WHERE id = 1", "[(1.5,)]", "match"),
    ("SELECT score FROM staff WHERE id = 1", "1.5", "match"),
    ("SELECT score FROM staff WHERE id = 1", "score: 1.5", "match"),
    ("SELECT score FROM staff WHERE id = 1", "score\n1.5", "match"),
    ("SELECT score FROM staff WHERE id = 1", "1.50001", "drift"),
    ("SELECT score FROM staff WHERE id = 1", "[(1.4999999999,)]", "drift"),
    ("SELECT score FROM staff WHERE id = 1", "[(1.50,)]", "match"),
    ("SELECT score FROM staff WHERE id = 1", "[('1.5',)]", "match"),
    ("SELECT score FROM staff WHERE id = 1", "The score is 1.5", "drift"),
    ("SELECT score FROM staff WHERE id = 1", "name: 1.5", "drift"),
    ("SELECT id, name FROM staff WHERE id < 3", "(1, 'Zoë Müller')\n(2, \"O'Brien, Pat\")", "match"),
    ("SELECT id, name FROM staff WHERE id < 3", "[(1, 'Zoë Müller'), (2, 'O\\'Brien, Pat')]", "match"),
    ("SELECT id, name FROM staff WHERE id < 3", "[(1, 'Zoë Müller'), (2, 'OBrien, Pat')]", "drift"),
    ("SELECT id, name FROM staff WHERE id < 3", "(1, 'Zoë Müller')", "drift"),
    ("SELECT id, name FROM staff WHERE id < 3", "[('Zoë Müller', 1), (\"O'Brien, Pat\", 2)]", "drift"),
    ("SELECT id, name FROM staff WHERE id < 3", "id\tname\n1\tZoë Müller\n2\tO'Brien, Pat", "match"),
    ("DESCRIBE logs", "[('msg', 'text', 'YES', '', None, ''), ('n', 'int', 'YES', '', None, '')]", "match"),
    ("DESCRIBE logs", "[('msg', 'text', 'NO', '', None, ''), ('n', 'int(11)', 'YES', '', None, '')]", "drift"),
    ("DESCRIBE logs", "[('msg', 'varchar(20)', 'YES', '', None, ''), ('n', 'int(11)', 'YES', '', None, '')]", "drift"),
    ("DESCRIBE logs", "[('n', 'int(11)', 'YES', '', None, ''), ('msg', 'text', 'YES', '', None, '')]", "drift"),
    ("SHOW TABLES", "[('empty_t',), ('logs',), ('staff',)]", "match"),
    ("SHOW TABLES", "[('EMPTY_T',), ('LOGS',), ('STAFF',)]", "drift"),
    ("SHOW TABLES", "empty_t\nlogs\nstaff", "match"),
    ("SHOW TABLES", "Tables_in_db\nempty_t\nlogs\nstaff", "match"),
    ("SHOW TABLES", "empty_t\nlogs", "drift"),
    ("UPDATE staff SET salary = 5 WHERE dept = 'IT'", "Rows matched: 2  Changed: 2  Warnings: 0", "match"),
    (
        "UPDATE staff SET salary = 5 WHERE dept = 'IT'",
        "Query OK, 2 rows affected\nRows matched: 3  Changed: 2  Warnings: 0",
        "drift",
    ),
    ("UPDATE staff SET salary = 5 WHERE dept = 'IT'", "Query OK, 1 row affected", "drift"),
    ("UPDATE staff SET salary = 5 WHERE dept = 'IT'", "Query OK, 2 rows affected (0.01 sec)", "match"),
    (
        "INSERT INTO logs VALUES ('a',1),('b',2)",
        "Query OK, 2 rows affected (0.01 sec)\nRecords: 2  Duplicates: 0  Warnings: 0",
        "match",
    ),
    (
        "INSERT INTO logs VALUES ('a',1),('b',2)",
        "Query OK, 2 rows affected (0.01 sec)\nRecords: 3  Duplicates: 0  Warnings: 0",
        "drift",
    ),
    (
        "INSERT INTO logs VALUES ('a',1),('b',2)",
        "Query OK, 2 rows affected (0.01 sec)\nRecords: 2  Duplicates: 1  Warnings: 0",
        "drift",
    ),
    ("SELECT last_login FROM staff WHERE id = 3", "2024-01-05 00:00:00", "match"),
    ("SELECT last_login FROM staff WHERE id = 3", "[('2024-01-05T00:00:00',)]", "match"),
    ("SELECT last_login FROM staff WHERE id = 3", "[('2024-01-05 00:00:00.000000',)]", "match"),
    ("SELECT last_login FROM staff WHERE id = 3", "[('2024-01-05 00:00:01',)]", "drift"),
    ("SELECT last_login FROM staff WHERE id = 3", "[('2024-01-05 12:00',)]", "drift"),
    ("SELECT active FROM staff WHERE id = 1", "[(True,)]", "match"),
    ("SELECT active FROM staff WHERE id = 1", "[(1,)]", "match"),
    ("SELECT active FROM staff WHERE id = 1", "[(False,)]", "drift"),
    ("SELECT active FROM staff WHERE id = 1", "[('yes',)]", "drift"),
)


def at(query, *tables):
    spec = {"tables": list(tables) or [STAFF, LOGS, EMPTY]}
    return scene("db", spec, ("execute_sql", {"query": query}), goal=GOAL)


SCENES = {query: at(query) for query in dict.fromkeys(query for query, _, _ in CLAIMS)}


def label(transition, text):
    return environment("db").comparison().observation(transition, Observation(text=text)).label


@pytest.mark.parametrize(("query", "text", "wanted"), CLAIMS)
def test_a_claim_is_judged_by_all_that_it_asserts(query, text, wanted):
    assert label(SCENES[query], text) == wanted


LONG = at("SELECT * FROM c ORDER BY id", DATED)
WHOLE = "[" + ", ".join(repr(tuple(row)) for row in DATED["rows"]) + "]"


@given(st.integers(1, len(LONG.truth.text)))
def test_an_answer_that_is_cut_anywhere_is_read_and_an_error_in_its_place_is_none(at):
    cut = LONG.truth.text[:at] + "[TRUNCATED]"
    transition = LONG.model_copy(update={"truth": LONG.truth.model_copy(update={"text": cut})})
    assert label(transition, WHOLE) == "match"
    assert label(transition, WHOLE.replace("customer 040", "customer 041")) == "drift"
    assert label(transition, "ERROR 1146 (42S02): Table 'db.c' doesn't exist") == "drift"
    assert label(LONG, cut) in (("match", "unverifiable") if parse_output(cut) else ("drift",))


@pytest.mark.parametrize(
    ("ending", "wanted"),
    [
        ("(18, 'custom[TRUNCATED]", "match"), ("(18, 'customer 018', Decimal('28[TRUNCATED]", "match"),
        ("(18, 'customer 018', Decima[TRUNCATED]", "match"), ("(18, 'klient[TRUNCATED]", "drift"),
        ("(19, 'custom[TRUNCATED]", "drift"), ("(18, 'customer 019', Decima[TRUNCATED]", "drift"),
    ],
)  # fmt: skip
def test_what_a_claim_has_begun_before_its_cut_must_go_on_so(ending, wanted):
    rows = ", ".join(repr(tuple(row)) for row in DATED["rows"][:17])
    assert label(LONG, f"[{rows}, {ending}") == wanted


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_no_number_is_believed_that_the_grader_rejects(true, claimed):
    if equal_in_order([(true,)], [(claimed,)]):
        assert fits(true, repr(claimed), 0)
    exact = Decimal(repr(true))
    if equal_in_order([(exact,)], [(Decimal(repr(claimed)),)]):
        assert exact == Decimal(repr(claimed))


def test_a_double_is_the_number_that_its_shortest_text_says():
    total = at("SELECT SUM(v) FROM f", FLOATS)
    assert total.truth.text == "[(123460.280012,)]"
    assert [label(total, f"[({text},)]") for text in ("123460.280012", "123460.2800120", "1.23460280012e5")] == [
        "match"
    ] * 3
    assert [label(total, f"[({text},)]") for text in ("123460.28", "123460.2800121", "123460")] == ["drift"] * 3


def test_names_joined_without_an_order_come_in_any_order():
    joined = at("SELECT GROUP_CONCAT(id) FROM c WHERE id < 4", CUSTOMERS)
    assert [label(joined, f"[('{text}',)]") for text in ("1,2,3", "3,1,2", "1,2", "1,2,4", "1,2,3,3")] == [
        "match", "match", "drift", "drift", "drift"
    ]  # fmt: skip
    ordered = at("SELECT GROUP_CONCAT(id ORDER BY id) FROM c WHERE id < 4", CUSTOMERS)
    assert label(ordered, "[('3,1,2',)]") != "match"


def state_label(transition, state):
    return environment("db").comparison().state(transition, state).label


def test_a_column_type_is_part_of_a_state():
    made = at("CREATE TABLE t2 (a INT, b DECIMAL(8,2), c VARCHAR(10))")
    for types, wanted in (
        (["int(11)", "decimal(8,2)", "varchar(10)"], "match"), (["INT", "DECIMAL(8, 2)", "VARCHAR(10)"], "match"),
        (["integer", "numeric(8,2)", "varchar(10)"], "match"), (["int(11)", "decimal(8,3)", "varchar(10)"], "drift"),
        (["bigint(20)", "decimal(8,2)", "varchar(10)"], "drift"), (["int(11)", "decimal(8,2)", "text"], "drift"),
        (["int(10) unsigned", "decimal(8,2)", "varchar(10)"], "drift"), (["int(11)"], "drift"),
    ):  # fmt: skip
        claim = made.after | {"t2": made.after["t2"] | {"types": types}}
        assert state_label(made, claim) == wanted, types


def test_a_state_after_a_limit_of_the_engine_cannot_be_told():
    refused = at("CREATE USER me")
    assert state_label(refused, refused.after) == "match"
    assert state_label(refused, refused.after | {"users": {"columns": ["name"], "rows": [["me"]]}}) == "unverifiable"
