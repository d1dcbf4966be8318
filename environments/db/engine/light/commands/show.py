"""SHOW and DESCRIBE, in MariaDB's words and columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...session import Result, SQLError, Unsupported
from ..catalog import create_text
from ..catalog.catalog import NOW, Column, Table
from ..catalog.descriptions import extra, key_mark
from ..database import Database
from ..parsing.lexer import END, STRING
from ..queries.information_schema import Row, distinct_keys, members, ordered_keys
from ..queries.view_columns import view_columns
from ..values import collation
from ..values import types as ty
from . import character_sets, engines, listing, settings
from .listing import Listing
from .words import Words

_COLUMNS = ("Field", "Type", "Null", "Key", "Default", "Extra")
_FULL = ("Field", "Type", "Collation", "Null", "Key", "Default", "Extra", "Privileges", "Comment")
_INDEX = (
    "Table", "Non_unique", "Key_name", "Seq_in_index", "Column_name", "Collation", "Cardinality", "Sub_part", "Packed",
    "Null", "Index_type", "Comment", "Index_comment", "Ignored",
)  # fmt: skip
_STATUS = (
    "Name", "Engine", "Version", "Row_format", "Rows", "Avg_row_length", "Data_length", "Max_data_length", "Index_length",
    "Data_free", "Auto_increment", "Create_time", "Update_time", "Check_time", "Collation", "Checksum", "Create_options",
    "Comment", "Max_index_length", "Temporary",
)  # fmt: skip
_EXPLAINED = frozenset(
    """SELECT UPDATE DELETE INSERT REPLACE WITH EXTENDED PARTITIONS ANALYZE ( TABLE VALUES FORMAT FOR""".split()  # noqa: SIM905
)
_PROCESS = ("Id", "User", "Host", "db", "Command", "Time", "State", "Info", "Progress")
_PRIVILEGES = "select,insert,update,references"
_OTHERS = frozenset(
    """ALL ANALYZE AUTHORS BINARY BINLOG CHARACTER CHARSET CLIENT_STATISTICS COLLATION CONTRIBUTORS COUNT CREATE ENGINE ENGINES
    ERRORS EVENTS EXPLAIN FUNCTION GLOBAL GRANTS INDEX_STATISTICS INNODB LOCAL LOCALES MASTER OPEN PACKAGE PLUGINS PRIVILEGES
    PROCEDURE PROCESSLIST PROFILE PROFILES RELAYLOG REPLICA REPLICAS SESSION SLAVE STATUS STORAGE TABLE_STATISTICS
    TRIGGERS USER_STATISTICS USER_VARIABLES VARIABLES WARNINGS""".split()  # noqa: SIM905
)
_DATABASE_OPTIONS = "/*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci */"
_TEXTS = "character_set_client,collation_connection,Database Collation"
_ROUTINES = f"Db,Name,Type,Definer,Modified,Created,Security_type,Comment,{_TEXTS}"
_NOTHING = {
    "TRIGGERS": f"Trigger,Event,Table,Statement,Timing,Created,sql_mode,Definer,{_TEXTS}",
    "EVENTS": "Db,Name,Definer,Time zone,Type,Execute at,Interval value,Interval field,Starts,Ends,Status,Originator,"
    + _TEXTS,
    "PROCEDURE STATUS": _ROUTINES, "FUNCTION STATUS": _ROUTINES,
}  # fmt: skip
_KINDS = frozenset({"TRIGGERS", "EVENTS", "PROCEDURE", "FUNCTION", "STATUS"})
_CREATES = frozenset({"DATABASE", "SCHEMA", "EVENT", "FUNCTION", "PACKAGE", "PROCEDURE", "SEQUENCE", "TRIGGER", "USER"})


def show(database: Database, words: Words) -> Result:
    """Run SHOW …; what MySQL has and the engine lacks is refused. Raises 1064."""
    words.take("EXTENDED")
    full = words.take("FULL")
    rule = _RULES.get(words.keys[words.at])
    if rule is not None:
        words.at += 1
        return rule(database, words, full)
    if full and words.keys[words.at] != "PROCESSLIST":
        raise words.error()
    if words.take_all("TABLE", "STATUS"):
        return _status(database, words)
    if words.take_all("ENGINES") or words.take_all("STORAGE", "ENGINES"):
        return engines.show_engines(words)
    if words.take_all("CHARACTER", "SET") or words.take("CHARSET"):
        return character_sets.show_character_sets(database, words)
    if words.take("PROCESSLIST"):
        words.end()
        return Result(_PROCESS, [(1, "root", "localhost", database.name, "Query", 0, "starting", words.sql[:100], 0.0)])
    if words.take("GRANTS"):
        return _grants(database, words)
    scope = words.take_any("SESSION", "LOCAL", "GLOBAL")
    if words.keys[words.at] == "VARIABLES" and words.keys[words.at + 1] == "LIKE" and scope != "GLOBAL":
        words.at += 1
        return settings.show_variables(database, words)
    if words.keys[words.at] == "STATUS" and words.keys[words.at + 1] == "LIKE" and scope != "GLOBAL":
        words.at += 1
        return settings.show_status(words)
    if scope:
        words.at -= 1
    nothing = _NOTHING.get(" ".join(k for k in words.keys[words.at : words.at + 2] if k in _KINDS))
    if nothing is not None:
        return _list_nothing(database, words, nothing)
    if words.take_all("CREATE", "TABLE"):
        return _create_table(database, words)
    if words.take_all("CREATE", "VIEW"):
        return _create_view(database, words)
    if words.take_all("CREATE", "DATABASE") or words.take_all("CREATE", "SCHEMA"):
        return _create_database(database, words)
    known = (
        words.keys[words.at + 1] in _CREATES if words.keys[words.at] == "CREATE" else words.keys[words.at] in _OTHERS
    )
    if known:
        raise Unsupported("this SHOW", "SHOW TABLES, COLUMNS, CREATE TABLE, INDEX or DATABASES")
    raise words.error()


def _grants(database: Database, words: Words) -> Result:
    """SHOW GRANTS of the one account, which may do all in its database."""
    if words.take("FOR") and not (words.take_any("CURRENT_USER") and (words.take_all("(", ")") or not words.more())):
        raise Unsupported("SHOW GRANTS of another account", "SHOW GRANTS")
    words.end()
    account = "`root`@`localhost`"
    schema = create_text.quote_name(database.name)
    grants = (f"USAGE ON *.* TO {account}", f"ALL PRIVILEGES ON {schema}.* TO {account}")
    return Result(("Grants for root@localhost",), [(f"GRANT {grant}",) for grant in grants])


def _list_nothing(database: Database, words: Words, columns: str) -> Result:
    """SHOW of what cannot be made here, so that there is none."""
    while words.keys[words.at] in _KINDS:
        words.at += 1
    if "Trigger" in columns or "Execute" in columns:
        database.require_own(_from(words))
    return listing.select(database, words, Listing(tuple(columns.split(",")), []))


def _create_database(database: Database, words: Words) -> Result:
    name = words.name()
    words.end()
    database.require_own(name)
    text = f"CREATE DATABASE {create_text.quote_name(name)} {_DATABASE_OPTIONS}"
    return Result(("Database", "Create Database"), [(name, text)])


def _databases(database: Database, words: Words, full: bool) -> Result:
    if full:
        raise words.error()
    names = sorted(("information_schema", database.name))
    heading = f"Database{_pattern(words)}"
    return listing.select(database, words, Listing((heading,), [(n,) for n in names], exact=True))


def _pattern(words: Words) -> str:
    """The pattern of a LIKE that comes next, as MySQL writes it into the heading."""
    return f" ({words.texts[words.at + 1]})" if words.keys[words.at] == "LIKE" else ""


def _from(words: Words) -> str | None:
    return words.name() if words.take_any("FROM", "IN") else None


def _tables(database: Database, words: Words, full: bool) -> Result:
    schema = _from(words)
    if schema is not None and schema.lower() == "information_schema":
        raise Unsupported("SHOW TABLES of information_schema")
    database.require_own(schema)
    kinds = {
        **dict.fromkeys(database.catalog.lasting.tables, "BASE TABLE"),
        **dict.fromkeys(database.catalog.views, "VIEW"),
    }
    heading = f"Tables_in_{database.name}{_pattern(words)}"
    rows: list[Row] = [(n, kinds[n]) if full else (n,) for n in sorted(kinds)]
    columns = (heading, "Table_type") if full else (heading,)
    return listing.select(database, words, Listing(columns, rows, exact=not database.fold_names))


def _owner(database: Database, words: Words) -> tuple[str, Sequence[Column]]:
    """The name and the columns of the table or view that comes next. Raises 1142 and 1146."""
    name = _own_name(database, words)
    view = database.find_view(name)
    if view is None:
        table = database.base_table(name)
        return table.name, table.columns
    columns = view_columns(database.catalog, view)
    if columns is None:
        raise Unsupported("describing a view of computed columns", f"SELECT * FROM {view.name} LIMIT 1")
    return view.name, columns


def _own_name(database: Database, words: Words) -> str:
    schema, name = None, words.name()
    if words.take("."):
        schema, name = name, words.name()
    if schema is not None and schema.lower() == "information_schema":
        raise Unsupported("describing information_schema")
    if schema is not None and schema != database.name:
        raise SQLError(1142, "42000", f"SELECT command denied to user 'root'@'localhost' for table `{schema}`.`{name}`")
    return name


def _columns(database: Database, words: Words, full: bool) -> Result:
    if not words.take_any("FROM", "IN"):
        raise words.error()
    name, columns = _owner(database, words)
    database.require_own(_from(words))
    table = database.catalog.tables.get(name)
    rows = [_full_row(table, c) if full else _row(table, c) for c in columns]
    return listing.select(database, words, Listing(_FULL if full else _COLUMNS, rows))


def _row(table: Table | None, c: Column) -> tuple[str | None, ...]:
    default = c.clock if c.default == NOW else c.default
    key = "" if table is None else key_mark(table, c)
    return (c.name, c.decl, "YES" if c.nullable else "NO", key, default, extra(c))


def _full_row(table: Table | None, c: Column) -> tuple[str | None, ...]:
    name, kind, null, key, default, more = _row(table, c)
    textual = c.type.kind in ty.TEXTUAL
    if textual and table is not None and table.narrow:
        raise Unsupported("the collations of a table in utf8mb3", "SHOW COLUMNS")
    collated = ("utf8mb4_bin" if c.binary else "utf8mb4_general_ci") if textual else None
    return (name, kind, collated, null, key, default, more, _PRIVILEGES, c.comment)


def _create_table(database: Database, words: Words) -> Result:
    name = _own_name(database, words)
    words.end()
    if database.find_view(name) is not None:
        raise Unsupported("SHOW CREATE of a view", "SHOW COLUMNS")
    table = database.base_table(name)
    text = create_text.create_statement(table, database.counters.get(table.phys, 1))
    return Result(("Table", "Create Table"), [(table.name, text)])


def _create_view(database: Database, words: Words) -> Result:
    """A server writes the query anew in words of its own, which differ between servers."""
    name = _own_name(database, words)
    words.end()
    if database.find_view(name) is not None:
        raise Unsupported("SHOW CREATE VIEW", "SHOW COLUMNS")
    table = database.base_table(name)
    raise SQLError(1347, "HY000", f"'{database.name}.{table.name}' is not of type 'VIEW'")


def _index(database: Database, words: Words, full: bool) -> Result:
    if full or not words.take_any("FROM", "IN"):
        raise words.error()
    name = _own_name(database, words)
    database.require_own(_from(words))
    rows = [] if database.find_view(name) is not None else _key_rows(database, database.base_table(name))
    numbers = ("Non_unique", "Seq_in_index", "Cardinality", "Sub_part")
    return listing.select(database, words, Listing(_INDEX, rows, numbers=numbers), like=False)


def _key_rows(database: Database, table: Table) -> list[Row]:
    """A row for each column of each key; the cardinality is exact, as after ANALYZE TABLE."""
    return [
        (table.name, int(not key.unique), key.name, n, column.name, "A",
         database.rows(f"SELECT {distinct_keys(table, key, n)}")[0][0], key.prefix(n - 1), None,
         "YES" if column.nullable else "", "BTREE", "", "", "NO")
        for key in ordered_keys(table) for n, column in enumerate(members(table, key), 1)
    ]  # fmt: skip


def _status(database: Database, words: Words) -> Result:
    """SHOW TABLE STATUS: of views alone, for sizes and times of tables are a server's."""
    database.require_own(_from(words))
    names = sorted((*database.catalog.lasting.tables, *database.catalog.views))
    nothing = (None,) * 16
    rows: list[Row] = [(n, *nothing, "VIEW" if n in database.catalog.views else "", None, None) for n in names]
    result = listing.select(database, words, Listing(_STATUS, rows, exact=not database.fold_names))
    if any(row[0] in database.catalog.tables for row in result.rows):
        raise Unsupported("SHOW TABLE STATUS of a table", "SHOW TABLES and SHOW CREATE TABLE")
    return result


def describe(database: Database, words: Words) -> Result:
    """DESCRIBE t [column]; EXPLAIN of a query is refused."""
    if words.keys[words.at] in _EXPLAINED and words.kinds[words.at + 1] != END:
        raise Unsupported("EXPLAIN of a statement", "DESCRIBE of a table")
    name, columns = _owner(database, words)
    table = database.catalog.tables.get(name)
    rows = [_row(table, c) for c in columns]
    if words.more():
        pattern = words.literal() if words.kinds[words.at] == STRING else words.name()
        words.end()
        rows = [row for row in rows if collation.like(row[0], pattern)]
    return Result(_COLUMNS, rows)


_RULES: dict[str, Callable[[Database, Words, bool], Result]] = {
    "TABLES": _tables, "COLUMNS": _columns, "FIELDS": _columns, "DATABASES": _databases, "SCHEMAS": _databases,
    "INDEX": _index, "INDEXES": _index, "KEYS": _index,
}  # fmt: skip
