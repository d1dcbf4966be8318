"""The light engine: MySQL statements answered by SQLite in memory, or refused.

A statement is parsed by sqlglot, compiled by `expressions` and `query` into one SQLite SELECT with MySQL types, and read
back as PyMySQL would give it. Writes select first and store row by row (`write`); DDL works on the catalog (`schema`).
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from ..session import Result, SQLError, canonical
from . import commands
from .catalog import create_text
from .catalog.catalog import Catalog, Table
from .ddl import schema
from .dml import write
from .expressions import calls
from .expressions.expressions import expression
from .functions.register import Live, install
from .queries import query as queries
from .reading.parse import Parsed, parse
from .reading.scope import Query, Unit
from .values import errors, store, values
from .values.types import reader

_CACHED = 1024
_TICKS = 2000  # SQLite opcodes between two looks at the clock
_PAGE = 4096


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled SELECT, ready to run again."""

    sql: str
    names: tuple[str, ...]
    readers: tuple[tuple[int, Callable[[Any], object]], ...]


@dataclass(slots=True)
class Snapshot:
    """Everything a session is, but for its compiled statements."""

    data: bytes
    catalog: Catalog
    counters: dict[str, int]


class LightSession:
    """One private database. `now` fixes the clock; `max_bytes` bounds the data; `fold_names` makes table names
    case-insensitive, as MySQL on Windows and macOS has them."""

    def __init__(
        self,
        spec: Mapping[str, Any],
        *,
        max_bytes: int = 64 * 1024 * 1024,
        now: dt.datetime | None = None,
        database: str = "db",
        fold_names: bool = False,
    ) -> None:
        self.database = database
        self.fold_names = fold_names
        self.variables: dict[str, object] = {}
        self.counters: dict[str, int] = {}
        self.transaction: list[tuple[str | None, Snapshot]] = []
        self.live = Live(now=lambda: values.moment_text(now or dt.datetime.now(dt.UTC).replace(tzinfo=None), 6))
        self._plans: OrderedDict[tuple[str, str], Plan] = OrderedDict()
        self._deadline = 0.0
        self._pages = max(1, max_bytes // _PAGE)
        self._open = True
        self.connection = sqlite3.connect(
            ":memory:", isolation_level=None, cached_statements=512, check_same_thread=False
        )
        self._configure()
        install(self.connection, self.live)
        self.catalog = Catalog.from_spec(spec)
        self._build(spec)

    def _configure(self) -> None:
        for pragma in ("foreign_keys=ON", "trusted_schema=OFF", "temp_store=MEMORY", f"max_page_count={self._pages}"):
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        self.connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 32 * 1024 * 1024)
        self.connection.set_progress_handler(lambda: time.monotonic() > self._deadline, _TICKS)

    def _build(self, spec: Mapping[str, Any]) -> None:
        self._deadline = time.monotonic() + 60
        self.connection.execute("BEGIN")
        for table in self.catalog.tables.values():
            for statement in create_text.sqlite_statements(table, self.catalog.tables):
                self.connection.execute(statement)
        self.connection.execute("COMMIT")
        self.connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        for given in spec["tables"]:
            self._fill(self.catalog.tables[given["name"]], given)

    def _fill(self, table: Table, given: Mapping[str, Any]) -> None:
        columns = [table.by_name[c["name"].lower()] for c in given["columns"]]
        places = [f"`{self.database}`.`{table.name}`.`{c.name}`" for c in columns]
        rows = [
            [store.given(cell, c, w, n) for cell, c, w in zip(row, columns, places, strict=True)]
            for n, row in enumerate(given.get("rows") or (), 1)
        ]
        marks = ",".join("?" * len(columns))
        try:
            self.connection.execute("BEGIN")
            self.connection.executemany(f"INSERT INTO {table.phys} VALUES ({marks})", rows)
            self.connection.execute("COMMIT")
        except sqlite3.Error as e:
            raise self.explain(e) from e
        if table.counter is not None:
            at = columns.index(table.counter)
            self.counters[table.phys] = max([0, *(v for v in (r[at] for r in rows) if isinstance(v, int))]) + 1

    def execute(self, sql: str, *, seconds: float = 10.0, max_rows: int = 10_000) -> Result:
        """See Session.execute."""
        self._deadline = time.monotonic() + seconds
        plan = self._plans.get((self.catalog.text, sql))
        try:
            if plan is not None:
                self._plans.move_to_end((self.catalog.text, sql))
                return self._read(plan, max_rows)
            return self._fresh(sql, max_rows)
        except sqlite3.Error as e:
            raise self.explain(e) from e
        except RecursionError as e:
            raise errors.too_deep() from e

    def _fresh(self, sql: str, max_rows: int) -> Result:
        command = commands.command(self, sql)
        if command is not None:
            return command
        parsed = parse(sql, calls.NAMES)
        tree = parsed.tree
        if isinstance(tree, exp.Query):
            unit = self.unit(parsed)
            plan = _plan(queries.select(unit, tree, None))
            if not unit.volatile:
                self._remember(sql, plan)
            return self._read(plan, max_rows)
        known = write.VERBS.get(type(tree))
        if known is not None:
            # DELETE, alone of the writes, does not turn the warnings of its WHERE into errors.
            strict = not isinstance(tree, exp.Delete)
            return self._written(lambda: known(self, self.unit(parsed, strict=strict)))
        return schema.run(self, parsed)

    def unit(self, parsed: Parsed, *, strict: bool = False) -> Unit:
        """A fresh compilation over the present schema."""
        return Unit(
            self.catalog, self.database, parsed, queries.select, expression, calls.NAMES, strict, self.fold_names,
            variables=self.variables,
        )  # fmt: skip

    def _remember(self, sql: str, plan: Plan) -> None:
        self._plans[(self.catalog.text, sql)] = plan
        if len(self._plans) > _CACHED:
            self._plans.popitem(last=False)

    def _read(self, plan: Plan, max_rows: int) -> Result:
        cursor = self.connection.execute(plan.sql)
        rows = cursor.fetchmany(max_rows + 1)
        truncated = len(rows) > max_rows
        if truncated:
            cursor.close()
            del rows[max_rows:]
        if plan.readers:
            rows = _converted(rows, plan.readers)
        self.live.row_count, self.live.found_rows = -1, len(rows)
        return Result(plan.names, rows, 0, None, truncated)

    def _written(self, run: Callable[[], write.Count]) -> Result:
        """Run a writing statement whole or not at all."""
        self.connection.execute("BEGIN")
        try:
            count = run()
        except BaseException:
            # A full database or an interruption has rolled back already.
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")
        self.live.row_count = count.affected
        if count.last_id is not None:
            self.live.last_id = count.last_id
        return Result((), [], count.affected, count.last_id)

    def fetch(self, query: Query) -> list[tuple]:
        """The raw SQLite rows of a compiled query."""
        return self.connection.execute(query.sql).fetchall()

    def explain(self, error: sqlite3.Error) -> SQLError:
        """SQLite's complaint in MySQL's words."""
        fault, self.live.fault = self.live.fault, None
        text = str(error)
        if fault is not None and "user-defined" in text:
            return fault
        return errors.from_sqlite(text)

    def tables(self) -> dict[str, dict[str, Any]]:
        """See Session.tables."""
        self._deadline = time.monotonic() + 60
        state = {}
        for name in sorted(self.catalog.tables):
            table = self.catalog.tables[name]
            columns = ",".join(c.phys for c in table.columns)
            rows = self.connection.execute(f"SELECT {columns} FROM {table.phys}").fetchall()
            state[name] = {
                "columns": [c.name for c in table.columns],
                "types": [c.decl for c in table.columns],
                "rows": canonical(_converted(rows, _readers([c.type for c in table.columns]))),
            }
        return state

    def snapshot(self) -> Snapshot:
        self.live.copying = True
        try:
            return Snapshot(self.connection.serialize(), self.catalog, dict(self.counters))
        finally:
            self.live.copying = False

    def restore(self, snapshot: Snapshot) -> None:
        self.live.copying = True
        try:
            self.connection.deserialize(snapshot.data)
            # The bound belongs to the file, which is a new one.
            self.connection.execute(f"PRAGMA max_page_count={self._pages}")
        finally:
            self.live.copying = False
        self.catalog, self.counters = snapshot.catalog, dict(snapshot.counters)

    def save(self) -> bytes:
        """The whole session: data, schema, counters, variables and open transaction."""
        return pack(self)

    def load(self, blob: bytes) -> None:
        unpack(self, blob)

    def close(self) -> None:
        """Release the memory. Safe to call again."""
        if self._open:
            self._open = False
            self.connection.close()


def _plan(query: Query) -> Plan:
    return Plan(query.sql, query.names, _readers(query.types))


def _readers(types: Sequence[Any]) -> tuple[tuple[int, Callable[[Any], object]], ...]:
    return tuple((i, read) for i, read in enumerate(map(reader, types)) if read is not None)


def _converted(rows: list[tuple], readers: Sequence[tuple[int, Callable[[Any], object]]]) -> list[tuple]:
    converted = []
    for row in rows:
        cells = list(row)
        for i, read in readers:
            if cells[i] is not None:
                cells[i] = read(cells[i])
        converted.append(tuple(cells))
    return converted


def pack(session: LightSession) -> bytes:
    """A session as bytes: a JSON head, then each SQLite image."""
    shots = [shot for _, shot in session.transaction]
    now = session.snapshot()
    head = {
        "names": [name for name, _ in session.transaction],
        "shots": [_head(shot) for shot in (now, *shots)],
        "variables": session.variables,
        "counts": [session.live.last_id, session.live.row_count, session.live.found_rows],
    }
    text = json.dumps(head).encode()
    return len(text).to_bytes(8, "big") + text + b"".join(shot.data for shot in (now, *shots))


def _head(shot: Snapshot) -> dict[str, Any]:
    return {"bytes": len(shot.data), "catalog": shot.catalog.text, "counters": shot.counters}


def unpack(session: LightSession, blob: bytes) -> None:
    """Put a session back into the state that `pack` wrote."""
    at = 8 + int.from_bytes(blob[:8], "big")
    head = json.loads(blob[8:at])
    shots = []
    for entry in head["shots"]:
        same = entry["catalog"] == session.catalog.text
        catalog = session.catalog if same else Catalog.from_json(entry["catalog"])
        shots.append(Snapshot(blob[at : at + entry["bytes"]], catalog, entry["counters"]))
        at += entry["bytes"]
    session.restore(shots[0])
    session.transaction = list(zip(head["names"], shots[1:], strict=True))
    session.variables = head["variables"]
    session.live.last_id, session.live.row_count, session.live.found_rows = head["counts"]
