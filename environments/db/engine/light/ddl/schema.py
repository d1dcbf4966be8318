"""DDL: CREATE, ALTER, DROP, TRUNCATE and RENAME. Each makes a new catalog; ALTER rebuilds the table's rows.

As in MySQL, DDL ends an open transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from ...session import Result, SQLError, Unsupported
from ..catalog import definitions, keys, show
from ..catalog.catalog import Column, Table, View
from ..dml.rows import Rows
from ..queries import query, sources
from ..reading.parse import Parsed
from ..values import errors
from ..values import types as ty
from ..values.types import Type
from .rebuild import OK, alter_table, build, own, rebuild

if TYPE_CHECKING:
    from ..session import LightSession


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
    own(session, target)
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
        origin = _origin(session, source, i)
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


def _origin(session: LightSession, source: exp.Expression, place: int) -> Column | None:
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
    own(session, target)
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
    columns = keys.key_columns(params.args.get("columns") or [])
    if params.args.get("using") not in (None,) and str(params.args["using"]).upper() != "BTREE":
        raise Unsupported("this index type")
    made = keys.add_key(table, index.name, columns, unique=bool(node.args.get("unique")))
    rebuild(session, table, made)
    return OK


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
        own(session, target)
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
    rebuild(session, table, keys.drop_key(table, name))
    return OK


def _truncate(session: LightSession, parsed: Parsed) -> Result:
    for target in parsed.tree.expressions:
        own(session, target)
        table = show.find(session, target.name)
        for other in session.catalog.tables.values():
            for f in other.foreign:
                if f.table == table.name and other.name != table.name:
                    text = Rows(session, other).constraint(other, f)
                    raise SQLError(
                        1701, "42000", f"Cannot truncate a table referenced in a foreign key constraint ({text})"
                    )
        session.connection.execute(f"DELETE FROM {table.phys}")
        session.counters[table.phys] = 1
    return OK


_VERBS: dict[type[exp.Expression], Callable[[LightSession, Parsed], Result]] = {
    exp.Create: _create,
    exp.Drop: _drop,
    exp.TruncateTable: _truncate,
    exp.Alter: alter_table,
}
