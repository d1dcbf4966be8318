"""Primary, unique, plain and foreign keys of a table under definition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..catalog.catalog import Catalog, ForeignKey, Key, Table, key_name
from ..values import errors
from .limits import require_short

_ACTIONS = {"CASCADE": "CASCADE", "SET NULL": "SET NULL", "RESTRICT": "RESTRICT", "NO ACTION": "NO ACTION"}


def add_constraint(table: Table, node: exp.Expression, catalog: Catalog | None) -> Table:
    """The table with the key of a PRIMARY KEY, UNIQUE, INDEX or FOREIGN KEY line.

    `catalog` holds the parents of foreign keys; without it a foreign key is refused.
    """
    name = ""
    if isinstance(node, exp.Constraint):
        name, node = node.name, node.expressions[0]
    if isinstance(node, exp.PrimaryKey):
        return add_key(table, "PRIMARY", key_columns(node.expressions), unique=True)
    if isinstance(node, exp.UniqueColumnConstraint):
        if not isinstance(node.this, exp.Schema):  # sqlglot takes a key without columns
            raise errors.syntax("", 1)
        identifier = node.this.this
        unique_name = identifier.name if identifier is not None else name
        return add_key(table, unique_name, key_columns(node.this.expressions), unique=True)
    if isinstance(node, exp.IndexColumnConstraint):
        if node.args.get("kind") or node.args.get("index_type") or node.args.get("options"):
            raise Unsupported("this kind of index", "INDEX (columns)")
        return add_key(table, node.name if node.this is not None else "", key_columns(node.expressions), unique=False)
    if isinstance(node, exp.ForeignKey) and catalog is not None:
        return _foreign(table, name, node, catalog)
    raise Unsupported(f"{type(node).__name__.removesuffix('ColumnConstraint')} in a table definition")


def key_columns(nodes: Sequence[exp.Expression]) -> tuple[str, ...]:
    """The names of a key's columns, as written. Raises 1064 where there is none."""
    if not nodes:
        raise errors.syntax(")", 1)
    names = []
    for node in nodes:
        if isinstance(node, exp.Ordered):
            if node.args.get("desc"):
                raise Unsupported("a descending key")
            node = node.this
        if isinstance(node, exp.ColumnPrefix | exp.Anonymous):
            raise Unsupported("a key over a column's prefix", "the whole column")
        names.append(node.name)
    return tuple(names)


def add_key(table: Table, name: str, columns: tuple[str, ...], *, unique: bool) -> Table:
    """The table with one more key. Raises 1061, 1068 and 1072."""
    require_short(name)
    if name == "PRIMARY" and table.primary is not None:
        raise errors.multiple_primary()
    for c in columns:
        if c.lower() not in table.by_name:
            raise errors.key_column(c)
        if table.by_name[c.lower()].domain.base in ("text", "blob", "longtext", "mediumtext", "longblob", "mediumblob"):
            raise SQLError(1170, "42000", f"BLOB/TEXT column '{c}' used in key specification without a key length")
    if name and any(k.name.lower() == name.lower() for k in table.keys):
        raise errors.duplicate_key_name(name)
    full = tuple(table.by_name[c.lower()].name for c in columns)
    key = Key(name or key_name(full[0], list(table.keys)), full, unique)
    definition = table.columns
    if name == "PRIMARY":
        definition = tuple(replace(c, nullable=False) if c.name in full else c for c in table.columns)
    return Table(table.name, table.phys, definition, (*table.keys, key), table.foreign)


def drop_key(table: Table, name: str) -> Table:
    """The table without a key. Raises 1091."""
    if not any(k.name.lower() == name.lower() for k in table.keys):
        raise errors.cannot_drop("INDEX", name)
    return Table(
        table.name,
        table.phys,
        table.columns,
        tuple(k for k in table.keys if k.name.lower() != name.lower()),
        table.foreign,
    )


def _foreign(table: Table, name: str, node: exp.ForeignKey, catalog: Catalog) -> Table:
    target = node.args["reference"].this
    parent_name = target.this.name
    parent = table if parent_name == table.name else catalog.tables.get(parent_name)
    columns = tuple(c.name for c in node.expressions)
    parent_columns = tuple(c.name for c in target.expressions)
    for c in columns:
        if c.lower() not in table.by_name:
            raise errors.key_column(c)
    malformed = SQLError(
        1005, "HY000", f'Can\'t create table `{table.name}` (errno: 150 "Foreign key constraint is incorrectly formed")'
    )
    if parent is None or any(c.lower() not in parent.by_name for c in parent_columns):
        raise malformed
    references = [c.lower() for c in parent_columns]
    if not any(k.unique and [c.lower() for c in k.columns] == references for k in parent.keys):
        if any([c.lower() for c in k.columns[: len(references)]] == references for k in parent.keys):
            raise Unsupported("a foreign key to columns that are not unique")
        raise malformed
    if any(
        table.by_name[a.lower()].domain.base != parent.by_name[b.lower()].domain.base
        for a, b in zip(columns, parent_columns, strict=True)
    ):
        raise malformed
    rules = {"DELETE": "RESTRICT", "UPDATE": "RESTRICT"}
    for option in node.args["reference"].args.get("options") or ():
        words = str(option).upper()
        for event in rules:
            if words.startswith(f"ON {event} "):
                rules[event] = _ACTIONS[words[len(event) + 4 :]]
    number = len(table.foreign) + 1
    full = tuple(table.by_name[c.lower()].name for c in columns)
    key = ForeignKey(
        name or f"{table.name}_ibfk_{number}",
        full,
        parent.name,
        tuple(parent.by_name[c].name for c in references),
        rules["DELETE"],
        rules["UPDATE"],
    )
    if not any(k.columns[: len(full)] == full for k in table.keys):
        table = add_key(table, name or "", full, unique=False)
    return Table(table.name, table.phys, table.columns, table.keys, (*table.foreign, key))
