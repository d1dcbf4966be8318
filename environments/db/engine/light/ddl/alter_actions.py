"""The actions of ALTER TABLE: one table definition made from another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from ...session import Unsupported
from ..catalog.catalog import Column, Key, Table
from ..values import errors
from .definitions import check_default, column_definition, default_text
from .keys import add_constraint, add_key, drop_key
from .limits import require_column_name


def alter(table: Table, action: exp.Expression, serial: int) -> Table:
    """The table after one action of ALTER TABLE; `serial` numbers a new column. Raises 1054, 1060, 1090, 1091."""
    match action:
        case exp.ColumnDef():
            definition, keys = column_definition(action, f"c{serial + len(table.columns)}")
            if definition.name.lower() in table.by_name:
                if action.args.get("exists"):
                    return table
                raise errors.duplicate_column(definition.name)
            return _with_keys(_place(table, definition, action.args.get("position")), keys)
        case exp.ModifyColumn():
            return _modify(table, action)
        case exp.RenameColumn():
            return _rename(table, action.this.name, require_column_name(action.args["to"]))
        case exp.Drop():
            return _drop(table, action)
        case exp.DropPrimaryKey():
            if table.primary is None:
                raise errors.cannot_drop("INDEX", "PRIMARY")
            return drop_key(table, "PRIMARY")
        case exp.AddConstraint():
            for node in action.expressions:
                table = add_constraint(table, node, None)
            return table
        case exp.AlterColumn():
            return _alter_default(table, action)
    raise Unsupported(f"ALTER TABLE {type(action).__name__}")


def _with_keys(table: Table, keys: Sequence[Key]) -> Table:
    for key in keys:
        table = add_key(table, key.name, key.columns, unique=True)
    return table


def _find(table: Table, name: str) -> Column:
    column = table.by_name.get(name.lower())
    if column is None:
        raise errors.unknown_column_in_table(name, table.name)
    return column


def _place(table: Table, definition: Column, position: exp.Expression | None) -> Table:
    columns = [c for c in table.columns if c.phys != definition.phys]
    if position is None:
        at = next((i for i, c in enumerate(table.columns) if c.phys == definition.phys), len(columns))
    elif str(position.args.get("position")).upper() == "FIRST":
        at = 0
    elif position.this is None:
        raise errors.syntax("", 1)
    else:
        at = columns.index(_find(table, position.this.name)) + 1
    return Table(table.name, table.phys, (*columns[:at], definition, *columns[at:]), table.keys, table.foreign)


def _modify(table: Table, action: exp.Expression) -> Table:
    node = action.this
    source = action.args.get("rename_from")
    old = _find(table, source.name if source is not None else node.name)
    definition, keys = column_definition(node, old.phys)
    if definition.name.lower() != old.name.lower() and definition.name.lower() in table.by_name:
        raise errors.duplicate_column(definition.name)
    if table.primary is not None and old.name in table.primary.columns:
        definition = replace(definition, nullable=False)
    result = _place(_rename(table, old.name, definition.name), definition, node.args.get("position"))
    return _with_keys(result, keys)


def _rename(table: Table, old: str, new: str) -> Table:
    column = _find(table, old)
    if new.lower() != old.lower() and new.lower() in table.by_name:
        raise errors.duplicate_column(new)
    columns = tuple(replace(c, name=new) if c is column else c for c in table.columns)
    keys = tuple(replace(k, columns=tuple(new if c == column.name else c for c in k.columns)) for k in table.keys)
    return Table(table.name, table.phys, columns, keys, table.foreign)


def _drop(table: Table, action: exp.Expression) -> Table:
    kind, targets = str(action.args.get("kind")).upper(), action.args.get("tables") or ()
    if not targets:
        raise errors.syntax("", 1)
    target = targets[0].name
    if kind == "INDEX":
        return drop_key(table, target)
    if kind != "COLUMN":
        raise Unsupported(f"ALTER TABLE DROP {kind}")
    column = table.by_name.get(target.lower())
    if column is None:
        if action.args.get("exists"):
            return table
        raise errors.cannot_drop("COLUMN", target)
    if len(table.columns) == 1:
        raise errors.last_column()
    keys = []
    for key in table.keys:
        members = tuple(c for c in key.columns if c != column.name)
        if members and members != key.columns and key.unique:
            raise Unsupported("dropping a column of a unique key over several")
        if members:
            keys.append(replace(key, columns=members))
    return Table(table.name, table.phys, tuple(c for c in table.columns if c is not column), tuple(keys), table.foreign)


def _alter_default(table: Table, action: exp.Expression) -> Table:
    column = _find(table, action.this.name)
    value = action.args.get("default")
    if value is None and not action.args.get("drop"):
        raise Unsupported("this ALTER COLUMN", "MODIFY")
    if value is None:
        raise Unsupported("DROP DEFAULT", "MODIFY")
    definition = replace(column, default=default_text(value, column))
    check_default(definition)
    columns = tuple(definition if c is column else c for c in table.columns)
    return Table(table.name, table.phys, columns, table.keys, table.foreign)
