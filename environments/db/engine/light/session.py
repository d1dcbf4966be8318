"""The light engine: MySQL statements answered by SQLite in memory, or refused.

A statement is read by MySQL's grammar (`parsing`). A query is compiled by `queries` and `expressions` into one SQLite
SELECT with MySQL types, and read back as PyMySQL would give it. Writes (`dml`) select first and store row by row;
definitions (`ddl`) change the catalog; statements of a few words (`commands`) are read from their tokens. All of them
work on the session's `Database`.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from ..session import Result, SQLError, Unsupported, canonical_rows
from . import serialization
from .commands.locks import require_locked
from .commands.run import run_command
from .commands.variables import assign, assign_shown, take_assignments, take_row_count
from .compiler import new_unit, parse_statement, require_short
from .database import Database
from .ddl.run import run_definition
from .dml.delete import delete
from .dml.insert import insert
from .dml.targets import Count
from .dml.update import update
from .dml.views import through_views
from .expressions.scope import Query, Unit
from .parsing.parse import Statement
from .queries.select import compile_query
from .values import errors
from .values import types as ty
from .values.types import Type, reader

_log = logging.getLogger(__name__)
_MAX_PLANS = 1024
_LONGEST_PLAN = 20_000  # characters
_PIECE = 256  # rows
# What SQLite may keep for a plan that calls no function of ours: a few cells, and a few sorters in files.
_SMALL_PLAN, _FEW_COLUMNS, _OUR_FUNCTION = 1_000, 8, "m_"
# A number out of range, and a subquery of several rows.
_ERRORS_OF_ROWS = frozenset({1690, 1242})
# What IGNORE makes warnings of.
_IGNORED = frozenset({1292, 1365, 1366, 1406, 1264})
_SHORT = frozenset({ty.INT, ty.DEC, ty.DBL, ty.DATE, ty.DATETIME, ty.TIME})
_WRITES: dict[type[exp.Expression], Callable[[Database, Unit], Count]] = {
    exp.Insert: insert,
    exp.Update: update,
    exp.Delete: delete,
}
_Readers = Sequence[tuple[int, Callable[[Any], object]]]
"""The columns whose SQLite values differ from the caller's, each with its conversion."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """A compiled SELECT, ready to run again."""

    sql: str
    names: tuple[str, ...]
    readers: _Readers
    wide: tuple[int, ...]
    """the columns whose cells may be long"""
    small: bool
    """whether SQLite takes little memory for it, whatever the rows hold, so that no bound is needed"""
    counted: bool
    """whether FOUND_ROWS() is the number of its rows"""
    selective: bool
    """whether MySQL computes fewer rows than SQLite does: those that are left after ORDER BY and LIMIT"""


class LightSession:
    """One private database: see Session.

    `now` fixes the clock; `max_bytes` bounds the data; `fold_names` makes table names case-insensitive, as MySQL on
    Windows and macOS has them.
    """

    def __init__(
        self,
        spec: Mapping[str, Any],
        *,
        max_bytes: int = 64 * 1024 * 1024,
        now: dt.datetime | None = None,
        database: str = "db",
        fold_names: bool = False,
    ) -> None:
        try:
            self._database = Database(spec, name=database, max_bytes=max_bytes, now=now, fold_names=fold_names)
        except sqlite3.Error as e:
            raise errors.from_sqlite(str(e)) from e
        except (ValueError, OverflowError, RecursionError) as e:
            raise Unsupported(f"these tables ({str(e)[:80]})") from e
        self._plans: OrderedDict[tuple[str, str], _Plan] = OrderedDict()
        self._state: dict[str, Any] = {}
        self._seen: object = None
        self.unforeseen = 0
        """statements that ended in an exception of the engine's own, answered as refusals"""

    def execute(self, sql: str, *, seconds: float = 10.0, max_rows: int = 10_000) -> Result:
        """See Session.execute."""
        database = self._database
        plan = self._plans.get((database.catalog.text, sql))
        bounded = plan is None or not plan.small
        database.begin(seconds, bounded)
        try:
            if database.locks:
                require_locked(database, sql)
            return self._dispatch(sql, max_rows) if plan is None else self._read(plan, max_rows)
        except SQLError:
            raise
        except sqlite3.Error as e:
            error = database.explain(e)
            if database.info.surprise is not None:
                self._report(sql, database.info.surprise)
            raise error from e
        except RecursionError as e:
            raise errors.too_deep() from e
        except UnicodeEncodeError as e:
            raise errors.not_utf8() from e
        except MemoryError as e:
            raise errors.out_of_memory() from e
        except Exception as e:
            self._report(sql, e)
            raise Unsupported(f"this {_kind(sql)} statement", "to write it in another way") from e
        finally:
            if bounded:
                database.end()

    def _report(self, sql: str, error: Exception) -> None:
        """An exception that is no SQLError is the engine's fault, for its developers to see; the agent's way goes on."""
        self.unforeseen += 1
        _log.warning("environments/db: not foreseen: %s in %.200r", type(error).__name__, sql, exc_info=error)

    def _answer(self, sql: str, max_rows: int) -> Result:
        plan = self._plans.get((self._database.catalog.text, sql))
        return self._dispatch(sql, max_rows) if plan is None else self._read(plan, max_rows)

    def _dispatch(self, sql: str, max_rows: int) -> Result:
        require_short(sql, self._database.bounds)
        result = run_command(self._database, sql, lambda text: self._answer(text, max_rows))
        if result is not None:
            if result.columns:
                self._database.info.row_count, self._database.info.found_rows = -1, len(result.rows)
            return result
        statement = parse_statement(sql, self._database.bounds)
        if not isinstance(statement, Statement):
            return run_definition(self._database, statement)
        tree = statement.tree
        if isinstance(tree, exp.Query):
            unit = new_unit(self._database, statement)
            into = tree.args.pop("into", None)
            assigned = take_assignments(tree)
            whole = take_row_count(tree)
            plan = _plan(compile_query(unit, tree, None), tree)
            if into is not None:
                return assign(self._database, [v.name for v in into.expressions], self._read(plan, 2))
            if assigned:
                return assign_shown(self._database, assigned, self._read(plan, 2))
            if whole is not None:
                return self._read_and_count(plan, whole, statement, max_rows)
            if not unit.volatile:
                self._remember(sql, plan)
            return self._read(plan, max_rows)
        write = _WRITES[type(tree)]
        # DELETE, alone of the writes, does not turn the warnings of its WHERE into errors.
        strict = not isinstance(tree, exp.Delete)
        try:
            return self._write(
                lambda: write(self._database, through_views(new_unit(self._database, statement, strict=strict)))
            )
        except sqlite3.Error as e:
            error = self._database.explain(e)
            if statement.ignoring and error.code in _IGNORED:
                raise Unsupported(f"IGNORE of a bad value ({error.message})", "a value that fits") from e
            raise error from e

    def _remember(self, sql: str, plan: _Plan) -> None:
        if len(sql) + len(plan.sql) > _LONGEST_PLAN:
            return
        self._plans[(self._database.catalog.text, sql)] = plan
        if len(self._plans) > _MAX_PLANS:
            self._plans.popitem(last=False)

    def _read(self, plan: _Plan, max_rows: int) -> Result:
        database = self._database
        try:
            cursor = database.connection.execute(plan.sql)
            if plan.wide:
                rows = database.bounds.first_rows(cursor, len(plan.names), plan.wide, max_rows + 1)
            else:
                rows = self._short_rows(cursor, len(plan.names), max_rows + 1)
        except sqlite3.Error as e:
            fault = database.info.fault
            if plan.selective and fault is not None and fault.code in _ERRORS_OF_ROWS:
                raise Unsupported("an error in a row that LIMIT may leave out", "a WHERE that leaves it out") from e
            raise
        truncated = len(rows) > max_rows
        if truncated:
            del rows[max_rows:]
        if len(plan.sql) > _LONGEST_PLAN:
            cursor.close()
            database.forget()
        elif truncated:
            cursor.close()
        if plan.readers:
            rows = _to_python(rows, plan.readers)
        info = database.info
        info.row_count, info.found_rows = -1, len(rows) if plan.counted else None
        return Result(plan.names, rows, 0, None, truncated)

    def _read_and_count(self, plan: _Plan, whole: exp.Expression, statement: Statement, max_rows: int) -> Result:
        """A query with SQL_CALC_FOUND_ROWS: `whole` is the same without its LIMIT, and its rows are counted."""
        result = self._read(plan, max_rows)
        query = compile_query(new_unit(self._database, statement), whole, None)
        count = self._database.rows(f"SELECT count(*) FROM ({query.sql})")[0][0]
        self._database.info.found_rows = count
        return result

    def _short_rows(self, cursor: sqlite3.Cursor, width: int, most: int) -> list[tuple]:
        """The first rows of numbers and dates; only where they are many they count against the bound of memory."""
        rows = cursor.fetchmany(min(most, _PIECE))
        if len(rows) == _PIECE < most:
            rows += self._database.bounds.first_rows(cursor, width, (), most - _PIECE)
        return rows

    def _write(self, run: Callable[[], Count]) -> Result:
        """Run a writing statement whole or not at all."""
        connection, info = self._database.connection, self._database.info
        self._database.begin_implied()
        connection.execute("BEGIN")
        try:
            count = run()
        except BaseException:
            # A full database or an interruption has rolled back already.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        info.row_count, info.found_rows = count.affected, None
        return Result((), [], count.affected, count.last_id if info.told_id is None else info.told_id)

    def tables(self) -> dict[str, dict[str, Any]]:
        """See Session.tables. A table that did not change since the last call is the same object as then."""
        database = self._database
        moment = database.catalog, database.moment()
        if self._seen == moment:
            return dict(self._state)
        database.limit_time(60)
        state = {}
        for name in sorted(database.catalog.lasting.tables):
            now, before = self._table(name), self._state.get(name)
            state[name] = before if before == now else now
        self._seen, self._state = moment, state
        return dict(state)

    def _table(self, name: str) -> dict[str, Any]:
        table = self._database.catalog.tables[name]
        columns = ",".join(c.phys for c in table.columns)
        rows = self._database.connection.execute(f"SELECT {columns} FROM {table.phys}").fetchall()
        return {
            "columns": [c.name for c in table.columns],
            "types": [c.decl for c in table.columns],
            "rows": canonical_rows(_to_python(rows, _readers([c.type for c in table.columns]))),
        }

    def save(self) -> bytes:
        """The whole session: data, schema, counters, variables and open transaction."""
        return serialization.pack(self._database)

    def load(self, blob: bytes) -> None:
        """Restore what `save` wrote."""
        serialization.unpack(self._database, blob)

    def close(self) -> None:
        """Release the memory. Safe to call again."""
        self._database.close()


def _plan(query: Query, tree: exp.Query) -> _Plan:
    counted = tree.args.get("offset") is None
    selective = tree.args.get("order") is not None and tree.args.get("limit") is not None
    wide = tuple(i for i, t in enumerate(query.types) if t.kind not in _SHORT)
    small = len(query.sql) <= _SMALL_PLAN and len(query.names) <= _FEW_COLUMNS and _OUR_FUNCTION not in query.sql
    return _Plan(query.sql, query.names, _readers(query.types), wide, small, counted, selective)


def _kind(sql: str) -> str:
    """The verb of a statement."""
    word = re.match(r"\W*(\w{1,20})", sql[:100])
    return word[1].upper() if word else "odd"


def _readers(types: Sequence[Type]) -> _Readers:
    return tuple((i, read) for i, read in enumerate(map(reader, types)) if read is not None)


def _to_python(rows: list[tuple], readers: _Readers) -> list[tuple]:
    result = []
    for row in rows:
        cells = list(row)
        for i, read in readers:
            if cells[i] is not None:
                cells[i] = read(cells[i])
        result.append(tuple(cells))
    return result
