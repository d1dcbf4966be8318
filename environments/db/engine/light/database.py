"""The database that every statement works on: SQLite's connection, the catalog and the state of a MySQL session.

Statements (`dml`, `ddl`, `commands`) read and change it; it knows none of them.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..session import SQLError, Unsupported
from . import heap
from .catalog import create_text, strict_mode
from .catalog.catalog import Catalog, Table, View
from .expressions.scope import Query
from .functions.install import install
from .functions.session_info import SessionInfo
from .values import conversions, errors
from .values.bounds import Bounds

_TICKS = 1000  # SQLite opcodes between two looks at the clock
_SLACK = 4 * 1024 * 1024
_CACHE_KIB = 1024  # of one intermediate table or sorter, before it goes to a file
_STATEMENTS = 256
_PAGE = 4096
_BUILD_SECONDS = 60.0
# Seconds before the first look at SQLite's temporary files, and between two.
_FIRST_LOOK, _LOOK = 0.2, 0.05
# How many times the data's bound these files may take.
_TEMPORARY = 4


@dataclass(slots=True)
class Snapshot:
    """Data, schema and AUTO_INCREMENT counters at one moment; `data` is SQLite's image of the database."""

    data: bytes
    catalog: Catalog
    counters: dict[str, int]


class Database:
    """One private database in memory, with the tables and rows of `spec`.

    `counters` holds the next AUTO_INCREMENT value by a table's `phys` name; `variables` the user variables by lower-
    case name; `prepared` the texts of prepared statements by theirs; `transaction` the snapshots to roll back to: the
    start (named None), then the savepoints. Without `autocommit` each write opens one; `read_only` is that which is open.
    `locks` are the tables of LOCK TABLES in lower case, each READ or WRITE.
    """

    def __init__(
        self, spec: Mapping[str, Any], *, name: str, max_bytes: int, now: dt.datetime | None, fold_names: bool
    ) -> None:
        self.name = name
        self.fold_names = fold_names
        self.variables: dict[str, object] = {}
        self.prepared: dict[str, str] = {}
        self.counters: dict[str, int] = {}
        self.transaction: list[tuple[str | None, Snapshot]] = []
        self.autocommit, self.read_only = True, False
        self.locks: dict[str, str] = {}
        self.info = SessionInfo(
            now=lambda: conversions.moment_text(now or dt.datetime.now(dt.UTC).replace(tzinfo=None), 6),
            bounds=Bounds.within(max_bytes),
        )
        self.bounds = self.info.bounds
        self._max_bytes = max_bytes
        self._pages = max(1, max_bytes // _PAGE)
        self._open = True
        self._restores = 0
        self.connection = sqlite3.connect(
            ":memory:", isolation_level=None, cached_statements=_STATEMENTS, check_same_thread=False
        )
        self._configure()
        install(self.connection, self.info)
        self.catalog = Catalog.from_spec(spec)
        self._build(spec)

    def _configure(self) -> None:
        pragmas = (
            "foreign_keys=ON", "trusted_schema=OFF", f"cache_size=-{_CACHE_KIB}",
            # In files sorters and intermediate tables keep little in memory, and sort it in pieces, with looks at the clock.
            "temp_store=FILE", f"max_page_count={self._pages}",
        )  # fmt: skip
        for pragma in pragmas:
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        self.connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, self.bounds.text)
        self.connection.set_progress_handler(self._must_stop, _TICKS)

    def _build(self, spec: Mapping[str, Any]) -> None:
        self.limit_time(_BUILD_SECONDS)
        self.connection.execute("BEGIN")
        for table in self.catalog.tables.values():
            self.create(table)
        if not self.catalog.tables:
            # SQLite has no image of a database that never held anything.
            self.connection.execute("CREATE TABLE t (c)")
            self.connection.execute("DROP TABLE t")
        self.connection.execute("COMMIT")
        self.connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        for table_spec in spec["tables"]:
            self._fill(self.catalog.tables[table_spec["name"]], table_spec)

    def _fill(self, table: Table, spec: Mapping[str, Any]) -> None:
        columns = [table.by_name[c["name"].lower()] for c in spec["columns"]]
        places = [f"`{self.name}`.`{table.name}`.`{c.name}`" for c in columns]
        kept = [strict_mode.keeps_as_is(c) for c in columns]
        rows = [
            [
                cell if plain(cell) else strict_mode.store_python(cell, c, place, n)
                for cell, plain, c, place in zip(row, kept, columns, places, strict=True)
            ]
            for n, row in enumerate(spec.get("rows") or (), 1)
        ]
        marks = ",".join("?" * len(columns))
        try:
            self.connection.execute("BEGIN")
            if any(f.table == table.name for f in table.foreign):
                self._defer_foreign_keys()
            self.connection.executemany(f"INSERT INTO {table.phys} VALUES ({marks})", rows)
            self.connection.execute("COMMIT")
        except sqlite3.Error as e:
            raise self.explain(e) from e
        if table.counter is not None:
            at = columns.index(table.counter)
            self.counters[table.phys] = max([0, *(v for v in (r[at] for r in rows) if isinstance(v, int))]) + 1

    def _defer_foreign_keys(self) -> None:
        """Until the COMMIT, so that a row may stand before the one of its own table that it refers to."""
        self.info.copying = True
        try:
            self.connection.execute("PRAGMA defer_foreign_keys=ON")
        finally:
            self.info.copying = False

    @contextmanager
    def unchecked_references(self) -> Iterator[None]:
        """Let SQLite leave foreign keys alone, from before a transaction until after it."""
        self._switch_references("OFF")
        try:
            yield
        finally:
            self._switch_references("ON")

    def _switch_references(self, state: str) -> None:
        self.info.copying = True
        try:
            self.connection.execute(f"PRAGMA foreign_keys={state}")
        finally:
            self.info.copying = False

    def limit_time(self, seconds: float) -> None:
        """Interrupt whatever SQLite still computes `seconds` from now."""
        self._next_look = self.bounds.start(seconds) + _FIRST_LOOK

    def begin(self, seconds: float, bounded: bool) -> None:
        """A statement begins, within so many seconds. `end` must follow where SQLite's memory is `bounded`, too."""
        self.limit_time(seconds)
        info = self.info
        info.fault = info.surprise = info.told_id = None
        if bounded:
            heap.bound(self._max_bytes + _SLACK)

    def end(self) -> None:
        """The statement is over, well or not."""
        heap.lift()

    def _must_stop(self) -> bool:
        """Whether SQLite must stop: too late, or too much in its files."""
        now = time.monotonic()
        if now > self._next_look:
            self._next_look = now + _LOOK
            if heap.temporary_bytes() > _TEMPORARY * self._max_bytes:
                self.info.fault = errors.table_full("temporary")
                return True
        return now > self.bounds.deadline

    def create(self, table: Table) -> None:
        """Create a table's SQLite counterpart, without rows; the catalog must hold its parents."""
        for statement in create_text.sqlite_statements(table, self.catalog.tables):
            self.connection.execute(statement)

    def fetch(self, query: Query) -> list[tuple]:
        """The raw SQLite rows of a compiled query. Raises 1301 where they are too many."""
        return self.rows(query.sql)

    def rows(self, sql: str) -> list[tuple]:
        """All rows of a SQLite statement. Raises 1301 where they are too many to hold."""
        rows = []
        for row in self.connection.execute(sql):
            self.bounds.hold_row(row)
            rows.append(row)
        return rows

    def forget(self) -> None:
        """Drop the SQLite statements that the connection keeps compiled, after a long one; it has no call for that."""
        for n in range(_STATEMENTS):
            self.connection.execute(f"SELECT {n}")

    def base_table(self, name: str) -> Table:
        """A base table by name. Raises 1146."""
        name = self._as_created(name)
        if name not in self.catalog.tables:
            raise errors.no_table(self.name, name)
        return self.catalog.tables[name]

    def find_view(self, name: str) -> View | None:
        """A view by name, if there is one."""
        return self.catalog.views.get(self._as_created(name))

    def _as_created(self, name: str) -> str:
        """A name as its table or view was created under it, where case means nothing."""
        names = (*self.catalog.tables, *self.catalog.views) if self.fold_names else ()
        return next((n for n in names if n.lower() == name.lower()), name)

    def require_own(self, schema: str | None) -> None:
        """Raise 1044 where a statement names another schema than this one; None names none."""
        if schema is not None and schema != self.name:
            raise errors.database_denied("'root'@'localhost'", schema)

    def explain(self, error: sqlite3.Error) -> SQLError:
        """SQLite's error as MySQL's."""
        fault, self.info.fault = self.info.fault, None
        text = str(error)
        if fault is not None and ("user-defined" in text or "interrupted" in text):
            return fault
        return errors.from_sqlite(text)

    def keep_snapshot(self) -> Snapshot:
        """A snapshot for the open transaction, whose snapshots together stay below half of the data's bound."""
        self.info.copying = True
        try:
            pages = self.connection.execute("PRAGMA page_count").fetchone()[0]
        finally:
            self.info.copying = False
        kept = {id(s): len(s.data) for _, s in self.transaction}
        if sum(kept.values()) + pages * _PAGE > max(self._max_bytes // 2, _SLACK):
            raise Unsupported("a transaction over so much data, or so many savepoints", "statements without it")
        return self.snapshot()

    def begin_implied(self) -> None:
        """Open the transaction that a write opens without autocommit."""
        if self.transaction:
            return
        self.read_only = False
        if not self.autocommit:
            self.transaction = [(None, self.keep_snapshot())]

    def require_writable(self) -> None:
        """Raise 1792 in a transaction that only reads."""
        if self.transaction and self.read_only:
            raise SQLError(1792, "25006", "Cannot execute statement in a READ ONLY transaction")

    def snapshot(self) -> Snapshot:
        """A copy of the data, schema and counters."""
        self.info.copying = True
        try:
            return Snapshot(self.connection.serialize(), self.catalog, dict(self.counters))
        finally:
            self.info.copying = False

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot; variables and savepoints stay."""
        self.info.copying = True
        self._restores += 1
        try:
            self.connection.deserialize(snapshot.data)
            # The bound belongs to the file, which is a new one.
            self.connection.execute(f"PRAGMA max_page_count={self._pages}")
        finally:
            self.info.copying = False
        self.catalog, self.counters = snapshot.catalog, dict(snapshot.counters)

    def moment(self) -> tuple[int, int]:
        """A value that is another after each change of the data."""
        return self._restores, self.connection.total_changes

    def close(self) -> None:
        """Release the memory. Safe to call again."""
        if self._open:
            self._open = False
            self.connection.close()
