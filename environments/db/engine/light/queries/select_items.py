"""The select list: its stars written out, and the name of each column."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from ..expressions.expr import Expr
from ..expressions.scope import Scope
from ..values import errors

_LONGEST_NAME = 255  # bytes


@dataclass(frozen=True, slots=True)
class Item:
    """A column of the select list: its name, and its node or the table's column that a star stands for."""

    name: str
    node: exp.Expression | None
    column: Expr | None = None
    aliased: bool = False


def expand_stars(scope: Scope, node: exp.Expression) -> list[Item]:
    """The columns of a SELECT, with those that its stars stand for. Raises 1051 and 1096."""
    items: list[Item] = []
    for n in node.expressions:
        if isinstance(n, exp.Star):
            items.extend(Item(e.column or "", None, e) for e in _star(scope, None))
        elif isinstance(n, exp.Column) and isinstance(n.this, exp.Star):
            items.extend(Item(e.column or "", None, e) for e in _star(scope, n.args["table"].name))
        elif isinstance(n, exp.Alias):
            items.append(Item(n.alias.lstrip(" "), n.this, None, True))
        else:
            items.append(Item(_item_name(n), n))
    return items


def _star(scope: Scope, table: str | None) -> list[Expr]:
    names = scope.names
    if table is not None:
        source = names.table(table, fold=scope.unit.fold_names)
        if source is None:
            raise errors.SQLError(1051, "42S02", f"Unknown table '{table}'")
        return [source.column(i) for i in range(len(source.columns))]
    if not names.sources:
        raise errors.SQLError(1096, "HY000", "No tables used")
    return names.all()


def _item_name(node: exp.Expression) -> str:
    """The name of a column without an alias: the column's own, even in parentheses, or the text as written."""
    bare = node
    while isinstance(bare, exp.Paren):
        bare = bare.this
    if isinstance(bare, exp.Column):
        return bare.name
    text = _literal_name(node, bare)
    if text is None:
        text = node.meta["text"]
    # Column names are utf8mb3: what lies beyond is shown as a question mark.
    shown = "".join(c if c <= "\uffff" else "?" for c in text)
    return shown.encode()[:_LONGEST_NAME].decode(errors="ignore")


def _literal_name(node: exp.Expression, bare: exp.Expression) -> str | None:
    """A literal's column name is its value, even in parentheses, behind a plus or put together from neighbours."""
    if isinstance(bare, exp.Literal):
        text = str(bare.this).lstrip()
        return text.replace("\0", "\\x00") if len(text) > 1 else text.strip("\0")
    if isinstance(node, exp.Boolean | exp.Null):
        return "NULL" if isinstance(node, exp.Null) else "TRUE" if node.this else "FALSE"
    if isinstance(node, exp.Concat) and all(isinstance(n, exp.Literal) for n in node.expressions):
        return "".join(str(n.this) for n in node.expressions).lstrip()
    return None
