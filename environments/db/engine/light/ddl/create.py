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
from ..expressions.expr import Query
from ..parsing.definitions import CreateIndex, CreateTable, CreateView, DefiningQuery, DropTables
from ..parsing.parse import Statement
from ..queries import from_clause
from ..queries.select import compile_query
from ..queries.stored_columns import StoredColumns
from ..values import errors
from . import definitions, keys, references, rules, temporary
from .alter_table import apply
from .declared_types import declared_type
from .drop import drop_tables
from .limits import require_column_name, require_new_name, require_table_comment
from .names import own_name, own_table

_LONGEST_NAME = 64
_OK = Result((), [])


def create_table(database: Database, definition: CreateTable) -> Result:
    """Run CREATE TABLE."""
    name = own_name(database, definition.table, "CREATE")
    require_new_name(name)
    if definition.temporary:
        temporary.require_possible(database, definition)
    if _exists(database, name, temporary=definition.temporary):
        if definition.tolerant:
            return _OK
        if not definition.replacing or name in database.catalog.views:
            raise errors.table_exists(name)
        _require_other_sources(definition, name)
        drop_tables(database, DropTables("TABLE", (definition.table,)))
    serial = database.catalog.serial
    if definition.like is not None:
        source = own_table(database, definition.like, "SELECT")
        table = definitions.copy_definition(source, name, serial)
    elif definition.elements and definition.query is not None:
        raise Unsupported("CREATE TABLE with columns and a SELECT", "INSERT ... SELECT afterwards")
    elif definition.elements:
        table = definitions.table_definition(name, definition.elements, serial, database.catalog)
    else:
        table = Table(name, f"t{serial}", ())
    table = replace(table, narrow=table.narrow or _narrowness(database, definition))
    require_table_comment(name, definition.options.comment)
    table = replace(table, comment=definition.options.comment or table.comment, temporary=definition.temporary)
    counter = max(1, definition.options.counter or 1)
    if definition.query is not None:
        return _create_from(database, table, definition.query, counter)
    database.catalog = database.catalog.put(table)
    rules.require_sound(database, table)
    database.create(table)
    database.counters[table.phys] = counter
    return _OK


def _narrowness(database: Database, definition: CreateTable) -> str:
    """What of a new table is in utf8mb3."""
    options = definition.options
    source = definition.query.tree if definition.query is not None else exp.Null()
    stored = (database.catalog.tables.get(t.name) for t in source.find_all(exp.Table))
    if options.narrow_columns or any(t is not None and t.narrow for t in stored):
        return "partly"
    return "whole" if options.narrow and definition.query is None else "partly" if options.narrow else ""


def _exists(database: Database, name: str, *, temporary: bool) -> bool:
    """Whether a table or view has the name. Refuses a TEMPORARY table and another one of the same name."""
    table = database.catalog.tables.get(name)
    if name in database.catalog.views and not temporary:
        return True
    if name in database.catalog.views or (table is not None and table.temporary != temporary):
        raise Unsupported("a TEMPORARY table and another one of the same name", "another name")
    return table is not None


def _require_other_sources(definition: CreateTable, name: str) -> None:
    """Refuse a table that is made anew from its own rows or columns."""
    source = definition.query.tree if definition.query is not None else exp.Null()
    if any(t.name == name for t in source.find_all(exp.Table)) or (definition.like and definition.like.name == name):
        raise Unsupported("CREATE OR REPLACE TABLE from the table itself", "another name")


def _create_from(database: Database, table: Table, defining: DefiningQuery, counter: int) -> Result:
    """CREATE TABLE … AS SELECT."""
    source = defining.tree
    query = compile_query(new_unit(database, Statement(source, defining.text)), source, None)
    columns: list[Column] = []
    for i, (name, definition) in enumerate(zip(query.names, _definitions(database, source, query), strict=True)):
        require_column_name(name)
        if name.lower() in {c.name.lower() for c in columns}:
            raise errors.duplicate_column(name)
        columns.append(replace(definition, name=name, phys=f"c{database.catalog.serial + 1 + i}"))
    table = replace(table, columns=tuple(columns))
    rows = database.fetch(query)
    database.catalog = database.catalog.put(table)
    database.create(table)
    database.counters[table.phys] = counter
    writer = TableWriter(database, table)
    for n, row in enumerate(rows, 1):
        cells = zip(table.columns, row, query.types, strict=True)
        writer.insert({c.phys: writer.stored(v, kind, c, n) for c, v, kind in cells})
    return Result((), [], len(rows))


def _definitions(database: Database, source: exp.Expression, query: Query) -> list[Column]:
    """The columns that a query defines: copies of stored ones, and computed ones."""
    columns = StoredColumns(database.catalog, source)
    result: list[Column] = []
    for item in source.expressions if isinstance(source, exp.Select) else ():
        if item.is_star:
            result += map(_copy, columns.star(item))
            continue
        node = item.unalias()
        stored = columns.find(node) if isinstance(node, exp.Column) else None
        declared = declared_type(columns, node)
        if declared is None:
            break
        result.append(_copy(stored) if stored is not None else Column("", "", declared.text, declared.nullable))
    if len(result) != len(query.names):
        raise Unsupported("CREATE TABLE from this computed column", "CREATE TABLE with types, then INSERT ... SELECT")
    return result


def _copy(origin: Column) -> Column:
    """A stored column, which counts no longer."""
    default = "0" if origin.auto_increment else origin.default
    return replace(origin, default=default, auto_increment=False, check="", generated="", lasting=False)


def create_view(database: Database, definition: CreateView) -> Result:
    """Run CREATE VIEW. Raises 1050, 1347 and 1353."""
    name = own_name(database, definition.view, "CREATE VIEW")
    require_new_name(name)
    if definition.altering and name not in database.catalog.views and name not in database.catalog.tables:
        raise errors.no_table(database.name, name)
    if name in database.catalog.tables and definition.replacing:
        raise SQLError(1347, "HY000", f"'{database.name}.{name}' is not of type 'VIEW'")
    if name in database.catalog.tables or (name in database.catalog.views and not definition.replacing):
        if definition.tolerant:
            return _OK
        raise errors.table_exists(name)
    tree, text = definition.query.tree, definition.query.text
    temporary.require_none(database.catalog, tree)
    query = from_clause.view_query(new_unit(database, Statement(tree, text)), text, ())
    columns = definition.columns or query.names
    if not definition.columns:
        _require_names(tree, columns)
    from_clause.require_distinct(columns)
    if len(columns) != len(query.names):
        raise SQLError(1353, "HY000", "SELECT list and column names list have different column counts")
    if any(tree.find_all(exp.Star)) and name in database.catalog.views:
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


def create_index(database: Database, definition: CreateIndex) -> Result:
    """Run CREATE INDEX."""
    table = own_table(database, definition.table, "INDEX")
    new = keys.add_key_definition(table, definition.key)
    if new != table:
        references.follow(database.catalog, database.name, table, new)
        return Result((), [], apply(database, table, new))
    return _OK
