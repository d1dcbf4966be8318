"""Writes through a view of one table: the statement becomes one of the table, with the view's condition.

Such a view shows columns of its table under their own names, and has no more than a WHERE. Writes through any other are
refused.
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from ...session import Unsupported
from ..catalog.catalog import Table, View
from ..expressions.scope import Unit
from ..parsing.parse import parse_query
from ..queries.from_clause import lookup

_PLAIN = frozenset({"expressions", "from_", "where"})


def through_views(unit: Unit) -> Unit:
    """The compilation of a write with its view resolved; the same where it names none."""
    tree = unit.statement.tree
    node = _named(tree)
    if node is None or not unit.catalog.views or node.args.get("db") is not None:
        return unit
    name = node.name if node.name in unit.catalog.views or unit.fold_names else ""
    view = unit.catalog.views.get(lookup(unit, name)) if name else None
    if view is None:
        return unit
    table, test = _simple(unit, view)
    tree = tree.copy()
    if isinstance(tree, exp.Insert):
        _insert(tree, view, table)
    else:
        _change(tree, view, table, test)
    return replace(unit, statement=replace(unit.statement, tree=tree))


def _named(tree: exp.Expression) -> exp.Table | None:
    """The one table or view that a write names."""
    node = tree.this
    if isinstance(node, exp.Schema):
        node = node.this
    if isinstance(node, exp.From):
        node = node.expressions[0] if len(node.expressions) == 1 else None
    return node if isinstance(node, exp.Table) else None


def _simple(unit: Unit, view: View) -> tuple[Table, exp.Expression | None]:
    """The table that a view shows, and its condition. Refuses a view that could not be written as its table."""
    tree = parse_query(view.sql, unit.calls)
    start = tree.args.get("from_")
    source = start.expressions[0] if start is not None and len(start.expressions) == 1 else None
    table = unit.catalog.tables.get(source.name) if isinstance(source, exp.Table) else None
    parts = {part for part, value in tree.args.items() if value}
    if not isinstance(tree, exp.Select) or table is None or not parts <= _PLAIN:
        raise _refusal()
    items = tree.expressions
    names = [c.name for c in table.columns] if len(items) == 1 and isinstance(items[0], exp.Star) else [
        item.name if isinstance(item, exp.Column) and not isinstance(item.this, exp.Star) else "" for item in items
    ]  # fmt: skip
    columns = [c.lower() for c in view.columns]
    test = tree.args["where"].this if tree.args.get("where") is not None else None
    if (
        [n.lower() for n in names] != columns
        or len(set(columns)) < len(columns)
        or not set(columns) <= set(table.by_name)
    ):
        raise _refusal()
    if test is not None and test.find(exp.Query, exp.AggFunc, exp.Window):
        raise _refusal()
    for column in test.find_all(exp.Column) if test is not None else ():
        column.set("table", None)
        column.set("db", None)
    return table, test


def _refusal() -> Unsupported:
    return Unsupported("writing through a view that is more than columns of one table", "the table itself")


def _insert(tree: exp.Insert, view: View, table: Table) -> None:
    """INSERT: the columns that the view has not take their defaults."""
    into = tree.this
    names = [n.name for n in into.expressions] if isinstance(into, exp.Schema) else []
    shown = {c.lower() for c in view.columns}
    for column in table.columns:
        if (
            column.name.lower() not in shown
            and column.default is None
            and not (column.nullable or column.auto_increment)
        ):
            raise Unsupported("an INSERT through a view without a column that has no default", "the table itself")
    if tree.args.get("conflict") or not {n.lower() for n in names} <= shown:
        raise _refusal()
    columns = [exp.Identifier(this=n, quoted=True) for n in names or view.columns]
    tree.set("this", exp.Schema(this=_table(table), expressions=columns))


def _change(tree: exp.Expression, view: View, table: Table, test: exp.Expression | None) -> None:
    """UPDATE and DELETE: the rows that the view shows."""
    shown, node = {c.lower() for c in view.columns}, _named(tree)
    assert node is not None
    alias = node.args.get("alias")
    if tree.args.get("tables") or tree.find(exp.Query):
        raise _refusal()
    called = alias.name if alias is not None else node.name
    for column in tree.find_all(exp.Column):
        if column.name.lower() not in shown or column.text("table") not in ("", called):
            raise _refusal()
        column.set("table", None)
        column.set("db", None)
    node.replace(_table(table))
    where = tree.args.get("where")
    if test is not None:
        both = exp.And(this=exp.Paren(this=test), expression=exp.Paren(this=where.this)) if where is not None else test
        tree.set("where", exp.Where(this=both))


def _table(table: Table) -> exp.Table:
    return exp.Table(this=exp.Identifier(this=table.name, quoted=True))
