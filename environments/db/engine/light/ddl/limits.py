"""The limits of names and of types in definitions."""

from __future__ import annotations

from sqlglot import exp

from ...session import SQLError
from ..parsing.node_parts import count
from ..parsing.reserved import RESERVED
from ..values import errors

_MAX_NAME = 64  # characters
_LENGTHS = {"CHAR": 255, "NCHAR": 255, "BINARY": 255, "VARCHAR": 16_383, "NVARCHAR": 16_383, "VARBINARY": 65_532}
_WIDTHS = dict.fromkeys(
    ("TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT", "UTINYINT", "USMALLINT", "UMEDIUMINT", "UINT", "UBIGINT"), 255
) | {"BIT": 64}
_FRACTIONAL = frozenset({"DATETIME", "TIME", "TIMESTAMP", "TIMESTAMPTZ"})
_MAX_FRACTION, _MAX_SCALE = 6, 38


def require_table_name(node: exp.Expression) -> str:
    """The name of a new table or view. Raises 1064 and 1103."""
    name = _unreserved(node)
    require_new_name(name)
    return name


def require_new_name(name: str) -> None:
    """Raise 1103 for what no table can be called."""
    if not name or name.endswith(" ") or len(name) > _MAX_NAME:
        raise SQLError(1103, "42000", f"Incorrect table name '{name}'")


def require_column_name(node: exp.Expression) -> str:
    """The name of a new column. Raises 1059, 1064 and 1166."""
    name = _unreserved(node)
    if not name or name.endswith(" "):
        raise SQLError(1166, "42000", f"Incorrect column name '{name}'")
    require_short(name)
    return name


def require_short(name: str) -> None:
    """Raise 1059 for the name of a column or key that is too long."""
    if len(name) > _MAX_NAME:
        raise SQLError(1059, "42000", f"Identifier name '{name}' is too long")


def _unreserved(node: exp.Expression) -> str:
    bare = node.find(exp.Identifier) if not isinstance(node, exp.Identifier) else node
    if bare is not None and not bare.args.get("quoted") and node.name.upper() in RESERVED:
        raise errors.syntax(node.name, 1)
    return node.name


def require_size(column: str, kind: exp.DataType) -> None:
    """Raise 1074, 1291, 1425, 1426 or 1439 for a type that is too long, too wide or too fine."""
    name = kind.this.value if hasattr(kind.this, "value") else str(kind.this)
    if name == "ENUM":
        _require_distinct(column, [str(e.this) for e in kind.expressions])
        return
    sizes = [count(p.this.name) for p in kind.expressions if isinstance(p, exp.DataTypeParam)]
    if not sizes:
        return
    if sizes[0] > _LENGTHS.get(name, sizes[0]):
        most = _LENGTHS[name]
        raise SQLError(
            1074, "42000", f"Column length too big for column '{column}' (max = {most}); use BLOB or TEXT instead"
        )
    if sizes[0] > _WIDTHS.get(name, sizes[0]):
        raise SQLError(1439, "42000", f"Display width out of range for '{column}' (max = {_WIDTHS[name]})")
    if name in _FRACTIONAL and sizes[0] > _MAX_FRACTION:
        raise SQLError(1426, "42000", f"Too big precision specified for '{column}'. Maximum is {_MAX_FRACTION}")
    if name in ("DECIMAL", "UDECIMAL") and sizes[1:] and sizes[1] > _MAX_SCALE:
        raise SQLError(1425, "42000", f"Too big scale specified for '{column}'. Maximum is {_MAX_SCALE}")


def _require_distinct(column: str, members: list[str]) -> None:
    seen: set[str] = set()
    for member in members:
        if member.lower() in seen:
            raise SQLError(1291, "HY000", f"Column '{column}' has duplicated value '{member}' in ENUM")
        seen.add(member.lower())
