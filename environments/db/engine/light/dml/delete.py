"""DELETE: select the rows first, then remove them one by one, so that foreign keys speak in MySQL's words."""

from __future__ import annotations

from sqlglot import exp

from ...session import SQLError
from ..database import Database
from ..expressions.coercion import truth
from ..expressions.scope import Scope, TableSource, Unit
from ..parsing.node_parts import refuse_other_parts
from ..queries.from_clause import compile_joins
from ..values import errors
from .table_writer import TableWriter
from .targets import Count, row_selection

_PARTS = frozenset({"this", "where", "order", "limit", "tables", "using", "with_"})


def delete(database: Database, unit: Unit) -> Count:
    """DELETE from one table, or from some tables of a join."""
    node = unit.statement.tree
    refuse_other_parts(node, _PARTS)
    scope = Scope(unit)
    if node.this is None:
        raise errors.syntax("", 1)
    using = node.args.get("using")
    if using:
        start = " CROSS JOIN ".join([compile_joins(scope, n, []) for n in using])
        targets = [node.this]
    else:
        start = compile_joins(scope, node.this, [])
        targets = node.args.get("tables") or []
    if not targets:
        return _delete_from(database, scope, node, start)
    return _delete_joined(database, scope, node, start, [_target(scope, t) for t in targets])


def _delete_joined(
    database: Database, scope: Scope, node: exp.Expression, start: str, targets: list[TableSource]
) -> Count:
    rowids = ",".join(f"{s.alias}.rowid" for s in targets)
    where = node.args.get("where")
    scope.clause = "where clause"
    test = f" WHERE {truth(scope, scope.compile(where.this))}" if where is not None else ""
    rows = database.rows(f"SELECT {rowids} FROM {start}{test}")
    count = 0
    for i, source in enumerate(targets):
        writer = TableWriter(database, scope.unit.catalog.tables[source.table or ""])
        for rowid in {row[i] for row in rows if row[i] is not None}:
            writer.delete(rowid)
            count += 1
    return Count(count)


def _target(scope: Scope, target: exp.Expression) -> TableSource:
    for source in scope.sources:
        if source.name == target.name and source.table is not None:
            return source
    raise SQLError(1109, "42S02", f"Unknown table '{target.name}' in MULTI DELETE")


def _delete_from(database: Database, scope: Scope, node: exp.Expression, start: str) -> Count:
    source = scope.sources[0]
    if source.table is None or len(scope.sources) > 1:
        raise errors.not_updatable(source.name, "DELETE")
    table = scope.unit.catalog.tables[source.table]
    selection = row_selection(scope, node, table, source.alias)
    rows = database.rows(f"SELECT {source.alias}.rowid FROM {start}{selection}")
    writer = TableWriter(database, table)
    for (rowid,) in rows:
        writer.delete(rowid)
    return Count(len(rows))
