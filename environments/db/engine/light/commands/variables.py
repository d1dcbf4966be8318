"""User variables: what they hold, and SELECT … INTO @name."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ...session import Result, SQLError, Unsupported
from ..database import Database
from ..values import errors

_PARTS = ("group", "having", "order", "limit", "distinct", "windows", "with_", "operation_modifiers")


def kept(value: object) -> int | float | str | None:
    """A value as a variable keeps it. Refuses the types whose digits or bytes it would lose."""
    if value is not None and not isinstance(value, int | float | str):
        raise Unsupported("a user variable of this type", "CAST(... AS CHAR) or AS SIGNED")
    return value


def take_assignments(tree: exp.Expression) -> dict[int, str]:
    """The columns of a SELECT that are `@name := …`, with the names; their nodes become what is assigned.

    Refused where another part of the statement reads the variable, or where the rows have an order or groups: which row is
    the last is the server's then.
    """
    assigned: dict[int, str] = {}
    if not isinstance(tree, exp.Select):
        return assigned
    for n, item in enumerate(tree.expressions):
        node = item.this if isinstance(item, exp.Alias) else item
        if isinstance(node, exp.PropertyEQ):
            assigned[n] = node.this.name.lower()
            node.expression.meta.update(node.meta)
            node.replace(node.expression)
    if not assigned:
        return assigned
    read = {p.name.lower() for p in tree.find_all(exp.Parameter)}
    if read & set(assigned.values()) or any(tree.args.get(part) for part in _PARTS):
        raise Unsupported(":= in such a SELECT", "SET @name = value")
    return assigned


def assign_shown(database: Database, assigned: dict[int, str], answer: Result) -> Result:
    """Give the variables what their columns show, in the one row that there may be."""
    if answer.truncated or len(answer.rows) > 1:
        raise Unsupported(":= over several rows", "ROW_NUMBER() OVER (ORDER BY ...)")
    for row in answer.rows:
        database.variables.update({name: kept(row[n]) for n, name in assigned.items()})
    return answer


def take_row_count(tree: exp.Expression) -> exp.Expression | None:
    """Take SQL_CALC_FOUND_ROWS out of a SELECT: the query without its LIMIT, or None where the word is not there."""
    words = tree.args.get("operation_modifiers") or [] if isinstance(tree, exp.Select) else []
    others = [word for word in words if word.name != "SQL_CALC_FOUND_ROWS"]
    if len(others) == len(words):
        return None
    tree.set("operation_modifiers", others)
    whole = tree.copy()
    for part in ("limit", "offset", "order"):
        whole.set(part, None)
    return whole


def assign(database: Database, names: Sequence[str], answer: Result) -> Result:
    """SELECT … INTO @name, …, of a query's first rows; without a row nothing changes. Raises 1172 and 1222."""
    if len(names) != len(answer.columns):
        raise errors.select_counts()
    if answer.truncated or len(answer.rows) > 1:
        raise SQLError(1172, "42000", "Result consisted of more than one row")
    for row in answer.rows:
        database.variables.update({name.lower(): kept(value) for name, value in zip(names, row, strict=True)})
    database.info.row_count, database.info.found_rows = len(answer.rows), len(answer.rows)
    return Result((), [], len(answer.rows))
