"""Rows of one table inserted, changed and deleted, with keys, foreign keys, counters and defaults as InnoDB has them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from ...session import SQLError, Unsupported
from ..catalog import create_text, strict_mode
from ..catalog.catalog import NOW, Column, ForeignKey, Key, Table
from ..catalog.strict_mode import Stored
from ..database import Database
from ..values import errors
from ..values import types as ty
from ..values.types import Type
from .row_rules import RowRules

Row = dict[str, Stored]


_LAST_NARROW = "\uffff"


class TableWriter:
    """Writes rows of `table`; a Row maps the columns' `phys` names to stored values.

    Raises 1792 in a transaction that only reads.
    """

    def __init__(self, database: Database, table: Table) -> None:
        database.require_writable()
        self.database = database
        self.table = table
        self.connection = database.connection
        self.places = {c.phys: f"`{database.name}`.`{table.name}`.`{c.name}`" for c in table.columns}
        self.clustered = _rowid_column(table)
        self.rules = RowRules(database, table) if table.ruled else None

    def stored(self, value: object, kind: Type, column: Column, row: int) -> Stored:
        """A SQLite value of the static type `kind` as the column keeps it; `row` counts from 1, for the errors."""
        if self.table.narrow and isinstance(value, str) and value and max(value) > _LAST_NARROW:
            raise Unsupported("a character of four bytes in a table in utf8mb3", "CHARACTER SET utf8mb4")
        return strict_mode.store(value, kind, column, self.places[column.phys], row)

    def default(self, column: Column) -> Stored:
        """A column's value where a statement names none, before it is generated. Raises 1364."""
        if column.generated:
            return None
        if column.default == NOW:
            return strict_mode.store_python(self.database.info.now(), column, self.places[column.phys], 1)
        if column.default is not None:
            return strict_mode.store_python(column.default, column, self.places[column.phys], 1)
        if column.nullable:
            return None
        if column.type.kind == ty.ENUM:
            return column.type.members[0]
        raise errors.no_default(column.name)

    @property
    def following(self) -> int:
        """The next AUTO_INCREMENT value of the table."""
        return self.database.counters.get(self.table.phys, 1)

    @following.setter
    def following(self, number: int) -> None:
        self.database.counters[self.table.phys] = number

    def count_past(self, number: int) -> None:
        """A row with this AUTO_INCREMENT value was stored: later ones are larger."""
        self.following = max(self.following, number + 1)

    def insert(self, row: Row) -> None:
        """Add a row. Raises 1062, 1452 and 4025."""
        if self.rules is not None:
            row = self.rules.complete(self.connection, row, self.stored)
            self.rules.require(self.connection, row)
        names = [c.phys for c in self.table.columns]
        values: list[Stored] = [row[n] for n in names]
        if self.clustered is None:
            self._run(self._insertion(names), values, row, None)
            return
        try:
            self._run(self._insertion(["rowid", *names]), [row[self.clustered], *values], row, None)
        except sqlite3.IntegrityError:  # a row that the spec brought has another key, and this one for its rowid
            self._run(self._insertion(names), values, row, None)

    def _insertion(self, names: Sequence[str]) -> str:
        return f"INSERT INTO {self.table.phys} ({','.join(names)}) VALUES ({','.join('?' * len(names))})"

    def update(self, rowid: int, changes: Row, before: Row) -> None:
        """Change a row. Raises 1062, 1451, 1452 and 4025."""
        if self.rules is not None:
            after = self.rules.complete(self.connection, {**before, **changes}, self.stored)
            self.rules.require(self.connection, after)
            changes = {n: v for n, v in after.items() if n in changes or v != before[n]}
        values, row = list(changes.values()), {**before, **changes}
        if self.clustered is None or self.clustered not in changes:
            self._run(self._change(changes), [*values, rowid], row, rowid)
            return
        try:
            self._run(self._change([*changes, "rowid"]), [*values, changes[self.clustered], rowid], row, rowid)
        except sqlite3.IntegrityError:
            self._run(self._change(changes), [*values, rowid], row, rowid)

    def _change(self, names: Iterable[str]) -> str:
        return f"UPDATE {self.table.phys} SET {','.join(f'{n}=?' for n in names)} WHERE rowid=?"

    def _run(self, sql: str, values: Sequence[Stored], row: Row, rowid: int | None) -> None:
        self.database.bounds.check()
        try:
            self.connection.execute(sql, values)
        except sqlite3.IntegrityError as e:
            if "FOREIGN KEY" not in str(e):
                key = next((k for k, other in self.conflicts(row) if other != rowid), None)
                if key is not None:
                    raise errors.duplicate_entry(self.entry(key, row), key.name) from e
                raise
            foreign_key = self.missing_parent(row)
            if foreign_key is not None:
                raise errors.parent_missing(self.constraint(self.table, foreign_key)) from e
            raise self._child_error() from e

    def delete(self, rowid: int) -> None:
        """Remove a row. Raises 1451."""
        self.database.bounds.check()
        try:
            self.connection.execute(f"DELETE FROM {self.table.phys} WHERE rowid=?", (rowid,))
        except sqlite3.IntegrityError as e:
            raise self._child_error() from e

    def _child_error(self) -> SQLError:
        for table in self.database.catalog.tables.values():
            for f in table.foreign:
                if f.table == self.table.name and "RESTRICT" in (f.on_delete, f.on_update):
                    return errors.child_present(self.constraint(table, f))
        return errors.child_present("a constraint")

    def constraint(self, table: Table, f: ForeignKey) -> str:
        """A foreign key as errors 1451 and 1452 show it."""
        line = next(text for text, g in zip(create_text.foreign_lines(table), table.foreign, strict=True) if g == f)
        return f"`{self.database.name}`.`{table.name}`, {line}"

    def unique_keys(self) -> list[Key]:
        """The unique keys, the primary key first."""
        return sorted((k for k in self.table.keys if k.unique), key=lambda k: k.name != "PRIMARY")

    def is_referenced(self) -> bool:
        """Whether a foreign key refers to the table."""
        return any(f.table == self.table.name for t in self.database.catalog.tables.values() for f in t.foreign)

    def conflicts(self, row: Row) -> list[tuple[Key, int]]:
        """The unique keys that the row would break, each with the rowid in its way; the primary key first."""
        conflicts = []
        for key in self.unique_keys():
            names = [self.table.by_name[c.lower()].phys for c in key.columns]
            values = [row[n] for n in names]
            if None in values:
                continue
            where = " AND ".join(f"{n}=?" for n in names)
            hit = self.connection.execute(f"SELECT rowid FROM {self.table.phys} WHERE {where}", values).fetchone()
            if hit is not None:
                conflicts.append((key, hit[0]))
        return conflicts

    def missing_parent(self, row: Row) -> ForeignKey | None:
        """The first foreign key whose parent row does not exist."""
        for f in self.table.foreign:
            parent = self.database.catalog.tables.get(f.table)
            values = [row[self.table.by_name[c.lower()].phys] for c in f.columns]
            if parent is None or None in values:
                continue
            where = " AND ".join(f"{parent.by_name[c.lower()].phys}=?" for c in f.references)
            if self.connection.execute(f"SELECT 1 FROM {parent.phys} WHERE {where}", values).fetchone() is None:
                return f
        return None

    def entry(self, key: Key, row: Row) -> str:
        """The key's values as error 1062 shows them."""
        texts = []
        for name in key.columns:
            column = self.table.by_name[name.lower()]
            value = row[column.phys]
            texts.append("NULL" if value is None else strict_mode.as_text(value, column.type))
        return "-".join(texts)

    def fetch(self, rowid: int) -> Row:
        """The row as it is stored now."""
        self.database.bounds.check()
        names = [c.phys for c in self.table.columns]
        values = self.connection.execute(
            f"SELECT {','.join(names)} FROM {self.table.phys} WHERE rowid=?", (rowid,)
        ).fetchone()
        return dict(zip(names, values, strict=True))

    def change(self, rowid: int, before: Row, values: Mapping[str, Stored]) -> bool:
        """Store new values in a row; whether that changed anything. ON UPDATE columns follow a change."""
        changes = {n: v for n, v in values.items() if before[n] != v or type(before[n]) is not type(v)}
        if not changes:
            return False
        for column in self.table.columns:
            if column.on_update and column.phys not in values:
                changes[column.phys] = strict_mode.store_python(
                    self.database.info.now(), column, self.places[column.phys], 1
                )
        self.update(rowid, changes, before)
        counter = self.table.counter
        number = changes.get(counter.phys) if counter is not None else None
        if isinstance(number, int):
            self.count_past(number)
        return True


def _rowid_column(table: Table) -> str | None:
    """The column that SQLite's rowid follows, so that rows come in the order of the primary key as InnoDB's do."""
    if table.primary is None or len(table.primary.columns) != 1:
        return None
    column = table.by_name[table.primary.columns[0].lower()]
    return column.phys if column.type.kind == ty.INT else None
