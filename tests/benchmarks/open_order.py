"""What SQL leaves open: the order of equal keys, the rows of a LIMIT without an order, the pieces of GROUP_CONCAT."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from simenv.plugins.environments.db.engine.light.parsing.lexer import Tokens, tokenize
from simenv.plugins.environments.db.engine.session import SQLError

_BOUNDS = ("LIMIT", "FETCH")
_AFTER_ORDER = (*_BOUNDS, "OFFSET", "FOR", "LOCK", "INTO")
_AFTER_PIECES = ("SEPARATOR", "LIMIT")


@dataclass(frozen=True, slots=True)
class _Call:
    """The tokens between the parentheses of a GROUP_CONCAT: from `first` up to `end`, which is the closing one."""

    first: int
    end: int


def settled(statement: str, width: int) -> str:
    """The statement with every order of its own made complete; `width` is the number of its columns.

    Two engines that agree on it differ on the statement itself in nothing but what it leaves open.
    """
    try:
        tokens = tokenize(statement)
    except SQLError:
        return statement
    insertions = [_pieces_order(tokens, call) for call in _group_concats(tokens)]
    insertions += _row_orders(tokens, width)
    for at, text in sorted(insertions, reverse=True):
        statement = statement[:at] + text + statement[at:]
    return statement


def _depths(tokens: Tokens, first: int = 0) -> Iterator[tuple[int, str, int]]:
    """Each token from `first` on: its place, its key, and how many parentheses around it were opened since."""
    depth = 0
    for at in range(first, len(tokens.keys)):
        key = tokens.keys[at]
        depth -= key == ")"
        yield at, key, depth
        depth += key == "("


def _group_concats(tokens: Tokens) -> list[_Call]:
    calls = []
    for at, key in enumerate(tokens.keys):
        if key == "GROUP_CONCAT" and tokens.keys[at + 1] == "(":
            end = next((n for n, _, depth in _depths(tokens, at + 2) if depth < 0), None)
            if end is not None:
                calls.append(_Call(at + 2, end))
    return calls


def _pieces_order(tokens: Tokens, call: _Call) -> tuple[int, str]:
    """What orders the pieces of a GROUP_CONCAT by themselves at last, and where that stands in the text."""
    inside = [(n, key) for n, key, depth in _depths(tokens, call.first) if depth == 0 and n < call.end]
    end = next((n for n, key in inside if key in _AFTER_PIECES), call.end)
    order = next((n for n, key in inside if key == "ORDER"), None)
    first = call.first + (tokens.keys[call.first] == "DISTINCT")
    pieces = tokens.sql[tokens.starts[first] : tokens.ends[(end if order is None else order) - 1]]
    return tokens.ends[end - 1], f", {pieces}" if order is not None else f" ORDER BY {pieces}"


def _row_orders(tokens: Tokens, width: int) -> list[tuple[int, str]]:
    """The same for the rows of the outermost query."""
    columns = ", ".join(str(n) for n in range(1, width + 1))
    outermost = [(n, key) for n, key, depth in _depths(tokens) if depth == 0]
    order = max((n for n, key in outermost if key == "ORDER"), default=None)
    last = max((n for n, _ in outermost if tokens.ends[n] > tokens.starts[n]), default=0)
    ending = _AFTER_ORDER if order is not None else _BOUNDS
    end = next((n for n, key in outermost if key in ending and n > (order or 0)), last + 1)
    if not width or (order is None and tokens.keys[end] not in _BOUNDS):
        return []
    return [(tokens.ends[end - 1], f", {columns}" if order is not None else f" ORDER BY {columns}")]


def has_open_window(statement: str) -> bool:
    """Whether a window has a frame of rows, and no order."""
    try:
        tokens = tokenize(statement)
    except SQLError:
        return False
    for at, key in enumerate(tokens.keys):
        if key == "OVER" and tokens.keys[at + 1] == "(":
            inside = {k for _, k, depth in takewhile(lambda t: t[2] >= 0, _depths(tokens, at + 2)) if depth == 0}
            if "ROWS" in inside and "ORDER" not in inside:
                return True
    return False


def picks_any_rows(statement: str) -> bool:
    """Whether a query in the statement has a LIMIT and no order, so that SQL does not say which rows it gives."""
    try:
        tokens = tokenize(statement)
    except SQLError:
        return False
    return any(key == "LIMIT" and not _has_order_before(tokens, at) for at, key in enumerate(tokens.keys))


def _has_order_before(tokens: Tokens, limit: int) -> bool:
    """Whether ORDER BY stands before a LIMIT within the same parentheses."""
    depth = 0
    for at in range(limit - 1, -1, -1):
        key = tokens.keys[at]
        depth += (key == ")") - (key == "(")
        if depth < 0:
            return False
        if depth == 0 and key == "ORDER":
            return True
    return False
