"""The actions of ALTER TABLE, as one table definition made from another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from ...session import Unsupported
from ..catalog.catalog import Column, Key, Table
from ..catalog.definitions import checked_default, column, default
from ..catalog.keys import add_key, constraint, drop_key
from ..values import errors


def alter(made: Table, action: exp.Expression, serial: int) -> Table:
    """One action of ALTER TABLE. Raises 1054, 1060, 1090, 1091 as MySQL does."""
    match action:
        case exp.ColumnDef():
            one, keys = column(action, f"c{serial + len(made.columns)}")
            if one.name.lower() in made.by_name:
                if action.args.get("exists"):
                    return made
                raise errors.duplicate_column(one.name)
            return _with_keys(_placed(made, one, action.args.get("position")), keys)
        case exp.ModifyColumn():
            return _modified(made, action)
        case exp.RenameColumn():
            return _renamed(made, action.this.name, action.args["to"].name)
        case exp.Drop():
            return _dropped(made, action)
        case exp.DropPrimaryKey():
            if made.primary is None:
                raise errors.cannot_drop("INDEX", "PRIMARY")
            return drop_key(made, "PRIMARY")
        case exp.AddConstraint():
            for node in action.expressions:
                made = constraint(made, node, None)
            return made
        case exp.AlterColumn():
            return _altered(made, action)
    raise Unsupported(f"ALTER TABLE {type(action).__name__}")


def _with_keys(made: Table, keys: Sequence[Key]) -> Table:
    for key in keys:
        made = add_key(made, key.name, key.columns, unique=True)
    return made


def _find(made: Table, name: str) -> Column:
    found = made.by_name.get(name.lower())
    if found is None:
        raise errors.unknown_column_in_table(name, made.name)
    return found


def _placed(made: Table, one: Column, position: exp.Expression | None) -> Table:
    columns = [c for c in made.columns if c.phys != one.phys]
    if position is None:
        at = next((i for i, c in enumerate(made.columns) if c.phys == one.phys), len(columns))
    elif position.args.get("position") == "FIRST":
        at = 0
    else:
        at = columns.index(_find(made, position.this.name)) + 1
    return Table(made.name, made.phys, (*columns[:at], one, *columns[at:]), made.keys, made.foreign)


def _modified(made: Table, action: exp.Expression) -> Table:
    definition = action.this
    source = action.args.get("rename_from")
    old = _find(made, source.name if source is not None else definition.name)
    one, keys = column(definition, old.phys)
    if one.name.lower() != old.name.lower() and one.name.lower() in made.by_name:
        raise errors.duplicate_column(one.name)
    if made.primary is not None and old.name in made.primary.columns:
        one = replace(one, nullable=False)
    placed = _placed(_renamed(made, old.name, one.name), one, definition.args.get("position"))
    return _with_keys(placed, keys)


def _renamed(made: Table, old: str, new: str) -> Table:
    found = _find(made, old)
    if new.lower() != old.lower() and new.lower() in made.by_name:
        raise errors.duplicate_column(new)
    columns = tuple(replace(c, name=new) if c is found else c for c in made.columns)
    keys = tuple(replace(k, columns=tuple(new if c == found.name else c for c in k.columns)) for k in made.keys)
    return Table(made.name, made.phys, columns, keys, made.foreign)


def _dropped(made: Table, action: exp.Expression) -> Table:
    kind, target = str(action.args.get("kind")).upper(), action.args["tables"][0].name
    if kind == "INDEX":
        return drop_key(made, target)
    if kind != "COLUMN":
        raise Unsupported(f"ALTER TABLE DROP {kind}")
    found = made.by_name.get(target.lower())
    if found is None:
        if action.args.get("exists"):
            return made
        raise errors.cannot_drop("COLUMN", target)
    if len(made.columns) == 1:
        raise errors.last_column()
    keys = []
    for key in made.keys:
        left = tuple(c for c in key.columns if c != found.name)
        if left and left != key.columns and key.unique:
            raise Unsupported("dropping a column of a unique key over several")
        if left:
            keys.append(replace(key, columns=left))
    return Table(made.name, made.phys, tuple(c for c in made.columns if c is not found), tuple(keys), made.foreign)


def _altered(made: Table, action: exp.Expression) -> Table:
    found = _find(made, action.this.name)
    value = action.args.get("default")
    if value is None and not action.args.get("drop"):
        raise Unsupported("this ALTER COLUMN", "MODIFY")
    if value is None:
        raise Unsupported("DROP DEFAULT", "MODIFY")
    changed = replace(found, default=default(value, found))
    checked_default(changed)
    columns = tuple(changed if c is found else c for c in made.columns)
    return Table(made.name, made.phys, columns, made.keys, made.foreign)
