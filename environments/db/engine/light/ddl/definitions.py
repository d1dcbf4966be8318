"""Definitions of tables and columns: from sqlglot's nodes into the catalog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..catalog import strict_mode
from ..catalog.catalog import NOW, Catalog, Column, Key, Table, domain
from ..parsing.node_parts import count
from ..parsing.parse import Statement
from ..values import conversions, errors
from ..values import types as ty
from ..values.types import Type
from .keys import add_constraint, add_key
from .limits import require_column_name, require_size

_NAMES = {"UINT": "int unsigned", "UBIGINT": "bigint unsigned", "USMALLINT": "smallint unsigned",
          "UTINYINT": "tinyint unsigned", "UMEDIUMINT": "mediumint unsigned", "TIMESTAMPTZ": "timestamp",
          "UDECIMAL": "decimal unsigned", "UDOUBLE": "double unsigned", "BOOLEAN": "boolean"}  # fmt: skip
# InnoDB's limit.
_MAX_COLUMNS = 1017


def _type_text(node: exp.DataType) -> str:
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


def column_definition(node: exp.ColumnDef, phys: str) -> tuple[Column, list[Key]]:
    """A column, with the keys that its own words ask for."""
    if node.args.get("kind") is None:
        raise errors.syntax(node.name, 1)
    require_size(require_column_name(node.this), node.args["kind"])
    column = Column(node.name, phys, domain(_type_text(node.args["kind"])).decl)
    keys: list[Key] = []
    for constraint in node.args.get("constraints") or ():
        kind = constraint.args.get("kind") if isinstance(constraint, exp.ColumnConstraint) else constraint
        match kind:
            case exp.NotNullColumnConstraint():
                column = replace(column, nullable=bool(kind.args.get("allow_null")))
            case exp.AutoIncrementColumnConstraint():
                column = replace(column, auto_increment=True, nullable=False)
            case exp.PrimaryKeyColumnConstraint() | exp.PrimaryKey():
                column = replace(column, nullable=False)
                keys.append(Key("PRIMARY", (column.name,), True))
            case exp.UniqueColumnConstraint():
                keys.append(Key("", (column.name,), True))
            case exp.DefaultColumnConstraint():
                column = replace(column, default=default_text(kind.this, column))
            case exp.OnUpdateColumnConstraint():
                column = replace(column, on_update=True)
            case exp.CommentColumnConstraint():
                raise Unsupported("COMMENT on a column")
            case exp.CollateColumnConstraint():
                column = replace(column, binary=_is_binary(kind.this.name))
            case exp.CharacterSetColumnConstraint():
                if kind.this.name.lower() not in ("utf8mb4", "utf8", "utf8mb3"):
                    raise Unsupported(f"CHARACTER SET {kind.this.name}", "utf8mb4")
            case exp.Reference():
                raise Unsupported("REFERENCES beside a column", "FOREIGN KEY (...) REFERENCES ...")
            case _:
                raise Unsupported(f"{type(kind).__name__.removesuffix('ColumnConstraint')} on a column")
    if column.domain.base == "timestamp" and column.default is None:
        raise Unsupported("TIMESTAMP without a DEFAULT", "DATETIME, or DEFAULT CURRENT_TIMESTAMP")
    if column.default is not None and column.default != NOW and column.type.kind != ty.STR:
        check_default(column)
    return column, keys


def check_default(column: Column) -> None:
    """Raise 1067 where the column cannot hold its default."""
    try:
        strict_mode.store_python(column.default, replace(column, nullable=True), column.name, 1)
    except SQLError as e:
        if isinstance(e, Unsupported):
            raise
        raise errors.invalid_default(column.name) from e


def _is_binary(name: str) -> bool:
    if name.lower() in ("utf8mb4_bin", "utf8_bin"):
        return True
    if name.lower() in ("utf8mb4_general_ci", "utf8_general_ci"):
        return False
    raise Unsupported(f"COLLATE {name}", "utf8mb4_general_ci")


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
            number = conversions.parse_scaled(text, column.type.scale)[0]
            return f"{ty.exact(number, column.type.scale):f}"
        return _as_shown(text, column.type)
    if isinstance(node, exp.Boolean):
        return "1" if node.this else "0"
    if isinstance(node, exp.CurrentTimestamp) or (isinstance(node, exp.Anonymous) and node.name.upper() == "NOW"):
        if column.domain.base not in ("datetime", "timestamp"):
            raise Unsupported("DEFAULT CURRENT_TIMESTAMP here", "a DATETIME column")
        return NOW
    raise Unsupported("a computed DEFAULT", "a literal")


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


def table_definition(name: str, nodes: Sequence[exp.Expression], serial: int, catalog: Catalog) -> Table:
    """The table that CREATE TABLE name (…) defines; `serial` numbers its made-up names. Raises 1060, 1075, 1117."""
    if len(nodes) > _MAX_COLUMNS:
        raise SQLError(1117, "HY000", "Too many columns")
    table = Table(name, f"t{serial}", ())
    constraints: list[exp.Expression] = []
    keys: list[Key] = []
    for i, node in enumerate(nodes):
        if not isinstance(node, exp.ColumnDef):
            constraints.append(node)
            continue
        definition, column_keys = column_definition(node, f"c{serial + 1 + i}")
        if definition.name.lower() in table.__dict__.get("by_name", {c.name.lower(): c for c in table.columns}):
            raise errors.duplicate_column(definition.name)
        table = Table(name, table.phys, (*table.columns, definition))
        keys.extend(column_keys)
    if not table.columns:
        raise errors.syntax(")", 1)
    for key in keys:
        table = add_key(table, key.name, key.columns, unique=True)
    for node in constraints:
        table = add_constraint(table, node, catalog)
    counters = [c for c in table.columns if c.auto_increment]
    if len(counters) > 1 or (
        counters and not any(k.columns[0].lower() == counters[0].name.lower() for k in table.keys)
    ):
        raise SQLError(
            1075,
            "42000",
            "Incorrect table definition; there can be only one auto column and it must be defined as a key",
        )
    return table


def copy_definition(source: Table, name: str, serial: int) -> Table:
    """CREATE TABLE … LIKE: columns and keys, no rows and no foreign keys."""
    columns = tuple(replace(c, phys=f"c{serial + 1 + i}") for i, c in enumerate(source.columns))
    return Table(name, f"t{serial}", columns, source.keys)


def table_properties(node: exp.Expression) -> tuple[str | None, int]:
    """The table of LIKE, if any, and the first AUTO_INCREMENT value."""
    like, counter = None, 1
    options = node.args.get("properties")
    for item in options.expressions if options is not None else ():
        if isinstance(item, exp.LikeProperty):
            like = item.this.name
        elif isinstance(item, exp.AutoIncrementProperty):
            counter = count(item.this.name)
        elif isinstance(item, exp.EngineProperty):
            if item.this.name.lower() != "innodb":
                raise Unsupported(f"ENGINE {item.this.name}", "InnoDB")
        elif isinstance(item, exp.CharacterSetProperty):
            if item.this.name.lower() not in ("utf8mb4", "utf8", "utf8mb3"):
                raise Unsupported("this character set", "utf8mb4")
        elif isinstance(item, exp.CollateProperty):
            if _is_binary(item.this.name):
                raise Unsupported("a binary collation for a whole table", "COLLATE beside the column")
        else:
            raise Unsupported(f"{type(item).__name__.removesuffix('Property').upper()} in CREATE")
    return like, counter


def query_text(statement: Statement) -> str:
    """The text of the query in CREATE VIEW. Raises 1064 where there is none."""
    if not statement.query:
        raise errors.syntax("", 1)
    return statement.query
