"""RENAME TABLE: a change of the catalog alone."""

from __future__ import annotations

from dataclasses import replace

from ...session import Unsupported
from ..database import Database
from ..values import errors
from .limits import require_new_name


def rename_table(database: Database, old: str, new: str) -> None:
    """RENAME TABLE: the data stays where it is."""
    require_new_name(new)
    table = database.base_table(old)
    if new in database.catalog.tables or new in database.catalog.views:
        raise errors.table_exists(new)
    if database.catalog.views:
        raise Unsupported("renaming a table while views exist", "DROP VIEW first")
    if any(f.table == old or other.name == old for other in database.catalog.tables.values() for f in other.foreign):
        raise Unsupported("renaming a table with foreign keys")
    database.catalog = database.catalog.put(replace(table, name=new), instead_of=old)
    database.transaction = []
