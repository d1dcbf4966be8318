"""RENAME TABLE: a change of the catalog alone."""

from __future__ import annotations

from dataclasses import replace

from ...session import Result, Unsupported
from ..database import Database
from ..parsing.definitions import RenameTables
from ..values import errors
from . import references
from .limits import require_new_name
from .names import own_name


def rename_tables(database: Database, definition: RenameTables) -> Result:
    """Run RENAME TABLE: all pairs, from left to right."""
    for old, new in definition.pairs:
        names = own_name(database, old, "ALTER"), own_name(database, new, "CREATE")
        if names[0] == names[1] and names[0] in database.catalog.tables:
            raise errors.table_exists(names[1])
        rename_table(database, *names)
    return Result((), [])


def rename_table(database: Database, old: str, new: str) -> None:
    """Give a table another name; the data stays where it is."""
    require_new_name(new)
    if new == old:
        return
    if database.find_view(old) is not None:
        raise Unsupported("renaming a view", "DROP VIEW and CREATE VIEW")
    table = database.base_table(old)
    if new in database.catalog.tables or new in database.catalog.views:
        raise errors.table_exists(new)
    if database.catalog.views:
        raise Unsupported("renaming a table while views exist", "DROP VIEW first")
    database.catalog = references.renamed(database.catalog.put(replace(table, name=new), instead_of=old), old, new)
    database.transaction = []
