"""What a statement promises of its answer, as far as its text tells: which order, how much of it, and whether it could be
the same twice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

_CHANCE = re.compile(
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
class Promise:
    """`ordered`: rows come in an order. `limited`: only some of them come. `chance`: clock, session or dice have a say."""

    verb: str
    ordered: bool = False
    limited: bool = False
    chance: bool = False

    @property
    def reads(self) -> bool:
        """Whether it answers with rows, and not with a count."""
        return self.verb in READS


@dataclass(frozen=True, slots=True)
class Whole:
    """A query without its LIMIT. `keys`: the places in its rows of what orders them; `added` places at the end are there
    for that alone."""

    sql: str
    keys: tuple[int, ...]
    added: int
    offset: int
    count: int


def bare(sql: str) -> str:
    """A statement without its literals, quoted names and comments."""
    return _TEXT.sub(" ", sql)


def verb(sql: str) -> str:
    """The word a statement begins with."""
    found = _VERB.match(sql)
    return found[1].upper() if found else ""


def hollow(tree: exp.Expression) -> str:
    """What a parsed statement lacks that every MySQL asks for, and sqlglot does not; '' where it lacks nothing."""
    for node in tree.walk():
        if isinstance(node, exp.Update) and not node.expressions:
            return "UPDATE sets nothing"
        if isinstance(node, exp.Select) and not node.expressions:
            return "SELECT selects nothing"
        if isinstance(node, exp.In) and not any(
            node.args.get(part) for part in ("expressions", "query", "unnest", "field")
        ):
            return "IN () lists nothing"
    return ""


@lru_cache(512)
def promise(sql: str) -> Promise:
    word, text = verb(sql), bare(sql)
    chance = _CHANCE.search(text) is not None
    if word not in ("SELECT", "WITH"):
        return Promise(
            word, ordered=word in ("DESCRIBE", "DESC", "EXPLAIN") or bool(_COLUMNS.match(text)), chance=chance
        )
    tree = _parsed(sql)
    if tree is None:
        return Promise(word, ordered=True, limited=True, chance=chance)
    ordered, limited = tree.args.get("order") is not None, tree.args.get("limit") is not None
    inner = any(tree is not node.parent for node in tree.find_all(exp.Limit))
    return Promise(word, ordered, limited, chance or inner)


_COLUMNS = re.compile(r"\s*SHOW\s+(?:FULL\s+)?(?:COLUMNS|FIELDS)\b", re.IGNORECASE)


@lru_cache(512)
def whole(sql: str) -> Whole | None:
    """The query that gives all rows among which a SELECT may choose; None where that cannot be written."""
    tree = _parsed(sql)
    if tree is None:
        return None
    tree = tree.copy()
    count, offset, order = _bound(tree, "limit"), _bound(tree, "offset"), tree.args.get("order")
    if count is None or offset is None:
        return None
    tree.set("limit", None)
    tree.set("offset", None)
    wanted = [o.this if isinstance(o, exp.Ordered) else o for o in order.expressions] if order else []
    places = [_place(tree, key) for key in wanted]
    hidden = [key.copy() for key, place in zip(wanted, places, strict=True) if place is None]
    if hidden and (not isinstance(tree, exp.Select) or tree.args.get("distinct")):
        return None
    for n, key in enumerate(hidden):
        tree.append("expressions", exp.alias_(key, f"ordered_by_{n}"))
    ends = iter(range(-len(hidden), 0))
    return Whole(tree.sql("mysql"), tuple(next(ends) if p is None else p for p in places), len(hidden), offset, count)


def _parsed(sql: str) -> exp.Query | None:
    if len(sql) > _LONGEST:
        return None
    try:
        tree = sqlglot.parse_one(sql, read="mysql")
    except (SqlglotError, RecursionError, ValueError, TypeError, AttributeError, IndexError, KeyError):
        return None
    return tree if isinstance(tree, exp.Query) else None


def _bound(tree: exp.Query, name: str) -> int | None:
    node = tree.args.get(name)
    if node is None:
        return _MANY if name == "limit" else 0
    literal = node.expression
    return int(literal.this) if isinstance(literal, exp.Literal) and str(literal.this).isdigit() else None


def _place(tree: exp.Query, key: exp.Expression) -> int | None:
    """Where a key stands among the selected columns; None where it does not, or a star hides the place."""
    items = tree.selects
    if any(item.is_star for item in items):
        return None
    if isinstance(key, exp.Literal) and not key.is_string:
        return int(key.this) - 1 if str(key.this).isdigit() and 0 < int(key.this) <= len(items) else None
    for place, item in enumerate(items):
        named = isinstance(key, exp.Column) and not key.table and item.alias_or_name.lower() == key.name.lower()
        if named or item.unalias() == key:
            return place
    return None
