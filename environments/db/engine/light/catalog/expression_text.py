"""The expression of a CHECK or a generated column in the words in which MariaDB shows it."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from ...session import Unsupported
from ..parsing.parse import parse_expression

_OR, _AND, _NOT, _TEST, _SUM, _PRODUCT, _WHOLE = range(7)
_BINARY: dict[type[exp.Expression], tuple[str, int]] = {
    exp.Or: ("or", _OR), exp.And: ("and", _AND),
    exp.EQ: ("=", _TEST), exp.NEQ: ("<>", _TEST), exp.GT: (">", _TEST), exp.GTE: (">=", _TEST), exp.LT: ("<", _TEST),
    exp.LTE: ("<=", _TEST), exp.NullSafeEQ: ("<=>", _TEST), exp.Like: ("like", _TEST), exp.RegexpLike: ("regexp", _TEST),
    exp.Add: ("+", _SUM), exp.Sub: ("-", _SUM), exp.Mul: ("*", _PRODUCT), exp.Div: ("/", _PRODUCT),
    exp.Mod: ("MOD", _PRODUCT),
}  # fmt: skip
"""Operators with their words and how tightly they bind."""
_CALLS = {
    **{name: name.lower() for name in (
        "CHAR_LENGTH", "CONCAT", "JSON_VALID", "ROUND", "ABS", "YEAR", "MONTH", "COALESCE", "IFNULL", "FLOOR", "GREATEST",
        "LEAST",
    )},
    "UPPER": "ucase", "LOWER": "lcase", "LENGTH": "octet_length",
}  # fmt: skip
"""Functions by the names that MariaDB shows."""
_LITERAL_ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'"})


def shown(text: str) -> str:
    """The text of an expression as MariaDB writes it; refuses what it writes in ways that are not known here."""
    written = _text(parse_expression(text, frozenset(_CALLS)), _OR)
    if written is None:
        raise Unsupported("showing this CHECK or generated column", "DESCRIBE")
    return written


def _text(node: exp.Expression, around: int) -> str | None:
    """A node inside an operator that binds as `around` does."""
    if isinstance(node, exp.Paren):
        return _text(node.this, around)
    if type(node) in _BINARY:
        return _operation(node, around)
    rule = next((build for kind, build in _RULES if isinstance(node, kind)), None)
    return rule(node, around) if rule is not None else None


def _operation(node: exp.Expression, around: int, negated: str = "") -> str | None:
    word, level = _BINARY[type(node)]
    left, right = _text(node.this, level), _text(node.expression, level + (level >= _TEST))
    return _enclosed(None if left is None or right is None else f"{left} {negated}{word} {right}", level, around)


def _enclosed(text: str | None, level: int, around: int) -> str | None:
    return f"({text})" if text is not None and level < around else text


def _literal(node: exp.Expression, around: int) -> str | None:
    return "'" + str(node.this).translate(_LITERAL_ESCAPES) + "'" if node.is_string else str(node.this)


def _negative(node: exp.Expression, around: int) -> str | None:
    return f"-{node.this.name}" if isinstance(node.this, exp.Literal) and not node.this.is_string else None


def _column(node: exp.Expression, around: int) -> str | None:
    return "`" + node.name.replace("`", "``") + "`" if not node.text("table") else None


def _call(node: exp.Expression, around: int) -> str | None:
    parts = [_text(n, _OR) for n in node.expressions]
    name = str(node.this).upper()
    if name not in _CALLS or None in parts:
        return None
    return f"{_CALLS[name]}({','.join(p for p in parts if p is not None)})"


def _negation(node: exp.Expression, around: int) -> str | None:
    """NOT in front of a test is written inside of it."""
    inner = node.this
    rule = {exp.In: _in, exp.Between: _between, exp.Is: _is}.get(type(inner))
    if isinstance(inner, exp.Like):
        return _operation(inner, around, " not ")
    return rule(inner, around, "not ") if rule is not None else None


def _in(node: exp.Expression, around: int, negated: str = "") -> str | None:
    parts = [_text(n, _OR) for n in (node.this, *node.expressions)]
    if None in parts or len(parts) < 3 or node.args.get("query"):
        return None
    subject, *members = (p for p in parts if p is not None)
    return _enclosed(f"{subject} {negated}in ({','.join(members)})", _TEST, around)


def _between(node: exp.Expression, around: int, negated: str = "") -> str | None:
    parts = [_text(n, _SUM) for n in (node.this, node.args["low"], node.args["high"])]
    if None in parts:
        return None
    return _enclosed(f"{parts[0]} {negated}between {parts[1]} and {parts[2]}", _TEST, around)


def _is(node: exp.Expression, around: int, negated: str = "") -> str | None:
    subject = _text(node.this, _SUM)
    if subject is None or not isinstance(node.expression, exp.Null):
        return None
    return _enclosed(f"{subject} is {negated}null", _TEST, around)


_RULES: tuple[tuple[type[exp.Expression], Callable[[exp.Expression, int], str | None]], ...] = (
    (exp.Literal, _literal),
    (exp.Neg, _negative),
    (exp.Column, _column),
    (exp.Anonymous, _call),
    (exp.Not, _negation),
    (exp.In, _in),
    (exp.Between, _between),
    (exp.Is, _is),
)
