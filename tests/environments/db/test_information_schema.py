"""information_schema as MariaDB 10.11 answers it, without what a server estimates."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.session import Unsupported

SPEC = {
    "tables": [
        {
            "name": "p",
            "columns": [
                {"name": "id", "type": "INT", "auto_increment": True},
                {"name": "name", "type": "VARCHAR(20)", "nullable": False, "default": "x"},
                {"name": "d", "type": "DECIMAL(8,2)"},
                {"name": "e", "type": "ENUM('a','bcd')"},
                {"name": "at", "type": "DATETIME(3)"},
                {"name": "u", "type": "MEDIUMINT UNSIGNED"},
            ],
            "rows": [],
            "primary_key": ["id"],
            "unique": [["name", "u"]],
        },
        {
            "name": "ch",
            "columns": [{"name": "a", "type": "INT"}, {"name": "s", "type": "TEXT"}],
            "rows": [],
            "foreign_keys": [
                {"columns": ["a"], "references": {"table": "p", "columns": ["id"]}, "on_delete": "CASCADE"}
            ],
        },
    ]
}


@pytest.fixture(scope="module")
def light() -> Iterator[LightSession]:
    session = LightSession(SPEC, database="test")
    session.execute("CREATE VIEW v AS SELECT id, name FROM p")
    session.execute("CREATE VIEW computed AS SELECT id + 1 AS n FROM p")
    yield session
    session.close()


def test_columns_of_a_table_have_all_their_fields(light: LightSession) -> None:
    result = light.execute("SELECT * FROM information_schema.columns WHERE table_name IN ('p', 'ch') ORDER BY 3, 5")
    tail = ("select,insert,update,references", "", "NEVER", None)
    textual = ("utf8mb4", "utf8mb4_general_ci")
    none = (None, None)
    assert [row[3:] for row in result.rows] == [
        ("a", 1, "NULL", "YES", "int", *none, 10, 0, None, *none, "int(11)", "MUL", "", *tail),
        ("s", 2, "NULL", "YES", "text", 65535, 65535, *none, None, *textual, "text", "", "", *tail),
        ("id", 1, None, "NO", "int", *none, 10, 0, None, *none, "int(11)", "PRI", "auto_increment", *tail),
        ("name", 2, "'x'", "NO", "varchar", 20, 80, *none, None, *textual, "varchar(20)", "MUL", "", *tail),
        ("d", 3, "NULL", "YES", "decimal", *none, 8, 2, None, *none, "decimal(8,2)", "", "", *tail),
        ("e", 4, "NULL", "YES", "enum", 3, 12, *none, None, *textual, "enum('a','bcd')", "", "", *tail),
        ("at", 5, "NULL", "YES", "datetime", *none, *none, 3, *none, "datetime(3)", "", "", *tail),
        ("u", 6, "NULL", "YES", "mediumint", *none, 8, 0, None, *none, "mediumint(8) unsigned", "", "", *tail),
    ]


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        (
            "SELECT table_name, table_type, engine, table_collation, table_comment FROM information_schema.tables ORDER BY 1",
            [
                ("ch", "BASE TABLE", "InnoDB", "utf8mb4_general_ci", ""),
                ("computed", "VIEW", None, None, "VIEW"),
                ("p", "BASE TABLE", "InnoDB", "utf8mb4_general_ci", ""),
                ("v", "VIEW", None, None, "VIEW"),
            ],
        ),
        (
            "SELECT column_name, ordinal_position FROM information_schema.columns WHERE table_name = 'v'",
            [("id", 1), ("name", 2)],
        ),
        (
            "SELECT index_name, seq_in_index, column_name, non_unique, nullable FROM information_schema.statistics"
            " WHERE table_name = 'p'",
            [("PRIMARY", 1, "id", 0, ""), ("name", 1, "name", 0, ""), ("name", 2, "u", 0, "YES")],
        ),
        (
            "SELECT constraint_name, constraint_type FROM information_schema.table_constraints ORDER BY table_name, 2, 1",
            [("ch_ibfk_1", "FOREIGN KEY"), ("PRIMARY", "PRIMARY KEY"), ("name", "UNIQUE")],
        ),
        (
            "SELECT k.constraint_name, k.column_name, k.referenced_table_name, k.referenced_column_name, r.delete_rule"
            " FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r"
            " USING (constraint_name)",
            [("ch_ibfk_1", "a", "p", "id", "CASCADE")],
        ),
        ("SELECT COUNT(*) FROM information_schema.tables WHERE table_type = 'BASE TABLE'", [(2,)]),
        ("SELECT schema_name FROM information_schema.schemata ORDER BY 1", [("information_schema",), ("test",)]),
        ("SELECT table_name, is_updatable IS NULL FROM information_schema.views WHERE 0", []),
    ],
)
def test_tables_keys_and_views(light: LightSession, sql: str, rows: list[tuple[object, ...]]) -> None:
    assert light.execute(sql).rows == rows


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT table_rows FROM information_schema.tables",
        "SELECT * FROM information_schema.tables",
        "SELECT create_time FROM information_schema.tables",
        "SELECT view_definition FROM information_schema.views",
        "SELECT data_type FROM information_schema.columns WHERE table_name = 'computed'",
        "SELECT * FROM information_schema.processlist",
    ],
)
def test_what_a_server_estimates_is_refused(light: LightSession, sql: str) -> None:
    with pytest.raises(Unsupported, match="information_schema"):
        light.execute(sql)


def test_names_are_ordered_and_compared_without_case_but_looked_up_with_it() -> None:
    session = LightSession({"tables": []}, database="test")
    for name in ("B", "a", "_u", "Z", "C_x", "cx"):
        session.execute(f"CREATE TABLE {name} (id INT)")
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'test'"

    def names(condition: str) -> str:
        return " ".join(row[0] for row in session.execute(f"{query} {condition} ORDER BY table_name").rows)

    assert names("") == "a B cx C_x Z _u"
    assert names("AND table_name LIKE 'b%'") == "B"
    assert names("AND table_name IN ('b', 'A')") == "a B"
    assert names("AND (table_name = 'b' OR table_name = 'A')") == "a B"
    assert names("AND table_name <> 'b'") == "a cx C_x Z _u"
    for lookup in ("table_name = 'b'", "'b' = table_name", "(table_name IN ('b'))", "table_name = CONCAT('b', '')"):
        assert not names(f"AND {lookup}"), lookup
    assert names("AND table_name = 'B'") == "B"
    assert session.execute(query.replace("test", "TEST")).rows == []
    session.close()
