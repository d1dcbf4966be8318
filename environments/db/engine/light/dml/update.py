"""UPDATE: select the new values with MySQL's types first, then store row by row under strict mode."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..database import Database
from ..expressions.scope import Scope, TableSource, Unit
from ..parsing.node_parts import refuse_other_parts
from ..queries.from_clause import compile_joins
from ..values import errors
from .assignments import compile_assignments, new_values
from .table_writer import TableWriter
from .targets import Count, row_selection

_PARTS = frozenset({"this", "expressions", "where", "order", "limit", "with_"})


def update(database: Database, unit: Unit) -> Count:
    """UPDATE of one table, alone or joined with others."""
    node = unit.statement.tree
    refuse_other_parts(node, _PARTS)
    if unit.statement.ignoring:
        raise Unsupported("UPDATE IGNORE", "UPDATE")
    if not node.expressions:
        raise errors.syntax("", 1)
    scope = Scope(unit)
    start = compile_joins(scope, node.this, [])
    several = len(scope.sources) > 1
    source = _assigned_source(scope, node.expressions) if several else scope.sources[0]
    if source.table is None:
        raise errors.not_updatable(source.name, "UPDATE")
    table = unit.catalog.tables[source.table]
    scope.joining = several
    assignments = compile_assignments(scope, table, node.expressions)
    scope.assigned.clear()
    if several and (node.args.get("order") or node.args.get("limit")):
        raise SQLError(1221, "HY000", "Incorrect usage of UPDATE and ORDER BY")
    writer = TableWriter(database, table)
    texts = ",".join(e.sql if e else "NULL" for _, e in assignments)
    selection = row_selection(scope, node, table, source.alias)
    rows = database.rows(f"SELECT {source.alias}.rowid,{texts} FROM {start}{selection}")
    changes = 0
    for n, (rowid, values) in enumerate(_once(rows), 1):
        before = writer.fetch(rowid)
        changes += writer.change(rowid, before, new_values(writer, assignments, values, n))
    return Count(changes)


def _once(rows: Sequence[tuple]) -> list[tuple[int, tuple]]:
    """Each row once; a row that a join would set to two different values is refused, for MySQL picks either."""
    first: dict[int, tuple] = {}
    for rowid, *values in rows:
        if rowid is not None and first.setdefault(rowid, tuple(values)) != tuple(values):
            raise Unsupported(
                "an UPDATE whose join matches a row twice with different values", "a subquery with MAX or MIN"
            )
    return list(first.items())


def _assigned_source(scope: Scope, nodes: Sequence[exp.Expression]) -> TableSource:
    owners = []
    for node in nodes:
        if not isinstance(node, exp.EQ) or not isinstance(node.this, exp.Column):
            raise errors.syntax("", 1)
        table = node.this.args.get("table")
        column = scope.column(node.this.name, table.name if table is not None else None)
        owners.append(next(s for s in scope.sources if column.sql.startswith(s.alias + ".")))
    if any(owner is not owners[0] for owner in owners):
        raise Unsupported("an UPDATE of several tables at once", "one UPDATE a table")
    return owners[0]
