"""Descriptions of columns in SHOW COLUMNS and information_schema: key, default and extra."""

from __future__ import annotations

from ..values import types as ty
from .catalog import Column, Table


def default_text(column: Column) -> str | None:
    """COLUMN_DEFAULT as MariaDB writes it: an expression, so texts are quoted and a NULL default is the word NULL."""
    if column.default is None:
        return "NULL" if column.nullable else None
    if column.default == "CURRENT_TIMESTAMP":
        return column.clock
    return column.default if column.type.kind in ty.NUMERIC else "'" + column.default.replace("'", "''") + "'"


def key_mark(owner: Table, column: Column) -> str:
    """Key of SHOW COLUMNS: PRI, UNI, MUL or the empty text."""
    name = column.name.lower()
    best = ""
    if owner.primary is None:
        # The first unique key without NULLs stands in for a primary key.
        plain = (k for k in owner.keys if k.unique and not any(owner.by_name[c.lower()].nullable for c in k.columns))
        stand_in = next(plain, None)
        if stand_in is not None and name in (c.lower() for c in stand_in.columns):
            return "PRI"
    for key in owner.keys:
        members = [c.lower() for c in key.columns]
        if key.name == "PRIMARY" and name in members:
            return "PRI"
        if members[0] == name:
            if key.unique and len(members) == 1:
                best = "UNI"
            best = best or "MUL"
    return best


def extra(column: Column) -> str:
    """Extra of SHOW COLUMNS: `auto_increment`, `on update …`, `STORED GENERATED` and its like, or the empty text."""
    if column.generated:
        return f"{'STORED' if column.lasting else 'VIRTUAL'} GENERATED"
    if column.auto_increment:
        return "auto_increment"
    return f"on update {column.clock}" if column.on_update else ""
