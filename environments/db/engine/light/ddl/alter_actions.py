"""The actions of ALTER TABLE: one table definition made from another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...session import Unsupported
from ..catalog.catalog import NOW, Catalog, Column, ForeignKey, Key, Table
from ..parsing.definitions import (
    AddColumn,
    AddKey,
    AlterAction,
    ChangeColumn,
    ChangeDefault,
    CheckDefinition,
    ConvertText,
    DropColumn,
    DropForeignKey,
    DropKey,
    ForeignKeyDefinition,
    KeyDefinition,
    Place,
    RenameColumn,
    RenameKey,
)
from ..values import errors
from ..values import types as ty
from . import rules
from .definitions import check_default, column_definition, default_text
from .keys import add_foreign_key, add_key, add_key_definition, drop_foreign_key, drop_key, rename_key
from .limits import require_column_name


def alter(table: Table, action: AlterAction, serial: int, catalog: Catalog) -> Table:
    """The table after one action of ALTER TABLE; `serial` numbers a new column. Raises 1054, 1060, 1090, 1091."""
    match action:
        case AddColumn():
            return _add(table, action, serial)
        case ChangeColumn():
            return _change(table, action)
        case RenameColumn():
            require_column_name(action.new)
            return _rename(table, action.name, action.new)
        case RenameKey():
            return rename_key(table, action.name, action.new)
        case DropColumn():
            return _drop_column(table, action)
        case DropKey():
            missing = not any(k.name.lower() == action.name.lower() for k in table.keys)
            return table if missing and action.tolerant else drop_key(table, action.name)
        case AddKey(KeyDefinition() as key):
            return add_key_definition(table, key)
        case AddKey(CheckDefinition() as check):
            return rules.add_check(table, check)
        case AddKey(ForeignKeyDefinition() as key):
            return add_foreign_key(table, key, catalog)
        case ConvertText():
            if table.narrow or any(c.binary for c in table.columns):
                raise Unsupported(
                    "CONVERT TO of a table in utf8mb3 or with a binary collation", "MODIFY of the columns"
                )
            return table
        case DropForeignKey():
            return _drop_foreign_key(table, action)
        case ChangeDefault():
            return _change_default(table, action)
    raise Unsupported(f"{type(action).__name__} in ALTER TABLE")


def _drop_foreign_key(table: Table, action: DropForeignKey) -> Table:
    name = action.name.lower()
    unchecked = rules.drop_check(table, name) if action.kind != "FOREIGN KEY" else None
    if unchecked is not None:
        return unchecked
    if action.tolerant and not any(f.name.lower() == name for f in table.foreign):
        return table
    if action.kind == "CONSTRAINT" and any(k.name.lower() == name and k.unique for k in table.keys):
        return drop_key(table, action.name)
    return drop_foreign_key(table, action.name, action.kind)


def _add(table: Table, action: AddColumn, serial: int) -> Table:
    column, keys = column_definition(action.column, f"c{serial + len(table.columns)}")
    if column.name.lower() in table.by_name:
        if action.tolerant:
            return table
        raise errors.duplicate_column(column.name)
    if column.check and not column.nullable and action.column.default is None:
        # What the rows that are there hold then is not checked.
        raise Unsupported("a new column NOT NULL with a CHECK and without a DEFAULT", "DEFAULT")
    return _with_keys(_place(table, column, action.place), keys)


def _with_keys(table: Table, keys: Sequence[Key]) -> Table:
    for key in keys:
        table = add_key(table, key.name, key.columns, unique=True)
    return table


def _find(table: Table, name: str) -> Column:
    column = table.by_name.get(name.lower())
    if column is None:
        raise errors.unknown_column_in_table(name, table.name)
    return column


def _place(table: Table, definition: Column, place: Place | None) -> Table:
    columns = [c for c in table.columns if c.phys != definition.phys]
    if place is None:
        at = next((i for i, c in enumerate(table.columns) if c.phys == definition.phys), len(columns))
    elif place.after is None:
        at = 0
    else:
        before = _find(table, place.after)
        if before not in columns:
            raise errors.unknown_column_in_table(place.after, table.name)
        at = columns.index(before) + 1
    return replace(table, columns=(*columns[:at], definition, *columns[at:]))


def _change(table: Table, action: ChangeColumn) -> Table:
    if action.tolerant and action.name.lower() not in table.by_name:
        return table
    old = _find(table, action.name)
    definition, keys = column_definition(action.column, old.phys)
    held = any(k.prefixes and old.name in k.columns for k in table.keys)
    if held and definition.decl != old.decl:
        raise Unsupported("changing the type of a column of which a key holds a prefix", "DROP INDEX first")
    if definition.name.lower() != old.name.lower() and definition.name.lower() in table.by_name:
        raise errors.duplicate_column(definition.name)
    if table.primary is not None and old.name in table.primary.columns:
        definition = replace(definition, nullable=False)
    result = _place(_rename(table, old.name, definition.name), definition, action.place)
    return _with_keys(result, keys)


def _rename(table: Table, old: str, new: str) -> Table:
    column = _find(table, old)
    if new != column.name:
        rules.require_unnamed(table, column)
    if new.lower() != old.lower() and new.lower() in table.by_name:
        raise errors.duplicate_column(new)
    columns = tuple(replace(c, name=new) if c is column else c for c in table.columns)
    keys = tuple(replace(k, columns=_renamed(k.columns, column.name, new)) for k in table.keys)
    foreign = tuple(_foreign_renamed(f, table, column.name, new) for f in table.foreign)
    return replace(table, columns=columns, keys=keys, foreign=foreign)


def _renamed(columns: Sequence[str], old: str, new: str) -> tuple[str, ...]:
    return tuple(new if c == old else c for c in columns)


def _foreign_renamed(key: ForeignKey, table: Table, old: str, new: str) -> ForeignKey:
    references = _renamed(key.references, old, new) if key.table == table.name else key.references
    return replace(key, columns=_renamed(key.columns, old, new), references=references)


def _drop_column(table: Table, action: DropColumn) -> Table:
    column = table.by_name.get(action.name.lower())
    if column is None:
        if action.tolerant:
            return table
        raise errors.cannot_drop("COLUMN", action.name)
    rules.require_unnamed(replace(table, columns=tuple(c for c in table.columns if c is not column)), column)
    columns = tuple(c for c in table.columns if c is not column)
    if action.again:
        return replace(table, columns=columns)
    keys = []
    for key in table.keys:
        members = tuple(c for c in key.columns if c != column.name)
        if key.prefixes and members and members != key.columns:
            raise Unsupported("dropping a column of a key over prefixes", "DROP INDEX first")
        if members and members != key.columns and key.unique:
            raise Unsupported("dropping a column of a unique key over several")
        if members:
            keys.append(replace(key, columns=members))
    return replace(table, columns=columns, keys=tuple(keys))


def _change_default(table: Table, action: ChangeDefault) -> Table:
    column = _find(table, action.name)
    if action.default is None:
        if column.nullable or column.default == NOW or column.type.kind == ty.ENUM or column.generated:
            # A column that may be NULL has no default then, not even NULL.
            raise Unsupported("DROP DEFAULT of a column that may be NULL, an ENUM or a clock", "MODIFY")
        return replace(table, columns=tuple(replace(c, default=None) if c is column else c for c in table.columns))
    definition = replace(column, default=default_text(action.default, column))
    check_default(definition)
    return replace(table, columns=tuple(definition if c is column else c for c in table.columns))
