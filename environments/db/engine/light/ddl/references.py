"""Foreign keys while a table changes: what they need stays, and what they name is renamed with it."""

from __future__ import annotations

from dataclasses import replace

from ...session import SQLError, Unsupported
from ..catalog.catalog import Catalog, Column, ForeignKey, Table


def are_kept(old: Table, new: Table) -> bool:
    """Whether a table has the same foreign keys after a change, whatever their columns are called now."""
    return [_nameless(f, old) for f in old.foreign] == [_nameless(f, new) for f in new.foreign]


def _nameless(key: ForeignKey, table: Table) -> ForeignKey:
    columns = tuple(table.by_name[c.lower()].phys for c in key.columns if c.lower() in table.by_name)
    own = key.table == table.name
    references = (table.by_name[c.lower()].phys for c in key.references) if own else key.references
    return replace(key, columns=columns, references=tuple(references))


def follow(catalog: Catalog, database: str, old: Table, new: Table) -> Catalog:
    """The catalog in which other tables refer to `old` as it will be. Raises 1005, 1553, 1829, 1832 and 1833."""
    _require_distinct_names(catalog, database, new)
    for key in new.foreign:
        if not _serves(new, key.columns, unique=False):
            raise _needed(next((k.name for k in old.keys if k.columns[: len(key.columns)] == key.columns), key.name))
        if key in old.foreign:
            _require_kept(old, new, key.columns, 1832, f"'{key.name}'")
        if key.table == new.name and not _serves(new, key.references, unique=True):
            raise _kept_key()
    for other in catalog.tables.values():
        keys = tuple(_followed(f, database, other, old, new) if f.table == old.name else f for f in other.foreign)
        if other.name != old.name and keys != other.foreign:
            catalog = catalog.put(replace(other, foreign=keys), instead_of=other.name)
    return catalog


def _require_distinct_names(catalog: Catalog, database: str, table: Table) -> None:
    """Raise 1005 for a name that two foreign keys have."""
    names = [f.name.lower() for t in catalog.tables.values() if t.name != table.name for f in t.foreign]
    for key in table.foreign:
        if key.name.lower() in names:
            text = f'Can\'t create table `{database}`.`{table.name}` (errno: 121 "Duplicate key on write or update")'
            raise SQLError(1005, "HY000", text)
        names.append(key.name.lower())


def _needed(name: str) -> SQLError:
    return SQLError(1553, "HY000", f"Cannot drop index '{name}': needed in a foreign key constraint")


def _serves(table: Table, columns: tuple[str, ...], *, unique: bool) -> bool:
    """Whether a key begins with these columns; a unique one has no others."""
    wanted = [c.lower() for c in columns]
    for key in table.keys:
        names = [c.lower() for c in key.columns]
        if (names == wanted and key.unique) if unique else names[: len(wanted)] == wanted:
            return True
    return False


def _followed(key: ForeignKey, database: str, child: Table, old: Table, new: Table) -> ForeignKey:
    """A foreign key that refers to a table, under the names that its columns have now."""
    if child.name == old.name:
        return key
    columns = [old.by_name[c.lower()] for c in key.references]
    places = {c.phys: c.name for c in new.columns}
    for column in columns:
        if column.phys not in places:
            text = f"needed in a foreign key constraint '{key.name}' of table `{database}`.`{child.name}`"
            raise SQLError(1829, "HY000", f"Cannot drop column '{column.name}': {text}")
    names = tuple(places[c.phys] for c in columns)
    _require_kept(old, new, key.references, 1833, f"'{key.name}' of table '{database}.{child.name}'")
    if not _serves(new, names, unique=True):
        raise _kept_key()
    return replace(key, references=names)


def _kept_key() -> Unsupported:
    return Unsupported("dropping a key that a foreign key refers to", "DROP FOREIGN KEY before")


def _require_kept(old: Table, new: Table, columns: tuple[str, ...], code: int, constraint: str) -> None:
    """Raise 1832 or 1833 where a column of a foreign key would get another type."""
    after = {c.phys: c for c in new.columns}
    for name in columns:
        before = old.by_name.get(name.lower())
        column = after.get(before.phys) if before is not None else None
        if before is None or column is None or _alike(before, column):
            continue
        if column.domain.base == "varchar" or before.decl == column.decl:
            raise Unsupported("changing a column of a foreign key", "DROP FOREIGN KEY before")
        text = f"Cannot change column '{before.name}': used in a foreign key constraint {constraint}"
        raise SQLError(code, "HY000", text)


def _alike(before: Column, after: Column) -> bool:
    return (before.decl, before.nullable, before.binary) == (after.decl, after.nullable, after.binary)


def renamed(catalog: Catalog, old: str, new: str) -> Catalog:
    """The catalog in which foreign keys name a table, and are named after it, as it is called now."""
    for table in list(catalog.tables.values()):
        keys = []
        for key in table.foreign:
            named = table.name == new and key.name.startswith(f"{old}_ibfk_")
            name = new + key.name.removeprefix(old) if named else key.name
            keys.append(replace(key, name=name, table=new if key.table == old else key.table))
        if tuple(keys) != table.foreign:
            catalog = catalog.put(replace(table, foreign=tuple(keys)), instead_of=table.name)
    return catalog
