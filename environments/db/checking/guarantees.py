"""Guarantees of a statement's answer, by its text alone: an order, all rows, the same rows each time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

_NONDETERMINISTIC = re.compile(
    r"\b(?:rand|uuid|uuid_short|now|sysdate|curdate|curtime|current_date|current_time|current_timestamp|localtime"
    r"|localtimestamp|utc_date|utc_time|utc_timestamp|unix_timestamp|connection_id|sleep|last_insert_id|found_rows|row_count"
    r"|user|current_user|session_user|version|benchmark|random_bytes)\s*\(|\bcurrent_(?:date|time|timestamp|user)\b"
    r"|\blocaltime(?:stamp)?\b|@@?\w",
    re.IGNORECASE,
)
_TEXT = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`[^`]*`|/\*.*?\*/|(?:--\s|#)[^\n]*", re.DOTALL)
_VERB = re.compile(r"(?:\s|\(|/\*.*?\*/|(?:--\s|#)[^\n]*)*([^\W\d_]+)", re.DOTALL)
READS = frozenset({"SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "VALUES", "TABLE"})
_LONGEST = 20_000
_MANY = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Guarantees:
    """Guarantees of one statement.

    `ordered`: its rows come in an order. `limited`: only some of them come. `nondeterministic`: they depend on the clock,
    the session or chance.
    """

    verb: str
    ordered: bool = False
    limited: bool = False
    nondeterministic: bool = False

    @property
    def reads(self) -> bool:
        """Whether it answers with rows, not with a count."""
        return self.verb in READS


@dataclass(frozen=True, slots=True)
class UnlimitedQuery:
    """A query without its LIMIT, and the LIMIT's `offset` and `count`.

    `keys` are the places of its sort keys in a row; the last `added` columns were appended for that.
    """

    sql: str
    keys: tuple[int, ...]
    added: int
    offset: int
    count: int


def without_literals(sql: str) -> str:
    """A statement without its literals, quoted names and comments."""
    return _TEXT.sub(" ", sql)


def verb(sql: str) -> str:
    """The word a statement begins with."""
    match = _VERB.match(sql)
    return match[1].upper() if match else ""


@lru_cache(512)
def guarantees_of(sql: str) -> Guarantees:
    """Guarantees of a statement; one that cannot be parsed is taken for ordered and limited."""
    word, text = verb(sql), without_literals(sql)
    nondeterministic = _NONDETERMINISTIC.search(text) is not None
    if word not in ("SELECT", "WITH"):
        return Guarantees(
            word,
            ordered=word in ("DESCRIBE", "DESC", "EXPLAIN") or bool(_COLUMNS.match(text)),
            nondeterministic=nondeterministic,
        )
    tree = parse_query(sql)
    if tree is None:
        return Guarantees(word, ordered=True, limited=True, nondeterministic=nondeterministic)
    ordered, limited = tree.args.get("order") is not None, tree.args.get("limit") is not None
    inner = any(tree is not node.parent for node in tree.find_all(exp.Limit))
    return Guarantees(word, ordered, limited, nondeterministic or inner)


_COLUMNS = re.compile(r"\s*SHOW\s+(?:FULL\s+)?(?:COLUMNS|FIELDS)\b", re.IGNORECASE)


@lru_cache(512)
def without_limit(sql: str) -> UnlimitedQuery | None:
    """The query for all rows from which a SELECT takes some; None where that cannot be written."""
    tree = parse_query(sql)
    if tree is None:
        return None
    tree = tree.copy()
    count, offset, order = _literal_bound(tree, "limit"), _literal_bound(tree, "offset"), tree.args.get("order")
    if count is None or offset is None:
        return None
    tree.set("limit", None)
    tree.set("offset", None)
    keys = [o.this if isinstance(o, exp.Ordered) else o for o in order.expressions] if order else []
    places = [_place(tree, key) for key in keys]
    missing_keys = [key.copy() for key, place in zip(keys, places, strict=True) if place is None]
    if missing_keys and (not isinstance(tree, exp.Select) or tree.args.get("distinct")):
        return None
    for n, key in enumerate(missing_keys):
        tree.append("expressions", exp.alias_(key, f"ordered_by_{n}"))
    ends = iter(range(-len(missing_keys), 0))
    return UnlimitedQuery(
        tree.sql("mysql"), tuple(next(ends) if p is None else p for p in places), len(missing_keys), offset, count
    )


@lru_cache(512)
def unordered_concatenations(sql: str) -> frozenset[int]:
    """The columns of a query that are a GROUP_CONCAT by commas and without an order."""
    tree = parse_query(sql)
    items = tree.selects if tree is not None else ()
    return frozenset(
        place
        for place, item in enumerate(items)
        if isinstance(node := item.unalias(), exp.GroupConcat) and not node.find(exp.Order) and _joins_by_comma(node)
    )


def _joins_by_comma(node: exp.GroupConcat) -> bool:
    separator = node.args.get("separator")
    return separator is None or separator.name == ","


def count_of_matches(sql: str) -> str:
    """A query for the number of rows that an UPDATE of one table looks at; '' where that cannot be written."""
    try:
        tree = sqlglot.parse_one(sql, read="mysql")
    except (SqlglotError, RecursionError, ValueError, TypeError, AttributeError, IndexError, KeyError):
        return ""
    if not isinstance(tree, exp.Update) or not isinstance(tree.this, exp.Table) or tree.args.get("limit"):
        return ""
    if tree.this.args.get("joins") or tree.args.get("from_") or tree.args.get("from"):
        return ""
    where = tree.args.get("where")
    query = exp.select("COUNT(*)").from_(tree.this.copy())
    return (query.where(where.this.copy()) if where else query).sql("mysql")


def parse_query(sql: str) -> exp.Query | None:
    """The tree of a query; None where it is none or cannot be parsed."""
    if len(sql) > _LONGEST:
        return None
    try:
        tree = sqlglot.parse_one(sql, read="mysql")
    except (SqlglotError, RecursionError, ValueError, TypeError, AttributeError, IndexError, KeyError):
        return None
    return tree if isinstance(tree, exp.Query) else None


def _literal_bound(tree: exp.Query, name: str) -> int | None:
    node = tree.args.get(name)
    if node is None:
        return _MANY if name == "limit" else 0
    literal = node.expression
    return int(literal.this) if isinstance(literal, exp.Literal) and str(literal.this).isdigit() else None


def _place(tree: exp.Query, key: exp.Expression) -> int | None:
    """The place of a key among the selected columns; None where it is not selected, or a star hides the place."""
    items = tree.selects
    if any(item.is_star for item in items):
        return None
    if isinstance(key, exp.Literal) and not key.is_string:
        return int(key.this) - 1 if str(key.this).isdigit() and 0 < int(key.this) <= len(items) else None
    for place, item in enumerate(items):
        same_name = isinstance(key, exp.Column) and not key.table and item.alias_or_name.lower() == key.name.lower()
        if same_name or item.unalias() == key:
            return place
    return None
