"""Literals and user variables, whose values are known when a statement is compiled."""

from __future__ import annotations

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..values import errors
from ..values import types as ty
from .coercion import NULL, as_text, double_literal, integer, string
from .scope import Expr, Scope

# Behind the point, in MariaDB.
_MOST_DIGITS = 38


def literal(scope: Scope, node: exp.Expression) -> Expr:
    """A quoted text or a number."""
    text = str(node.this)
    if node.args["is_string"]:
        return string(text)
    return number(text)


def number(text: str) -> Expr:
    """A numeric literal: INT, DECIMAL with a point, DOUBLE with an exponent."""
    if "e" in text.lower():
        try:
            value = float(text)
            if value == float("inf"):
                raise SQLError(1367, "22007", f"Illegal double '{text}' value found during parsing")
            return Expr(double_literal(value), ty.DOUBLE, value)
        except ValueError as e:
            # A name in MySQL, which may begin with digits; sqlglot takes it for a number without its exponent.
            raise errors.syntax(text, 1) from e
    whole, point, fraction = text.partition(".")
    if not point:
        if len(whole.lstrip("0")) > 19 or int(whole) >= 2**63:
            raise Unsupported(f"the integer {whole[:40]}, which needs more than 63 bits")
        return integer(int(whole))
    digits = len((whole + fraction).lstrip("0")) or 1
    if digits > ty.NATIVE_DIGITS or len(fraction) > _MOST_DIGITS:
        raise Unsupported(f"a decimal of {digits} digits")
    value = int((whole + fraction) or "0")
    return Expr(str(value), ty.decimal(max(digits, len(fraction)), len(fraction)), value)


def boolean(scope: Scope, node: exp.Expression) -> Expr:
    """TRUE and FALSE, which are 1 and 0."""
    return integer(1 if node.this else 0)


def concatenation(scope: Scope, node: exp.Expression) -> Expr:
    """Adjacent string literals, and the list inside GROUP_CONCAT."""
    parts = [as_text(scope.compile(n)) for n in node.expressions]
    if all(isinstance(p.const, str) for p in parts):
        return string("".join(str(p.const) for p in parts))
    return Expr("(" + "||".join(p.sql for p in parts) + ")", ty.TEXT)


def hexadecimal(scope: Scope, node: exp.Expression) -> Expr:
    """x'…', a binary string."""
    text = str(node.this)
    return Expr(f"x'{text.zfill(len(text) + len(text) % 2)}'", ty.BYTES)


def introduced(scope: Scope, node: exp.Expression) -> Expr:
    """_utf8mb4 x'…', a text of these bytes; of other character sets nothing is known. Raises 1300."""
    value = node.args.get("expression")
    if not isinstance(value, exp.HexString):
        raise Unsupported("this character set", "utf8mb4")
    digits = str(value.this)
    data = bytes.fromhex(digits.zfill(len(digits) + len(digits) % 2))
    try:
        return string(data.decode())
    except UnicodeDecodeError as e:
        raise errors.invalid_characters(data[e.start :]) from e


def variable(scope: Scope, node: exp.Expression) -> Expr:
    """@name: its present value as a constant, so the statement is compiled anew each time."""
    scope.unit.volatile = True
    value = scope.unit.variables.get(node.name.lower())
    match value:
        case None:
            return NULL
        case bool() | int():
            return Expr(str(int(value)), ty.BIGINT, int(value))
        case float():
            return Expr(double_literal(value), ty.DOUBLE)
        case str():
            return Expr(string(value).sql, ty.TEXT, value)
    raise Unsupported("a variable of this type", "SELECT the value directly")
