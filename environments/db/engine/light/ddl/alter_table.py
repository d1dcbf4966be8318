"""ALTER TABLE: in the catalog alone where the rows can stay, else by storing every row again."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from ...session import Result, Unsupported
from ..catalog.catalog import Column, Table
from ..database import Database
from ..parsing.node_parts import count, schema_name
from ..parsing.parse import Statement
from .alter_actions import alter
from .rebuild import rebuild_table
from .rename import rename_table


def alter_table(database: Database, statement: Statement) -> Result:
    """Run ALTER TABLE; `affected` counts the rows that InnoDB would have copied."""
    node = statement.tree
    if str(node.args.get("kind")).upper() != "TABLE":
        raise Unsupported(f"ALTER {node.args.get('kind')}")
    database.require_own(schema_name(node.this))
    table = database.base_table(node.this.name)
    for option in node.args.get("options") or ():
        _set_option(database, table, option)
    actions = node.args.get("actions") or []
    if database.catalog.views and any(isinstance(a, exp.AlterRename) for a in actions):
        raise Unsupported("renaming a table while views exist", "DROP VIEW first")
    new, new_name = table, None
    for action in actions:
        if isinstance(action, exp.AlterRename):
            new_name = action.this.name
        else:
            _require_old_column(table, new, action)
            new = alter(new, action, database.catalog.serial + len(new.columns) + 10)
    affected = 0
    if new != table:
        affected = _apply(database, table, new)
    if new_name is not None:
        rename_table(database, table.name, new_name)
    return Result((), [], affected)


def _require_old_column(old: Table, new: Table, action: exp.Expression) -> None:
    """MySQL reads all actions against the table as it was; changing a column that the same ALTER adds is refused."""
    if isinstance(action, exp.ModifyColumn):
        source = action.args.get("rename_from")
        name = (source if source is not None else action.this).name.lower()
        if name in new.by_name and name not in old.by_name:
            raise Unsupported("changing a column in the ALTER that adds it", "two ALTER TABLE")


def _set_option(database: Database, table: Table, node: exp.Expression) -> None:
    """ALTER TABLE t AUTO_INCREMENT = n, ENGINE = InnoDB."""
    if isinstance(node, exp.AutoIncrementProperty) and table.counter is not None:
        database.counters[table.phys] = max(database.counters.get(table.phys, 1), count(node.this.name))
        return
    if isinstance(node, exp.EngineProperty) and node.this.name.lower() == "innodb":
        return
    raise Unsupported("this table option")


def _apply(database: Database, old: Table, new: Table) -> int:
    """Names and defaults change in the catalog alone; anything else rebuilds the rows."""
    same = [replace(c, name="", default=None) for c in old.columns] == [
        replace(c, name="", default=None) for c in new.columns
    ]
    if same and [k.columns for k in old.keys] == [k.columns for k in new.keys] and not old.foreign:
        database.catalog = database.catalog.put(new, instead_of=old.name)
        return 0
    columns = {c.phys: c for c in old.columns}
    # Only what InnoDB must copy counts rows: a change of type, and a clustered key that goes without another.
    copies = any(c.phys in columns and _copies(columns[c.phys], c) for c in new.columns)
    copies |= old.primary is not None and not _is_clustered(new)
    rows = rebuild_table(database, old, new)
    return rows if copies else 0


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
