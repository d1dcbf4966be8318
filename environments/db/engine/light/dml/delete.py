"""DELETE: select the rows first, then remove them one by one, so that foreign keys speak in MySQL's words."""

from __future__ import annotations

import sqlite3

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..database import Database
from ..expressions.clauses import Clause
from ..expressions.coercion import truth
from ..expressions.names import TableSource
from ..expressions.scope import Scope, Unit
from ..parsing.node_parts import refuse_other_parts
from ..queries.from_clause import compile_from
from .table_writer import TableWriter
from .targets import Count, not_updatable, require_unread, row_selection

_PARTS = frozenset({"this", "where", "order", "limit", "tables"})


_IGNORED = frozenset({1242, 1292, 1365, 1451})


def delete(database: Database, unit: Unit) -> Count:
    """DELETE from one table, or from some tables of a join."""
    try:
        return _delete(database, unit)
    except (SQLError, sqlite3.Error) as e:
        error = database.explain(e) if isinstance(e, sqlite3.Error) else e
        if unit.statement.ignoring and error.code in _IGNORED:
            raise Unsupported(f"DELETE IGNORE where a row fails ({error.message})", "a WHERE without it") from e
        raise error from e


def _delete(database: Database, unit: Unit) -> Count:
    node = unit.statement.tree
    refuse_other_parts(node, _PARTS)
    joined = compile_from(unit, None, node.this)
    scope = Scope(unit, None, joined.names)
    targets = node.args.get("tables")
    if not targets:
        return _delete_from(database, scope, node, joined.text)
    return _delete_joined(database, scope, node, joined.text, [_target(scope, t, node.this) for t in targets])


def _delete_joined(
    database: Database, scope: Scope, node: exp.Expression, start: str, targets: list[TableSource]
) -> Count:
    for source in targets:
        require_unread(node, source.table or "", source.name)
    rowids = ",".join(f"{s.alias}.rowid" for s in targets)
    where = node.args.get("where")
    test = ""
    if where is not None:
        with scope.at(Clause.WHERE):
            test = f" WHERE {truth(scope, scope.compile(where.this))}"
    rows = database.rows(f"SELECT {rowids} FROM {start}{test}")
    count = 0
    for i, source in enumerate(targets):
        writer = TableWriter(database, scope.unit.catalog.tables[source.table or ""])
        for rowid in {row[i] for row in rows if row[i] is not None}:
            writer.delete(rowid)
            count += 1
    return Count(count)


def _target(scope: Scope, target: exp.Expression, tables: exp.Expression) -> TableSource:
    source = scope.names.table(target.name, fold=scope.unit.fold_names)
    if source is None:
        raise SQLError(1109, "42S02", f"Unknown table '{target.name}' in MULTI DELETE")
    if source.table is None:
        raise not_updatable(scope.unit, source.name, tables, "DELETE")
    return source


def _delete_from(database: Database, scope: Scope, node: exp.Expression, start: str) -> Count:
    source = scope.names.sources[0]
    if source.table is None:
        raise not_updatable(scope.unit, source.name, node.this, "DELETE")
    table = scope.unit.catalog.tables[source.table]
    selection = row_selection(scope, node, table, source.alias)
    rows = database.rows(f"SELECT {source.alias}.rowid FROM {start}{selection}")
    writer = TableWriter(database, table)
    for (rowid,) in rows:
        writer.delete(rowid)
    return Count(len(rows))
