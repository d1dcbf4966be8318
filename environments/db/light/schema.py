"""DDL: CREATE, ALTER, DROP, TRUNCATE and RENAME. Each makes a new catalog; ALTER rebuilds the table's rows.

As in MySQL, DDL ends an open transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from ..session import Result, SQLError, Unsupported
from . import ddl, definitions, errors, query, show, sources
from . import types as ty
from .catalog import Column, Table, View
from .parse import Parsed
from .rows import Rows
from .store import Stored
from .types import Type

if TYPE_CHECKING:
    from .session import LightSession

OK = Result((), [])


def run(session: LightSession, parsed: Parsed) -> Result:
    """Run a DDL statement; any other is refused."""
    known = _VERBS.get(type(parsed.tree))
    if known is None:
        raise Unsupported(type(parsed.tree).__name__.upper())
    before = session.snapshot()
    try:
        result = known(session, parsed)
    except Exception:
        session.restore(before)
        raise
    session.transaction = []
    session.live.row_count = result.affected
    return result


def build(session: LightSession, table: Table) -> None:
    for statement in ddl.sqlite_statements(table, session.catalog.tables):
        session.connection.execute(statement)


def _create(session: LightSession, parsed: Parsed) -> Result:
    node = parsed.tree
    kind = str(node.args.get("kind")).upper()
    if kind == "TABLE":
        return _create_table(session, parsed)
    if kind == "VIEW":
        return _create_view(session, parsed)
    if kind == "INDEX":
        return _create_index(session, node)
    if kind in ("DATABASE", "SCHEMA"):
        raise errors.database_denied("'root'@'localhost'", node.this.name)
    raise Unsupported(f"CREATE {kind}")


def _create_table(session: LightSession, parsed: Parsed) -> Result:
    node = parsed.tree
    target = node.this.this if isinstance(node.this, exp.Schema) else node.this
    _own(session, target)
    name = target.name
    if name in session.catalog.tables or name in session.catalog.views:
        if node.args.get("exists"):
            return OK
        if node.args.get("replace"):
            raise Unsupported("CREATE OR REPLACE TABLE", "DROP TABLE, then CREATE TABLE")
        raise errors.table_exists(name)
    like, counter = definitions.properties(node)
    serial = session.catalog.serial
    if like is not None:
        made = definitions.copy(show.find(session, like), name, serial)
    elif isinstance(node.this, exp.Schema):
        made = definitions.table(name, node.this.expressions, serial, session.catalog)
    else:
        made = Table(name, f"t{serial}", ())
    source = node.args.get("expression")
    if source is None:
        session.catalog = session.catalog.put(made)
        build(session, made)
        session.counters[made.phys] = counter
        return OK
    return _create_from(session, parsed, made, source)


def _create_from(session: LightSession, parsed: Parsed, made: Table, source: exp.Expression) -> Result:
    """CREATE TABLE … AS SELECT."""
    found = query.select(session.unit(parsed), source, None)
    if made.columns:
        raise Unsupported("CREATE TABLE with columns and a SELECT", "INSERT ... SELECT afterwards")
    columns: list[Column] = []
    for i, (name, kind) in enumerate(zip(found.names, found.types, strict=True)):
        if name.lower() in {c.name.lower() for c in columns}:
            raise errors.duplicate_column(name)
        origin = _origin(session, source, i, name)
        decl = origin.decl if origin else _decl(kind)
        nullable = origin.nullable if origin else True
        default = origin.default if origin else None
        if origin is not None and origin.auto_increment:
            default = "0"
        columns.append(Column(name, f"c{session.catalog.serial + 1 + i}", decl, nullable, default))
    made = replace(made, columns=tuple(columns))
    rows = session.fetch(found)
    session.catalog = session.catalog.put(made)
    build(session, made)
    into = Rows(session, made)
    for n, row in enumerate(rows, 1):
        cells = zip(made.columns, row, found.types, strict=True)
        into.insert({c.phys: into.stored(v, kind, c, n) for c, v, kind in cells})
    return Result((), [], len(rows))


def _origin(session: LightSession, source: exp.Expression, place: int, name: str) -> Column | None:
    """The stored column that a plain SELECT of one table copies, for its declared type."""
    if not isinstance(source, exp.Select) or source.args.get("joins") or source.args.get("from_") is None:
        return None
    table = session.catalog.tables.get(source.args["from_"].this.name)
    if table is None:
        return None
    items = source.expressions
    if len(items) == 1 and isinstance(items[0], exp.Star):
        return table.columns[place]
    if place < len(items):
        item = items[place].this if isinstance(items[place], exp.Alias) else items[place]
        if isinstance(item, exp.Column) and not any(isinstance(i, exp.Star) for i in items):
            return table.by_name.get(item.name.lower())
    return None


def _decl(kind: Type) -> str:
    if kind.kind == ty.DATE:
        return "date"
    if kind.kind == ty.DBL:
        return "double"
    raise Unsupported("CREATE TABLE from a computed column", "CREATE TABLE with types, then INSERT ... SELECT")


def _create_view(session: LightSession, parsed: Parsed) -> Result:
    node = parsed.tree
    schema = node.this if isinstance(node.this, exp.Schema) else None
    target = schema.this if schema is not None else node.this
    _own(session, target)
    name = target.name
    if name in session.catalog.tables or (name in session.catalog.views and not node.args.get("replace")):
        raise errors.table_exists(name)
    source = node.args["expression"]
    text = definitions.query_text(parsed)
    found = sources.view_query(session.unit(parsed), text, ())
    columns = tuple(c.name for c in schema.expressions) if schema is not None else found.names
    if len(columns) != len(found.names):
        raise SQLError(1353, "HY000", "SELECT list and column names list have different column counts")
    if any(isinstance(n, exp.Star) for n in source.find_all(exp.Star)) and name in session.catalog.views:
        raise Unsupported("replacing a view by SELECT *", "named columns")
    session.catalog = session.catalog.with_view(View(name, text, columns))
    return OK


def _create_index(session: LightSession, node: exp.Expression) -> Result:
    index = node.this
    table = show.find(session, index.args["table"].name)
    params = index.args["params"]
    columns = definitions.key_columns(params.args.get("columns") or [])
    if params.args.get("using") not in (None,) and str(params.args["using"]).upper() != "BTREE":
        raise Unsupported("this index type")
    made = definitions.add_key(table, index.name, columns, unique=bool(node.args.get("unique")))
    rebuild(session, table, made)
    return OK


def _own(session: LightSession, target: exp.Expression) -> None:
    schema = target.args.get("db")
    if schema is not None and schema.name != session.database:
        raise errors.database_denied("'root'@'localhost'", schema.name)


def _drop(session: LightSession, parsed: Parsed) -> Result:
    node = parsed.tree
    kind = str(node.args.get("kind")).upper()
    targets = node.args.get("tables") or []
    if kind == "INDEX":
        return _drop_index(session, node, targets[0].name)
    if kind in ("DATABASE", "SCHEMA"):
        raise errors.database_denied("'root'@'localhost'", targets[0].name)
    if kind not in ("TABLE", "VIEW"):
        raise Unsupported(f"DROP {kind}")
    known = session.catalog.tables if kind == "TABLE" else session.catalog.views
    names = []
    for target in targets:
        _own(session, target)
        name = target.name
        if session.fold_names:
            name = next((n for n in known if n.lower() == name.lower()), name)
        names.append(name)
    missing = [n for n in names if n not in known]
    if missing and not node.args.get("exists"):
        if len(names) > 1:
            raise Unsupported("DROP of several of which one is missing", "one DROP each")
        if kind == "VIEW":
            raise SQLError(4092, "42S02", f"Unknown VIEW: '{session.database}.{missing[0]}'")
        raise errors.SQLError(1051, "42S02", f"Unknown table '{session.database}.{missing[0]}'")
    for name in names:
        if name in session.catalog.tables and kind == "TABLE":
            _drop_table(session, session.catalog.tables[name], names)
        session.catalog = session.catalog.without(name)
    return OK


def _drop_table(session: LightSession, table: Table, also: Sequence[str]) -> None:
    for other in session.catalog.tables.values():
        for f in other.foreign:
            if f.table == table.name and other.name not in also:
                raise errors.child_present(Rows(session, other).constraint(other, f))
    session.connection.execute(f"DELETE FROM {table.phys}")
    session.connection.execute(f"DROP TABLE {table.phys}")
    session.counters.pop(table.phys, None)


def _drop_index(session: LightSession, node: exp.Expression, name: str) -> Result:
    on = node.args.get("cluster")
    if on is None:
        raise errors.syntax("", 1)
    table = show.find(session, on.this.name)
    rebuild(session, table, definitions.drop_key(table, name))
    return OK


def _truncate(session: LightSession, parsed: Parsed) -> Result:
    for target in parsed.tree.expressions:
        _own(session, target)
        table = show.find(session, target.name)
        for other in session.catalog.tables.values():
            for f in other.foreign:
                if f.table == table.name and other.name != table.name:
                    text = Rows(session, other).constraint(other, f)
                    raise SQLError(1701, "42000", f"Cannot truncate a table referenced in a foreign key constraint ({text})")
        session.connection.execute(f"DELETE FROM {table.phys}")
        session.counters[table.phys] = 1
    return OK


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


def _alter(session: LightSession, parsed: Parsed) -> Result:
    node = parsed.tree
    if str(node.args.get("kind")).upper() != "TABLE":
        raise Unsupported(f"ALTER {node.args.get('kind')}")
    _own(session, node.this)
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
            made = definitions.alter(made, action, session.catalog.serial + len(made.columns) + 10)
    count = 0
    if made != table:
        count = _apply(session, table, made)
    if renamed is not None:
        rename(session, table.name, renamed)
    return Result((), [], count)


def _apply(session: LightSession, table: Table, made: Table) -> int:
    """Names and defaults change in the catalog alone; anything else rebuilds the rows."""
    same = [replace(c, name="", default=None) for c in table.columns] == [replace(c, name="", default=None) for c in made.columns]
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


_VERBS: dict[type[exp.Expression], Callable[[LightSession, Parsed], Result]] = {
    exp.Create: _create,
    exp.Drop: _drop,
    exp.TruncateTable: _truncate,
    exp.Alter: _alter,
}
