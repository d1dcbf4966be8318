"""Ties: rows of equal sort keys, of which a LIMIT takes some by chance, or whose order is chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from ..engine.light.values import collation
from ..engine.session import Result, SQLError
from .guarantees import UnlimitedQuery, parse_query, without_limit

Run = Callable[[str], Result]
"""Runs a query on the tables in question; raises SQLError."""


@dataclass(frozen=True, slots=True)
class Ties:
    """The ties of a query. `cut`: its rows might be others. `inside`: they might come in another order."""

    cut: bool = False
    inside: bool = False


def ties(sql: str, run: Run) -> Ties:
    """The ties of a query and of the LIMITs inside it, as far as they can be asked without what is around them."""
    outer = _ties(sql, run)
    return Ties(outer.cut or any(_ties(inner, run).cut for inner in _limited_parts(sql)), outer.inside)


def _ties(sql: str, run: Run) -> Ties:
    query = without_limit(sql)
    if query is None:
        return Ties()
    try:
        rows = run(query.sql).rows
    except SQLError:
        return Ties()
    keys = [_key(row, query) for row in rows]
    seen = [row[: len(row) - query.added] for row in rows]
    first, last = query.offset, min(query.offset + query.count, len(rows))
    if first >= last:
        return Ties()
    cut = any(_differ_across(at, keys, seen) for at in (first, last) if 0 < at < len(rows))
    inside = any(keys[n] == keys[n + 1] and seen[n] != seen[n + 1] for n in range(first, last - 1))
    return Ties(cut, inside)


def _key(row: Sequence[object], query: UnlimitedQuery) -> list[object]:
    return [collation.key(cell) if isinstance(cell := row[place], str) else cell for place in query.keys]


def _differ_across(at: int, keys: Sequence[object], seen: Sequence[Sequence[object]]) -> bool:
    """Whether rows before and behind this place have one key and differ."""
    if keys[at - 1] != keys[at]:
        return False
    group = [row for row, key in zip(seen, keys, strict=True) if key == keys[at]]
    return any(row != group[0] for row in group)


def _limited_parts(sql: str) -> list[str]:
    """The texts of the queries inside a query that have a LIMIT of their own, with the CTEs that they may name."""
    tree = parse_query(sql)
    if tree is None:
        return []
    heads = [cte.sql("mysql") for cte in tree.ctes]
    head = f"WITH {', '.join(heads)} " if heads else ""
    limits = (node.parent for node in tree.find_all(exp.Limit) if node.parent is not tree)
    return [f"{'' if node.ctes else head}{node.sql('mysql')}" for node in limits if isinstance(node, exp.Query)]
