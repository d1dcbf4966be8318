"""UPDATE: select the new values with MySQL's types first, then store row by row under strict mode."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..database import Database
from ..expressions.clauses import Clause
from ..expressions.coercion import truth
from ..expressions.names import TableSource
from ..expressions.scope import Scope, Unit
from ..parsing.node_parts import refuse_other_parts
from ..queries.from_clause import compile_from
from .assignments import AssignmentScope, compile_assignments, new_values
from .table_writer import TableWriter
from .targets import Count, not_updatable, row_selection

_PARTS = frozenset({"this", "expressions", "where", "order", "limit"})


def update(database: Database, unit: Unit) -> Count:
    """UPDATE of one table, alone or joined with others, or of several."""
    node = unit.statement.tree
    refuse_other_parts(node, _PARTS)
    if unit.statement.ignoring:
        raise Unsupported("UPDATE IGNORE", "UPDATE")
    joined = compile_from(unit, None, node.this)
    sources = joined.names.sources
    several = len(sources) > 1
    scope = AssignmentScope(unit, joined.names, joining=several)
    if several and len(groups := _by_owner(scope, node.expressions)) > 1:
        return _update_several(database, scope, joined.text, groups)
    with scope.at(Clause.SET):
        source = _owner(scope, node.expressions[0]) if several else sources[0]
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


def _owner(scope: AssignmentScope, node: exp.Expression) -> TableSource:
    """The table of the join that an assignment changes."""
    table = node.this.args.get("table")
    target = scope.target(node.this.name, table.name if table is not None else None)
    return next(s for s in scope.names.sources if target.origin and target.origin.source == s.alias)


def _by_owner(
    scope: AssignmentScope, nodes: Sequence[exp.Expression]
) -> list[tuple[TableSource, list[exp.Expression]]]:
    """The assignments of each table, in the order of FROM."""
    groups: dict[str, list[exp.Expression]] = {}
    with scope.at(Clause.SET):
        for node in nodes:
            groups.setdefault(_owner(scope, node).alias, []).append(node)
    return [(s, groups[s.alias]) for s in scope.names.sources if s.alias in groups]


def _update_several(
    database: Database, scope: AssignmentScope, start: str, groups: Sequence[tuple[TableSource, list[exp.Expression]]]
) -> Count:
    """UPDATE of several tables of a join: all values are of the rows as they were, for none reads what another sets."""
    unit, node = scope.unit, scope.unit.statement.tree
    if node.args.get("order") or node.args.get("limit"):
        raise SQLError(1221, "HY000", "Incorrect usage of UPDATE and ORDER BY")
    tables = [unit.catalog.tables.get(source.table or "") for source, _ in groups]
    if (
        None in tables
        or len({t.name for t in tables if t}) < len(tables)
        or any(t.foreign or t.ruled for t in tables if t)
    ):
        raise Unsupported("an UPDATE of several tables with foreign keys, or of one twice", "one UPDATE a table")
    with scope.at(Clause.SET):
        changed = [compile_assignments(scope, t, nodes) for t, (_, nodes) in zip(tables, groups, strict=True) if t]
    selection = ""
    if (where := node.args.get("where")) is not None:
        rows = Scope(unit, None, scope.names)
        with rows.at(Clause.WHERE):
            selection = f" WHERE {truth(rows, rows.compile(where.this))}"
    columns = [
        text
        for (source, _), assignments in zip(groups, changed, strict=True)
        for text in (f"{source.alias}.rowid", *(e.sql if e else "NULL" for _, e in assignments))
    ]
    found = database.rows(f"SELECT {','.join(columns)} FROM {start}{selection}")
    count, at = 0, 0
    for table, assignments in zip(tables, changed, strict=True):
        assert table is not None
        width = 1 + len(assignments)
        writer = TableWriter(database, table)
        for n, (rowid, values) in enumerate(_once([row[at : at + width] for row in found]), 1):
            count += writer.change(rowid, writer.fetch(rowid), new_values(writer, assignments, values, n))
        at += width
    return Count(count)
