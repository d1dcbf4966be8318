"""The limits of names and of types in definitions."""

from __future__ import annotations

from collections.abc import Sequence

from ...session import SQLError
from ..parsing.definitions import ColumnType

_MAX_NAME = 64  # characters
_LENGTHS = {
    "CHAR": 255, "CHARACTER": 255, "NCHAR": 255, "BINARY": 255, "VARCHAR": 16_383, "NVARCHAR": 16_383, "VARBINARY": 65_532,
}  # fmt: skip
_WIDTHS = dict.fromkeys(
    ("TINYINT", "SMALLINT", "MEDIUMINT", "INT", "INTEGER", "BIGINT", "INT1", "INT2", "INT4", "INT8"), 255
) | {"BIT": 64, "TEXT": 2**32 - 1, "BLOB": 2**32 - 1}
_FRACTIONAL = frozenset({"DATETIME", "TIME", "TIMESTAMP"})
_DECIMALS = frozenset({"DECIMAL", "DEC", "NUMERIC", "FIXED"})
_MAX_FRACTION, _MAX_SCALE, _MOST_BITS = 6, 38, 53
_MAX_COMMENT, _MAX_TABLE_COMMENT = 1024, 2048  # characters


def require_new_name(name: str) -> None:
    """Raise 1103 for what no table can be called."""
    if not name or name.endswith(" ") or len(name) > _MAX_NAME:
        raise SQLError(1103, "42000", f"Incorrect table name '{name}'")


def require_column_name(name: str) -> None:
    """Raise 1059 or 1166 for what no column can be called."""
    if not name or name.endswith(" "):
        raise SQLError(1166, "42000", f"Incorrect column name '{name}'")
    require_short(name)


def require_short(name: str) -> None:
    """Raise 1059 for the name of a column or key that is too long."""
    if len(name) > _MAX_NAME:
        raise SQLError(1059, "42000", f"Identifier name '{name}' is too long")


def require_comment(column: str, comment: str) -> None:
    """Raise 1629 for a column's comment that is too long."""
    if len(comment) > _MAX_COMMENT:
        raise SQLError(1629, "HY000", f"Comment for field '{column}' is too long (max = {_MAX_COMMENT})")


def require_table_comment(table: str, comment: str | None) -> None:
    """Raise 1628 for a table's comment that is too long."""
    if len(comment or "") > _MAX_TABLE_COMMENT:
        raise SQLError(1628, "HY000", f"Comment for table '{table}' is too long (max = {_MAX_TABLE_COMMENT})")


def require_size(column: str, kind: ColumnType, *, binary: bool) -> None:
    """Raise 1074, 1291, 1425, 1426 or 1439 for a type that is too long, too wide or too fine."""
    word, sizes = kind.word.upper(), kind.sizes
    _require_distinct(column, kind.members, binary=binary)
    if not sizes:
        return
    if sizes[0] > _LENGTHS.get(word, sizes[0]):
        most = _LENGTHS[word]
        raise SQLError(
            1074, "42000", f"Column length too big for column '{column}' (max = {most}); use BLOB or TEXT instead"
        )
    if sizes[0] > _WIDTHS.get(word, sizes[0]):
        raise SQLError(1439, "42000", f"Display width out of range for '{column}' (max = {_WIDTHS[word]})")
    if word == "FLOAT" and len(sizes) == 1 and sizes[0] > _MOST_BITS:
        raise SQLError(1063, "42000", f"Incorrect column specifier for column '{column}'")
    if word in _FRACTIONAL and sizes[0] > _MAX_FRACTION:
        raise SQLError(1426, "42000", f"Too big precision specified for '{column}'. Maximum is {_MAX_FRACTION}")
    if word in _DECIMALS and sizes[1:] and sizes[1] > _MAX_SCALE:
        raise SQLError(1425, "42000", f"Too big scale specified for '{column}'. Maximum is {_MAX_SCALE}")


def _require_distinct(column: str, members: Sequence[str], *, binary: bool) -> None:
    seen: set[str] = set()
    for member in members:
        if (member if binary else member.lower()) in seen:
            raise SQLError(1291, "HY000", f"Column '{column}' has duplicated value '{member}' in ENUM")
        seen.add(member if binary else member.lower())
