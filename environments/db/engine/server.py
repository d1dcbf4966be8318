"""The exact engine: a MySQL or MariaDB server reached by DSN, one throw-away schema an episode, dropped on close."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pymysql
import pymysql.converters
from pymysql.cursors import SSCursor

from simenv.errors import ServiceDown, WorldError
from simenv.network import reach

from .light.catalog.catalog import Catalog
from .light.catalog.create_text import create_statement
from .light.values.bounds import Bounds
from .session import Result, SQLError, canonical_rows

GONE = (0, 2002, 2003, 2006, 2013)
"""Codes of PyMySQL for a server that does not answer."""
_STATES = {1062: "23000", 1064: "42000", 1146: "42S02", 1054: "42S22", 1451: "23000", 1452: "23000", 1969: "70100"}


class ServerSession:
    """One schema on a shared server, used through an account that can reach nothing else.

    The DSN is `mysql://user:password@host:port/?unix_socket=path`; its account must be allowed to create schemas and
    users. `save` keeps the logical state (tables as statements and rows), not the server's files.
    """

    def __init__(self, spec: dict[str, Any], dsn: str, *, database: str | None = None) -> None:
        self._dsn = dsn
        self._name = database or f"sim_{secrets.token_hex(6)}"
        self._account = f"sim_{secrets.token_hex(6)}"
        self._admin = _connect(dsn, None)
        self._agent: pymysql.Connection[Any] | None = None
        catalog = Catalog.from_spec(spec)
        try:
            self._prepare()
            for table in catalog.tables.values():
                self._run(create_statement(table))
            for table_spec in spec["tables"]:
                own = any(f["references"]["table"] == table_spec["name"] for f in table_spec.get("foreign_keys", ()))
                # A row may stand before the one of its own table that it refers to.
                self._run(f"SET foreign_key_checks={int(not own)}")
                self._fill(table_spec["name"], [c["name"] for c in table_spec["columns"]], table_spec["rows"])
            self._run("SET foreign_key_checks=1")
        except pymysql.MySQLError as e:
            with suppress(ServiceDown):
                self.close()
            if e.args and e.args[0] in GONE:
                raise ServiceDown(f"environments/db: the server is lost: {e}") from e
            raise WorldError(f"environments/db: the server refused the tables: {e}") from e

    def _prepare(self) -> None:
        with self._admin.cursor() as cursor:
            cursor.execute(
                f"CREATE DATABASE {_quote_name(self._name)} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
            )
            password = secrets.token_hex(12)
            cursor.execute(f"CREATE USER {self._account}@'%%' IDENTIFIED BY %s", (password,))
            cursor.execute(f"CREATE USER {self._account}@localhost IDENTIFIED BY %s", (password,))
            for host in ("'%'", "localhost"):
                cursor.execute(f"GRANT ALL ON {_quote_name(self._name)}.* TO {self._account}@{host}")
        self._password = password
        self._login()

    def _login(self) -> None:
        self._agent = _connect(self._dsn, self._name, self._account, self._password)
        self._seconds = 0.0

    @property
    def _live(self) -> pymysql.Connection[Any]:
        if self._agent is None:
            raise WorldError("environments/db: the session is closed")
        return self._agent

    def _run(self, sql: str) -> None:
        with self._live.cursor() as cursor:
            cursor.execute(sql)

    def _fill(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        if not rows:
            return
        marks = ",".join(["%s"] * len(columns))
        names = ",".join(_quote_name(c).replace("%", "%%") for c in columns)
        with self._live.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {_quote_name(table).replace('%', '%%')} ({names}) VALUES ({marks})", rows)

    def execute(self, sql: str, *, seconds: float = 10.0, max_rows: int = 10_000) -> Result:
        """See Session.execute. The server stops a statement at `seconds`; the socket gives up soon after.

        Raises 1301 for rows that are too many to hold.
        """
        cursor = self._live.cursor(SSCursor)
        try:
            self._limit(seconds)
            cursor.execute(sql)
            columns = tuple(d[0] for d in cursor.description or ())
            rows = _fetch(cursor, max_rows + 1) if columns else []
            truncated = len(rows) > max_rows
            affected = 0 if columns else cursor.rowcount
            return Result(columns, list(rows[:max_rows]), affected, cursor.lastrowid or None, truncated)
        except pymysql.MySQLError as e:
            raise self._error(e) from e
        finally:
            self._drain(cursor)

    def _limit(self, seconds: float) -> None:
        # Only where it changes: ROW_COUNT() tells of the statement before.
        if seconds != self._seconds:
            self._run(f"SET SESSION max_statement_time={seconds:.3f}")
            self._seconds = seconds
        # PyMySQL has no public way to change the timeout of a live connection.
        self._live._read_timeout = seconds + 5

    def _drain(self, cursor: SSCursor) -> None:
        try:
            cursor.close()
        except pymysql.MySQLError:
            # The statement was cut off while rows were under way: the connection is no longer usable.
            self._login()

    def _error(self, error: pymysql.MySQLError) -> SQLError:
        code, message = (error.args[0], str(error.args[-1])) if error.args else (2013, str(error))
        if not isinstance(code, int):
            return SQLError(1105, "HY000", str(error))
        if code in GONE:
            self._login()
        return SQLError(code, _STATES.get(code, "HY000"), message)

    def tables(self) -> dict[str, dict[str, Any]]:
        """See Session.tables; an open transaction is read as it is now."""
        with _answering(), self._live.cursor() as cursor:
            cursor.execute("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'")
            names = [row[0] for row in cursor.fetchall()]
            return {name: _table(cursor, name) for name in sorted(names)}

    def save(self) -> bytes:
        """The tables, their rows and counters as statements. An open transaction is saved as its present state."""
        with _answering(), self._live.cursor() as cursor:
            cursor.execute("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'")
            names = [row[0] for row in cursor.fetchall()]
            tables = []
            for name in names:
                cursor.execute(f"SHOW CREATE TABLE {_quote_name(name)}")
                create = cursor.fetchall()[0][1]
                cursor.execute(f"SELECT * FROM {_quote_name(name)}")
                columns = [d[0] for d in cursor.description]
                rows = [[_literal(cell) for cell in row] for row in cursor.fetchall()]
                tables.append({"name": name, "create": create, "columns": columns, "rows": rows})
        return json.dumps(tables).encode()

    def load(self, blob: bytes) -> None:
        """Restore what `save` wrote; the schema then holds these tables and nothing else."""
        with _answering(), self._admin.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {_quote_name(self._name)}")
            cursor.execute(
                f"CREATE DATABASE {_quote_name(self._name)} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
            )
        self._live.close()
        self._login()
        self._run("SET foreign_key_checks=0, SESSION sql_mode=CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')")
        for table in json.loads(blob):
            self._run(table["create"])
            if table["rows"]:
                names = ",".join(map(_quote_name, table["columns"]))
                values = ",".join("(" + ",".join(row) + ")" for row in table["rows"])
                self._run(f"INSERT INTO {_quote_name(table['name'])} ({names}) VALUES {values}")
        self._live.close()
        self._login()

    def close(self) -> None:
        """Drop the schema and its account and close both sockets. Safe to call again."""
        if not self._admin.open:
            return
        if self._agent is not None:
            _hang_up(self._agent)
            self._agent = None
        with _answering(), self._admin.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {_quote_name(self._name)}")
            cursor.execute(f"DROP USER IF EXISTS {self._account}@'%', {self._account}@localhost")
        _hang_up(self._admin)


@contextmanager
def _answering() -> Iterator[None]:
    """ServiceDown if the server does not answer in this block."""
    try:
        yield
    except pymysql.MySQLError as e:
        if e.args and e.args[0] not in GONE:
            raise
        raise ServiceDown(f"environments/db: the server is lost: {e}") from e


def _fetch(cursor: SSCursor, most: int) -> list[tuple]:
    """The first rows, each counted against the bound of memory as it comes."""
    bounds = Bounds()
    rows: list[tuple] = []
    while len(rows) < most and (row := cursor.fetchone()) is not None:
        bounds.hold_row(row)
        rows.append(row)
    return rows


def _quote_name(name: str) -> str:
    """A name between backticks."""
    return "`" + name.replace("`", "``") + "`"


def _literal(cell: object) -> str:
    if isinstance(cell, bytes):
        return "0x" + cell.hex() if cell else "''"
    return str(pymysql.converters.escape_item(cell, "utf8mb4"))


def _table(cursor: Any, name: str) -> dict[str, Any]:
    cursor.execute(f"SHOW COLUMNS FROM {_quote_name(name)}")
    columns = cursor.fetchall()
    cursor.execute(f"SELECT * FROM {_quote_name(name)}")
    return {
        "columns": [row[0] for row in columns],
        "types": [row[1] for row in columns],
        "rows": canonical_rows(cursor.fetchall()),
    }


def _hang_up(connection: pymysql.Connection[Any]) -> None:
    if connection.open:
        connection.close()


def _connect(
    dsn: str, database: str | None, user: str | None = None, password: str | None = None
) -> pymysql.Connection[Any]:
    parts = urlsplit(dsn)
    if parts.scheme not in ("mysql", "mariadb"):
        raise WorldError(f"environments/db: DSN {dsn!r} is not mysql://user:password@host:port/")
    options = {key: values[0] for key, values in parse_qs(parts.query).items()}
    if "unix_socket" not in options:
        reach(dsn)
    try:
        return pymysql.connect(
            host=parts.hostname or "localhost",
            port=parts.port or 3306,
            user=user or unquote(parts.username or ""),
            password=password if password is not None else unquote(parts.password or ""),
            unix_socket=options.get("unix_socket"),
            database=database,
            charset="utf8mb4",
            autocommit=True,
            local_infile=False,
            connect_timeout=10,
        )
    except pymysql.MySQLError as e:
        raise ServiceDown(f"environments/db: no connection to {parts.hostname or parts.query}: {e}") from e
