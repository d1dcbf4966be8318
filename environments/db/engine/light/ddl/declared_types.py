"""The types that CREATE TABLE … SELECT declares for computed columns, by MariaDB's rules for the digits of each operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from ..catalog.catalog import Column
from ..queries.stored_columns import StoredColumns

_AGGREGATED, _AVERAGED, _QUOTIENT = 22, 4, 4
_MOST_DIGITS, _MOST_LITERAL, _LONGEST_TEXT = 65, 9, 512
_PRECISION = {"tinyint": 3, "smallint": 5, "mediumint": 8, "int": 10, "bigint": 19}
_COUNTS = ("COUNT", "ROW_NUMBER", "RANK", "DENSE_RANK")


@dataclass(frozen=True, slots=True)
class Declared:
    """What is declared: `kind` is int, decimal, double or text; `digits` counts those of a number, or a text's characters."""

    kind: str
    digits: int
    scale: int = 0
    nullable: bool = True
    unsigned: bool = False
    decl: str = ""
    """the type itself where it is not made from the digits"""

    @property
    def text(self) -> str:
        """The type as a column declares it."""
        if self.decl:
            return self.decl
        if self.kind == "int":
            width = self.digits + (not self.unsigned)
            return f"{'int' if width <= _PRECISION['int'] else 'bigint'}({width}){' unsigned' if self.unsigned else ''}"
        if self.kind == "decimal":
            return f"decimal({min(self.digits, _MOST_DIGITS)},{self.scale})"
        return "double" if self.kind == "double" else f"varchar({self.digits})" if self.digits else "char(0)"


def declared_type(columns: StoredColumns, node: exp.Expression) -> Declared | None:
    """The declaration of an item of the select list; None where it is not known here."""
    if isinstance(node, exp.Anonymous):
        return _call(columns, str(node.this).upper(), node.expressions)
    rule = next((build for kind, build in _RULES if isinstance(node, kind)), None)
    return rule(columns, node) if rule is not None else None


def _literal(columns: StoredColumns, node: exp.Expression) -> Declared | None:
    text = str(node.this)
    if node.is_string:
        return Declared("text", len(text), nullable=False) if len(text) <= _LONGEST_TEXT else None
    whole, point, fraction = text.partition(".")
    if not (whole + fraction).isdigit() or not 0 < len(whole) <= _MOST_LITERAL or (whole[0] == "0" and len(whole) > 1):
        return None
    if point:
        return Declared("decimal", len(whole) + len(fraction), len(fraction), nullable=False)
    return Declared("int", len(text), nullable=False, decl=f"int({len(text)})")


def _column(columns: StoredColumns, node: exp.Expression) -> Declared | None:
    column = columns.find(node)
    return _of_column(column) if column is not None else None


def _of_column(column: Column) -> Declared | None:
    domain = column.domain
    if domain.base in _PRECISION:
        unsigned = domain.type.unsigned
        digits = _PRECISION[domain.base] + (unsigned and domain.base == "bigint")
        return Declared("int", digits, 0, column.nullable, unsigned, domain.decl)
    if domain.base == "decimal":
        return Declared("decimal", domain.type.digits, domain.type.scale, column.nullable, decl=domain.decl)
    if domain.base in ("double", "float"):
        return Declared("double", 0, 0, column.nullable, decl=domain.decl)
    if domain.base in ("char", "varchar"):
        return Declared("text", domain.size, 0, column.nullable, decl=domain.decl)
    return Declared(domain.base, 0, 0, column.nullable, decl=domain.decl)


def _numbers(parts: Sequence[Declared | None]) -> list[Declared]:
    """The parts, if all are numbers; else none."""
    return (
        [p for p in parts if p is not None] if all(p and p.kind in ("int", "decimal", "double") for p in parts) else []
    )


def _arithmetic(columns: StoredColumns, node: exp.Expression) -> Declared | None:
    parts = _numbers([declared_type(columns, node.this), declared_type(columns, node.expression)])
    if not parts:
        return None
    a, b = parts
    nullable = a.nullable or b.nullable or isinstance(node, exp.Div)
    if "double" in (a.kind, b.kind):
        return Declared("double", 0, 0, nullable)
    if isinstance(node, exp.Div):
        if b.scale:
            return None
        return Declared("decimal", a.digits + _QUOTIENT, a.scale + _QUOTIENT, nullable)
    scale = a.scale + b.scale if isinstance(node, exp.Mul) else max(a.scale, b.scale)
    whole = a.digits - a.scale + b.digits - b.scale
    if not isinstance(node, exp.Mul):
        whole = max(a.digits - a.scale, b.digits - b.scale) + 1
    kind = "decimal" if "decimal" in (a.kind, b.kind) else "int"
    if a.unsigned or b.unsigned or (kind == "int" and whole == _PRECISION["int"]):
        return None
    return Declared(kind, whole + scale, scale, nullable)


def _negative(columns: StoredColumns, node: exp.Expression) -> Declared | None:
    value = declared_type(columns, node.this)
    if value is None or not isinstance(node.this, exp.Literal) or value.kind not in ("int", "decimal"):
        return None
    return replace(value, decl=f"int({value.digits + 1})" if value.kind == "int" else "")


def _call(columns: StoredColumns, name: str, nodes: Sequence[exp.Expression]) -> Declared | None:
    if name in _COUNTS:
        return Declared("int", 20, nullable=False)
    if name in ("SUM", "AVG", "MIN", "MAX") and len(nodes) == 1:
        inner = nodes[0].expressions[0] if isinstance(nodes[0], exp.Distinct) else nodes[0]
        return _aggregate(name, inner, declared_type(columns, inner))
    parts = [declared_type(columns, n) for n in nodes]
    if name == "ROUND" and _numbers(parts[:1]):
        return _rounded(_numbers(parts[:1])[0], nodes[1] if len(nodes) > 1 else exp.Literal.number(0))
    if name in ("COALESCE", "IFNULL"):
        return _common(parts, nullable=all(p is None or p.nullable for p in parts))
    if name == "IF" and len(parts) == 3:
        return _chosen(columns, nodes[:1], parts[1:])
    if name == "CONCAT" and all(p is not None and p.kind == "text" for p in parts):
        return Declared("text", sum(p.digits for p in parts if p is not None))
    return _OF_DATES.get(name) if len(nodes) == 1 else None


_OF_DATES = {
    "YEAR": Declared("int", 4), "MONTH": Declared("int", 2), "DAY": Declared("int", 2),
    "DATE": Declared("date", 0, decl="date"),
}  # fmt: skip


def _aggregate(name: str, node: exp.Expression, value: Declared | None) -> Declared | None:
    if value is None:
        return None
    if name in ("MIN", "MAX") and not (isinstance(node, exp.Column) and value.nullable):
        return None  # of a column without NULLs MariaDB makes one without a default
    if name in ("MIN", "MAX"):
        return replace(value, nullable=True)
    if value.kind == "double":
        return Declared("double", 0)
    if value.kind not in ("int", "decimal"):
        return None
    if name == "SUM":
        return Declared("decimal", value.digits + _AGGREGATED, value.scale)
    return Declared("decimal", value.digits + _AVERAGED, value.scale + _AVERAGED)


def _rounded(value: Declared, digits: exp.Expression) -> Declared | None:
    if not isinstance(digits, exp.Literal) or not digits.name.isdigit() or value.kind != "decimal":
        return None
    scale = min(int(digits.name), value.scale)
    grows = scale < value.scale
    return Declared("decimal", value.digits - value.scale + grows + scale, scale, value.nullable)


def _common(parts: Sequence[Declared | None], *, nullable: bool) -> Declared | None:
    """One column of several values: of texts the longest, of numbers the digits of each side of the point."""
    known = [p for p in parts if p is not None]
    kinds = {p.kind for p in known}
    if len(known) < len(parts) or any(p.unsigned for p in known):
        return None
    if kinds == {"text"}:
        return Declared("text", max(p.digits for p in known), 0, nullable)
    if kinds <= {"int", "decimal"} and "decimal" in kinds:
        scale = max(p.scale for p in known)
        return Declared("decimal", max(p.digits - p.scale for p in known) + scale, scale, nullable)
    if kinds == {"int"} and all(p.decl.startswith("int(") for p in known):
        widest = max(p.digits for p in known)
        return Declared("int", widest, 0, nullable, decl="int(11)" if widest == _PRECISION["int"] else "")
    return None


def _case(columns: StoredColumns, node: exp.Expression) -> Declared | None:
    values = [branch.args["true"] for branch in node.args["ifs"]]
    last = node.args.get("default")
    parts = [declared_type(columns, v) for v in (*values, *([last] if last is not None else []))]
    conditions = [branch.this for branch in node.args["ifs"]]
    declared = _chosen(columns, [*conditions, *([node.this] if node.this is not None else [])], parts)
    return replace(declared, nullable=True) if declared is not None and last is None else declared


def _chosen(
    columns: StoredColumns, conditions: Sequence[exp.Expression], parts: Sequence[Declared | None]
) -> Declared | None:
    """One of several values, which is nullable where a condition or a value is."""
    named = [columns.find(name) for condition in conditions for name in condition.find_all(exp.Column)]
    if None in named or any(condition.find(exp.Is, exp.Anonymous, exp.Query) for condition in conditions):
        return None
    return _common(
        parts, nullable=any(c is not None and c.nullable for c in named) or any(p and p.nullable for p in parts)
    )


def _comparison(columns: StoredColumns, node: exp.Expression) -> Declared | None:
    parts = [declared_type(columns, n) for n in (node.this, node.expression)]
    if None in parts:
        return None
    return Declared("int", 1, 0, any(p is not None and p.nullable for p in parts), decl="int(1)")


def _inner(columns: StoredColumns, node: exp.Expression) -> Declared | None:
    return declared_type(columns, node.this)


_RULES: tuple[tuple[type[exp.Expression] | tuple[type[exp.Expression], ...], Callable[..., Declared | None]], ...] = (
    (exp.Literal, _literal),
    (exp.Column, _column),
    ((exp.Paren, exp.Window), _inner),
    ((exp.Add, exp.Sub, exp.Mul, exp.Div), _arithmetic),
    (exp.Neg, _negative),
    (exp.Case, _case),
    ((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE), _comparison),
    (exp.GroupConcat, lambda columns, node: Declared("mediumtext", 0, decl="mediumtext")),
)
