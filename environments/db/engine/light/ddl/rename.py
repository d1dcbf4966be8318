"""RENAME TABLE: a change of the catalog alone."""

from __future__ import annotations

import re
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


def require_unseen(database: Database, *names: str) -> None:
    """Refuse to rename a table that the text of a view may name: the view would be invalid, or show another table."""
    seen = {name.lower() for name in names}
    for view in database.catalog.views.values():
        if seen & set(re.findall(r"\w+", view.sql.lower())) or not all(re.fullmatch(r"\w+", n) for n in seen):
            raise Unsupported("renaming a table that a view names", "DROP VIEW first")


def rename_table(database: Database, old: str, new: str) -> None:
    """Give a table another name; the data stays where it is."""
    require_new_name(new)
    if new == old:
        return
    if database.find_view(old) is not None:
        raise Unsupported("renaming a view", "DROP VIEW and CREATE VIEW")
    table = database.base_table(old)
    other = database.catalog.tables.get(new)
    if other is not None and other.temporary != table.temporary:
        raise Unsupported("a table and a temporary one of the same name", "another name")
    if new in database.catalog.tables or new in database.catalog.views:
        raise errors.table_exists(new)
    require_unseen(database, old, new)
    database.catalog = references.renamed(database.catalog.put(replace(table, name=new), instead_of=old), old, new)
    database.transaction = []
