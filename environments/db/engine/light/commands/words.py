"""The words of a statement that is run as it is read."""

from __future__ import annotations

from ..parsing.lexer import END, STRING
from ..parsing.writes import Statements


class Words(Statements):
    """A statement's tokens, read from left to right, with the rules of names, texts and expressions."""

    def name(self) -> str:
        """The next token as a name. Raises 1064."""
        return self.identifier().name

    def literal(self) -> str:
        """The next token as a string literal. Raises 1064."""
        if self.kinds[self.at] != STRING:
            raise self.error()
        self.at += 1
        return self.texts[self.at - 1]

    def more(self) -> bool:
        """Whether tokens are left."""
        return self.kinds[self.at] != END
