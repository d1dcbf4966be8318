"""Calls of JSON functions: documents and paths are texts, and SQL's values become JSON by their types."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from ...session import Unsupported
from ..values import errors
from ..values import types as ty
from ..values.types import Type
from . import comparisons
from .coercion import as_text
from .scope import Expr, Scope

_TEXTS: dict[str, tuple[str, int, int, Type]] = {
    "JSON_VALID": ("m_json_valid", 1, 1, ty.BOOL),
    "JSON_EXTRACT": ("m_json_extract", 2, 99, ty.TEXT),
    "JSON_VALUE": ("m_json_value", 2, 2, ty.TEXT),
    "JSON_UNQUOTE": ("m_json_unquote", 1, 1, ty.TEXT),
    "JSON_LENGTH": ("m_json_length", 1, 2, Type(ty.INT, 10)),
    "JSON_TYPE": ("m_json_type", 1, 1, ty.TEXT),
    "JSON_DEPTH": ("m_json_depth", 1, 1, Type(ty.INT, 10)),
    "JSON_KEYS": ("m_json_keys", 1, 2, ty.TEXT),
    "JSON_CONTAINS": ("m_json_contains", 2, 3, ty.BOOL),
    "JSON_CONTAINS_PATH": ("m_json_contains_path", 3, 99, ty.BOOL),
    "JSON_REMOVE": ("m_json_remove", 2, 99, ty.TEXT),
}
"""Functions of texts alone: the name in SQLite, the fewest and the most arguments, the result."""
_CHANGES = {"JSON_SET": "S", "JSON_INSERT": "N", "JSON_REPLACE": "P", "JSON_ARRAY_APPEND": ""}
_DOCUMENTS = frozenset(
    "JSON_EXTRACT JSON_OBJECT JSON_ARRAY JSON_KEYS JSON_REMOVE JSON_ARRAYAGG JSON_OBJECTAGG".split()  # noqa: SIM905
) | set(_CHANGES)
AGGREGATES = frozenset({"JSON_ARRAYAGG", "JSON_OBJECTAGG"})
NAMES = frozenset({*_TEXTS, *_CHANGES, "JSON_OBJECT", "JSON_ARRAY"})
_TRUTHS = (
    exp.Boolean, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.Is, exp.Not, exp.And, exp.Or,
    exp.Xor, exp.Between, exp.In, exp.Exists, exp.Like, exp.Escape, exp.RegexpLike,
)  # fmt: skip


def call(scope: Scope, name: str, node: exp.Expression) -> Expr:
    """Compile a call of one of NAMES. Raises 1582 for a wrong count of arguments."""
    nodes = node.expressions
    if name == "JSON_EXTRACT" and not _may_stand(node):
        raise Unsupported("JSON_EXTRACT in this place", "JSON_VALUE")
    if name in _TEXTS:
        return _of_texts(scope, name, nodes)
    if name in _CHANGES:
        return _changed(scope, name, nodes)
    if name == "JSON_OBJECT" and len(nodes) % 2:
        raise errors.parameter_count(name)
    keyed = name == "JSON_OBJECT"
    parts = [
        f"coalesce({as_text(scope.compile(n)).sql},'')" if keyed and not i % 2 else as_json(scope, n)
        for i, n in enumerate(nodes)
    ]
    return Expr(f"m_{name.lower()}({','.join(parts)})", ty.TEXT)


def _may_stand(node: exp.Expression) -> bool:
    """Whether JSON_EXTRACT stands where MariaDB takes its text: elsewhere it compares by the value inside."""
    parent = node.parent.parent if isinstance(node.parent, exp.Alias) else node.parent
    if isinstance(parent, exp.Select):
        return parent.parent is None and not parent.args.get("having")
    if isinstance(parent, exp.Anonymous):
        return str(parent.this).startswith("JSON_")
    return isinstance(parent, exp.Is) and isinstance(parent.expression, exp.Null)


def _of_texts(scope: Scope, name: str, nodes: Sequence[exp.Expression]) -> Expr:
    function, low, high, result = _TEXTS[name]
    if not low <= len(nodes) <= high:
        raise errors.parameter_count(name)
    texts = _texts(scope, nodes)
    if result == ty.TEXT:
        # What JSON_UNQUOTE gives compares by bytes, whatever it is given.
        result = Type(ty.STR, binary=texts[0].type.binary or name == "JSON_UNQUOTE")
    return Expr(f"{function}({','.join(t.sql for t in texts)})", result)


def _texts(scope: Scope, nodes: Sequence[exp.Expression]) -> list[Expr]:
    values = [scope.compile(n) for n in nodes]
    if any(e.type.kind == ty.BIN for e in values):
        raise Unsupported("JSON in a binary string", "CONVERT(... USING utf8mb4)")
    return [as_text(e) for e in values]


def _changed(scope: Scope, name: str, nodes: Sequence[exp.Expression]) -> Expr:
    """JSON_SET and its kin: a document, then paths with values."""
    if len(nodes) < 3 or len(nodes) % 2 == 0:
        raise errors.parameter_count(name)
    document, *paths = _texts(scope, [nodes[0], *nodes[1::2]])
    values = [as_json(scope, n) for n in nodes[2::2]]
    pairs = [part for path, value in zip(paths, values, strict=True) for part in (path.sql, value)]
    function = f"m_json_set('{_CHANGES[name]}'," if _CHANGES[name] else "m_json_append("
    return Expr(f"{function}{document.sql},{','.join(pairs)})", Type(ty.STR, binary=document.type.binary))


def as_json(scope: Scope, node: exp.Expression) -> str:
    """SQLite text of a value as JSON; NULL is `null`. Refused where MariaDB may take it for another kind of value."""
    if isinstance(node, exp.Boolean):
        return "'true'" if node.this else "'false'"
    document = isinstance(node, exp.Anonymous) and str(node.this) in _DOCUMENTS
    e = scope.compile(node)
    if not document and node.find(*_TRUTHS):
        raise Unsupported("a truth value inside JSON", "TRUE and FALSE")
    if e.type.kind == ty.NULL:
        return "'null'"
    if e.type.kind == ty.BIN or e.type.cut or (e.type.binary and not document):
        raise Unsupported("JSON of this value", "CAST(... AS CHAR)")
    if not document and e.type.kind in ty.TEXTUAL and _may_hold_json(scope, node, e):
        raise Unsupported("JSON of a text that may be JSON of a query or of a branch", "the JSON function in its place")
    text = as_text(e).sql
    if document or e.type.kind in ty.NUMERIC:
        return f"coalesce({text},'null')"
    return f"coalesce(m_json_quote({text}),'null')"


def _may_hold_json(scope: Scope, node: exp.Expression, value: Expr) -> bool:
    """Whether a text may come from a JSON function inside it, or from one in the query that gives its column."""
    if any(_is_document(inner) for inner in node.find_all(exp.Anonymous)):
        return True
    stored = value.origin is None or _is_stored(scope, value.origin.source)
    if stored and not node.find(exp.Query):
        return False
    here = node.parent_select
    elsewhere = (n for n in scope.unit.statement.tree.find_all(exp.Anonymous) if n.parent_select is not here)
    return any(map(_is_document, elsewhere)) or any("json_" in v.sql.lower() for v in scope.unit.catalog.views.values())


def _is_document(node: exp.Expression) -> bool:
    return str(node.this) in _DOCUMENTS


def _is_stored(scope: Scope, alias: str) -> bool:
    """Whether a source is a table, and no query with a name."""
    inner: Scope | None = scope
    while inner is not None:
        for source in inner.names.sources:
            if source.alias == alias:
                return source.table is not None
        inner = inner.parent
    return False


def aggregate(scope: Scope, name: str, nodes: Sequence[exp.Expression], over: Callable[[str], str]) -> Expr:
    """JSON_ARRAYAGG and JSON_OBJECTAGG, which MariaDB writes with fewer spaces than the others."""
    if len(nodes) != 1 + (name == "JSON_OBJECTAGG"):
        raise errors.syntax(")", 1)
    if over("") or isinstance(nodes[0], exp.Distinct):
        raise Unsupported(f"DISTINCT or OVER of {name}", "a derived table")
    value = as_json(scope, nodes[-1])
    if name == "JSON_ARRAYAGG":
        return Expr(f"('['||m_group_concat(0,',','',{value})||']')", ty.TEXT)
    key = as_text(scope.compile(nodes[0])).sql
    if scope.compile(nodes[0]).type.kind == ty.BIN:
        raise Unsupported("JSON of this value", "CAST(... AS CHAR)")
    member = f"coalesce(m_json_quote({key}),m_refuse('a key of JSON that is NULL'))||':'||{value}"
    return Expr(f"('{{'||m_group_concat(0,', ','',{member})||'}}')", ty.TEXT)


def is_extract(node: exp.Expression) -> bool:
    """Whether a node is a call of JSON_EXTRACT, which compares by the value inside."""
    return isinstance(node, exp.Anonymous) and node.this == "JSON_EXTRACT"


def compared(scope: Scope, op: str, left: exp.Expression, right: exp.Expression) -> Expr:
    """JSON_EXTRACT against a text or a number, which MariaDB compares with the value inside."""
    inside, other = (left, right) if is_extract(left) else (right, left)
    value = scope.compile(other)
    if is_extract(other) or value.type.kind not in {ty.STR, *ty.NUMERIC} or value.type.cut:
        raise Unsupported("JSON_EXTRACT compared with this value", "JSON_VALUE")
    found = _of_texts(scope, "JSON_EXTRACT", inside.expressions)
    if value.type.kind == ty.STR:
        found = Expr(f"m_json_unquote({found.sql})", found.type)
    else:
        found = Expr(f"m_json_number({found.sql})", ty.DOUBLE)
    return comparisons.binary(scope, op, *((found, value) if inside is left else (value, found)))
