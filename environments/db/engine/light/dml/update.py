"""UPDATE: select the new values with MySQL's types first, then store row by row under strict mode."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..database import Database
from ..expressions.clauses import Clause
from ..expressions.names import TableSource
from ..expressions.scope import Scope, Unit
from ..parsing.node_parts import refuse_other_parts
from ..queries.from_clause import compile_from
from .assignments import AssignmentScope, compile_assignments, new_values
from .table_writer import TableWriter
from .targets import Count, not_updatable, row_selection

_PARTS = frozenset({"this", "expressions", "where", "order", "limit"})


def update(database: Database, unit: Unit) -> Count:
    """UPDATE of one table, alone or joined with others."""
    node = unit.statement.tree
    refuse_other_parts(node, _PARTS)
    if unit.statement.ignoring:
        raise Unsupported("UPDATE IGNORE", "UPDATE")
    joined = compile_from(unit, None, node.this)
    sources = joined.names.sources
    several = len(sources) > 1
    scope = AssignmentScope(unit, joined.names, joining=several)
    with scope.at(Clause.SET):
        source = _assigned_source(scope, node.expressions) if several else sources[0]
        if source.table is None:
            raise not_updatable(unit, source.name, node.this, "UPDATE")
        table = unit.catalog.tables[source.table]
        assignments = compile_assignments(scope, table, node.expressions)
    if several and (node.args.get("order") or node.args.get("limit")):
        raise SQLError(1221, "HY000", "Incorrect usage of UPDATE and ORDER BY")
    writer = TableWriter(database, table)
    texts = ",".join(e.sql if e else "NULL" for _, e in assignments)
    selection = row_selection(Scope(unit, None, joined.names), node, table, source.alias)
    rows = database.rows(f"SELECT {source.alias}.rowid,{texts} FROM {joined.text}{selection}")
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


def _assigned_source(scope: AssignmentScope, nodes: Sequence[exp.Expression]) -> TableSource:
    owners = []
    for node in nodes:
        table = node.this.args.get("table")
        target = scope.target(node.this.name, table.name if table is not None else None)
        owners.append(next(s for s in scope.names.sources if target.origin and target.origin.source == s.alias))
    if any(owner is not owners[0] for owner in owners):
        raise Unsupported("an UPDATE of several tables at once", "one UPDATE a table")
    return owners[0]
