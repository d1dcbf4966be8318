"""Primary, unique, plain and foreign keys of a table under definition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..values import errors
from .catalog import Catalog, ForeignKey, Key, Table, key_name

_ACTIONS = {"CASCADE": "CASCADE", "SET NULL": "SET NULL", "RESTRICT": "RESTRICT", "NO ACTION": "NO ACTION"}


def constraint(made: Table, node: exp.Expression, catalog: Catalog | None) -> Table:
    """PRIMARY KEY, UNIQUE, INDEX and FOREIGN KEY lines."""
    name = ""
    if isinstance(node, exp.Constraint):
        name, node = node.name, node.expressions[0]
    if isinstance(node, exp.PrimaryKey):
        return add_key(made, "PRIMARY", key_columns(node.expressions), unique=True)
    if isinstance(node, exp.UniqueColumnConstraint):
        named = node.this.this
        return add_key(made, named.name if named is not None else name, key_columns(node.this.expressions), unique=True)
    if isinstance(node, exp.IndexColumnConstraint):
        if node.args.get("kind") or node.args.get("index_type") or node.args.get("options"):
            raise Unsupported("this kind of index", "INDEX (columns)")
        return add_key(made, node.name if node.this is not None else "", key_columns(node.expressions), unique=False)
    if isinstance(node, exp.ForeignKey) and catalog is not None:
        return _foreign(made, name, node, catalog)
    raise Unsupported(f"{type(node).__name__.removesuffix('ColumnConstraint')} in a table definition")


def key_columns(nodes: Sequence[exp.Expression]) -> tuple[str, ...]:
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


def add_key(made: Table, name: str, columns: tuple[str, ...], *, unique: bool) -> Table:
    """The table with one more key. Raises 1061, 1068 and 1072."""
    if name == "PRIMARY" and made.primary is not None:
        raise errors.multiple_primary()
    for c in columns:
        if c.lower() not in made.by_name:
            raise errors.key_column(c)
        if made.by_name[c.lower()].domain.base in ("text", "blob", "longtext", "mediumtext", "longblob", "mediumblob"):
            raise SQLError(1170, "42000", f"BLOB/TEXT column '{c}' used in key specification without a key length")
    if name and any(k.name.lower() == name.lower() for k in made.keys):
        raise errors.duplicate_key_name(name)
    full = tuple(made.by_name[c.lower()].name for c in columns)
    key = Key(name or key_name(full[0], list(made.keys)), full, unique)
    definition = made.columns
    if name == "PRIMARY":
        definition = tuple(replace(c, nullable=False) if c.name in full else c for c in made.columns)
    return Table(made.name, made.phys, definition, (*made.keys, key), made.foreign)


def drop_key(made: Table, name: str) -> Table:
    if not any(k.name.lower() == name.lower() for k in made.keys):
        raise errors.cannot_drop("INDEX", name)
    return Table(
        made.name, made.phys, made.columns, tuple(k for k in made.keys if k.name.lower() != name.lower()), made.foreign
    )


def _foreign(made: Table, name: str, node: exp.ForeignKey, catalog: Catalog) -> Table:
    target = node.args["reference"].this
    parent_name = target.this.name
    parent = made if parent_name == made.name else catalog.tables.get(parent_name)
    columns = tuple(c.name for c in node.expressions)
    theirs = tuple(c.name for c in target.expressions)
    for c in columns:
        if c.lower() not in made.by_name:
            raise errors.key_column(c)
    unmade = SQLError(
        1005, "HY000", f'Can\'t create table `{made.name}` (errno: 150 "Foreign key constraint is incorrectly formed")'
    )
    if parent is None or any(c.lower() not in parent.by_name for c in theirs):
        raise unmade
    wanted = [c.lower() for c in theirs]
    if not any(k.unique and [c.lower() for c in k.columns] == wanted for k in parent.keys):
        if any([c.lower() for c in k.columns[: len(wanted)]] == wanted for k in parent.keys):
            raise Unsupported("a foreign key to columns that are not unique")
        raise unmade
    if any(
        made.by_name[a.lower()].domain.base != parent.by_name[b.lower()].domain.base
        for a, b in zip(columns, theirs, strict=True)
    ):
        raise unmade
    rules = {"DELETE": "RESTRICT", "UPDATE": "RESTRICT"}
    for option in node.args["reference"].args.get("options") or ():
        for event in rules:
            if str(option).startswith(f"ON {event} "):
                rules[event] = _ACTIONS[str(option)[len(event) + 4 :]]
    number = len(made.foreign) + 1
    full = tuple(made.by_name[c.lower()].name for c in columns)
    key = ForeignKey(
        name or f"{made.name}_ibfk_{number}",
        full,
        parent.name,
        tuple(parent.by_name[c].name for c in wanted),
        rules["DELETE"],
        rules["UPDATE"],
    )
    if not any(k.columns[: len(full)] == full for k in made.keys):
        made = add_key(made, name or "", full, unique=False)
    return Table(made.name, made.phys, made.columns, made.keys, (*made.foreign, key))
