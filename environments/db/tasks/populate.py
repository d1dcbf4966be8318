"""Fills the tables of a domain: which of them a world has, how many rows, and what stands in each cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar
from unicodedata import combining, normalize

from faker import Faker
from numpy.random import Generator

from .domains import Column, Domain, Table

T = TypeVar("T")
Row = dict[str, Any]


def pick(rng: Generator, options: Sequence[T]) -> T:
    return options[int(rng.integers(len(options)))]


def chance(rng: Generator, share: float) -> bool:
    return bool(rng.random() < share)


@dataclass(frozen=True)
class Made:
    """A filled database: tables by name in an order that their references allow, and their rows."""

    domain: str
    tables: Mapping[str, Table]
    rows: Mapping[str, list[Row]]

    @cached_property
    def by_key(self) -> dict[str, dict[int, Row]]:
        return {n: {row[t.key.name]: row for row in self.rows[n]} for n, t in self.tables.items()}

    def parent(self, row: Row, ref: Column) -> Row:
        return self.by_key[ref.ref][row[ref.name]]

    def children(self, name: str) -> list[tuple[Table, Column]]:
        """Tables that refer to this one, and by which column."""
        return [(t, ref) for t in self.tables.values() for ref in t.refs if ref.ref == name]

    def spec(self) -> dict[str, Any]:
        return {"tables": [_table(table, self.rows[name]) for name, table in self.tables.items()]}

    def told(self, rng: Generator) -> str:
        """Tables and headers, as DBBench tells them."""
        verb = pick(rng, ("headers of this table are", "columns of this table are"))
        return "\n".join(
            f"The name of this table is {t.name}, and the {verb} {','.join(c.name for c in t.columns)}."
            for t in self.tables.values()
        )


def build(domain: Domain, tables: int, rows: tuple[int, int], fake: Faker, rng: Generator) -> Made:
    """A world of so many connected tables of a domain (fewer if it has no more), `rows` bounding each table's length."""
    chosen = _connected(domain, tables, rng)
    made: dict[str, list[Row]] = {}
    for table in chosen.values():
        low, high = rows
        wanted = round(int(rng.integers(low, high + 1)) * table.size)
        made[table.name] = _rows(table, min(high, max(low, wanted)), made, fake, rng)
    return Made(domain.name, chosen, made)


def value(column: Column, fake: Faker, rng: Generator) -> Any:
    """A cell that is not NULL: int, float of two decimals, ISO date or text."""
    if column.fill is not None:
        return column.fill(fake, rng)
    if column.role == "category":
        return pick(rng, column.values)
    if column.role == "date":
        first = dt.date(int(column.low), 1, 1)
        return (first + dt.timedelta(days=int(rng.integers(365 * (int(column.high - column.low) + 1))))).isoformat()
    if column.type.startswith("DECIMAL"):
        return round(float(rng.uniform(column.low, column.high)), 2)
    return int(rng.integers(int(column.low), int(column.high) + 1))


def fresh(column: Column, taken: Set[str], fake: Faker, rng: Generator) -> Any:
    """A value whose `folded` form is not among those taken; numbered when the source runs dry."""
    for _ in range(20):
        if folded(found := value(column, fake, rng)) not in taken:
            return found
    return next(name for n in range(2, len(taken) + 3) if folded(name := f"{found} {n}") not in taken)


def folded(text: Any) -> str:
    """Equal for what MySQL's accent- and case-blind collations hold equal."""
    text = str(text)
    if not text.isascii():
        text = "".join(c for c in normalize("NFKD", text) if not combining(c))
    return text.casefold().rstrip()


def _connected(domain: Domain, wanted: int, rng: Generator) -> dict[str, Table]:
    """Some tables that hang together, without references to those left out."""
    by_name = {t.name: t for t in domain.tables}
    start = pick(rng, [t.name for t in domain.tables if wanted > 1 or len(t.refs) < 2])
    chosen = {start}
    while len(chosen) < min(wanted, len(by_name)):
        beside = [
            name for name, t in by_name.items() if name not in chosen
            and (any(r.ref in chosen for r in t.refs) or any(r.ref == name for c in chosen for r in by_name[c].refs))
        ]  # fmt: skip
        if not beside:
            break
        chosen.add(pick(rng, beside))
    kept = [t for t in domain.tables if t.name in chosen]
    return {t.name: replace(t, columns=tuple(c for c in t.columns if not c.ref or c.ref in chosen)) for t in kept}


def _rows(table: Table, wanted: int, made: Mapping[str, list[Row]], fake: Faker, rng: Generator) -> list[Row]:
    first = int(pick(rng, (1, 1, 101, 1001)))
    rows: list[Row] = []
    names: set[str] = set()
    for n in range(wanted):
        row: Row = {}
        for column in table.columns:
            if column.role == "id":
                row[column.name] = first + n
            elif column.role == "name":
                row[column.name] = fresh(column, names, fake, rng)
                names.add(folded(row[column.name]))
            elif column.role == "ref":
                row[column.name] = next(iter(pick(rng, made[column.ref]).values()))
            else:
                row[column.name] = None if chance(rng, column.gaps) else value(column, fake, rng)
        rows.append(row)
    return rows


def _table(table: Table, rows: list[Row]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": table.name,
        "columns": [_column(c) for c in table.columns],
        "rows": [list(row.values()) for row in rows],
        "primary_key": [table.key.name],
    }
    if table.refs:
        made["foreign_keys"] = [_foreign(ref) for ref in table.refs]
    return made


def _column(column: Column) -> dict[str, Any]:
    made: dict[str, Any] = {"name": column.name, "type": column.type, "nullable": column.gaps > 0}
    return made | {"auto_increment": True} if column.role == "id" else made


def _foreign(ref: Column) -> dict[str, Any]:
    # A reference carries the name of the key it points to.
    return {"columns": [ref.name], "references": {"table": ref.ref, "columns": [ref.name]}}
