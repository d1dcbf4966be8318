"""CHECK constraints and generated columns of a table under definition."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from ...session import SQLError, Unsupported
from ..catalog.catalog import Column, Table
from ..database import Database
from ..dml import row_rules
from ..parsing.definitions import CheckDefinition, ColumnDefinition, TableElement

_UNNAMED = "CONSTRAINT_"


def add_check(table: Table, definition: CheckDefinition, reserved: Collection[str] = ()) -> Table:
    """The table with one more CHECK; `reserved` are the names, in lower case, that others are given."""
    taken = {*_names(table), *reserved}
    number = 1
    while f"{_UNNAMED}{number}".lower() in taken:
        number += 1
    name = definition.name or f"{_UNNAMED}{number}"
    return replace(table, checks=(*table.checks, (name, definition.text)))


def reserved_names(elements: Sequence[TableElement]) -> set[str]:
    """The names of checks that a definition gives, in lower case: a column's own is called as the column."""
    named = {e.name.lower() for e in elements if isinstance(e, CheckDefinition)}
    return named | {e.name.lower() for e in elements if isinstance(e, ColumnDefinition) and e.check}


def _names(table: Table) -> list[str]:
    return [name.lower() for name, _ in table.checks] + [c.name.lower() for c in table.columns if c.check]


def drop_check(table: Table, name: str) -> Table | None:
    """The table without a CHECK; None where there is none of the name."""
    kept = tuple(check for check in table.checks if check[0].lower() != name.lower())
    return replace(table, checks=kept) if len(kept) < len(table.checks) else None


def require_unnamed(table: Table, column: Column) -> None:
    """Refuse to rename or drop a column that rules name."""
    if table.ruled and column.name.lower() in row_rules.names(table):
        raise Unsupported("changing a column that a CHECK or a generated column names", "dropping the CHECK before")


def require_sound(database: Database, table: Table) -> None:
    """Compile the rules of a new table. Raises 1054 and 1826; refuses those that foreign keys would pass by."""
    if not table.ruled:
        return
    row_rules.RowRules(database, table)
    unique = [key.name.lower() for key in table.keys if key.unique]
    names = [*_names(table), *unique, *(key.name.lower() for key in table.foreign)]
    for name, _ in table.checks:
        if names.count(name.lower()) > 1:
            raise SQLError(1826, "HY000", f"Duplicate CHECK constraint name '{name}'")
    named = row_rules.names(table)
    for key in table.foreign:
        cascades = {key.on_delete, key.on_update} & {"CASCADE", "SET NULL"}
        if cascades and named & {c.lower() for c in key.columns}:
            raise Unsupported("a CHECK or a generated column over the column of a cascading foreign key")
    for column in table.columns:
        keyed = any(column.name in key.columns for key in table.keys)
        if column.generated and (keyed or column.auto_increment or column.default is not None):
            raise Unsupported("a key over a generated column", "a plain column")
