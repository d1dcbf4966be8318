"""ALTER TABLE: in the catalog alone where the rows can stay, else by storing every row again."""

from __future__ import annotations

from dataclasses import replace

from ...session import Result, Unsupported
from ..catalog.catalog import Column, Table
from ..database import Database
from ..parsing.definitions import (
    AddColumn,
    AlterAction,
    AlterTable,
    ChangeColumn,
    DropColumn,
    RenameColumn,
    RenameTable,
)
from ..values import errors
from . import references, rules
from .alter_actions import alter
from .definitions import require_one_counter
from .limits import require_table_comment
from .names import own_name, own_table
from .rebuild import rebuild_table
from .rename import rename_table, require_unseen


def alter_table(database: Database, definition: AlterTable) -> Result:
    """Run ALTER TABLE; `affected` counts the rows that InnoDB would have copied."""
    table = own_table(database, definition.table, "ALTER")
    new, new_name = table, None
    _require_free_names(definition)
    added = {a.column.name.lower() for a in definition.actions if isinstance(a, AddColumn)}
    dropped = {a.name.lower() for a in definition.actions if isinstance(a, DropColumn)}
    for action in definition.actions:
        after = (
            action.place.after if isinstance(action, AddColumn | ChangeColumn) and action.place is not None else None
        )
        if after is not None and after.lower() in dropped - added:
            raise errors.unknown_column_in_table(after, table.name)
        if isinstance(action, DropColumn) and action.name.lower() in added:
            action = replace(action, again=True)
        if isinstance(action, RenameTable):
            new_name = own_name(database, action.new, "ALTER")
            require_unseen(database, table.name, new_name)
        else:
            _require_old_column(table, new, action)
            new = alter(new, action, database.catalog.serial + len(new.columns) + 10, database.catalog)
    if not new.columns:
        raise errors.last_column()
    require_one_counter(new)
    require_table_comment(table.name, definition.options.comment)
    if definition.options.comment is not None:
        new = replace(new, comment=definition.options.comment)
    options = definition.options
    if options.narrow_columns or (options.narrow is not None and options.narrow != bool(table.narrow)):
        new = replace(new, narrow="partly")
    affected = 0
    if new != table:
        database.catalog = references.follow(database.catalog, database.name, table, new)
        affected = apply(database, table, new)
    _set_counter(database, database.base_table(table.name), definition.options.counter)
    if new_name is not None:
        rename_table(database, table.name, new_name)
    return Result((), [], affected)


def _require_free_names(definition: AlterTable) -> None:
    """Refuse a column that takes the name of another which the same ALTER renames."""
    names: dict[str, str] = {}
    for action in definition.actions:
        if isinstance(action, RenameColumn):
            names[action.name.lower()] = action.new.lower()
        elif isinstance(action, ChangeColumn):
            names[action.name.lower()] = action.column.name.lower()
    renamed = {old: new for old, new in names.items() if old != new}
    if any(new in renamed for new in renamed.values()):
        raise Unsupported("a column that takes another's name in the ALTER that renames it", "two ALTER TABLE")


def _require_old_column(old: Table, new: Table, action: AlterAction) -> None:
    """MySQL reads all actions against the table as it was; changing a column that the same ALTER adds is refused."""
    if (
        isinstance(action, ChangeColumn)
        and action.name.lower() in new.by_name
        and action.name.lower() not in old.by_name
    ):
        raise Unsupported("changing a column in the ALTER that adds it", "two ALTER TABLE")


def _set_counter(database: Database, table: Table, counter: int | None) -> None:
    """ALTER TABLE t AUTO_INCREMENT = n, which never goes back behind the rows."""
    if counter is not None and table.counter is not None:
        database.counters[table.phys] = max(database.counters.get(table.phys, 1), counter)


def apply(database: Database, old: Table, new: Table) -> int:
    """Put a changed table in place; how many rows InnoDB would have copied.

    Names, comments and defaults change in the catalog alone; anything else rebuilds the rows.
    """
    same = [_stored(c) for c in old.columns] == [_stored(c) for c in new.columns]
    kept = [(k.columns, k.unique) for k in old.keys] == [(k.columns, k.unique) for k in new.keys]
    rules.require_sound(database, new)
    kept &= old.checks == new.checks or set(new.checks) < set(old.checks)
    if same and kept and references.are_kept(old, new):
        database.catalog = database.catalog.put(new, instead_of=old.name)
        return database.rows(f"SELECT count(*) FROM {old.phys}")[0][0] if old.temporary else 0
    columns = {c.phys: c for c in old.columns}
    # Only what InnoDB must copy counts rows: a change of type, and a clustered key that goes without another.
    copies = any(c.phys in columns and _copies(columns[c.phys], c) for c in new.columns)
    copies |= _is_clustered(old) and not _is_clustered(new)
    copies |= old.temporary or not set(new.checks) <= set(old.checks)
    copies |= len(set(new.foreign) - set(old.foreign)) > 0 and not references.are_kept(old, new)
    rows = rebuild_table(database, old, new)
    return rows if copies else 0


def _stored(column: Column) -> Column:
    """What the rows know of a column."""
    return replace(column, name="", default=None, comment="", on_update=False)


def _is_clustered(table: Table) -> bool:
    """Whether a primary key, or a unique one without NULLs in its place, holds the rows."""
    keys = (k for k in table.keys if k.unique)
    return any(not any(table.by_name[c.lower()].nullable for c in k.columns) for k in keys)


def _copies(old: Column, new: Column) -> bool:
    """Whether the rows are copied; a wider VARCHAR and further members of an ENUM change nothing in them."""
    if old.domain.base == new.domain.base == "varchar" and old.domain.size <= new.domain.size:
        return False
    if old.domain.base == new.domain.base == "enum" and new.type.members[: len(old.type.members)] == old.type.members:
        return False
    return old.decl != new.decl
