"""Fills the tables of a domain: which of them a database has, how many rows, and the value of each cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from unicodedata import combining, normalize

from faker import Faker
from numpy.random import Generator

from .domains import Column, Domain, Table
from .sampling import bernoulli, choose

Row = dict[str, Any]


@dataclass(frozen=True)
class FilledDatabase:
    """A filled database: tables by name, each after those it refers to, and their rows."""

    domain: str
    tables: Mapping[str, Table]
    rows: Mapping[str, list[Row]]

    @cached_property
    def by_key(self) -> dict[str, dict[int, Row]]:
        """Rows by primary key, for each table."""
        return {n: {row[t.key.name]: row for row in self.rows[n]} for n, t in self.tables.items()}

    def parent(self, row: Row, ref: Column) -> Row:
        """The row to which this one refers by a column."""
        return self.by_key[ref.ref][row[ref.name]]

    def children(self, name: str) -> list[tuple[Table, Column]]:
        """Tables that refer to this one, and by which column."""
        return [(t, ref) for t in self.tables.values() for ref in t.refs if ref.ref == name]

    def spec(self) -> dict[str, Any]:
        """The database as a world's spec."""
        return {"tables": [_table(table, self.rows[name]) for name, table in self.tables.items()]}

    def describe(self, rng: Generator) -> str:
        """Names of tables and columns, in DBBench's words."""
        verb = choose(rng, ("headers of this table are", "columns of this table are"))
        return "\n".join(
            f"The name of this table is {t.name}, and the {verb} {','.join(c.name for c in t.columns)}."
            for t in self.tables.values()
        )


def build(domain: Domain, tables: int, rows: tuple[int, int], fake: Faker, rng: Generator) -> FilledDatabase:
    """Fill so many connected tables of a domain, or all if it has fewer; `rows` are the bounds of each table's length."""
    chosen = _connected_tables(domain, tables, rng)
    rows_by_table: dict[str, list[Row]] = {}
    for table in chosen.values():
        low, high = rows
        count = round(int(rng.integers(low, high + 1)) * table.size)
        rows_by_table[table.name] = _rows(table, min(high, max(low, count)), rows_by_table, fake, rng)
    return FilledDatabase(domain.name, chosen, rows_by_table)


def random_value(column: Column, fake: Faker, rng: Generator) -> Any:
    """A cell that is not NULL: int, float of two decimals, ISO date or text."""
    if column.fill is not None:
        return column.fill(fake, rng)
    if column.role == "category":
        return choose(rng, column.values)
    if column.role == "date":
        first = dt.date(int(column.low), 1, 1)
        return (first + dt.timedelta(days=int(rng.integers(365 * (int(column.high - column.low) + 1))))).isoformat()
    if column.type.startswith("DECIMAL"):
        return round(float(rng.uniform(column.low, column.high)), 2)
    return int(rng.integers(int(column.low), int(column.high) + 1))


def unused_value(column: Column, keys: Set[str], fake: Faker, rng: Generator) -> Any:
    """A value whose `collation_key` is not among `keys`; with a number at its end when the source runs dry."""
    for _ in range(20):
        if collation_key(text := random_value(column, fake, rng)) not in keys:
            return text
    return next(name for n in range(2, len(keys) + 3) if collation_key(name := f"{text} {n}") not in keys)


def collation_key(text: Any) -> str:
    """A key that is equal for texts that MySQL's accent- and case-blind collations hold equal."""
    text = str(text)
    if not text.isascii():
        text = "".join(c for c in normalize("NFKD", text) if not combining(c))
    return text.casefold().rstrip()


def _connected_tables(domain: Domain, count: int, rng: Generator) -> dict[str, Table]:
    """Some tables that hang together, without references to those left out."""
    by_name = {t.name: t for t in domain.tables}
    start = choose(rng, [t.name for t in domain.tables if count > 1 or len(t.refs) < 2])
    chosen = {start}
    while len(chosen) < min(count, len(by_name)):
        beside = [
            name for name, t in by_name.items() if name not in chosen
            and (any(r.ref in chosen for r in t.refs) or any(r.ref == name for c in chosen for r in by_name[c].refs))
        ]  # fmt: skip
        if not beside:
            break
        chosen.add(choose(rng, beside))
    tables_left = [t for t in domain.tables if t.name in chosen]
    return {
        t.name: replace(t, columns=tuple(c for c in t.columns if not c.ref or c.ref in chosen)) for t in tables_left
    }


def _rows(table: Table, count: int, rows_by_table: Mapping[str, list[Row]], fake: Faker, rng: Generator) -> list[Row]:
    first = int(choose(rng, (1, 1, 101, 1001)))
    rows: list[Row] = []
    names: set[str] = set()
    for n in range(count):
        row: Row = {}
        for column in table.columns:
            if column.role == "id":
                row[column.name] = first + n
            elif column.role == "name":
                row[column.name] = unused_value(column, names, fake, rng)
                names.add(collation_key(row[column.name]))
            elif column.role == "ref":
                row[column.name] = next(iter(choose(rng, rows_by_table[column.ref]).values()))
            else:
                row[column.name] = None if bernoulli(rng, column.gaps) else random_value(column, fake, rng)
        rows.append(row)
    return rows


def _table(table: Table, rows: list[Row]) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "name": table.name,
        "columns": [_column(c) for c in table.columns],
        "rows": [list(row.values()) for row in rows],
        "primary_key": [table.key.name],
    }
    if table.refs:
        spec["foreign_keys"] = [_foreign(ref) for ref in table.refs]
    return spec


def _column(column: Column) -> dict[str, Any]:
    spec: dict[str, Any] = {"name": column.name, "type": column.type, "nullable": column.gaps > 0}
    return spec | {"auto_increment": True} if column.role == "id" else spec


def _foreign(ref: Column) -> dict[str, Any]:
    # A reference carries the name of the key it points to.
    return {"columns": [ref.name], "references": {"table": ref.ref, "columns": [ref.name]}}
