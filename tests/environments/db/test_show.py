"""SHOW, DESCRIBE, SET and the words of transactions, as MariaDB 10.11 answers them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.session import SQLError, Unsupported


@pytest.fixture
def session() -> Iterator[LightSession]:
    session = LightSession({"tables": []}, database="test")
    session.execute("CREATE TABLE t (a INT PRIMARY KEY, b INT, c VARCHAR(9), KEY (b), UNIQUE (c))")
    session.execute("INSERT INTO t VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c'), (4, 2, 'd')")
    session.execute("CREATE VIEW v AS SELECT * FROM t")
    session.execute("CREATE VIEW w (p, q) AS SELECT c, a FROM t WHERE a > 1")
    session.execute("CREATE VIEW computed AS SELECT a + 1 AS n FROM t")
    yield session
    session.close()


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        ("SHOW COLUMNS FROM v", [("a", "int(11)", "NO", "", None, ""), ("b", "int(11)", "YES", "", None, ""),
                                 ("c", "varchar(9)", "YES", "", None, "")]),
        ("DESCRIBE w", [("p", "varchar(9)", "YES", "", None, ""), ("q", "int(11)", "NO", "", None, "")]),
        ("DESCRIBE w 'q%'", [("q", "int(11)", "NO", "", None, "")]),
        ("SHOW COLUMNS FROM t WHERE Field = 'A'", [("a", "int(11)", "NO", "PRI", None, "")]),
        ("show fields in t in test where `null` = 'YES' and type like 'int%'", [("b", "int(11)", "YES", "MUL", None, "")]),
        ("SHOW TABLES LIKE 'T'", []),
        ("SHOW TABLES FROM test LIKE 't%'", [("t",)]),
        ("SHOW TABLES WHERE Tables_in_test = 't'", [("t",)]),
        ("SHOW FULL TABLES WHERE Table_type = 'VIEW'", [("computed", "VIEW"), ("v", "VIEW"), ("w", "VIEW")]),
        ("SHOW DATABASES LIKE 'te%'", [("test",)]),
        ("SHOW INDEX FROM v", []),
        ("SHOW KEYS FROM t WHERE Key_name = 'PRIMARY'",
         [("t", 0, "PRIMARY", 1, "a", "A", 4, None, None, "", "BTREE", "", "", "NO")]),
        ("SHOW INDEXES IN t FROM test WHERE non_unique = 1 AND seq_in_index < 2",
         [("t", 1, "b", 1, "b", "A", 2, None, None, "YES", "BTREE", "", "", "NO")]),
        ("SHOW TABLE STATUS LIKE 'v'", [("v", *(None,) * 16, "VIEW", None, None)]),
        ("SELECT index_name, cardinality FROM information_schema.statistics WHERE table_name = 't' ORDER BY 1",
         [("b", 2), ("c", 4), ("PRIMARY", 4)]),
        ("SELECT column_name, column_type FROM information_schema.columns WHERE table_name = 'w'",
         [("p", "varchar(9)"), ("q", "int(11)")]),
        ("SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'T'", [(0,)]),
        ("SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = 'TEST'", [(0,)]),
        ("SELECT table_name FROM information_schema.tables WHERE LOWER(table_name) = 't'", [("t",)]),
        ("SELECT column_name FROM information_schema.columns WHERE table_name = 't' AND column_name = 'B'", [("b",)]),
        ("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'base table'",
         [(1,)]),
    ],
)  # fmt: skip
def test_what_a_server_lists_is_listed(session: LightSession, statement: str, rows: list[tuple]) -> None:
    assert session.execute(statement).rows == rows


def test_names_of_tables_have_no_case_where_files_have_none() -> None:
    session = LightSession({"tables": []}, database="test", fold_names=True)
    session.execute("CREATE TABLE t (a INT)")
    assert session.execute("SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'T'").rows == [(1,)]
    assert session.execute("SHOW TABLES LIKE 'T'").rows == [("t",)]


@pytest.mark.parametrize(
    ("code", "statement"),
    [
        (1044, "SHOW TABLES FROM other"),
        (1044, "USE other"),
        (1054, "SHOW COLUMNS FROM t WHERE nope = 1"),
        (1111, "SET @a = SUM(1)"),
        (1142, "SHOW COLUMNS FROM other.t"),
        (1146, "SHOW INDEX FROM nope"),
        (1146, "DESCRIBE nope"),
        (1305, "ROLLBACK TO SAVEPOINT nope"),
        (1347, "SHOW CREATE VIEW t"),
        *((1064, s) for s in (
            "SHOW", "SHOW nope", "SHOW FULL INDEX FROM t", "SHOW INDEX FROM t LIKE 'a'", "SHOW COLUMNS t", "DESCRIBE",
            "DESC t t t", "SHOW TABLES LIKE t", "SHOW CREATE nope t", "COMMIT nope", "START", "START TRANSACTION nope",
            "BEGIN nope", "RELEASE x", "SET @a", "SET @a = 1 nope", "SET @a = 1,", "USE",
        )),
    ],
)  # fmt: skip
def test_what_no_server_lists_is_an_error_with_its_number(session: LightSession, code: int, statement: str) -> None:
    with pytest.raises(SQLError) as error:
        session.execute(statement)
    assert (error.value.code, isinstance(error.value, Unsupported)) == (code, False)


@pytest.mark.parametrize(
    "statement",
    [
        "SHOW CREATE VIEW v",
        "SHOW CREATE TABLE v",
        "SHOW COLUMNS FROM computed",
        "SHOW TABLE STATUS",
        "SHOW GLOBAL VARIABLES LIKE 'a%'",
        "SHOW WARNINGS",
        "EXPLAIN SELECT 1",
        "EXPLAIN FORMAT=JSON SELECT 1",
        "EXPLAIN (SELECT 1)",
        "COMMIT AND CHAIN",
        "ROLLBACK RELEASE",
    ],
)
def test_what_only_this_engine_cannot_list_is_its_own_refusal(session: LightSession, statement: str) -> None:
    with pytest.raises(Unsupported):
        session.execute(statement)


def test_variables_are_assigned_when_all_are_computed(session: LightSession) -> None:
    session.execute("SET @a = 1, @b := (SELECT MAX(a) FROM t), @c = @a")
    assert session.execute("SELECT @a, @B, @c").rows == [(1, 4, None)]
    session.execute("SET @a = @a + 1, @b = @a")
    assert session.execute("SELECT @a, @b").rows == [(2, 1)]


@pytest.mark.parametrize(
    "statement",
    [
        "START TRANSACTION READ WRITE, WITH CONSISTENT SNAPSHOT",
        "BEGIN WORK",
        "COMMIT WORK AND NO CHAIN NO RELEASE",
        "ROLLBACK AND NO CHAIN",
        "ROLLBACK NO RELEASE",
    ],
)
def test_what_a_transaction_says_without_effect_is_taken(session: LightSession, statement: str) -> None:
    assert session.execute(statement).columns == ()
