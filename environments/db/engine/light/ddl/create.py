"""CREATE TABLE, also from a SELECT; CREATE VIEW; CREATE INDEX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from ...session import Result, SQLError, Unsupported
from ..catalog.catalog import Column, Table, View
from ..compiler import new_unit
from ..database import Database
from ..dml.table_writer import TableWriter
from ..parsing.node_parts import schema_name
from ..parsing.parse import Statement
from ..queries import from_clause
from ..queries.select import compile_query
from ..values import errors
from ..values import types as ty
from ..values.types import Type
from . import definitions, keys
from .limits import require_table_name
from .rebuild import rebuild_table

_LONGEST_NAME = 64
_OK = Result((), [])


def create(database: Database, statement: Statement) -> Result:
    """Run CREATE TABLE, VIEW or INDEX. Raises 1044 for a database."""
    node = statement.tree
    kind = str(node.args.get("kind")).upper()
    if kind == "TABLE":
        return _create_table(database, statement)
    if kind == "VIEW":
        return _create_view(database, statement)
    if kind == "INDEX":
        return _create_index(database, node)
    if kind in ("DATABASE", "SCHEMA"):
        raise errors.database_denied("'root'@'localhost'", node.this.name)
    raise Unsupported(f"CREATE {kind}")


def _create_table(database: Database, statement: Statement) -> Result:
    node = statement.tree
    target = node.this.this if isinstance(node.this, exp.Schema) else node.this
    database.require_own(schema_name(target))
    name = require_table_name(target)
    if name in database.catalog.tables or name in database.catalog.views:
        if node.args.get("exists"):
            return _OK
        if node.args.get("replace"):
            raise Unsupported("CREATE OR REPLACE TABLE", "DROP TABLE, then CREATE TABLE")
        raise errors.table_exists(name)
    like, counter = definitions.table_properties(node)
    serial = database.catalog.serial
    if like is not None:
        table = definitions.copy_definition(database.base_table(like), name, serial)
    elif isinstance(node.this, exp.Schema):
        table = definitions.table_definition(name, node.this.expressions, serial, database.catalog)
    else:
        table = Table(name, f"t{serial}", ())
    source = node.args.get("expression")
    if source is None:
        database.catalog = database.catalog.put(table)
        database.create(table)
        database.counters[table.phys] = counter
        return _OK
    return _create_from(database, statement, table, source)


def _create_from(database: Database, statement: Statement, table: Table, source: exp.Expression) -> Result:
    """CREATE TABLE … AS SELECT."""
    query = compile_query(new_unit(database, statement), source, None)
    if table.columns:
        raise Unsupported("CREATE TABLE with columns and a SELECT", "INSERT ... SELECT afterwards")
    columns: list[Column] = []
    for i, (name, kind) in enumerate(zip(query.names, query.types, strict=True)):
        if name.lower() in {c.name.lower() for c in columns}:
            raise errors.duplicate_column(name)
        origin = _origin(database, source, i)
        decl = origin.decl if origin else _decl(kind)
        nullable = origin.nullable if origin else True
        default = origin.default if origin else None
        if origin is not None and origin.auto_increment:
            default = "0"
        columns.append(Column(name, f"c{database.catalog.serial + 1 + i}", decl, nullable, default))
    table = replace(table, columns=tuple(columns))
    rows = database.fetch(query)
    database.catalog = database.catalog.put(table)
    database.create(table)
    writer = TableWriter(database, table)
    for n, row in enumerate(rows, 1):
        cells = zip(table.columns, row, query.types, strict=True)
        writer.insert({c.phys: writer.stored(v, kind, c, n) for c, v, kind in cells})
    return Result((), [], len(rows))


def _origin(database: Database, source: exp.Expression, place: int) -> Column | None:
    """The stored column that a plain SELECT of one table copies, for its declared type."""
    tables = source.args["from_"].expressions if source.args.get("from_") is not None else []
    if not isinstance(source, exp.Select) or len(tables) != 1 or not isinstance(tables[0], exp.Table):
        return None
    table = database.catalog.tables.get(tables[0].name)
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
        return "float" if kind.single else "double"
    raise Unsupported("CREATE TABLE from a computed column", "CREATE TABLE with types, then INSERT ... SELECT")


def _create_view(database: Database, statement: Statement) -> Result:
    node = statement.tree
    schema = node.this if isinstance(node.this, exp.Schema) else None
    target = schema.this if schema is not None else node.this
    database.require_own(schema_name(target))
    name = require_table_name(target)
    if name in database.catalog.tables or (name in database.catalog.views and not node.args.get("replace")):
        raise errors.table_exists(name)
    source = node.args["expression"]
    text = definitions.query_text(statement)
    query = from_clause.view_query(new_unit(database, statement), text, ())
    columns = tuple(c.name for c in schema.expressions) if schema is not None else query.names
    if schema is None:
        _require_names(source, columns)
    from_clause.require_distinct(columns)
    if len(columns) != len(query.names):
        raise SQLError(1353, "HY000", "SELECT list and column names list have different column counts")
    if any(isinstance(n, exp.Star) for n in source.find_all(exp.Star)) and name in database.catalog.views:
        raise Unsupported("replacing a view by SELECT *", "named columns")
    database.catalog = database.catalog.with_view(View(name, text, columns))
    return _OK


def _require_names(source: exp.Expression, names: Sequence[str]) -> None:
    """Refuse a view over columns that have no name of their own, for which MySQL invents one."""
    items = source.selects if isinstance(source, exp.Query) else []
    empty = any(not name.strip() or len(name) > _LONGEST_NAME for name in names)
    blank = any(isinstance(item, exp.Literal) and str(item.this).endswith(" ") for item in items)
    several = len({name.lower() for name in names}) < len(names)
    invented = any(not isinstance(item, exp.Column | exp.Alias | exp.Star) for item in items)
    if any(map(_is_nothing, source.find_all(exp.Subquery))):
        # MariaDB makes a text of such a column when it creates the view.
        raise Unsupported("a view over a derived table's NULL", "CAST(NULL AS ...)")
    if empty or blank or (several and invented):
        raise Unsupported("a view's column without a name of its own", "AS")


def _is_nothing(derived: exp.Expression) -> bool:
    """Whether a derived table has a column of NULL alone."""
    return derived.args.get("alias") is not None and any(
        isinstance(item.unalias(), exp.Null) for item in derived.this.selects
    )


def _create_index(database: Database, node: exp.Expression) -> Result:
    index = node.this
    table = database.base_table(index.args["table"].name)
    params = index.args["params"]
    columns = keys.key_columns(params.args.get("columns") or [])
    if params.args.get("using") not in (None,) and str(params.args["using"]).upper() != "BTREE":
        raise Unsupported("this index type")
    new = keys.add_key(table, index.name, columns, unique=bool(node.args.get("unique")))
    rebuild_table(database, table, new)
    return _OK
