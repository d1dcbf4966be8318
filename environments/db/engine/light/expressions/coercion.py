"""Implicit type conversion of expressions, as SQLite text: natively where that is exact, else by our functions.

Explicit conversions are in `casts`; those of values that are known already in `values.conversions`.
"""

from __future__ import annotations

from ...session import Unsupported
from ..values import conversions
from ..values import types as ty
from ..values.types import Type
from .scope import Expr, Scope, text_literal

NULL = Expr("NULL", ty.NULL_TYPE)


def integer(value: int) -> Expr:
    """An INT literal."""
    return Expr(str(value), Type(ty.INT, max(1, len(str(abs(value))))), value)


def string(value: str) -> Expr:
    """A string literal."""
    return Expr(text_literal(value), ty.TEXT, value)


def as_text(e: Expr) -> Expr:
    """The value as a string, as MySQL writes it."""
    kind = e.type.kind
    if kind in ty.TEXTUAL or kind == ty.NULL:
        return e
    if e.type == ty.YEAR and e.column is not None:
        return Expr(f"substr('000'||{e.sql},-4)", ty.TEXT)
    if kind == ty.INT:
        return string(str(e.const)) if e.const is not None else Expr(f"CAST({e.sql} AS TEXT)", ty.TEXT)
    if kind == ty.DEC:
        return Expr(f"m_dec_text({e.sql},{e.type.frac},{e.type.scale})", ty.TEXT)
    if kind == ty.DBL and e.type.cut and e.type.digits:
        return Expr(f"m_fixed_text({e.sql},{e.type.digits - 1})", ty.TEXT)
    if kind == ty.DBL and (e.type.scale or e.type.cut):
        raise Unsupported("the text of PI(), STD() or a rank", "ROUND")
    if kind == ty.DBL:
        return Expr(f"{'m_float_text' if e.type.single else 'm_dbl_text'}({e.sql})", ty.TEXT)
    if kind in (ty.DATE, ty.DATETIME):
        return Expr(e.sql, ty.TEXT)
    if kind == ty.TIME:
        return Expr(f"m_time_text({e.sql},{e.type.scale})", ty.TEXT)
    return Expr(f"m_utf8({e.sql})", Type(ty.STR, binary=True))


def as_double(scope: Scope, e: Expr, *, sure: bool = False) -> Expr:
    """The value as a DOUBLE; a text gives the number that it starts with, and in a writing statement must be one.

    `sure`: MySQL certainly evaluates it, and so raises an error where it is no number.
    """
    kind = e.type.kind
    if kind == ty.DBL or kind == ty.NULL:
        return e
    if e.type == ty.WHOLE_TEXT:
        return Expr(as_double(scope, Expr(e.sql, ty.TEXT), sure=sure).sql, ty.WHOLE_DOUBLE)
    if kind == ty.INT:
        return Expr(f"CAST({e.sql} AS REAL)", ty.DOUBLE)
    if kind == ty.DEC:
        rescale(e, e.type.frac)
        return Expr(f"({e.sql}/1e{e.type.frac})", ty.DOUBLE)
    if kind in ty.TEXTUAL:
        if e.type.cut:
            raise Unsupported("a CAST ... AS CHAR or an ENUM as a number", "CAST ... AS DECIMAL")
        if isinstance(e.const, str):
            value, complete = conversions.number(e.const)
            if complete or not scope.unit.strict:
                return Expr(double_literal(value), ty.DOUBLE)
        if kind == ty.ENUM:
            raise Unsupported("an ENUM as a number", "its text")
        mode = 0 if not scope.unit.strict else 1 if sure and not scope.unit.lazy_depth else 2
        return Expr(f"m_num_strict({e.sql},{mode})" if mode else f"m_num({e.sql})", ty.DOUBLE)
    if kind == ty.BIN:
        raise Unsupported("a binary string as a number", "CAST(... AS CHAR)")
    return as_double(scope, as_number(scope, e))


def double_literal(value: float) -> str:
    """A SQLite literal for a double, infinities included."""
    text = repr(value)
    if text in ("inf", "-inf"):
        return "1e999" if value > 0 else "-1e999"
    return text if "." in text or "e" in text else text + ".0"


def as_number(scope: Scope, e: Expr) -> Expr:
    """As the operand of arithmetic: numbers stay, texts become doubles, dates become numbers such as 20200131."""
    kind = e.type.kind
    if kind in ty.NUMERIC or kind == ty.NULL:
        return Expr(e.sql, ty.without_size(e.type), e.const) if e.type.single or e.type == ty.YEAR else e
    if kind == ty.DATE:
        return Expr(f"CAST(replace({e.sql},'-','') AS INTEGER)", Type(ty.INT, 8))
    if kind == ty.DATETIME:
        if e.type.scale:
            raise Unsupported("a DATETIME with fractional seconds as a number")
        packed = f"replace(replace(replace({e.sql},'-',''),':',''),' ','')"
        return Expr(f"CAST({packed} AS INTEGER)", Type(ty.INT, 14))
    if kind == ty.TIME:
        if e.type.scale:
            raise Unsupported("a TIME with fractional seconds as a number")
        return Expr(f"m_time_int({e.sql})", Type(ty.INT, 7))
    return as_double(scope, e)


def round_to_scale(e: Expr) -> Expr:
    """A quotient rounded to the digits it shows, as it is once MySQL has put it into a temporary table.

    A rounded double has seventeen digits there, and is refused where it needs more.
    """
    if e.type.kind == ty.DBL and e.type.cut and e.type.digits:
        return Expr(f"m_shown({e.sql})", e.type, None, e.column)
    if e.type.kind != ty.DEC or e.type.frac <= e.type.scale:
        return e
    drop = e.type.frac - e.type.scale
    return Expr(f"m_round({e.sql},{drop})", ty.decimal(e.type.digits - drop + 1, e.type.scale), None, e.column)


def rescale(e: Expr, frac: int) -> str:
    """An exact number as an integer times 10**frac; checked where the product might leave 64 bits."""
    if e.type.cut:
        raise Unsupported("going on with a quotient of a quotient", "CAST(... AS DECIMAL(12,4)) or ROUND")
    have = e.type.frac if e.type.kind == ty.DEC else 0
    if have == frac:
        return e.sql
    if have > frac:
        return f"m_round({e.sql},{have - frac})"
    up = frac - have
    if e.const is not None and isinstance(e.const, int):
        return str(e.const * 10**up)
    if e.type.digits + up > ty.NATIVE_DIGITS:
        return f"m_mul({e.sql},{10**up},1)" if up <= ty.NATIVE_DIGITS else f"m_too_wide({e.sql})"
    return f"({e.sql}*{10**up})"


def as_moment(scope: Scope, e: Expr, digits: int = 0, *, sure: bool = False) -> Expr:
    """As DATETIME text. A text that is none gives NULL, or, where it must be `sure`, a refusal."""
    kind = e.type.kind
    if kind == ty.NULL:
        return e
    target = Type(ty.DATETIME, scale=digits)
    if kind == ty.DATETIME:
        if e.type.scale == digits:
            return e
        return Expr(f"m_moment({e.sql},{digits})", target)
    if kind == ty.DATE:
        zeros = "." + "0" * digits if digits else ""
        return Expr(f"({e.sql}||' 00:00:00{zeros}')", target)
    if kind == ty.TIME:
        raise Unsupported("a TIME as a date", "TIMESTAMP(CURDATE(), ...)")
    text = as_text(e)
    if isinstance(text.const, str):
        when = conversions.moment(text.const)
        if when is not None:
            return Expr(
                text_literal(conversions.moment_text(when, digits)), target, conversions.moment_text(when, digits)
            )
    if sure:
        return Expr(f"m_moment_sure({text.sql},{digits})", target)
    return Expr(f"m_moment({read_as(scope, text, 'datetime')},{digits})", target)


def as_clock(scope: Scope, e: Expr, digits: int = 0, *, sure: bool = False) -> Expr:
    """As TIME in microseconds. A text that is none gives NULL, or, where it must be `sure`, a refusal."""
    kind = e.type.kind
    target = Type(ty.TIME, scale=digits)
    if kind in (ty.TIME, ty.NULL):
        return Expr(e.checked, e.type) if sure and e.checked else e
    if e.type == ty.YEAR:
        raise Unsupported("a YEAR as a time", "its number")
    if kind == ty.DATE:
        return Expr(f"(CASE WHEN {e.sql} IS NULL THEN NULL ELSE 0 END)", target)
    if sure:
        return Expr(f"m_clock_sure({as_text(e).sql})", target)
    return Expr(f"m_clock({read_as(scope, as_text(e), 'time')})", target)


def read_as(scope: Scope, text: Expr, kind: str) -> str:
    """A text that is read as a datetime or a time: one that is none is an error in a writing statement."""
    read = conversions.moment if kind == "datetime" else conversions.clock
    if not scope.bad_values or (isinstance(text.const, str) and read(text.const) is not None):
        return text.sql
    return f"m_read_as({text.sql},'{kind}',{scope.bad_values})"


def to_type(scope: Scope, e: Expr, target: Type) -> Expr:
    """As a value of the type that `types.unify` found for several, for CASE, IF and UNION."""
    kind, want = e.type.kind, target.kind
    if kind == ty.NULL or e.type == target:
        return e
    if want == ty.STR and kind == ty.DEC and e.type.frac != e.type.scale:
        raise Unsupported("mixing a quotient with text in one column", "ROUND")
    if want == ty.STR:
        return Expr(as_text(e).sql, target)
    if want == ty.DEC and kind in ty.EXACT:
        return Expr(rescale(e, target.frac), target)
    if want == ty.DBL and kind in ty.NUMERIC:
        return Expr(as_double(scope, e).sql, target)
    if want == ty.DATETIME and kind in (ty.DATE, ty.DATETIME):
        return as_moment(scope, e, target.scale)
    if want == kind:
        return Expr(e.sql, target)
    raise Unsupported(f"turning {kind} into {want} here", "an explicit CAST")


def truth(scope: Scope, e: Expr) -> str:
    """SQLite text that is true, false or NULL as MySQL takes the value for a condition."""
    kind = e.type.kind
    if kind in ty.NUMERIC or kind == ty.NULL:
        return e.sql
    if kind in ty.TEXTUAL:
        return f"({as_double(scope, e).sql}<>0)"
    if kind in (ty.DATE, ty.DATETIME):
        # No zero date is ever stored, and any other is true.
        return f"(CASE WHEN {e.sql} IS NULL THEN NULL ELSE 1 END)"
    if kind == ty.TIME:
        return f"({e.sql}<>0)"
    raise Unsupported("a binary string as a condition")


def choose(scope: Scope, tests: list[str], results: list[Expr]) -> Expr:
    """CASE WHEN test THEN result … ELSE the last result END, in the type common to all results."""
    target = ty.unify_results(r.type for r in results)
    texts = [to_type(scope, r, target).sql for r in results]
    body = " ".join(f"WHEN {t} THEN {r}" for t, r in zip(tests, texts, strict=False))
    return Expr(f"(CASE {body} ELSE {texts[-1]} END)", target)
