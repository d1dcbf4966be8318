"""From MySQL text to a tree, or to a definition, by MySQL's own grammar.

What neither MySQL 8 nor MariaDB 10.11 takes is error 1064. Where one of them takes it, the grammar follows MariaDB, with
which the engine is compared; what MySQL 8 alone takes (`INSERT … AS new`, LATERAL, `t (a, b)` behind a derived table,
JSON paths, WITH before a write) is refused as not supported, and so is never called a mistake.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from sqlglot import exp

from ..values import errors
from .alter_rules import VERBS, Definitions
from .definitions import Definition
from .lexer import tokenize
from .node_parts import without_brackets
from .writes import Statements

_PIECE = re.compile(r"'(?>[^'\\]+|\\.)*+(?:'|\Z)|\"(?>[^\"\\]+|\\.)*+(?:\"|\Z)|\w+|[^\w\s]", re.DOTALL)


@dataclass(slots=True)
class Statement:
    """A query or a write: its tree and its text."""

    tree: exp.Expression
    sql: str
    # REPLACE and IGNORE.
    replacing: bool = False
    ignoring: bool = False


def require_few_tokens(sql: str, most: int) -> None:
    """Raise 1436 for a text of too many words and signs, before an object is made of each."""
    if len(sql) > most and next(islice(_PIECE.finditer(sql), most, None), None):
        raise errors.too_deep()


def parse(sql: str, calls: frozenset[str]) -> Statement | Definition:
    """Parse exactly one statement; `calls` are the functions that are known. Raises SQLError only."""
    tokens = tokenize(sql)
    try:
        if tokens.keys[0] in VERBS:
            return Definitions(tokens, calls).definition()
        parsed = Statements(tokens, calls).statement()
    except RecursionError as e:
        raise errors.too_deep() from e
    return Statement(parsed.tree, sql, replacing=parsed.replacing, ignoring=parsed.ignoring)


def parse_query(sql: str, calls: frozenset[str]) -> exp.Expression:
    """Parse a text that is a query and nothing else."""
    rules = Statements(tokenize(sql), calls)
    node = rules.query()
    rules.end()
    return without_brackets(node)


def parse_expression(sql: str, calls: frozenset[str]) -> exp.Expression:
    """Parse a text that is an expression and nothing else."""
    rules = Statements(tokenize(sql), calls)
    node = rules.expression()
    rules.end()
    return node
