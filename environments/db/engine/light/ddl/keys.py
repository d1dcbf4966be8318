"""Primary, unique, plain and foreign keys of a table under definition."""

from __future__ import annotations

from dataclasses import replace

from ...session import SQLError, Unsupported
from ..catalog.catalog import Catalog, ForeignKey, Key, Table, key_name
from ..parsing.definitions import ForeignKeyDefinition, KeyDefinition
from ..values import errors
from .limits import require_short

_MOST_KEYS, _MOST_COLUMNS = 64, 32
_LONGEST_PREFIX = 768  # characters of four bytes that InnoDB holds in a key
_SIZED = ("char", "varchar", "binary", "varbinary")
_UNINDEXED = ("tinytext", "text", "mediumtext", "longtext", "tinyblob", "blob", "mediumblob", "longblob")


def _incorrect_name(name: str) -> SQLError:
    return SQLError(1280, "42000", f"Incorrect index name '{name}'")


def add_key_definition(table: Table, definition: KeyDefinition) -> Table:
    """The table with the key of a PRIMARY KEY, UNIQUE or INDEX line. Raises 1069 and 1280."""
    if definition.kind != "PRIMARY" and definition.name.upper() == "PRIMARY":
        raise _incorrect_name(definition.name)
    if len(table.keys) == _MOST_KEYS:
        raise SQLError(1069, "42000", f"Too many keys specified; max {_MOST_KEYS} keys allowed")
    if len(definition.columns) > _MOST_COLUMNS:
        raise SQLError(1070, "42000", f"Too many key parts specified; max {_MOST_COLUMNS} parts allowed")
    if definition.tolerant and any(k.name.lower() == definition.name.lower() for k in table.keys):
        return table
    prefixes = _prefixes(table, definition)
    return add_key(table, definition.name, definition.columns, unique=definition.kind != "INDEX", prefixes=prefixes)


def _prefixes(table: Table, definition: KeyDefinition) -> tuple[int, ...]:
    """The prefixes of a plain key, those as long as their columns left out. Raises 1089."""
    lengths = []
    for name, length in zip(definition.columns, definition.prefixes, strict=True):
        column = table.by_name.get(name.lower())
        if length and column is not None:
            domain = column.domain
            if domain.base not in ("char", "varchar", *_UNINDEXED) or length > domain.size:
                raise SQLError(
                    1089, "HY000", "Incorrect prefix key; the used key part isn't a string, the used length is longer than "
                    "the key part, or the storage engine doesn't support unique prefix keys",
                )  # fmt: skip
            if definition.kind != "INDEX" or length > _LONGEST_PREFIX or domain.base.endswith("blob"):
                raise Unsupported("a key over this prefix of a column", "an INDEX of fewer characters")
            length = 0 if length == domain.size else length
        lengths.append(length)
    return tuple(lengths) if any(lengths) else ()


def add_key(
    table: Table, name: str, columns: tuple[str, ...], *, unique: bool, implied: bool = False,
    prefixes: tuple[int, ...] = (),
) -> Table:  # fmt: skip
    """The table with one more key, in the place of an implied one that it serves as well. Raises 1061, 1068 and 1072."""
    require_short(name)
    if name == "PRIMARY" and table.primary is not None:
        raise errors.multiple_primary()
    members: set[str] = set()
    for n, c in enumerate(columns):
        if c.lower() not in table.by_name:
            raise errors.key_column(c)
        if c.lower() in members:
            raise errors.duplicate_column(c)
        members.add(c.lower())
        if table.by_name[c.lower()].domain.size == 0 and table.by_name[c.lower()].domain.base in _SIZED:
            raise SQLError(1167, "42000", f"The storage engine InnoDB can't index column `{c}`")
        if table.by_name[c.lower()].domain.base in _UNINDEXED and unique and name != "PRIMARY":
            raise Unsupported("a UNIQUE key over a TEXT or BLOB", "VARCHAR")
        if table.by_name[c.lower()].domain.base in _UNINDEXED and not (prefixes and prefixes[n]):
            raise SQLError(1170, "42000", f"BLOB/TEXT column '{c}' used in key specification without a key length")
    if name and any(k.name.lower() == name.lower() for k in table.keys):
        raise errors.duplicate_key_name(name)
    full = tuple(table.by_name[c.lower()].name for c in columns)
    kept = tuple(k for k in table.keys if not (k.implied and k.columns == full[: len(k.columns)]))
    if prefixes and any(k.implied for k in kept) != any(k.implied for k in table.keys):
        raise Unsupported("a prefix of a column that a foreign key names", "the whole column")
    key = Key(name or key_name(full[0], list(kept)), full, unique, implied, prefixes)
    definition = table.columns
    if name == "PRIMARY":
        definition = tuple(replace(c, nullable=False) if c.name in full else c for c in table.columns)
    return replace(table, columns=definition, keys=(*kept, key))


def drop_key(table: Table, name: str) -> Table:
    """The table without a key. Raises 1091."""
    kept = tuple(k for k in table.keys if k.name.lower() != name.lower())
    if len(kept) == len(table.keys):
        raise errors.cannot_drop("INDEX", name)
    return replace(table, keys=kept)


def rename_key(table: Table, name: str, new: str) -> Table:
    """The table with a key under a new name. Raises 1061, 1176 and 1280."""
    if not any(k.name.lower() == name.lower() for k in table.keys) or name.upper() == "PRIMARY":
        raise SQLError(1176, "42000", f"Key '{name}' doesn't exist in table '{table.name}'")
    if new.upper() == "PRIMARY" or not new:
        raise _incorrect_name(new)
    require_short(new)
    if new.lower() != name.lower() and any(k.name.lower() == new.lower() for k in table.keys):
        raise errors.duplicate_key_name(new)
    keys = tuple(replace(k, name=new) if k.name.lower() == name.lower() else k for k in table.keys)
    return replace(table, keys=keys)


def add_foreign_key(table: Table, definition: ForeignKeyDefinition, catalog: Catalog) -> Table:
    """The table with a foreign key; `catalog` holds its parent. Raises 1005 and 1072."""
    name, columns, parent_columns = definition.name, definition.columns, definition.references
    parent_name = definition.table.name
    parent = table if parent_name == table.name else catalog.tables.get(parent_name)
    for c in columns:
        if c.lower() not in table.by_name:
            raise errors.key_column(c)
    malformed = SQLError(
        1005, "HY000", f'Can\'t create table `{table.name}` (errno: 150 "Foreign key constraint is incorrectly formed")'
    )
    if (
        parent is None
        or parent.temporary
        or not parent_columns
        or any(c.lower() not in parent.by_name for c in parent_columns)
    ):
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
    full = tuple(table.by_name[c.lower()].name for c in columns)
    key = ForeignKey(
        name or _foreign_name(table),
        full,
        parent.name,
        tuple(parent.by_name[c].name for c in references),
        definition.on_delete,
        definition.on_update,
    )
    if any(k.prefixes and k.columns[: len(full)] == full for k in table.keys):
        raise Unsupported("a foreign key over columns of which a key holds a prefix", "the whole columns in it")
    if not any(k.columns[: len(full)] == full for k in table.keys):
        table = add_key(table, name or "", full, unique=False, implied=True)
    return replace(table, foreign=(*table.foreign, key))


def _foreign_name(table: Table) -> str:
    """The name of an unnamed foreign key: numbered behind those of its kind."""
    start = f"{table.name}_ibfk_"
    numbers = (f.name.removeprefix(start) for f in table.foreign if f.name.startswith(start))
    return f"{start}{max((int(n) for n in numbers if n.isdecimal()), default=0) + 1}"


def drop_foreign_key(table: Table, name: str, kind: str) -> Table:
    """The table without a foreign key; `kind` is the word that the statement has for it. Raises 1091."""
    kept = tuple(f for f in table.foreign if f.name.lower() != name.lower())
    if len(kept) == len(table.foreign):
        raise errors.cannot_drop(kind, name)
    return replace(table, foreign=kept)
