"""INSERT, REPLACE, UPDATE and DELETE: select with MySQL's types first, then store row by row under strict mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..catalog.catalog import Table
from ..expressions import aggregates
from ..expressions.convert import truth
from ..queries import sources
from ..queries.ordering import limit, only
from ..reading.scope import Scope, Unit
from ..values import errors
from .assign import Count, compiled_sets, wanted_values
from .insert import insert
from .rows import Rows

if TYPE_CHECKING:
    from ..session import LightSession


def update(session: LightSession, unit: Unit) -> Count:
    """UPDATE of one table, alone or joined with others."""
    node = unit.parsed.tree
    only(node, frozenset({"this", "expressions", "where", "order", "limit", "with_"}))
    if unit.parsed.ignoring:
        raise Unsupported("UPDATE IGNORE", "UPDATE")
    if not node.expressions:
        raise errors.syntax("", 1)
    scope = Scope(unit)
    start = sources.joined(scope, node.this, [])
    several = len(scope.sources) > 1
    source = _updated(scope, node.expressions) if several else scope.sources[0]
    if source.table is None:
        raise errors.not_updatable(source.name, "UPDATE")
    table = unit.catalog.tables[source.table]
    scope.joining = several
    sets = compiled_sets(scope, table, node.expressions)
    scope.assigned.clear()
    if several and (node.args.get("order") or node.args.get("limit")):
        raise SQLError(1221, "HY000", "Incorrect usage of UPDATE and ORDER BY")
    rows = Rows(session, table)
    texts = ",".join(e.sql if e else "NULL" for _, e in sets)
    tail = _tail(scope, node, table, source.alias)
    found = session.connection.execute(f"SELECT {source.alias}.rowid,{texts} FROM {start}{tail}").fetchall()
    changed = 0
    for n, (rowid, values) in enumerate(_once(found), 1):
        before = rows.fetch(rowid)
        changed += rows.change(rowid, before, wanted_values(rows, sets, values, n))
    return Count(changed)


def _once(found: Sequence[tuple]) -> list[tuple[int, tuple]]:
    """Each row once; a row that a join would set to two different values is refused, for MySQL picks either."""
    first: dict[int, tuple] = {}
    for rowid, *values in found:
        if rowid is not None and first.setdefault(rowid, tuple(values)) != tuple(values):
            raise Unsupported(
                "an UPDATE whose join matches a row twice with different values", "a subquery with MAX or MIN"
            )
    return list(first.items())


def _updated(scope: Scope, nodes: Sequence[exp.Expression]) -> sources.Source:
    owners = []
    for node in nodes:
        table = node.this.args.get("table")
        found = scope.column(node.this.name, table.name if table is not None else None)
        owners.append(next(s for s in scope.sources if found.sql.startswith(s.alias + ".")))
    if any(owner is not owners[0] for owner in owners):
        raise Unsupported("an UPDATE of several tables at once", "one UPDATE a table")
    return owners[0]


def _tail(scope: Scope, node: exp.Expression, table: Table, alias: str) -> str:
    """WHERE, ORDER BY and LIMIT; without an order, the primary key's, in which InnoDB goes."""
    text = ""
    where = node.args.get("where")
    if where is not None:
        scope.clause = "where clause"
        text = f" WHERE {truth(scope, scope.compile(where.this))}"
    order = node.args.get("order")
    if order is not None:
        scope.clause = "order clause"
        text += " ORDER BY " + ",".join(aggregates.order_term(scope, term) for term in order.expressions)
    elif table.primary is not None:
        text += " ORDER BY " + ",".join(f"{alias}.{table.by_name[c.lower()].phys}" for c in table.primary.columns)
    return text + limit(node)


def delete(session: LightSession, unit: Unit) -> Count:
    """DELETE from one table, or from some tables of a join."""
    node = unit.parsed.tree
    only(node, frozenset({"this", "where", "order", "limit", "tables", "using", "with_"}))
    scope = Scope(unit)
    if node.this is None:
        raise errors.syntax("", 1)
    using = node.args.get("using")
    if using:
        start, *more = [sources.joined(scope, n, []) for n in using]
        start = " CROSS JOIN ".join([start, *more])
        targets = [node.this]
    else:
        start = sources.joined(scope, node.this, [])
        targets = node.args.get("tables") or []
    if not targets:
        return _delete_from(session, scope, node, start)
    chosen = [_chosen(scope, t) for t in targets]
    picked = ",".join(f"{s.alias}.rowid" for s in chosen)
    where = node.args.get("where")
    scope.clause = "where clause"
    test = f" WHERE {truth(scope, scope.compile(where.this))}" if where is not None else ""
    found = session.connection.execute(f"SELECT {picked} FROM {start}{test}").fetchall()
    count = 0
    for i, source in enumerate(chosen):
        rows = Rows(session, unit.catalog.tables[source.table or ""])
        for rowid in {row[i] for row in found if row[i] is not None}:
            rows.delete(rowid)
            count += 1
    return Count(count)


def _chosen(scope: Scope, target: exp.Expression) -> sources.Source:
    for source in scope.sources:
        if source.name == target.name and source.table is not None:
            return source
    raise SQLError(1109, "42S02", f"Unknown table '{target.name}' in MULTI DELETE")


def _delete_from(session: LightSession, scope: Scope, node: exp.Expression, start: str) -> Count:
    source = scope.sources[0]
    if source.table is None or len(scope.sources) > 1:
        raise errors.not_updatable(source.name, "DELETE")
    table = scope.unit.catalog.tables[source.table]
    tail = _tail(scope, node, table, source.alias)
    found = session.connection.execute(f"SELECT {source.alias}.rowid FROM {start}{tail}").fetchall()
    rows = Rows(session, table)
    for (rowid,) in found:
        rows.delete(rowid)
    return Count(len(found))


VERBS: dict[type[exp.Expression], Callable[[LightSession, Unit], Count]] = {
    exp.Insert: insert,
    exp.Update: update,
    exp.Delete: delete,
}
