"""From MySQL text to a tree. Queries and writes are read by MySQL's own grammar; definitions by sqlglot.

What neither MySQL 8 nor MariaDB 10.11 takes is error 1064. Where one of them takes it, the grammar follows MariaDB, with
which the engine is compared; what MySQL 8 alone takes (`INSERT … AS new`, LATERAL, `t (a, b)` behind a derived table,
JSON paths, WITH before a write) is refused as not supported, and so is never called a mistake.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from sqlglot import exp
from sqlglot.dialects.mysql import MySQL
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokens import Token, TokenType

from ...session import SQLError, Unsupported
from ..values import errors
from .definition_tokens import check_tokens
from .lexer import tokenize
from .writes import Statements

_PIECE = re.compile(r"'(?>[^'\\]+|\\.)*+(?:'|\Z)|\"(?>[^\"\\]+|\\.)*+(?:\"|\Z)|\w+|[^\w\s]", re.DOTALL)
_DEFINES = frozenset({"CREATE", "ALTER", "DROP", "TRUNCATE"})
_T = TokenType
_DIALECT = MySQL()
# sqlglot warns of a definition that it cannot read; the agent is told by an error, and nobody else needs to know.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())


@dataclass(slots=True)
class Statement:
    """One statement: its tree and its text; of a definition sqlglot's tokens, too."""

    tree: exp.Expression
    sql: str
    tokens: list[Token] = field(default_factory=list)
    query: str = ""
    """the text of the query in a definition"""
    # REPLACE and IGNORE.
    replacing: bool = False
    ignoring: bool = False


def require_few_tokens(sql: str, most: int) -> None:
    """Raise 1436 for a text of too many words and signs, before an object is made of each."""
    if len(sql) > most and next(islice(_PIECE.finditer(sql), most, None), None):
        raise errors.too_deep()


def parse(sql: str, calls: frozenset[str]) -> Statement:
    """Parse exactly one statement; `calls` are the functions that are known. Raises SQLError only."""
    tokens = tokenize(sql)
    if tokens.keys[0] in _DEFINES:
        return _definition(sql, calls)
    try:
        parsed = Statements(tokens, calls).statement()
    except RecursionError as e:
        raise errors.too_deep() from e
    return Statement(parsed.tree, sql, replacing=parsed.replacing, ignoring=parsed.ignoring)


def parse_query(sql: str, calls: frozenset[str]) -> exp.Expression:
    """Parse a text that is a query and nothing else."""
    rules = Statements(tokenize(sql), calls)
    node = rules.query()
    rules.end()
    while isinstance(node, exp.Subquery) and not any(node.args.get(p) for p in ("order", "limit", "with_")):
        node = node.this
    return node


def parse_expression(sql: str, calls: frozenset[str]) -> exp.Expression:
    """Parse a text that is an expression and nothing else."""
    rules = Statements(tokenize(sql), calls)
    node = rules.expression()
    rules.end()
    return node


def _definition(sql: str, calls: frozenset[str]) -> Statement:
    try:
        tokens = _DIALECT.tokenize(sql)
    except TokenError as e:
        raise errors.syntax(sql[-60:], sql.count("\n") + 1) from e
    while tokens and tokens[-1].token_type == _T.SEMICOLON:
        tokens.pop()
    if not tokens:
        raise errors.empty_query()
    if len(tokens) > 3 and [t.text.upper() for t in tokens[-2:]] == ["CHECK", "OPTION"]:
        raise Unsupported("WITH CHECK OPTION", "a view without it")
    at = _query_place(tokens)
    text = sql[tokens[at].start : tokens[-1].end + 1] if at is not None else ""
    query = parse_query(text, calls) if text else None
    head = tokens[:at]
    if query is not None and head[-1].token_type == _T.ALIAS:
        head.pop()
    tree = _sqlglot_tree(check_tokens(head, sql), sql)
    if query is not None:
        tree.set("expression", query)
    return Statement(tree, sql, tokens, text)


def _query_place(tokens: Sequence[Token]) -> int | None:
    """Where the query of CREATE TABLE or CREATE VIEW begins; None where there is none."""
    if tokens[0].token_type != _T.CREATE or not any(t.token_type in (_T.TABLE, _T.VIEW) for t in tokens[1:8]):
        return None
    depth = 0
    for at, token in enumerate(tokens):
        kind = token.token_type
        if kind == _T.L_PAREN:
            if depth == 0 and tokens[at + 1 : at + 2] and tokens[at + 1].token_type in (_T.SELECT, _T.WITH, _T.L_PAREN):
                return at
            depth += 1
        elif kind == _T.R_PAREN:
            depth -= 1
        elif depth == 0 and kind in (_T.SELECT, _T.WITH):
            return at
    return None


def _sqlglot_tree(tokens: list[Token], sql: str) -> exp.Expression:
    try:
        trees = _DIALECT.parser().parse(tokens, sql)
    except ParseError as e:
        raise _syntax_error(e) from e
    except RecursionError as e:
        raise errors.too_deep() from e
    except (TypeError, AttributeError, IndexError, ValueError, KeyError) as e:
        # sqlglot trips over some malformed statements instead of saying so.
        raise errors.syntax(sql, 1) from e
    if len(trees) != 1 or not isinstance(trees[0], exp.Expression):
        raise errors.syntax(sql, 1)
    return trees[0]


def _syntax_error(error: ParseError) -> SQLError:
    first = error.errors[0] if error.errors else {}
    near = f"{first.get('highlight') or ''}{first.get('end_context') or ''}"
    return errors.syntax(near, int(first.get("line") or 1))
