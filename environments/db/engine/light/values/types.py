"""MySQL's static types, as far as the light engine tells them apart, and how a value of each lies in SQLite.

| kind | in SQLite | to the caller |
|---|---|---|
| INT | INTEGER | int |
| DEC | INTEGER, the value times 10**frac | Decimal with `scale` digits |
| DBL | REAL | float |
| STR, ENUM | TEXT | str |
| BIN | BLOB | bytes |
| DATE | TEXT `YYYY-MM-DD` | datetime.date |
| DATETIME | TEXT `YYYY-MM-DD HH:MM:SS`, with `scale` more digits | datetime.datetime |
| TIME | INTEGER, microseconds | datetime.timedelta |

Scaled integers make decimals exact, ordered and fast; what outgrows 64 bits is refused where it happens.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from ...session import SQLError, Unsupported

NULL, INT, DEC, DBL, STR, ENUM, BIN, DATE, DATETIME, TIME = (
    "null",
    "int",
    "decimal",
    "double",
    "string",
    "enum",
    "binary",
    "date",
    "datetime",
    "time",
)
NUMERIC = frozenset({INT, DEC, DBL})
EXACT = frozenset({INT, DEC})
TEXTUAL = frozenset({STR, ENUM})
TEMPORAL = frozenset({DATE, DATETIME, TIME})
# The largest count of decimal digits for which every value fits into SQLite's signed 64 bits.
NATIVE_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Type:
    """`digits` bounds the magnitude of INT and DEC; `scale` is what MySQL shows, `frac` what it keeps (division keeps
    more than it shows); for times `scale` is the count of fractional digits. `binary` marks a case-sensitive string."""

    kind: str
    digits: int = 0
    scale: int = 0
    frac: int = 0
    unsigned: bool = False
    binary: bool = False
    single: bool = False
    members: tuple[str, ...] = ()
    # Good to be shown or rounded, not to go on with: a quotient with fewer digits than MySQL would keep, a double or a
    # text of which MySQL remembers a count of decimals, an ENUM's text that MySQL may yet take for its index.
    cut: bool = False
    file: bool = False
    """a name of information_schema by which the server finds a file, whose case counts on Linux"""
    dated: bool = False
    """a text that date arithmetic gave, with `scale` digits of a second: as a number it would be the date's"""


NULL_TYPE = Type(NULL)
BOOL = Type(INT, 1)
YEAR = Type(INT, 4, unsigned=True)
INT32 = Type(INT, 10)
BIGINT = Type(INT, 19)
DOUBLE = Type(DBL)
TEXT = Type(STR)
FILE_NAME = Type(STR, file=True)
# Of which MySQL remembers that it has no decimals: a rounded one, and the text of a date as a number.
WHOLE_DOUBLE = Type(DBL, 1, cut=True)
WHOLE_TEXT = Type(STR, 1)
# Of a string function of NULL alone: what is made of it has MySQL's binary character set.
NULL_TEXT = Type(STR, binary=True, cut=True)
BYTES = Type(BIN)
DAY = Type(DATE)
MOMENT = Type(DATETIME)
CLOCK = Type(TIME)


def decimal(digits: int, scale: int, frac: int | None = None) -> Type:
    """An exact type; MariaDB shows at most 38 digits behind the point."""
    scale_shown = min(scale, 38)
    return Type(DEC, digits, scale_shown, scale_shown if frac is None else frac)


def unify(types: Iterable[Type]) -> Type:
    """The type MySQL gives to CASE, IF, COALESCE or a UNION column over values of these types."""
    types_known = [t for t in types if t.kind != NULL]
    if not types_known:
        return NULL_TYPE
    first = types_known[0]
    if first.kind != ENUM and all(t == first for t in types_known):
        return first
    kinds = {t.kind for t in types_known}
    if ENUM in kinds:
        return Type(STR, binary=any(t.binary for t in types_known), cut=True)
    if any((t.cut and t.kind in NUMERIC) or (t.kind == DBL and t.scale) for t in types_known):
        raise Unsupported(
            "mixing a computed double, a rounded one or a quotient with other values in one column", "CAST"
        )
    if kinds == {INT}:
        if len({t.unsigned for t in types_known}) > 1:
            return decimal(max(t.digits for t in types_known), 0)
        return Type(INT, max(t.digits for t in types_known), unsigned=all(t.unsigned for t in types_known))
    if kinds <= EXACT:
        frac = max(t.frac for t in types_known)
        whole = max(t.digits - t.frac for t in types_known)
        return decimal(whole + frac, max(t.scale for t in types_known), frac)
    if kinds <= NUMERIC:
        _require_wide(types_known)
        return DOUBLE
    if kinds == {DATE}:
        return Type(DATE, cut=True)
    if kinds <= {DATE, DATETIME}:
        return Type(DATETIME, scale=max(t.scale for t in types_known))
    if kinds == {TIME}:
        return Type(TIME, scale=max(t.scale for t in types_known))
    if kinds <= TEXTUAL:
        return Type(STR, binary=any(t.binary for t in types_known), cut=any(t.cut for t in types_known))
    if BIN in kinds:
        if kinds == {BIN}:
            return BYTES
        raise Unsupported("mixing binary strings with other types in one column", "CONVERT(... USING utf8mb4)")
    if TIME in kinds and kinds & {DATE, DATETIME}:
        raise Unsupported("mixing TIME with dates in one column", "CAST(... AS CHAR)")
    return Type(STR, binary=any(t.binary for t in types_known), cut=bool(kinds & TEMPORAL))


def _require_wide(types: Iterable[Type]) -> None:
    """Refuse FLOAT beside integers, of which MariaDB makes a FLOAT or a DOUBLE by their declared sizes.

    It makes a DOUBLE of INT, and of a literal in few digits.
    """
    known = list(types)
    if any(t.single for t in known) and any(t.kind == INT and t.digits not in (1, 2, INT32.digits) for t in known):
        raise Unsupported("mixing FLOAT with integers in one column", "CAST(... AS DOUBLE)")


def require_signed(types: Iterable[Type]) -> None:
    """Refuse unsigned integers beside a literal NULL, of which MariaDB makes a DECIMAL and MySQL does not."""
    known = list(types)
    if any(t.kind == NULL for t in known) and any(t.unsigned and t.kind == INT for t in known):
        raise Unsupported("an unsigned number beside a literal NULL", "CAST(... AS SIGNED)")


def unify_results(types: Iterable[Type]) -> Type:
    """The same for a function's result: of nothing but NULLs MariaDB makes a type of its own, not to be relied on."""
    common = unify(types)
    return Type(DBL, cut=True) if common.kind == NULL else common


def round_scaled(value: int, drop: int) -> int:
    """A scaled integer with its last `drop` digits rounded away, half away from zero."""
    if drop <= 0:
        return value * 10**-drop
    unit = 10**drop
    quotient = (abs(value) * 2 + unit) // (2 * unit)
    return quotient if value >= 0 else -quotient


def exact(value: int, scale: int) -> Decimal:
    """A scaled integer as the Decimal that shows `scale` digits; beyond 64 bits SQLite has made it a double: refused."""
    if not isinstance(value, int):
        raise Unsupported("a decimal that needs more than 18 digits")
    return Decimal((value < 0, tuple(map(int, str(abs(value)))), -scale))


def _double(value: float) -> float:
    if value in (float("inf"), float("-inf")):
        raise SQLError(1690, "22003", "DOUBLE value is out of range")
    # MariaDB writes a negative zero as 0.
    return value + 0.0


def reader(kind: Type) -> Callable[[Any], object] | None:
    """The conversion of a non-NULL SQLite value of this type to the caller's; None where they are the same."""
    match kind.kind:
        case "decimal":
            drop, scale = kind.frac - kind.scale, kind.scale
            return lambda v: exact(round_scaled(v, drop) if drop else v, scale)
        case "double":
            if kind.scale:
                digits = kind.scale
                return lambda v: float(f"{v:.{digits}f}")
            return (lambda v: float(f"{v:.6g}")) if kind.single else _double
        case "date":
            return dt.date.fromisoformat
        case "datetime":
            return dt.datetime.fromisoformat
        case "time":
            return lambda v: dt.timedelta(microseconds=v)
    return None


def without_size(kind: Type) -> Type:
    """The type without the marks that only a stored column carries."""
    return replace(kind, digits=YEAR.digits + 1) if kind == YEAR else replace(kind, single=False)
