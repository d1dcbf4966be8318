"""Checks of the tokens of a definition before sqlglot parses them: MySQL's stricter grammar, and bounded nesting."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot.tokens import Token, TokenType

from ..values import errors
from .cursor import MAX_DEPTH
from .lexer import MAX_TOKENS
from .reserved import ADJACENT

_T = TokenType
_ENDS = frozenset({_T.COMMA, _T.R_PAREN})
_FOREIGN = frozenset({_T.DCOLON, _T.ILIKE, _T.QUALIFY, _T.L_BRACKET, _T.PIVOT})


def check_tokens(tokens: Sequence[Token], sql: str) -> list[Token]:
    """The tokens in words that sqlglot knows; raises where MySQL's grammar would, or where nesting endangers the stack."""
    if len(tokens) > MAX_TOKENS:
        raise errors.too_deep()
    result = list(tokens)
    depth = run = 0
    before = None
    for at, token in enumerate(tokens):
        kind = token.token_type
        if kind == _T.L_PAREN:
            depth += 1
        elif kind == _T.R_PAREN:
            depth -= 1
        run = run + 1 if kind in (_T.NOT, _T.DASH, _T.PLUS, _T.TILDE) and run >= 0 else 0
        if depth > MAX_DEPTH or run > MAX_DEPTH:
            raise errors.too_deep()
        missing = before == _T.COMMA and kind in _ENDS
        if missing or kind in _FOREIGN or (before == _T.L_PAREN and kind == _T.COMMA) or (before == kind == _T.DOT):
            raise errors.syntax(sql[token.start :], token.line)
        follows = tokens[at + 1] if at + 1 < len(tokens) else None
        called = follows is not None and follows.token_type == _T.L_PAREN and follows.start == token.end + 1
        if called and before in (_T.TABLE, _T.EXISTS) and kind == _T.VAR and token.text.upper() in ADJACENT:
            raise errors.syntax(sql[token.start :], token.line)
        if kind == _T.SEMICOLON:
            rest = tokens[at + 1] if at + 1 < len(tokens) else token
            raise errors.syntax(sql[rest.start :], rest.line)
        if at == 1 and token.text.upper() == "TABLES":
            result[at] = Token(_T.TABLE, "TABLE", token.line, token.col, token.start, token.end)
        if token.text.upper() == "REAL" and kind != _T.IDENTIFIER:
            # sqlglot takes REAL for FLOAT; in MySQL it is DOUBLE.
            result[at] = Token(_T.DOUBLE, "DOUBLE", token.line, token.col, token.start, token.end)
        before = kind
    if before == _T.COMMA:
        raise errors.syntax("", tokens[-1].line)
    return result
