"""The table that a write names, the rows of it that WHERE, ORDER BY and LIMIT select, and the count of those written."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..catalog.catalog import Table
from ..expressions import aggregates
from ..expressions.clauses import Clause
from ..expressions.coercion import truth
from ..expressions.scope import Scope, Unit
from ..queries import from_clause
from ..queries.order_limit import is_position, limit
from ..values import errors


@dataclass(frozen=True, slots=True)
class Count:
    """The effect of a write: rows as MySQL counts them, and the id that PyMySQL would show."""

    affected: int
    last_id: int | None = None


def target_table(unit: Unit, node: exp.Expression) -> Table:
    """The base table that an INSERT names. Raises 1142 and 1146; a view is refused."""
    schema = node.args.get("db")
    if schema is not None and schema.name != unit.database:
        raise SQLError(
            1142, "42000", f"command denied to user 'root'@'localhost' for table `{schema.name}`.`{node.name}`"
        )
    name = from_clause.lookup(unit, node.name)
    return unit.catalog.tables[name]


def not_updatable(unit: Unit, name: str, node: exp.Expression, verb: str) -> SQLError:
    """The error of a target that is no base table: 1288, or this engine's refusal where it may be a view's table."""
    if any(table.name in unit.catalog.views for table in node.find_all(exp.Table)):
        return Unsupported("writing through a view", "the table itself")
    return errors.not_updatable(name, verb)


def require_unread(node: exp.Expression, name: str, shown: str) -> None:
    """Raise 1093 where a subquery of a multiple-table DELETE reads the table `name`, which it deletes from."""
    for select in node.find_all(exp.Select):
        start = select.args.get("from_")
        if start is not None and name in _direct_tables(start) and not _is_derived(select):
            raise SQLError(
                1093, "HY000",
                f"Table '{shown}' is specified twice, both as a target for 'DELETE' and as a separate source for data",
            )  # fmt: skip


def _direct_tables(node: exp.Expression) -> list[str]:
    """The tables that a FROM names itself, those of derived tables left out."""
    if isinstance(node, exp.Table):
        return [node.name]
    parts = [node.args.get("left"), node.this] if isinstance(node, exp.Join) else node.iter_expressions()
    if isinstance(node, exp.Join | exp.From | exp.Paren):
        return [name for part in parts if part is not None for name in _direct_tables(part)]
    return []


def _is_derived(select: exp.Expression) -> bool:
    """Whether a query stands in FROM, where its rows are put aside first."""
    node: exp.Expression | None = select
    while isinstance(node, exp.Query):
        node = node.parent
    return isinstance(node, exp.From | exp.Join)


def _require_no_positions(order: exp.Expression) -> None:
    """Raise 1054 for the number of a column, which a write has not."""
    for term in order.expressions:
        if is_position(term.this):
            raise errors.unknown_column(term.this.name, Clause.ROW_ORDER.words)


def row_selection(scope: Scope, node: exp.Expression, table: Table, alias: str) -> str:
    """WHERE, ORDER BY and LIMIT of UPDATE and DELETE; without an order, the primary key's, in which InnoDB goes."""
    text = ""
    where = node.args.get("where")
    if where is not None:
        with scope.at(Clause.WHERE):
            text = f" WHERE {truth(scope, scope.compile(where.this))}"
    order = node.args.get("order")
    if order is not None:
        with scope.at(Clause.ROW_ORDER):
            _require_no_positions(order)
            text += " ORDER BY " + ",".join(aggregates.order_term(scope, term) for term in order.expressions)
    elif table.primary is not None:
        text += " ORDER BY " + ",".join(f"{alias}.{table.by_name[c.lower()].phys}" for c in table.primary.columns)
    return text + limit(node)
