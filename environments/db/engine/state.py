"""Differences between two states of a database: table by table, rows as multisets, in whatever order of columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

Table = Mapping[str, Any]
"""{"columns": [...], "types": [...], "rows": [[...]]}; types may be missing."""
Tables = Mapping[str, Table]
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of a table from the expected one: rows that are missing, and rows too many.

    `shape`: the table is missing or should not exist, or its columns have other names or types. Types are compared where
    both sides have them.
    """

    missing: Counter[Row]
    extra: Counter[Row]
    shape: bool = False

    @property
    def size(self) -> int:
        """Rows to add and rows to remove, a wrong shape counting as one more."""
        return self.missing.total() + self.extra.total() + self.shape


def target(goal: Mapping[str, Any], initial: Tables) -> dict[str, Table]:
    """The expected final tables: the initial ones, replaced by those that the goal names."""
    tables = {**initial, **goal.get("tables", {})}
    return {name: table for name, table in tables.items() if table is not None}


def differences(now: Tables, expected: Tables) -> dict[str, Difference]:
    """The differences of two states by table name; tables that are equal are left out."""
    names = (name for name in sorted({*now, *expected}) if now.get(name) is not expected.get(name))
    by_table = {name: _differ(now.get(name), expected.get(name)) for name in names}
    return {name: difference for name, difference in by_table.items() if difference.size}


def distance(now: Tables, expected: Tables) -> int:
    """Number of row changes from one state to the other; 0 exactly when they are equal."""
    return sum(difference.size for difference in differences(now, expected).values())


def damage(now: Tables, initial: Tables, expected: Tables) -> int:
    """Unwanted changes: the number of rows that neither the start nor the goal has, and of missing rows that both have."""
    wrong, changes = differences(now, expected), differences(now, initial)
    return sum(
        (wrong[name].extra & changes[name].extra).total() + (wrong[name].missing & changes[name].missing).total()
        for name in wrong.keys() & changes.keys()
    )


def _differ(now: Table | None, expected: Table | None) -> Difference:
    if now is not None and expected is not None and sorted(now["columns"]) == sorted(expected["columns"]):
        decimals = _decimals(now) | _decimals(expected)
        have, want = _rows(now, expected["columns"], decimals), _rows(expected, expected["columns"], decimals)
        types, others = _types(now), _types(expected)
        return Difference(want - have, have - want, shape=bool(types and others) and types != others)
    have = _rows(now, now["columns"], frozenset()) if now else Counter()
    want = _rows(expected, expected["columns"], frozenset()) if expected else Counter()
    return Difference(want, have, shape=True)


def _types(table: Table) -> dict[str, str]:
    return dict(zip(table["columns"], table.get("types", ()), strict=False))


def _decimals(table: Table) -> frozenset[str]:
    return frozenset(name for name, kind in _types(table).items() if kind.lower().startswith(("decimal", "numeric")))


def _rows(table: Table, columns: Sequence[str], decimals: frozenset[str]) -> Counter[Row]:
    """Rows with their cells in the order of `columns`."""
    if not decimals and table["columns"] == columns and not _floats(table):
        return Counter(map(tuple, table["rows"]))
    order = [table["columns"].index(name) for name in columns]
    exact = [name in decimals for name in columns]
    return Counter(tuple(_cell(row[i], e) for i, e in zip(order, exact, strict=True)) for row in table["rows"])


def _floats(table: Table) -> bool:
    return any(isinstance(cell, float) for row in table["rows"] for cell in row)


def _cell(cell: Any, decimal: bool) -> Any:
    """Decimals by value; floats to 12 digits, beyond which two engines may differ in the last bit."""
    if decimal and cell is not None:
        try:
            return Decimal(str(cell))
        except InvalidOperation:
            return cell
    return float(f"{cell:.12g}") if isinstance(cell, float) else cell
