"""Storing a value in a column under MySQL's strict mode: it is converted, rounded, or rejected (1264, 1265, 1366, 1406)."""

from __future__ import annotations

import datetime as dt
import math
import struct
from collections.abc import Callable
from decimal import Decimal

from ...session import SQLError, Unsupported
from ..values import collation, conversions, errors
from ..values import types as ty
from ..values.types import Type, exact, round_scaled
from .catalog import Column

# Beyond it MariaDB stores a rounded double in fewer digits than it shows.
_WIDEST_ROUNDED = 1e15
Stored = int | float | str | bytes | None
# The seconds of a TIMESTAMP: 32 bits, of which MySQL keeps 0 for itself.
# TIMESTAMPs come after the first of these, once their fraction is cut off, and end with the second.
_EPOCH, _LAST_STAMP = dt.datetime(1970, 1, 1), dt.datetime(2038, 1, 19, 3, 14, 7, 999_999)


def store(value: object, kind: Type, column: Column, place: str, row: int) -> Stored:
    """A SQLite value of the static type `kind` as the column keeps it.

    For the errors: `place` is `db`.`table`.`column`, `row` counts from 1.
    """
    if value is None:
        if not column.nullable and column.domain.base == "timestamp":
            raise Unsupported("NULL for a TIMESTAMP that is NOT NULL", "DEFAULT")
        if not column.nullable:
            raise errors.null_column(column.name)
        return None
    target = column.domain
    match target.type.kind:
        case "int":
            return _integer(value, kind, column, place, row)
        case "decimal":
            return _decimal(value, kind, column, place, row)
        case "double":
            return _double(value, kind, column, place, row)
        case "string":
            return _text(_fitting(value, kind, column), column, row)
        case "enum":
            return _member(value, kind, column, row)
        case "binary":
            return _bytes(value, kind, column, row)
    return _temporal(value, kind, column, place, row)


def as_text(value: object, kind: Type) -> str:
    """A stored value of a static type as MySQL writes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        raise Unsupported("storing a binary string as text", "CONVERT(... USING utf8mb4)")
    if kind.kind == ty.DEC and isinstance(value, int):
        return f"{exact(round_scaled(value, kind.frac - kind.scale), kind.scale):f}"
    if kind.kind == ty.TIME and isinstance(value, int):
        return conversions.clock_text(value, kind.scale)
    if isinstance(value, float):
        return conversions.double_text(float(f"{value:.6g}") if kind.single else value)
    return str(value)


def _shown(value: object, kind: Type) -> str:
    if kind.kind == ty.DEC and kind.frac > kind.scale:
        # MariaDB stores digits of the quotient that it does not show.
        raise Unsupported("storing a quotient as a text", "ROUND or CONCAT")
    text = as_text(value, kind)
    if kind.single and isinstance(value, float) and text != conversions.double_text(value):
        # MariaDB stores all digits of the double that a FLOAT is, MySQL those that it shows.
        raise Unsupported("storing a FLOAT as a text", "CONCAT")
    return text


def _fitting(value: object, kind: Type, column: Column) -> str:
    if kind == ty.YEAR and value == 0 and column.domain.base not in ("char", "varchar"):
        return "0000"  # which alone MariaDB writes so
    text = _shown(value, kind)
    if isinstance(value, float) and column.domain.base in ("char", "varchar") and len(text) > column.domain.size:
        raise Unsupported("storing a double in a text that is too short for its digits", "ROUND")
    return text


def _text(text: str, column: Column, row: int) -> str:
    size = column.domain.size
    if column.domain.base in ("char", "varchar"):
        if len(text) > size:
            if text[size:].strip(" "):
                raise errors.too_long(column.name, row)
            text = text[:size]
        return text.rstrip(" ") if column.domain.base == "char" else text
    if len(text) * 4 > size and len(text.encode()) > size:
        kept = text.encode()[:size]
        if text.encode()[size:].strip(b" "):
            raise errors.too_long(column.name, row)
        return kept.decode()
    return text


def _integer(value: object, kind: Type, column: Column, place: str, row: int) -> int:
    rest = None
    _no_date(kind)
    if isinstance(value, str):
        _no_member(kind)
        number, complete = conversions.parse_scaled(value, 0)
        rest = None if complete else value
    elif isinstance(value, float):
        if abs(value) > 2**63:
            if column.domain.base == "bigint" and column.type.unsigned and 0 < value < 2**64:
                raise Unsupported("an unsigned number beyond 63 bits")
            raise errors.out_of_range(column.name, row)
        number = round(value)
    elif isinstance(value, int):
        number = round_scaled(value, kind.frac) if kind.kind == ty.DEC else value
    else:
        raise Unsupported("storing a binary string in a numeric column")
    if column.domain.base == "year":
        if rest is not None:
            _reject(rest, "integer", column, place, row)
        if isinstance(value, float) and not value.is_integer():
            raise Unsupported("a fraction in a YEAR column", "ROUND")
        return _year(number, value, column, row)
    bits = column.domain.size
    low, high = (0, 2**bits - 1) if column.type.unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    if not low <= number <= high:
        raise errors.out_of_range(column.name, row)
    if rest is not None:
        _reject(rest, "integer", column, place, row)
    if number >= 2**63:
        raise Unsupported("an unsigned number beyond 63 bits")
    return number


def _year(number: int, value: object, column: Column, row: int) -> int:
    if isinstance(value, str) and len(value.strip()) != 4:
        raise Unsupported("YEAR from a short text", "four digits")
    if 1 <= number <= 99:
        number += 2000 if number < 70 else 1900
    if number != 0 and not 1901 <= number <= 2155:
        raise errors.out_of_range(column.name, row)
    return number


def _no_date(kind: Type) -> None:
    if kind.kind in ty.TEMPORAL:
        raise Unsupported("storing a date in a numeric column", "an explicit CAST")


def _no_member(kind: Type) -> None:
    if kind.kind == ty.ENUM or kind.cut:
        raise Unsupported("storing an ENUM or a CAST ... AS CHAR as a number", "CASE")


def _reject(text: str, name: str, column: Column, place: str, row: int) -> None:
    """1366 if no number begins the text, 1265 if other text follows one."""
    if conversions.number(text) == (0.0, False) and not text.strip()[:1].isdigit():
        raise errors.incorrect(name, text, place, row)
    raise errors.data_truncated(column.name, row)


def _decimal(value: object, kind: Type, column: Column, place: str, row: int) -> int:
    scale = column.type.scale
    _no_date(kind)
    if isinstance(value, str):
        _no_member(kind)
        number, complete = conversions.parse_scaled(value, scale)
        if not complete:
            _reject(value, "decimal", column, place, row)
    elif isinstance(value, float):
        number = conversions.parse_scaled(conversions.double_text(value), scale)[0]
    elif isinstance(value, int) and kind.kind in ty.EXACT:
        number = round_scaled(value, (kind.frac if kind.kind == ty.DEC else 0) - scale)
    else:
        raise Unsupported("storing this in a numeric column", "an explicit CAST")
    if abs(number) >= 10**column.domain.size or (column.type.unsigned and number < 0):
        raise errors.out_of_range(column.name, row)
    if abs(number) >= 2**63:
        raise Unsupported("a decimal that needs more than 18 digits")
    return number


def _double(value: object, kind: Type, column: Column, place: str, row: int) -> float:
    _no_date(kind)
    if isinstance(value, str):
        _no_member(kind)
        number, complete = conversions.number(value)
        if not complete:
            _reject(value, "double", column, place, row)
        if conversions.exceeds_double(value):
            raise errors.out_of_range(column.name, row)
    elif isinstance(value, int) and kind.kind in ty.EXACT:
        number = value / 10**kind.frac if kind.kind == ty.DEC else float(value)
    elif isinstance(value, float):
        if kind.cut and abs(value) >= _WIDEST_ROUNDED:
            raise Unsupported("storing so large a rounded double", "the double itself")
        number = value
    else:
        raise Unsupported("storing this in a numeric column", "an explicit CAST")
    if column.type.unsigned and number < 0:
        raise errors.out_of_range(column.name, row)
    if column.type.single:
        try:
            return float(struct.unpack("<f", struct.pack("<f", number))[0])
        except OverflowError as e:
            raise errors.out_of_range(column.name, row) from e
    if number in (float("inf"), float("-inf")):
        raise errors.out_of_range(column.name, row)
    return number


def _member(value: object, kind: Type, column: Column, row: int) -> str:
    members = column.type.members
    if isinstance(value, int) and kind.kind == ty.INT:
        if not 1 <= value <= len(members):
            raise errors.data_truncated(column.name, row)
        return members[value - 1]
    if kind.kind in ty.NUMERIC:
        raise Unsupported("storing a fractional number as an ENUM", "a whole number, or the text")
    text = as_text(value, kind)
    member = same_member(text, column)
    if member is None:
        raise errors.data_truncated(column.name, row)
    return member


def same_member(text: str, column: Column) -> str | None:
    """The member of an ENUM that a text means under the column's collation."""
    if column.binary:
        return next((m for m in column.type.members if m == text.rstrip(" ")), None)
    wanted = collation.key(text)
    return next((m for m in column.type.members if collation.key(m) == wanted), None)


def _bytes(value: object, kind: Type, column: Column, row: int) -> bytes:
    raw = value if isinstance(value, bytes) else as_text(value, kind).encode()
    if len(raw) > column.domain.size:
        raise errors.too_long(column.name, row)
    if column.domain.base == "binary":
        raw = raw.ljust(column.domain.size, b"\0")
    return raw


def _temporal(value: object, kind: Type, column: Column, place: str, row: int) -> str | int:
    base = column.domain.base
    name = "datetime" if base == "timestamp" else base
    if base == "time":
        return _clock(value, kind, column, place, row)
    if kind.kind not in (ty.DATE, ty.DATETIME, ty.STR, ty.INT, ty.ENUM):
        raise Unsupported("storing this as a date", "an explicit CAST")
    text = str(value)
    if text.strip("0-: ") == "" and text.strip():
        raise Unsupported("zero dates")
    when = _read_moment(text, kind)
    if when is None:
        raise errors.incorrect(name, text, place, row)
    if base == "date":
        return when.date().isoformat()
    stored, epoch = (conversions.moment_text(moment, column.type.scale) for moment in (when, _EPOCH))
    if base == "timestamp" and (stored <= epoch or when > _LAST_STAMP):
        raise errors.incorrect(name, text, place, row)
    return stored


def _read_moment(text: str, kind: Type) -> dt.datetime | None:
    if kind.kind == ty.STR and not text[:1].isdigit():
        return None
    return conversions.moment(text)


def _clock(value: object, kind: Type, column: Column, place: str, row: int) -> int:
    if kind.kind == ty.TIME and isinstance(value, int):
        micros: int | None = value
    elif kind.kind in (ty.STR, ty.INT, ty.DATETIME):
        micros = conversions.clock(str(value))
    else:
        raise Unsupported("storing this as a time", "an explicit CAST")
    if micros is None:
        raise errors.incorrect("time", str(value), place, row)
    unit = 10 ** (6 - column.type.scale)
    return abs(micros) // unit * unit * (1 if micros >= 0 else -1)


def keeps_as_is(column: Column) -> Callable[[object], bool]:
    """Whether a Python cell is surely stored as it is: a quick answer for the many cells of a new database."""
    size = column.domain.size
    match column.domain.base:
        case "tinyint" | "smallint" | "mediumint" | "int" | "bigint":
            low = 0 if column.type.unsigned else -column.largest - 1
            high = column.largest
            return lambda cell: type(cell) is int and low <= cell <= high
        case "double" if not column.type.unsigned:
            return lambda cell: type(cell) is float and math.isfinite(cell)
        case "varchar":
            return lambda cell: type(cell) is str and len(cell) <= size
        case "text" | "mediumtext" | "longtext":
            return lambda cell: type(cell) is str and 4 * len(cell) <= size
    return lambda cell: False


def store_python(value: object, column: Column, place: str, row: int) -> Stored:
    """A Python value, as a spec or PyMySQL gives it, as the column keeps it. `place` and `row` as in `store`."""
    kind = ty.TEXT
    match value:
        case bool() | int():
            value, kind = int(value), ty.BIGINT
        case float():
            kind = ty.DOUBLE
        case Decimal():
            value = f"{value:f}"
        case bytes():
            kind = ty.BYTES
        case dt.datetime():
            value = value.isoformat(sep=" ")
        case dt.date():
            value = value.isoformat()
        case dt.timedelta():
            value, kind = round(value / dt.timedelta(microseconds=1)), Type(ty.TIME, scale=6)
        case None | str():
            pass
        case _:
            raise SQLError(1366, "22007", f"a cell of type {type(value).__name__} in column {column.name}")
    return store(value, kind, column, place, row)
