"""Column and key definitions: from sqlglot's nodes into the catalog, and what ALTER does to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.tokens import TokenType

from ...session import SQLError, Unsupported
from ..dml.rows import Rows
from ..reading.parse import Parsed
from ..values import errors, store, values
from ..values import types as ty
from ..values.store import Stored
from .catalog import NOW, Catalog, Column, Key, Table, domain
from .keys import add_key, constraint

if TYPE_CHECKING:
    from ..session import LightSession

_NAMES = {"UINT": "int unsigned", "UBIGINT": "bigint unsigned", "USMALLINT": "smallint unsigned",
          "UTINYINT": "tinyint unsigned", "UMEDIUMINT": "mediumint unsigned", "TIMESTAMPTZ": "timestamp",
          "UDECIMAL": "decimal unsigned", "UDOUBLE": "double unsigned", "BOOLEAN": "boolean"}  # fmt: skip
# InnoDB's limit.
_MAX_COLUMNS = 1017


def type_text(node: exp.DataType) -> str:
    """A DataType as MySQL type text."""
    name = node.this.value if hasattr(node.this, "value") else str(node.this)
    text = _NAMES.get(name, name.lower())
    if name in ("ENUM", "SET"):
        return (
            "enum(" + ",".join("'" + str(e.this).replace("'", "''") + "'" for e in node.expressions) + ")"
            if name == "ENUM"
            else "set"
        )
    sizes = ",".join(str(p.this.name) for p in node.expressions)
    if not sizes:
        return text
    base, _, mark = text.partition(" ")
    return f"{base}({sizes}){f' {mark}' if mark else ''}"


def column(node: exp.ColumnDef, phys: str) -> tuple[Column, list[Key]]:
    """One column, with the keys that its own words ask for."""
    if node.args.get("kind") is None:
        raise errors.syntax(node.name, 1)
    made = Column(node.name, phys, domain(type_text(node.args["kind"])).decl)
    keys: list[Key] = []
    for given in node.args.get("constraints") or ():
        kind = given.args.get("kind") if isinstance(given, exp.ColumnConstraint) else given
        match kind:
            case exp.NotNullColumnConstraint():
                made = replace(made, nullable=bool(kind.args.get("allow_null")))
            case exp.AutoIncrementColumnConstraint():
                made = replace(made, auto_increment=True, nullable=False)
            case exp.PrimaryKeyColumnConstraint() | exp.PrimaryKey():
                made = replace(made, nullable=False)
                keys.append(Key("PRIMARY", (made.name,), True))
            case exp.UniqueColumnConstraint():
                keys.append(Key("", (made.name,), True))
            case exp.DefaultColumnConstraint():
                made = replace(made, default=default(kind.this, made))
            case exp.OnUpdateColumnConstraint():
                made = replace(made, on_update=True)
            case exp.CommentColumnConstraint():
                raise Unsupported("COMMENT on a column")
            case exp.CollateColumnConstraint():
                made = replace(made, binary=_collated(kind.this.name))
            case exp.CharacterSetColumnConstraint():
                if kind.this.name.lower() not in ("utf8mb4", "utf8", "utf8mb3"):
                    raise Unsupported(f"CHARACTER SET {kind.this.name}", "utf8mb4")
            case exp.Reference():
                raise Unsupported("REFERENCES beside a column", "FOREIGN KEY (...) REFERENCES ...")
            case _:
                raise Unsupported(f"{type(kind).__name__.removesuffix('ColumnConstraint')} on a column")
    if made.domain.base == "timestamp" and made.default is None:
        raise Unsupported("TIMESTAMP without a DEFAULT", "DATETIME, or DEFAULT CURRENT_TIMESTAMP")
    if made.default is not None and made.default != NOW and made.type.kind != ty.STR:
        checked_default(made)
    return made, keys


def checked_default(made: Column) -> None:
    try:
        store.given(made.default, replace(made, nullable=True), made.name, 1)
    except SQLError as e:
        if isinstance(e, Unsupported):
            raise
        raise errors.invalid_default(made.name) from e


def _collated(name: str) -> bool:
    if name.lower() in ("utf8mb4_bin", "utf8_bin"):
        return True
    if name.lower() in ("utf8mb4_general_ci", "utf8_general_ci"):
        return False
    raise Unsupported(f"COLLATE {name}", "utf8mb4_general_ci")


def default(node: exp.Expression, made: Column) -> str | None:
    """A DEFAULT as text: literals and the current time only."""
    if isinstance(node, exp.Null):
        return None
    sign = ""
    if isinstance(node, exp.Neg):
        sign, node = "-", node.this
    if isinstance(node, exp.Literal):
        text = sign + str(node.this)
        if made.type.kind == ty.DEC:
            number = values.scaled(text, made.type.scale)[0]
            return f"{ty.exact(number, made.type.scale):f}"
        return text
    if isinstance(node, exp.Boolean):
        return "1" if node.this else "0"
    if isinstance(node, exp.CurrentTimestamp) or (isinstance(node, exp.Anonymous) and node.name.upper() == "NOW"):
        if made.domain.base not in ("datetime", "timestamp"):
            raise Unsupported("DEFAULT CURRENT_TIMESTAMP here", "a DATETIME column")
        return NOW
    raise Unsupported("a computed DEFAULT", "a literal")


def table(name: str, nodes: Sequence[exp.Expression], serial: int, catalog: Catalog) -> Table:
    """A whole CREATE TABLE (…)."""
    if len(nodes) > _MAX_COLUMNS:
        raise SQLError(1117, "HY000", "Too many columns")
    made = Table(name, f"t{serial}", ())
    later: list[exp.Expression] = []
    keys: list[Key] = []
    for i, node in enumerate(nodes):
        if not isinstance(node, exp.ColumnDef):
            later.append(node)
            continue
        one, own = column(node, f"c{serial + 1 + i}")
        if one.name.lower() in made.__dict__.get("by_name", {c.name.lower(): c for c in made.columns}):
            raise errors.duplicate_column(one.name)
        made = Table(name, made.phys, (*made.columns, one))
        keys.extend(own)
    if not made.columns:
        raise errors.syntax(")", 1)
    for key in keys:
        made = add_key(made, key.name, key.columns, unique=True)
    for node in later:
        made = constraint(made, node, catalog)
    counters = [c for c in made.columns if c.auto_increment]
    if len(counters) > 1 or (counters and not any(k.columns[0].lower() == counters[0].name.lower() for k in made.keys)):
        raise SQLError(
            1075,
            "42000",
            "Incorrect table definition; there can be only one auto column and it must be defined as a key",
        )
    return made


def copy(source: Table, name: str, serial: int) -> Table:
    """CREATE TABLE … LIKE: columns and keys, no rows and no foreign keys."""
    columns = tuple(replace(c, phys=f"c{serial + 1 + i}") for i, c in enumerate(source.columns))
    return Table(name, f"t{serial}", columns, source.keys)


def properties(node: exp.Expression) -> tuple[str | None, int]:
    """The table of LIKE, if any, and the first AUTO_INCREMENT value."""
    like, counter = None, 1
    held = node.args.get("properties")
    for item in held.expressions if held is not None else ():
        if isinstance(item, exp.LikeProperty):
            like = item.this.name
        elif isinstance(item, exp.AutoIncrementProperty):
            counter = int(item.this.name)
        elif isinstance(item, exp.EngineProperty):
            if item.this.name.lower() != "innodb":
                raise Unsupported(f"ENGINE {item.this.name}", "InnoDB")
        elif isinstance(item, exp.CharacterSetProperty):
            if item.this.name.lower() not in ("utf8mb4", "utf8", "utf8mb3"):
                raise Unsupported("this character set", "utf8mb4")
        elif isinstance(item, exp.CollateProperty):
            if _collated(item.this.name):
                raise Unsupported("a binary collation for a whole table", "COLLATE beside the column")
        else:
            raise Unsupported(f"{type(item).__name__.removesuffix('Property').upper()} in CREATE")
    return like, counter


def query_text(parsed: Parsed) -> str:
    """The text of the query in CREATE VIEW."""
    for token in parsed.tokens:
        if token.token_type in (TokenType.SELECT, TokenType.WITH):
            return parsed.sql[token.start :].rstrip().rstrip(";")
    raise errors.syntax("", 1)


def filler(into: Rows, c: Column) -> Stored:
    """What a new column holds in rows that were there before: its default, else NULL, else zero or the empty text."""
    if c.default is not None or c.nullable:
        return into.default(c)
    match c.type.kind:
        case "int" | "decimal":
            return 0
        case "double":
            return 0.0
        case "string":
            return ""
        case "enum":
            return c.type.members[0]
    raise Unsupported("a new NOT NULL date column without a DEFAULT", "a DEFAULT")


def option(session: LightSession, made: Table, node: exp.Expression) -> None:
    """ALTER TABLE t AUTO_INCREMENT = n, ENGINE = InnoDB."""
    if isinstance(node, exp.AutoIncrementProperty) and made.counter is not None:
        session.counters[made.phys] = max(session.counters.get(made.phys, 1), int(node.this.name))
        return
    if isinstance(node, exp.EngineProperty) and node.this.name.lower() == "innodb":
        return
    raise Unsupported("this table option")
