"""The tables of a schema: names, columns, keys. Immutable, so that versions of a schema can be compared.

SQLite sees only the made-up names `t3` and `c5`, never the agent's: any Unicode is a legal name, and renaming is free.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from ...session import SQLError, Unsupported
from ..parsing.node_parts import count
from ..values import types as ty
from ..values.types import Type

NOW = "CURRENT_TIMESTAMP"
_INTS = {
    "tinyint": (3, 4), "smallint": (5, 6), "mediumint": (8, 9), "int": (10, 11), "bigint": (19, 20),
}  # fmt: skip
_INT_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}
_TEXTS = {"tinytext": 255, "text": 65_535, "mediumtext": 16_777_215, "longtext": 4_294_967_295}
_BLOBS = {"tinyblob": 255, "blob": 65_535, "mediumblob": 16_777_215, "longblob": 4_294_967_295}
_ALIASES = {
    "integer": "int", "boolean": "tinyint(1)", "bool": "tinyint(1)", "dec": "decimal", "numeric": "decimal",
    "fixed": "decimal", "double precision": "double", "real": "double", "float8": "double", "float4": "float",
    "character": "char", "character varying": "varchar", "nvarchar": "varchar", "nchar": "char",
    "int4": "int", "int8": "bigint", "int2": "smallint", "int1": "tinyint", "long": "mediumtext",
}  # fmt: skip
_DECLARED = re.compile(r"\s*([a-z][a-z0-9 ]*?)\s*(?:\((.*)\))?\s*((?:(?:unsigned|signed|zerofill)\s*)*)\Z", re.I | re.S)


@dataclass(frozen=True, slots=True)
class Domain:
    """A declared column type: its MySQL spelling, its static Type, and the bounds a stored value must keep."""

    decl: str
    base: str
    type: Type
    size: int = 0


@lru_cache(maxsize=1024)
def domain(text: str) -> Domain:
    """Read a MySQL type text, such as `int unsigned`, `varchar(50)` or `enum('a','b')`."""
    match = _DECLARED.match(text)
    if not match:
        raise Unsupported(f"column type {text!r}")
    base = " ".join(match.group(1).lower().split())
    base = _ALIASES.get(base, base)
    argument, marks = match.group(2), match.group(3).lower()
    if argument is not None and base not in ("enum", "set"):
        for number in argument.split(","):
            count(number.strip())
    if "(" in base:
        base, argument = "tinyint", "1"
    if "zerofill" in marks:
        raise Unsupported("ZEROFILL columns")
    return _domain(base, argument, "unsigned" in marks, text)


def _domain(base: str, argument: str | None, unsigned: bool, text: str) -> Domain:
    if base in _INTS:
        digits, default_width = _INTS[base]
        width = (argument or "").lstrip("0") or str(default_width - (1 if unsigned and base != "bigint" else 0))
        kind = Type(ty.INT, digits if not (unsigned and base == "bigint") else 20, unsigned=unsigned)
        return Domain(f"{base}({width}){' unsigned' if unsigned else ''}", base, kind, _INT_BITS[base])
    if base in ("decimal", "numeric"):
        precision, _, scale = (argument or "10,0").partition(",")
        return _decimal(int(precision) or (0 if int(scale or 0) else 10), int(scale or 0), unsigned)
    if base in ("float", "double"):
        if argument and "," in argument:
            raise Unsupported(f"{base}({argument})", "DECIMAL")
        single = base == "float" and int(argument or 0) <= 24
        name = "float" if single else "double"
        return Domain(name + (" unsigned" if unsigned else ""), name, Type(ty.DBL, unsigned=unsigned, single=single))
    if base in ("char", "varchar", "binary", "varbinary"):
        if argument is None and base.startswith("var"):
            raise SQLError(1064, "42000", f"You have an error in your SQL syntax: {base} needs a length")
        size = int(argument or 1)
        kind = ty.BYTES if "binary" in base else ty.TEXT
        return Domain(f"{base}({size})", base, kind, size)
    if base in _TEXTS:
        return Domain(base, base, ty.TEXT, _TEXTS[base])
    if base in _BLOBS:
        return Domain(base, base, ty.BYTES, _BLOBS[base])
    if base == "date":
        return Domain("date", base, ty.DAY)
    if base in ("datetime", "timestamp", "time"):
        digits = int(argument or 0)
        kind = Type(ty.TIME if base == "time" else ty.DATETIME, scale=digits)
        return Domain(f"{base}({digits})" if digits else base, base, kind)
    if base == "year" and (argument or "4") == "4":
        return Domain("year(4)", base, Type(ty.INT, 4, unsigned=True))
    if base == "enum" and argument:
        members = tuple(m.replace("''", "'") for m in re.findall(r"'((?:[^']|'')*)'", argument))
        texts = ",".join("'" + m.replace("'", "''") + "'" for m in members)
        return Domain(f"enum({texts})", base, Type(ty.ENUM, members=members))
    raise Unsupported(f"column type {text!r}")


def _decimal(precision: int, scale: int, unsigned: bool) -> Domain:
    if scale > precision:
        raise SQLError(1427, "42000", "For float(M,D), double(M,D) or decimal(M,D), M must be >= D (column '')")
    if precision > 65:
        raise SQLError(1426, "42000", f"Too big precision {precision} specified for ''. Maximum is 65")
    kind = Type(ty.DEC, precision, scale, scale, unsigned=unsigned)
    return Domain(f"decimal({precision},{scale}){' unsigned' if unsigned else ''}", "decimal", kind, precision)


@dataclass(frozen=True, slots=True)
class Column:
    """`default` is the MySQL text of the default value, NOW for the current time, None for none (NULL if nullable)."""

    name: str
    phys: str
    decl: str
    nullable: bool = True
    default: str | None = None
    auto_increment: bool = False
    on_update: bool = False
    binary: bool = False
    comment: str = ""
    check: str = ""
    generated: str = ""
    """the expression that it is computed by; `lasting` where its value is stored, not virtual"""
    lasting: bool = False

    @property
    def domain(self) -> Domain:
        """The declared type, read."""
        return domain(self.decl)

    @property
    def type(self) -> Type:
        """The static type of a stored value."""
        kind = self.domain.type
        return replace(kind, binary=True) if self.binary else kind

    @property
    def clock(self) -> str:
        """The current time as the column's default, in MariaDB's words."""
        return f"current_timestamp({self.type.scale or ''})"

    @property
    def largest(self) -> int:
        """The largest integer that a column of integers holds here."""
        bits = self.domain.size - (not self.type.unsigned)
        return 2 ** min(bits, 63) - 1


@dataclass(frozen=True, slots=True)
class Key:
    """An index over column names; the primary key is the one named PRIMARY."""

    name: str
    columns: tuple[str, ...]
    unique: bool
    implied: bool = False
    """made for a foreign key, and gone as soon as another key serves it"""
    prefixes: tuple[int, ...] = ()
    """the characters that it holds of each column, 0 for all; empty where it holds all of each"""

    def prefix(self, n: int) -> int | None:
        """The characters of the n-th column, from 0; None for all."""
        return self.prefixes[n] or None if self.prefixes else None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A reference from `columns` to `references`, columns of another table."""

    name: str
    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]
    on_delete: str = "RESTRICT"
    on_update: str = "RESTRICT"


@dataclass(frozen=True)
class Table:
    """A base table; `phys` is its name in SQLite."""

    name: str
    phys: str
    columns: tuple[Column, ...]
    keys: tuple[Key, ...] = ()
    foreign: tuple[ForeignKey, ...] = ()
    comment: str = ""
    temporary: bool = False
    narrow: str = ""
    """`whole` where the table is in utf8mb3, `partly` where some of it is, else empty"""
    checks: tuple[tuple[str, str], ...] = ()
    """the CHECK constraints beside the columns' own, each a name and an expression"""

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by lower-case name: MySQL's column names ignore case."""
        return {c.name.lower(): c for c in self.columns}

    @cached_property
    def primary(self) -> Key | None:
        """The primary key, if there is one."""
        return next((k for k in self.keys if k.name == "PRIMARY"), None)

    @cached_property
    def ruled(self) -> bool:
        """Whether a row is computed or checked by itself."""
        return bool(self.checks) or any(c.check or c.generated for c in self.columns)

    @cached_property
    def counter(self) -> Column | None:
        """The AUTO_INCREMENT column, if there is one."""
        return next((c for c in self.columns if c.auto_increment), None)


@dataclass(frozen=True, slots=True)
class View:
    """A view: the text of its query and the names of its columns."""

    name: str
    sql: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Catalog:
    """All tables and views of one schema; `serial` is the next unused number for made-up names."""

    tables: Mapping[str, Table]
    views: Mapping[str, View]
    serial: int = 1

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> Catalog:
        """The catalog that a spec's tables describe; see the package for the spec's shape."""
        catalog = cls({}, {})
        for table_spec in spec["tables"]:
            table = _from_spec(table_spec, catalog.serial)
            catalog = catalog.put(table)
        return catalog

    @classmethod
    def from_json(cls, text: str) -> Catalog:
        """The catalog that `text` wrote."""
        data = json.loads(text)
        tables = {t["name"]: _table(t) for t in data["tables"]}
        views = {v["name"]: View(v["name"], v["sql"], tuple(v["columns"])) for v in data["views"]}
        return cls(tables, views, data["serial"])

    @cached_property
    def text(self) -> str:
        """The catalog as JSON; equal texts are equal schemas."""
        tables = [
            {"name": t.name, "phys": t.phys, "columns": [asdict(c) for c in t.columns],
             "keys": [asdict(k) for k in t.keys], "foreign": [asdict(f) for f in t.foreign], "comment": t.comment,
             "temporary": t.temporary, "narrow": t.narrow, "checks": t.checks}
            for t in self.tables.values()
        ]  # fmt: skip
        views = [asdict(v) for v in self.views.values()]
        return json.dumps({"tables": tables, "views": views, "serial": self.serial})

    @cached_property
    def lasting(self) -> Catalog:
        """The catalog as others see it: without TEMPORARY tables."""
        return Catalog({n: t for n, t in self.tables.items() if not t.temporary}, self.views, self.serial)

    def put(self, table: Table, *, instead_of: str | None = None) -> Catalog:
        """With this table added, or standing in the place of the one it replaces."""
        tables = {
            (table.name if name == instead_of else name): (table if name == instead_of else old)
            for name, old in self.tables.items()
        }
        tables[table.name] = table
        return Catalog(tables, self.views, self.serial + len(table.columns) + 1)

    def without(self, name: str) -> Catalog:
        """The catalog without a table or view of that name."""
        tables = {n: t for n, t in self.tables.items() if n != name}
        return Catalog(tables, {n: v for n, v in self.views.items() if n != name}, self.serial)

    def with_view(self, view: View) -> Catalog:
        """The catalog with a view added or replaced."""
        return Catalog(self.tables, {**self.views, view.name: view}, self.serial)


def _table(data: Mapping[str, Any]) -> Table:
    return Table(
        data["name"],
        data["phys"],
        tuple(Column(**c) for c in data["columns"]),
        tuple(
            Key(**{**k, "columns": tuple(k["columns"]), "prefixes": tuple(k.get("prefixes", ()))}) for k in data["keys"]
        ),
        tuple(
            ForeignKey(**{**f, "columns": tuple(f["columns"]), "references": tuple(f["references"])})
            for f in data["foreign"]
        ),
        data.get("comment", ""),
        data.get("temporary", False),
        data.get("narrow", ""),
        tuple((name, text) for name, text in data.get("checks", ())),
    )


def _from_spec(spec: Mapping[str, Any], serial: int) -> Table:
    primary = tuple(spec.get("primary_key") or ())
    columns = []
    for i, c in enumerate(spec["columns"]):
        default = c.get("default")
        text = None if default is None else default if default == NOW else str(default)
        nullable = bool(c.get("nullable", True)) and c["name"] not in primary
        auto = bool(c.get("auto_increment", False))
        columns.append(
            Column(c["name"], f"c{serial + 1 + i}", domain(c["type"]).decl, nullable and not auto, text, auto)
        )
    keys = [Key("PRIMARY", primary, True)] if primary else []
    for unique in spec.get("unique") or ():
        keys.append(Key(key_name(unique[0], keys), tuple(unique), True))
    foreign: list[ForeignKey] = []
    for n, f in enumerate(spec.get("foreign_keys") or (), 1):
        target = f["references"]
        foreign.append(
            ForeignKey(
                f"{spec['name']}_ibfk_{n}", tuple(f["columns"]), target["table"], tuple(target["columns"]),
                (f.get("on_delete") or "RESTRICT").upper(), (f.get("on_update") or "RESTRICT").upper(),
            )
        )  # fmt: skip
        if not any(k.columns[: len(f["columns"])] == tuple(f["columns"]) for k in keys):
            keys.append(Key(key_name(f["columns"][0], keys), tuple(f["columns"]), False))
    return Table(spec["name"], f"t{serial}", tuple(columns), tuple(keys), tuple(foreign))


def key_name(column: str, keys: list[Key]) -> str:
    """The name MySQL gives to an unnamed key: its first column's, numbered from _2 on."""
    # PRIMARY is the primary key's, whether there is one or not.
    names = {"primary", *(k.name.lower() for k in keys)}
    name, n = column, 2
    while name.lower() in names:
        name, n = f"{column}_{n}", n + 1
    return name
