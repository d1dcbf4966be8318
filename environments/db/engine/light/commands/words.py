"""The words of a statement that sqlglot does not parse, read one after the other."""

from __future__ import annotations

from sqlglot.tokens import Token, TokenType

from ...session import SQLError
from ..values import errors


class Words:
    """A statement's tokens, read from left to right; `at` is the next one."""

    def __init__(self, tokens: list[Token], sql: str) -> None:
        self.tokens, self.sql, self.at = tokens, sql, 0
        # sqlglot joins some keywords into one token (ORDER BY); here each word counts.
        self.words = [" ".join(t.text.upper().split()) for t in tokens]

    def take(self, *words: str) -> bool:
        """Skip these words if they come next, and say whether they did."""
        expected = " ".join(words)
        for end in range(self.at + 1, len(self.words) + 1):
            text = " ".join(self.words[self.at : end])
            if text == expected and self.tokens[self.at].token_type not in (TokenType.STRING, TokenType.IDENTIFIER):
                self.at = end
                return True
            if len(text) >= len(expected):
                return False
        return False

    def name(self) -> str:
        """The next token as a name. Raises 1064."""
        if self.at >= len(self.tokens) or self.tokens[self.at].token_type in (TokenType.STRING, TokenType.NUMBER):
            raise self.error()
        self.at += 1
        return self.tokens[self.at - 1].text

    def text(self) -> str:
        """The next token as a string literal. Raises 1064."""
        if self.at >= len(self.tokens) or self.tokens[self.at].token_type != TokenType.STRING:
            raise self.error()
        self.at += 1
        return self.tokens[self.at - 1].text

    def end(self) -> None:
        """Raise 1064 if words are left."""
        if self.at < len(self.tokens):
            raise self.error()

    def error(self) -> SQLError:
        """MySQL's syntax error at the next word."""
        if self.at >= len(self.tokens):
            return errors.syntax("", 1)
        token = self.tokens[self.at]
        return errors.syntax(self.sql[token.start :], token.line)
