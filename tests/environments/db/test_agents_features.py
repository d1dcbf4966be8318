"""JSON, prepared statements and maintenance of tables, as MariaDB 10.11 answers them; each answer below is the server's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.session import SQLError, Unsupported

_DOCUMENTS = (
    "CREATE TABLE o (id INT PRIMARY KEY, s VARCHAR(9), n INT, d DECIMAL(8,2), doc TEXT)",
    """INSERT INTO o VALUES (1,'a',5,1.5,'{"type":"click","n":3,"tags":["x"]}'), (2,'b',NULL,2,'{"type":"Click","n":30}')""",
    "CREATE TABLE events (id INT PRIMARY KEY, data JSON)",
    """INSERT INTO events VALUES (1, '{"type":"click","n":3}'), (3, NULL)""",
)


@pytest.fixture
def light() -> Iterator[LightSession]:
    session = LightSession({"tables": []}, database="test")
    for sql in _DOCUMENTS:
        session.execute(sql)
    yield session
    session.close()


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("""JSON_EXTRACT('{"a": {"b": [1, 2,3]}}', '$.a')""", '{"b": [1, 2, 3]}'),
        ("""JSON_EXTRACT('{"a":1.50}', '$.a')""", "1.50"),
        ("""JSON_EXTRACT('{"a":null}', '$.a')""", "null"),
        ("""JSON_EXTRACT('{"a":1}','$.z')""", None),
        ("JSON_EXTRACT('bad','$.a')", None),
        ("""JSON_EXTRACT('{"a":1,"b":2}', '$.a', '$.b')""", "[1, 2]"),
        ("""JSON_EXTRACT('{"a":[{"c":1},{"c":2}]}', '$.a[*].c')""", "[1, 2]"),
        ("""JSON_EXTRACT('{"a":"x"}','$.a')='x'""", 1),
        ("""JSON_EXTRACT('{"a":"x"}','$.a')='"x"'""", 0),
        ("""JSON_EXTRACT('{"a":5}','$.a')>'40'""", 1),
        ("""JSON_EXTRACT('{"a":5}','$.a')=5""", 1),
        ("""JSON_UNQUOTE(JSON_EXTRACT('{"k":"v"}', '$.k'))""", "v"),
        ("""JSON_UNQUOTE('"V"') = 'v'""", 0),
        ("JSON_UNQUOTE('abc')", "abc"),
        ("""JSON_VALUE('{"a":true}','$.a')""", "1"),
        ("""JSON_VALUE('{"a":[1]}','$.a')""", None),
        ("""JSON_ARRAY(1, 'a', NULL, 2.5, TRUE, 'q"')""", '[1, "a", null, 2.5, true, "q\\""]'),
        ("JSON_OBJECT('a', JSON_ARRAY(1,2), 'b', '[1]')", '{"a": [1, 2], "b": "[1]"}'),
        ("JSON_OBJECT(NULL, 1)", '{"": 1}'),
        ("""JSON_SET('{"a":[1,2]}', '$.a[5]', 9)""", '{"a": [1, 2, 9]}'),
        ("""JSON_SET('{"a":1}','$.b.c',1)""", '{"a": 1}'),
        ("""JSON_INSERT('{"a":1}','$.a',2,'$.b',3)""", '{"a": 1, "b": 3}'),
        ("""JSON_REPLACE('{"a":1}','$.a',2,'$.b',3)""", '{"a": 2}'),
        ("""JSON_REMOVE('{"a":1, "b":2}','$.a')""", '{"b": 2}'),
        ("JSON_ARRAY_APPEND('[1]','$',2)", "[1, 2]"),
        ("""JSON_KEYS('{"a":1,"b":2}')""", '["a", "b"]'),
        ("JSON_LENGTH('1')", 1),
        ("JSON_DEPTH('[1,[2]]')", 3),
        ("JSON_TYPE('1.5')", "DOUBLE"),
        ("JSON_VALID('[1,]')", 0),
        ("JSON_CONTAINS('[1.0]','1')", 1),
        ("JSON_CONTAINS('[1,2]','[2,1]')", 1),
        ("""JSON_CONTAINS('{"a":1}','1','$.z')""", 0),
        ("""JSON_CONTAINS_PATH('{"a":1}','all','$.a','$.b')""", 0),
        ("(SELECT JSON_ARRAYAGG(n) FROM o)", "[5,null]"),
        ("(SELECT JSON_OBJECTAGG(s, n) FROM o)", '{"a":5, "b":null}'),
        ("(SELECT JSON_ARRAYAGG(n) FROM o WHERE id > 5)", None),
        ("INET_ATON('10.1')", 167772161),
        ("INET_NTOA(4294967296)", None),
        ("SOUNDEX('Tymczak')", "T520"),
        ("EXPORT_SET(5,'Y','N',',',4)", "Y,N,Y,N"),
    ],
)
def test_a_value(light: LightSession, expression: str, value: Any) -> None:
    assert light.execute(f"SELECT {expression} AS v").rows == [(value,)]


@pytest.mark.parametrize(
    "expression",
    [
        """JSON_EXTRACT('{"a":1}','$.a') + 1""",
        """JSON_EXTRACT('{"a":1}', '$**.a')""",
        "JSON_VALID('01')",
        """JSON_VALUE('{"a":1,"a":2}', '$.a')""",
        "JSON_ARRAY(n > 1)",
        "JSON_EXTRACT(REPEAT('[', 100), '$')",
        "SOUNDEX('é')",
    ],
)
def test_what_is_not_known_is_refused(light: LightSession, expression: str) -> None:
    with pytest.raises(Unsupported):
        light.execute(f"SELECT {expression} FROM o")


def test_json_columns_hold_json_and_survive_a_snapshot(light: LightSession) -> None:
    state = light.save()
    for statement in ("INSERT INTO events VALUES (2, 'bad')", "UPDATE events SET data = 'x' WHERE id = 1"):
        with pytest.raises(SQLError) as caught:
            light.execute(statement)
        assert caught.value.code == 4025
    light.execute("UPDATE events SET data = JSON_SET(data, '$.n', 4) WHERE id = 1")
    assert light.execute("SELECT data FROM events WHERE id = 1").rows == [('{"type": "click", "n": 4}',)]
    light.load(state)
    assert light.execute("SELECT id FROM events WHERE JSON_EXTRACT(data, '$.n') = 3").rows == [(1,)]
    assert light.tables()["events"]["types"] == ["int(11)", "longtext"]
    assert (
        "COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`data`))"
        in light.execute("SHOW CREATE TABLE events").rows[0][1]
    )
    with pytest.raises(Unsupported):
        light.execute("ALTER TABLE events ADD COLUMN more JSON NOT NULL")


def test_a_prepared_statement_runs_with_the_values_of_variables(light: LightSession) -> None:
    light.execute("PREPARE st FROM 'SELECT id, ''?'' AS mark FROM o WHERE s = ? LIMIT ?'")
    light.execute("SET @s = 'b', @one = 1, @t = 'a''b\\\\c', @id = 7, @neg = -3")
    light.load(light.save())
    assert light.execute("EXECUTE st USING @s, @one").rows == [(2, "?")]
    light.execute("PREPARE put FROM 'INSERT INTO o (id, s, n) VALUES (?, ?, ?)'")
    assert light.execute("EXECUTE put USING @id, @t, @neg").affected == 1
    assert light.execute("SELECT ROW_COUNT()").rows == [(1,)]
    assert light.execute("SELECT s, n FROM o WHERE id = 7").rows == [("a'b\\c", -3)]
    light.execute("DROP PREPARE put")


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("EXECUTE nothing", 1243), ("DEALLOCATE PREPARE nothing", 1243), ("DROP PREPARE nothing", 1243),
        ("EXECUTE one", 1210), ("PREPARE st FROM 'SELEC 1'", 1064), ("PREPARE st FROM 'SELECT 1; SELECT 2'", 1064),
        ("PREPARE st FROM 'SELECT nocol FROM o'", 1054), ("PREPARE st FROM 'DELETE FROM nothere WHERE a = ?'", 1146),
        ("PREPARE st FROM 'EXECUTE one'", 1295), ("PREPARE", 1064), ("PREPARE st FROM 'SELECT ?'", 1235),
        ("EXECUTE IMMEDIATE 'SELECT 1'", 1235), ("UNLOCK", 1064), ("SELECT JSON_OBJECT('a')", 1582),
        ("ANALYZE TABLE o FOR COLUMNS", 1235),
    ],
)  # fmt: skip
def test_errors_have_the_codes_of_the_server(light: LightSession, statement: str, code: int) -> None:
    light.execute("PREPARE one FROM 'SELECT id FROM o WHERE id = ?'")
    with pytest.raises(SQLError) as caught:
        light.execute(statement)
    assert caught.value.code == code


def test_tables_are_analyzed_checked_and_optimized(light: LightSession) -> None:
    assert light.execute("ANALYZE TABLE o").rows == [("test.o", "analyze", "status", "OK")]
    assert light.execute("CHECK TABLE o, nothere").rows == [
        ("test.o", "check", "status", "OK"),
        ("test.nothere", "check", "Error", "Table 'test.nothere' doesn't exist"),
        ("test.nothere", "check", "status", "Operation failed"),
    ]
    assert light.execute("OPTIMIZE TABLE o").rows[-1] == ("test.o", "optimize", "status", "OK")
    light.execute("UNLOCK TABLES")
    assert ("InnoDB", "DEFAULT") in [row[:2] for row in light.execute("SHOW ENGINES").rows]
