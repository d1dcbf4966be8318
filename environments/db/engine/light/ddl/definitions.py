"""Definitions of tables and columns: from what a statement says into the catalog."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..catalog import strict_mode
from ..catalog.catalog import NOW, Catalog, Column, Key, Table, domain
from ..parsing.definitions import CheckDefinition, ColumnDefinition, ForeignKeyDefinition, KeyDefinition, TableElement
from ..values import conversions, errors
from ..values import types as ty
from ..values.types import Type
from . import rules
from .keys import add_foreign_key, add_key, add_key_definition
from .limits import require_column_name, require_comment, require_size

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# InnoDB's limit.
_MAX_COLUMNS = 1017


def column_definition(node: ColumnDefinition, phys: str) -> tuple[Column, list[Key]]:
    """A column, with the key that its own words ask for."""
    require_column_name(node.name)
    require_size(node.name, node.type, binary=node.binary)
    require_comment(node.name, node.comment)
    column = Column(
        node.name, phys, domain(node.type.text).decl, node.nullable, None, node.auto_increment, binary=node.binary,
        comment=node.comment, on_update=node.on_update is not None, check=node.check, generated=node.generated,
        lasting=node.lasting,
    )  # fmt: skip
    if column.on_update and column.domain.base not in ("datetime", "timestamp"):
        raise SQLError(1294, "HY000", f"Invalid ON UPDATE clause for '{node.name}' column")
    if node.default is not None:
        column = _with_default(column, node.default)
    if column.auto_increment and column.type.kind not in (ty.INT, ty.DBL):
        raise SQLError(1063, "42000", f"Incorrect column specifier for column '{node.name}'")
    if column.domain.base == "timestamp" and column.default is None and not column.nullable:
        raise Unsupported("TIMESTAMP NOT NULL without a DEFAULT", "DATETIME, or DEFAULT CURRENT_TIMESTAMP")
    if column.default is not None and column.default != NOW:
        check_default(column)
    names = {"PRIMARY": "PRIMARY", "UNIQUE": ""}
    return column, [Key(names[node.key], (column.name,), True)] if node.key else []


def _with_default(column: Column, node: exp.Expression) -> Column:
    nothing = isinstance(node, exp.Null)
    if nothing and column.auto_increment:
        return column
    if column.auto_increment or (nothing and not column.nullable):
        raise errors.invalid_default(column.name)
    return replace(column, default=default_text(node, column))


def check_default(column: Column) -> None:
    """Raise 1067 where the column cannot hold its default."""
    try:
        strict_mode.store_python(column.default, replace(column, nullable=True), column.name, 1)
    except SQLError as e:
        if isinstance(e, Unsupported):
            raise
        raise errors.invalid_default(column.name) from e


def default_text(node: exp.Expression, column: Column) -> str | None:
    """A DEFAULT as text: literals and the current time only."""
    if isinstance(node, exp.Null):
        return None
    sign = ""
    if isinstance(node, exp.Neg):
        sign, node = "-", node.this
    if isinstance(node, exp.Literal):
        text = sign + str(node.this)
        if column.type.kind == ty.DEC:
            if not _NUMBER.fullmatch(text.strip()):
                raise errors.invalid_default(column.name)
            number = conversions.parse_scaled(text, column.type.scale)[0]
            return f"{ty.exact(number, column.type.scale):f}"
        if column.type.kind in ty.TEXTUAL and not node.args["is_string"]:
            return _number_text(text)
        return (strict_mode.same_member(text, column) if column.type.kind == ty.ENUM else None) or _as_shown(
            text, column.type
        )
    if isinstance(node, exp.Boolean):
        return "1" if node.this else "0"
    if isinstance(node, exp.CurrentTimestamp):
        if column.domain.base not in ("datetime", "timestamp"):
            raise Unsupported("DEFAULT CURRENT_TIMESTAMP here", "a DATETIME column")
        return NOW
    raise Unsupported("a computed DEFAULT", "a literal")


def _number_text(text: str) -> str:
    """A number that is the default of a text: a double in its shortest form, an exact one with all its digits."""
    if "e" in text.lower():
        return conversions.double_text(float(text))
    return f"{Decimal(text):f}"


def _as_shown(text: str, kind: Type) -> str:
    """A default as MariaDB writes it: numbers in their shortest form, dates and times in full."""
    if kind.kind == ty.INT and conversions.number(text)[1]:
        return str(conversions.parse_scaled(text, 0)[0])
    if kind.kind == ty.DBL and conversions.number(text)[1]:
        value = conversions.number(text)[0]
        return conversions.double_text(float(f"{value:.6g}") if kind.single else value)
    if kind.kind == ty.TIME:
        micros = conversions.clock(text)
        return text if micros is None else conversions.clock_text(micros, kind.scale)
    when = conversions.moment(text) if kind.kind in (ty.DATE, ty.DATETIME) else None
    if when is None:
        return text
    return when.date().isoformat() if kind.kind == ty.DATE else conversions.moment_text(when, kind.scale)


def table_definition(name: str, elements: Sequence[TableElement], serial: int, catalog: Catalog) -> Table:
    """The table that CREATE TABLE name (…) defines; `serial` numbers its made-up names. Raises 1060, 1075, 1117."""
    if len(elements) > _MAX_COLUMNS:
        raise SQLError(1117, "HY000", "Too many columns")
    columns: dict[str, Column] = {}
    keys: list[Key] = []
    for i, element in enumerate(elements):
        if not isinstance(element, ColumnDefinition):
            continue
        column, column_keys = column_definition(element, f"c{serial + 1 + i}")
        if column.name.lower() in columns:
            raise errors.duplicate_column(column.name)
        columns[column.name.lower()] = column
        keys.extend(column_keys)
    if not columns:
        raise SQLError(1113, "42000", "A table must have at least 1 column")
    table = Table(name, f"t{serial}", tuple(columns.values()))
    for key in keys:
        table = add_key(table, key.name, key.columns, unique=True)
    for element in elements:
        if isinstance(element, KeyDefinition):
            table = add_key_definition(table, element)
        elif isinstance(element, ForeignKeyDefinition):
            table = add_foreign_key(table, element, catalog)
        elif isinstance(element, CheckDefinition):
            table = rules.add_check(table, element, rules.reserved_names(elements))
    require_one_counter(table)
    return table


def require_one_counter(table: Table) -> None:
    """Raise 1075 where AUTO_INCREMENT columns are several, or no key begins with theirs."""
    counters = [c for c in table.columns if c.auto_increment]
    keyed = {k.columns[0].lower() for k in table.keys}
    if len(counters) > 1 or (counters and counters[0].name.lower() not in keyed):
        raise SQLError(
            1075,
            "42000",
            "Incorrect table definition; there can be only one auto column and it must be defined as a key",
        )


def copy_definition(source: Table, name: str, serial: int) -> Table:
    """CREATE TABLE … LIKE: columns and keys, no rows and no foreign keys."""
    columns = tuple(replace(c, phys=f"c{serial + 1 + i}") for i, c in enumerate(source.columns))
    return Table(
        name, f"t{serial}", columns, source.keys, comment=source.comment, checks=source.checks, narrow=source.narrow
    )
