"""CAST and CONVERT."""

from __future__ import annotations

from sqlglot import exp

from ...session import Unsupported
from ..parsing.node_parts import count
from ..values import conversions, errors
from ..values import types as ty
from ..values.types import Type
from .arithmetic import whole
from .coercion import as_clock, as_double, as_moment, as_number, as_text, read_as, rescale
from .scope import Expr, Scope, text_literal

_T = exp.DType if hasattr(exp, "DType") else exp.DataType.Type
_MAX_CHARACTERS = 16_383
# Of DECIMAL and of the fraction of a second, in MariaDB.
_MAX_PRECISION, _MAX_SCALE, _MAX_FRACTION = 65, 38, 6
_FRACTIONAL = frozenset({_T.DATETIME, _T.TIMESTAMPTZ, _T.TIMESTAMP, _T.TIME})


def cast(scope: Scope, value: Expr, to: exp.DataType) -> Expr:
    """CAST(value AS to), with MySQL's names for the targets."""
    kind = to.this
    if not isinstance(kind, _T):
        # sqlglot reads INTERVAL MONTH 1 as a cast.
        raise errors.syntax("", 1)
    size = [count(p.this.name) for p in to.expressions]
    if kind == _T.DECIMAL and size and size[0] > _MAX_PRECISION:
        raise errors.too_precise(size[0], _MAX_PRECISION)
    if kind == _T.DECIMAL and size[1:] and size[1] > _MAX_SCALE:
        raise errors.too_fine(size[1], _MAX_SCALE)
    if kind == _T.DECIMAL and size[1:] and size[1] > size[0]:
        raise errors.scale_beyond_precision()
    if kind in _FRACTIONAL and size and size[0] > _MAX_FRACTION:
        raise errors.too_precise(size[0], _MAX_FRACTION)
    if kind in (_T.BIGINT, _T.INT) and value.type.kind == ty.STR and not value.type.cut:
        return Expr(f"m_signed({value.sql},{2 if scope.unit.strict else 0})", ty.BIGINT)
    if kind in (_T.BIGINT, _T.INT):
        return Expr(whole(scope, value).sql, ty.BIGINT)
    if kind == _T.UBIGINT:
        return _unsigned(scope, value)
    if kind == _T.DECIMAL:
        precision, scale = (*size, 0)[:2] if size else (10, 0)
        return decimal(scope, value, precision, scale)
    if kind in (_T.CHAR, _T.VARCHAR, _T.NCHAR):
        return _characters(scope, value, size[0] if size else None)
    if kind == _T.CHARACTER_SET:
        if str(to.args["kind"].name).lower() not in ("utf8mb4", "utf8", "utf8mb3"):
            raise Unsupported("CONVERT to this character set", "utf8mb4")
        return Expr(as_text(value).sql, ty.TEXT)
    if kind == _T.BINARY:
        return _binary(value, size[0] if size else None)
    if kind == _T.DOUBLE and size:
        raise Unsupported("CAST AS DOUBLE(m, d)", "ROUND")
    if kind == _T.DOUBLE:
        number = as_double(scope, value)
        return Expr(number.sql, ty.DOUBLE) if value.type.kind == ty.NULL or value.type.single else number
    if kind == _T.DATE:
        return day(scope, value)
    if kind in (_T.DATETIME, _T.TIMESTAMPTZ, _T.TIMESTAMP):
        return moment(scope, value, size[0] if size else 0)
    if kind == _T.TIME:
        return _clock(scope, value, size[0] if size else 0)
    if kind == _T.JSON:
        raise errors.syntax("JSON)", 1)
    raise Unsupported(f"CAST AS {kind.value}", "SIGNED, DECIMAL, DOUBLE, CHAR, DATE or DATETIME")


def _unsigned(scope: Scope, value: Expr) -> Expr:
    """As UNSIGNED: refused beyond 63 bits, of which SQLite knows no more."""
    mode = 2 if scope.unit.strict else 0
    plain = value.type.kind == ty.DBL or (value.type.kind == ty.STR and not value.type.cut)
    text = value.sql if plain else whole(scope, value).sql
    return Expr(f"m_unsigned({text},{mode})", Type(ty.INT, 19, unsigned=True))


def decimal(scope: Scope, value: Expr, precision: int, scale: int) -> Expr:
    """As DECIMAL(precision, scale), capped at its largest value as MySQL does outside of strict writes."""
    target = ty.decimal(precision, scale)
    kind = value.type.kind
    if kind == ty.NULL:
        return Expr("NULL", target)
    # Values of more digits that fit into 64 bits are exact all the same; others are refused when they come.
    limit = "NULL" if precision > ty.NATIVE_DIGITS else str(10**precision - 1)
    if kind == ty.ENUM or (kind == ty.STR and value.type.cut):
        raise Unsupported("a CAST ... AS CHAR or an ENUM as a number", "the value itself")
    if kind in ty.TEXTUAL:
        return Expr(f"m_text_dec({value.sql},{scale},{limit},{2 if scope.unit.strict else 0})", target)
    number = as_number(scope, value)
    strict = int(scope.unit.strict)
    if number.type.kind == ty.DBL:
        return Expr(f"m_dbl_dec({number.sql},{scale},{limit},{strict})", target)
    return Expr(f"m_cap({rescale(number, scale)},{limit},{strict})", target)


def _characters(scope: Scope, value: Expr, size: int | None) -> Expr:
    text = as_text(value)
    kind = Type(ty.STR, cut=True)
    if size is None:
        return Expr(text.sql, kind, text.const)
    if size > _MAX_CHARACTERS:
        raise Unsupported(f"CAST AS CHAR({size})")
    mode = 0 if value.type.kind in ty.TEXTUAL else scope.bad_values
    return Expr(f"m_cut({text.sql},{size},{mode})", kind)


def _binary(value: Expr, size: int | None) -> Expr:
    if size is not None:
        raise Unsupported("CAST AS BINARY(n)")
    return Expr(f"CAST({as_text(value).sql} AS BLOB)", ty.BYTES)


def day(scope: Scope, value: Expr) -> Expr:
    """As DATE; NULL where there is none in the value."""
    kind = value.type.kind
    if kind in (ty.DATE, ty.NULL):
        return Expr(value.sql, ty.DAY)
    if kind == ty.DATETIME:
        checked = f"substr({value.checked},1,10)" if value.checked else ""
        return Expr(f"substr({value.sql},1,10)", Type(ty.DATE, cut=value.type.cut), checked=checked)
    if kind == ty.TIME:
        raise Unsupported("a TIME as a date")
    text = as_text(value)
    if isinstance(text.const, str):
        when = conversions.moment(text.const)
        if when is not None:
            return Expr(text_literal(when.date().isoformat()), ty.DAY, when.date().isoformat())
    day_text = read_as(scope, text, "datetime")
    return Expr(f"m_day({day_text})", Type(ty.DATE, cut=True), checked=f"m_day_sure({text.sql})")


def moment(scope: Scope, value: Expr, digits: int) -> Expr:
    """As DATETIME(digits); extra digits are cut off, as MariaDB does by default."""
    result = as_moment(scope, value, digits)
    unsure = value.type.kind in ty.TEXTUAL and result.const is None
    checked = as_moment(scope, value, digits, sure=True).sql if unsure else ""
    return Expr(result.sql, Type(ty.DATETIME, scale=digits, cut=unsure), checked=checked)


def _clock(scope: Scope, value: Expr, digits: int) -> Expr:
    target = Type(ty.TIME, scale=digits)
    if value.type.kind == ty.TIME:
        unit = 10 ** (6 - digits)
        return Expr(f"({value.sql}/{unit}*{unit})" if value.type.scale > digits else value.sql, target)
    text, checked = (as_clock(scope, value, sure=sure).sql for sure in (False, True))
    return Expr(f"m_clock_cut({text},{digits})", target, checked=f"m_clock_cut({checked},{digits})")
