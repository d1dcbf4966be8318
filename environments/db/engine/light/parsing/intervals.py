"""The amounts of INTERVAL, which sqlglot reads too freely: a unit out of '3x', and 1.5 as if it were in quotes."""

from __future__ import annotations

from sqlglot.tokens import Token, TokenType

_SIGNS = frozenset({TokenType.DASH, TokenType.PLUS})


def bracket_amounts(tokens: list[Token]) -> list[Token]:
    """The tokens with brackets around each amount that sqlglot would change; it leaves those in brackets alone."""
    if not any(t.token_type == TokenType.INTERVAL for t in tokens):
        return tokens
    result: list[Token] = []
    at = 0
    while at < len(tokens):
        result.append(tokens[at])
        at += 1
        if result[-1].token_type != TokenType.INTERVAL:
            continue
        end = at + (at < len(tokens) and tokens[at].token_type in _SIGNS)
        if end < len(tokens) and _is_changed(tokens[end]):
            result += [_bracket(TokenType.L_PAREN, "(", tokens[at]), *tokens[at : end + 1]]
            result.append(_bracket(TokenType.R_PAREN, ")", tokens[end]))
            at = end + 1
    return result


def _is_changed(token: Token) -> bool:
    if token.token_type == TokenType.NUMBER:
        return not token.text.isdigit()
    return token.token_type == TokenType.STRING and any(map(str.isalpha, token.text))


def _bracket(kind: TokenType, text: str, at: Token) -> Token:
    return Token(kind, text, at.line, at.col, at.start, at.end)
