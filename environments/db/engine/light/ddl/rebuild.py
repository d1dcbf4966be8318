"""ALTER TABLE and RENAME: in the catalog alone where the rows can stay, else by storing every row again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from ...session import Result, SQLError, Unsupported
from ..catalog import create_text, definitions, show
from ..catalog.catalog import Column, Table
from ..dml.rows import Rows
from ..reading.parse import Parsed
from ..values import errors
from ..values.store import Stored
from .alter import alter

if TYPE_CHECKING:
    from ..session import LightSession


OK = Result((), [])


def build(session: LightSession, table: Table) -> None:
    for statement in create_text.sqlite_statements(table, session.catalog.tables):
        session.connection.execute(statement)


def own(session: LightSession, target: exp.Expression) -> None:
    schema = target.args.get("db")
    if schema is not None and schema.name != session.database:
        raise errors.database_denied("'root'@'localhost'", schema.name)


def rename(session: LightSession, old: str, new: str) -> None:
    """RENAME TABLE: the data stays where it is."""
    table = show.find(session, old)
    if new in session.catalog.tables or new in session.catalog.views:
        raise errors.table_exists(new)
    if session.catalog.views:
        raise Unsupported("renaming a table while views exist", "DROP VIEW first")
    if any(f.table == old or other.name == old for other in session.catalog.tables.values() for f in other.foreign):
        raise Unsupported("renaming a table with foreign keys")
    session.catalog = session.catalog.put(replace(table, name=new), instead_of=old)
    session.transaction = []


def rebuild(session: LightSession, old: Table, new: Table) -> int:
    """Put `new` in the place of `old`, with its rows stored again under the new columns. How many rows."""
    serial = session.catalog.serial
    made = replace(new, phys=f"t{serial}")
    held = any(f.table == old.name for t in session.catalog.tables.values() for f in t.foreign) or bool(old.foreign)
    if held:
        raise Unsupported("ALTER of a table with foreign keys", "a new table")
    kept = [c for c in made.columns if any(c.phys == o.phys for o in old.columns)]
    before = {o.phys: o for o in old.columns}
    names = ",".join(c.phys for c in kept)
    rows = session.connection.execute(f"SELECT {names or 'NULL'} FROM {old.phys} ORDER BY rowid").fetchall()
    session.connection.execute(f"DROP TABLE {old.phys}")
    session.catalog = session.catalog.put(made, instead_of=old.name)
    build(session, made)
    into = Rows(session, made)
    counter = session.counters.pop(old.phys, 1)
    session.counters[made.phys] = counter if made.counter is not None else 1
    fresh = [c for c in made.columns if c not in kept]
    for n, row in enumerate(rows, 1):
        values = {c.phys: _again(into, v, before[c.phys], c, n) for c, v in zip(kept, row, strict=False)}
        for c in fresh:
            values[c.phys] = into.number(None)[0] if c.auto_increment else definitions.filler(into, c)
        into.insert(values)
    return len(rows)


def _once(table: Table, made: Table, action: exp.Expression) -> None:
    """MySQL reads all actions against the table as it was; changing a column that the same ALTER adds is refused."""
    if isinstance(action, exp.ModifyColumn):
        source = action.args.get("rename_from")
        name = (source if source is not None else action.this).name.lower()
        if name in made.by_name and name not in table.by_name:
            raise Unsupported("changing a column in the ALTER that adds it", "two ALTER TABLE")


def _again(into: Rows, value: object, old: Column, new: Column, n: int) -> Stored:
    """Store a value under a changed definition, with ALTER's own errors."""
    try:
        return into.stored(value, old.type, new, n)
    except SQLError as e:
        if e.code in (1048, 1406):
            raise errors.truncated(new.name, n) from e
        if e.code == 1366:
            raise errors.truncated_incorrect(new.domain.base.upper().replace("INT", "INTEGER"), str(value)) from e
        raise


def alter_table(session: LightSession, parsed: Parsed) -> Result:
    node = parsed.tree
    if str(node.args.get("kind")).upper() != "TABLE":
        raise Unsupported(f"ALTER {node.args.get('kind')}")
    own(session, node.this)
    table = show.find(session, node.this.name)
    for option in node.args.get("options") or ():
        definitions.option(session, table, option)
    actions = node.args.get("actions") or []
    if session.catalog.views and any(isinstance(a, exp.AlterRename) for a in actions):
        raise Unsupported("renaming a table while views exist", "DROP VIEW first")
    made, renamed = table, None
    for action in actions:
        if isinstance(action, exp.AlterRename):
            renamed = action.this.name
        else:
            _once(table, made, action)
            made = alter(made, action, session.catalog.serial + len(made.columns) + 10)
    count = 0
    if made != table:
        count = _apply(session, table, made)
    if renamed is not None:
        rename(session, table.name, renamed)
    return Result((), [], count)


def _apply(session: LightSession, table: Table, made: Table) -> int:
    """Names and defaults change in the catalog alone; anything else rebuilds the rows."""
    same = [replace(c, name="", default=None) for c in table.columns] == [
        replace(c, name="", default=None) for c in made.columns
    ]
    if same and [k.columns for k in table.keys] == [k.columns for k in made.keys] and not table.foreign:
        session.catalog = session.catalog.put(made, instead_of=table.name)
        return 0
    old = {c.phys: c for c in table.columns}
    # Only what InnoDB must copy counts rows: a change of type, but not a wider VARCHAR.
    changed = any(c.phys in old and _copies(old[c.phys], c) for c in made.columns)
    count = rebuild(session, table, made)
    kept = {c.phys for c in table.columns} == {c.phys for c in made.columns}
    return count if changed and kept else 0


def _copies(old: Column, new: Column) -> bool:
    if old.domain.base == new.domain.base == "varchar" and old.domain.size <= new.domain.size < 64:
        return False
    return old.decl != new.decl
