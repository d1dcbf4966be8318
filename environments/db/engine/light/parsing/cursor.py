"""A place among the tokens of a statement: what every rule of the grammar reads with."""

from __future__ import annotations

from sqlglot import exp

from ...session import SQLError
from ..values import errors
from .lexer import END, NAME, STRING, WORD, Tokens
from .reserved import RESERVED

MAX_DEPTH = 60


class Cursor:
    """Reads tokens from left to right; `at` is the next one."""

    def __init__(self, tokens: Tokens, calls: frozenset[str]) -> None:
        self.tokens, self.sql, self.calls = tokens, tokens.sql, calls
        self.kinds, self.keys, self.texts = tokens.kinds, tokens.keys, tokens.texts
        self.at = 0
        self.depth = 0
        self.resumed: tuple[int, int, exp.Expression] | None = None
        """a parenthesis that is read already: where it begins, where the text goes on, and its node"""

    def take(self, key: str) -> bool:
        """Skip a word or an operator if it comes next, and say whether it did."""
        if self.keys[self.at] == key:
            self.at += 1
            return True
        return False

    def take_all(self, *keys: str) -> bool:
        """Skip some words in a row, or none of them."""
        if tuple(self.keys[self.at : self.at + len(keys)]) == keys:
            self.at += len(keys)
            return True
        return False

    def take_any(self, *keys: str) -> str:
        """Skip one of these words; '' where none of them comes next."""
        key = self.keys[self.at]
        if key in keys:
            self.at += 1
            return key
        return ""

    def expect(self, *keys: str) -> None:
        """Skip these words. Raises 1064 where another comes."""
        for key in keys:
            if self.keys[self.at] != key:
                raise self.error()
            self.at += 1

    def error(self) -> SQLError:
        """1064 at the next token."""
        start = self.tokens.starts[self.at]
        return errors.syntax(self.sql[start:], self.sql.count("\n", 0, start) + 1)

    def end(self) -> None:
        """Raise 1064 if tokens are left."""
        if self.kinds[self.at] != END:
            raise self.error()

    def deeper(self) -> None:
        """Enter one more level of nesting; the caller leaves it by `depth -= 1`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise errors.too_deep()

    def names_next(self) -> bool:
        """Whether the next token can be a name."""
        kind = self.kinds[self.at]
        return kind == NAME or (kind == WORD and self.keys[self.at] not in RESERVED)

    def identifier(self) -> exp.Identifier:
        """The next token as a name. Raises 1064."""
        at = self.at
        kind = self.kinds[at]
        if kind != NAME and (kind != WORD or self.keys[at] in RESERVED):
            raise self.error()
        self.at = at + 1
        return exp.Identifier(this=self.texts[at], quoted=kind == NAME)

    def alias(self) -> exp.Identifier | None:
        """[AS] name, where there is one; a string names a column, too."""
        if self.take("AS"):
            if self.kinds[self.at] == STRING:
                self.at += 1
                return exp.Identifier(this=self.texts[self.at - 1], quoted=True)
            return self.identifier()
        if self.kinds[self.at] == STRING:
            self.at += 1
            return exp.Identifier(this=self.texts[self.at - 1], quoted=True)
        return self.identifier() if self.names_next() else None

    def text(self, start: int) -> str:
        """The statement's text from a token up to the one before the next."""
        return self.sql[self.tokens.starts[start] : self.tokens.ends[self.at - 1]]
